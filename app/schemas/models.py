"""Specifications of models."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from app.schemas.common import Nodes, Side, Size, Strict
from app.schemas.examples import SPECIFICATION


class InputSpecification(Strict):
    """The pictures that a model takes."""

    channels: Side
    size: Size


class Specification(Strict):
    """A model: named nodes in an order in which every node follows its inputs.

    A node is ``{"name", "op", "inputs", …settings and weights of the operation…}``; ``name`` and
    ``inputs`` may be left out in a plain sequence. A weight is numbers, a preset's name,
    ``{"preset": …}`` or ``{"init": "he", "seed": 0}``.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [SPECIFICATION]})

    input: InputSpecification
    nodes: Nodes


class RunSpecification(Strict):
    """A model for one run; ``input`` left out follows from the picture."""

    input: Annotated[InputSpecification | None, Field()] = None
    nodes: Nodes

"""Specifications of models."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from app.schemas.common import Nodes, Side, Size, Strict

SPECIFICATION_EXAMPLE: dict[str, Any] = {
    "input": {"channels": 3, "size": [64, 64]},
    "nodes": [
        {
            "name": "c1",
            "op": "conv2d",
            "inputs": ["input"],
            "weight": "sobel_x",
            "stride": 2,
            "padding": "same",
        },
        {"name": "r1", "op": "relu", "inputs": ["c1"]},
    ],
}


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

    model_config = ConfigDict(json_schema_extra={"examples": [SPECIFICATION_EXAMPLE]})

    input: InputSpecification
    nodes: Nodes


class RunSpecification(Strict):
    """A model for one run; ``input`` left out follows from the picture."""

    input: Annotated[InputSpecification | None, Field()] = None
    nodes: Nodes

"""Specifications of models."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, RootModel, StrictStr, ValidationError

from app.schemas.common import Nodes, Side, Size, Strict
from app.schemas.examples import SPECIFICATION, VARIANT


class InputSpecification(Strict):
    """The pictures that a model takes."""

    channels: Side
    size: Size


class Specification(Strict):
    """A model: named nodes in an order in which every node follows its inputs.

    A node is ``{"name", "op", "inputs", …settings and weights of the operation…}``; ``name`` and
    ``inputs`` may be left out in a plain sequence. A weight is numbers, a preset's name,
    ``{"preset": …}``, ``{"init": "he", "seed": 0}`` or a learned one, ``{"model": "tiny-vgg",
    "node": "conv1", "channel": 3}``: without ``channel`` the whole weight, with ``input_channel`` also
    given one kernel alone.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [SPECIFICATION]})

    input: InputSpecification
    nodes: Nodes


class RunSpecification(Strict):
    """A model for one run; ``input`` left out follows from the picture."""

    input: Annotated[InputSpecification | None, Field()] = None
    nodes: Nodes


class Variant(Strict):
    """A model with the graph and the weights of another, that wants its pictures otherwise."""

    model: Annotated[StrictStr, Field(description="the id of a model, or a built-in one's name")]
    preprocessing: Annotated[
        dict[str, Any] | None,
        Field(
            description="x = (pixel · range − mean) / std: {size: [h, w] | null, resize: stretch | crop, "
            "color: rgb | bgr | gray, range: 1 | 255, mean: […] | null, std: […] | null}; null: none"
        ),
    ] = None
    labels: Annotated[
        list[str | dict[str, str]] | None,
        Field(description='of the classes in order: texts, or {"en": …, "ja": …}; null: none'),
    ] = None
    name: Annotated[StrictStr | None, Field(max_length=255, description="to be shown, as title")] = None

    def changes(self) -> dict[str, Any]:
        """What was given; what was left out stays as it is."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"model"}}


class ModelBody(RootModel[Specification | Variant]):
    """A specification, or a variant of a model that is there already."""

    model_config = ConfigDict(json_schema_extra={"examples": [SPECIFICATION, VARIANT]})


def read_model_body(value: Any) -> Specification | Variant:
    """A JSON body, as what its fields say it is.

    Raises:
        RequestValidationError: naming the field at fault.
    """
    kind: type[Specification | Variant] = (
        Variant if isinstance(value, dict) and "model" in value else Specification
    )
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        from fastapi.exceptions import RequestValidationError  # commands validate, too, and need no server

        raise RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from None

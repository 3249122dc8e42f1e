"""Requests for runs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt, StrictStr, model_validator

from app.schemas.common import Number, Size, Strict
from app.schemas.examples import RUN
from app.schemas.models import RunSpecification
from app.services.choices import ModelChoice
from app.services.edits import Edit


class EditRequest(Strict):
    """A change to a node's weights for this run alone: one of ``value``, ``scale`` and ``off``."""

    node: StrictStr
    index: Annotated[
        StrictInt | list[StrictInt],
        Field(description="into the weight; fewer indices than axes mean all numbers under them"),
    ]
    weight: Annotated[
        Literal["weight", "bias"], Field(description="which numbers; off concerns both at once")
    ] = "weight"
    value: Annotated[Number | None, Field(description="what they become")] = None
    scale: Annotated[Number | None, Field(description="what they are multiplied by")] = None
    off: Annotated[
        StrictBool, Field(description="index is an output channel: its weights and bias become 0")
    ] = False

    @model_validator(mode="after")
    def _one_change(self) -> EditRequest:
        if (self.value is not None) + (self.scale is not None) + self.off != 1:
            raise ValueError("exactly one of value, scale and off: true")
        if self.off and len(self.indices) != 1:
            raise ValueError("one index, the output channel, where off is true")
        return self

    @property
    def indices(self) -> tuple[int, ...]:
        return (self.index,) if isinstance(self.index, int) else tuple(self.index)

    def edit(self) -> Edit:
        """The change as the services know it."""
        if self.off:
            return Edit(self.node, off=self.indices[0])
        return Edit(self.node, self.indices, self.value, self.scale, weight=self.weight)


class ModelChoiceBody(Strict):
    """A model, known or specified here, and how pictures enter it."""

    model: Annotated[StrictStr | None, Field(description="the id of a model, or a built-in one's name")] = (
        None
    )
    specification: Annotated[RunSpecification | None, Field(description="instead of model")] = None
    size: Annotated[
        Size | None, Field(description="[height, width]; the picture is resized first, bilinearly")
    ] = None
    color: Annotated[
        Literal["gray", "rgb"] | None,
        Field(description="gray: luma of BT.601 in float; rgb of a grey picture repeats its channel"),
    ] = None
    range: Annotated[
        Literal[1, 255] | None,
        Field(description="what white becomes; left out, 1 or what the model's preprocessing says"),
    ] = None
    edits: Annotated[tuple[EditRequest, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _one_model(self) -> ModelChoiceBody:
        if (self.model is None) == (self.specification is None):
            raise ValueError("exactly one of model and specification")
        return self

    def choice(self) -> ModelChoice:
        """The same as the services know it."""
        return ModelChoice(
            model=self.model,
            specification=None
            if self.specification is None
            else self.specification.model_dump(exclude_none=True),
            size=None if self.size is None else (self.size[0], self.size[1]),
            color=self.color,
            value_range=self.range,
            edits=tuple(edit.edit() for edit in self.edits),
        )


class RunBody(ModelChoiceBody):
    """A model, and the picture that it runs on."""

    model_config = ConfigDict(json_schema_extra={"examples": [RUN]})

    image: Annotated[StrictStr, Field(description="the id of an upload, or a sample's name")]

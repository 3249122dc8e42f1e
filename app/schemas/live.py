"""Messages of live connections."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictInt, StrictStr, TypeAdapter, model_validator

from app.schemas.common import Strict
from app.schemas.runs import ModelChoiceBody
from app.services.live import Configuration
from app.services.live_views import OutputChoice

Index = Annotated[StrictInt, Field(ge=0, le=1 << 31)]


class LiveOutput(Strict):
    """Maps of one node."""

    node: StrictStr
    channels: Annotated[StrictStr | None, Field(max_length=24, description="start:stop")] = None
    fold: Annotated[
        StrictInt | None, Field(ge=2, description="of more channels, the first fold − 1 and the last")
    ] = None
    max_px: Annotated[
        StrictInt | None, Field(ge=1, le=16_384, description="longer maps are averaged over blocks")
    ] = None

    @model_validator(mode="after")
    def _one_choice(self) -> LiveOutput:
        if self.channels is not None and self.fold is not None:
            raise ValueError("channels or fold, not both")
        return self

    def choice(self) -> OutputChoice:
        """The same as the services know it."""
        return OutputChoice(self.node, self.channels, self.fold, self.max_px)


class LiveCell(Strict):
    """A number whose making is told with every frame."""

    node: StrictStr
    cell: Annotated[list[Index], Field(min_length=3, max_length=3, description="[channel, row, column]")]


class Configure(Strict):
    """What is wanted of the frames behind this message."""

    type: Literal["configure"]
    configuration: Annotated[StrictInt, Field(ge=0, lt=1 << 53, description="larger than all before")]
    run: ModelChoiceBody
    outputs: Annotated[tuple[LiveOutput, ...], Field(description="in the order of the arrays")]
    dtype: Literal["uint8", "float16", "float32"] = "uint8"
    cell: LiveCell | None = None

    def wanted(self) -> Configuration:
        """The same as the services know it."""
        outputs = [output.choice() for output in self.outputs]
        place = None
        if self.cell is not None:
            channel, row, column = self.cell.cell
            place = (self.cell.node, (channel, row, column))
        return Configuration(self.configuration, self.run.choice(), outputs, self.dtype, place)


MESSAGE: TypeAdapter[Configure] = TypeAdapter(Configure)
"""What a client may say."""

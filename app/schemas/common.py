"""What several requests have in common."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from app.pictures import Look
from app.representations import Part


class Strict(BaseModel):
    """A request: unknown fields are refused by name, values are not converted."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Side = Annotated[StrictInt, Field(ge=1, le=16_384)]

Size = Annotated[list[Side], Field(min_length=2, max_length=2, description="[height, width]")]

Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e30, le=1e30)]

Nodes = Annotated[list[dict[str, Any]], Field(min_length=1)]


class ArrayQuery(Strict):
    """Which part of an array, and in which type."""

    dtype: Annotated[
        Literal["float32", "float16", "uint8"],
        Field(description="of .npy; value = stored × X-Scale + X-Offset where these headers are there"),
    ] = "float32"
    channels: Annotated[str | None, Field(description="start:stop on the first axis", max_length=24)] = None
    max_px: Annotated[
        int | None, Field(ge=1, le=16_384, description="longer side at most, area-averaged")
    ] = None

    def part(self) -> Part:
        """The part asked for."""
        return Part(self.dtype, self.channels, self.max_px)


class PictureQuery(ArrayQuery):
    """The part of an array, and how a picture of it looks."""

    channel: Annotated[int | None, Field(ge=0, description="of .png: this map alone")] = None
    layout: Annotated[Literal["mosaic", "single"] | None, Field(description="of .png")] = None
    scale: Annotated[
        Literal["map", "layer", "net"],
        Field(description="of .png: whose least and largest value the colours span"),
    ] = "layer"
    colormap: Annotated[
        Literal["signed", "nonnegative", "weight", "gray", "rgb"] | None,
        Field(description="of .png; left out, the one that suits; rgb: of kernels over 3 channels"),
    ] = None
    theme: Annotated[Literal["light", "dark"], Field(description="of .png")] = "light"

    def look(self) -> Look:
        """The look asked for."""
        return Look(self.channel, self.layout, self.scale, self.colormap, self.theme)

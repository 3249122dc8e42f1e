"""Arrays as PNG pictures with a colour scale, one map or a mosaic of all."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.colormaps import LEVELS, Bytes, Colormap, Theme, color_table
from app.negotiation import MEDIA_TYPES
from app.problems import Problem
from app.representations import Content, Numbers, Part, select

Layout: TypeAlias = Literal["mosaic", "single"]
Scale: TypeAlias = Literal["map", "layer", "net"]
Extent: TypeAlias = tuple[float, float]

CLEAR = LEVELS
"""The palette's last entry: transparent, for the gaps of a mosaic and for NaN."""


@dataclass(frozen=True)
class Look:
    """How a picture of an array is drawn."""

    channel: int | None = None
    layout: Layout | None = None
    """None: one map where ``channel`` is given, else the mosaic."""
    scale: Scale = "layer"
    colormap: Colormap | None = None
    theme: Theme = "light"


@dataclass(frozen=True)
class Extents:
    """(least, largest) of the whole layer and of the whole net, and the scale that suits the layer."""

    layer: Extent
    net: Extent
    colormap: Colormap | None = None

    @property
    def suited(self) -> Colormap:
        return self.colormap or ("signed" if self.layer[0] < 0 else "nonnegative")


def draw(array: Numbers, part: Part, look: Look, extents: Extents, max_pixels: int) -> Content:
    """A PNG of a map (channels, rows, columns), of kernels (…, rows, columns) or of a vector.

    Headers tell the legend: ``X-Legend-Min``, ``X-Legend-Max`` (left out where each map has its own),
    ``X-Legend-Colormap``, ``X-Legend-Scale``, and for a mosaic ``X-Mosaic-Columns``.

    Raises:
        Problem: ``invalid-argument`` for a channel that is not there, ``picture-too-large``.
    """
    colormap = look.colormap or extents.suited
    tiles, columns = _tiles(select(array, part), look)
    ranges = _ranges(tiles, look.scale, colormap, extents)
    legend = {"X-Legend-Colormap": colormap, "X-Legend-Scale": look.scale, "X-Mosaic-Columns": str(columns)}
    if len(set(ranges)) == 1:
        legend |= {"X-Legend-Min": repr(ranges[0][0]), "X-Legend-Max": repr(ranges[0][1])}
    if len(tiles) * (tiles.shape[1] + 1) * (tiles.shape[2] + 1) > max_pixels:
        raise Problem(
            "picture-too-large",
            "picture",
            list(tiles.shape),
            f"{max_pixels} pixels; ask for channels= or max_px=",
        )
    levels = _mosaic(_levels(tiles, np.array(ranges)), columns)
    return Content(_png(levels, color_table(colormap, look.theme)), MEDIA_TYPES["png"], legend)


def _tiles(array: Numbers, look: Look) -> tuple[Numbers, int]:
    """(tiles, rows, columns), and how many stand side by side."""
    if array.ndim < 3:
        array = array.reshape(1, -1, 1) if array.ndim == 1 else array[None]
    if look.channel is not None:
        if look.channel >= array.shape[0]:
            raise Problem("invalid-argument", "channel", look.channel, f"0 to {array.shape[0] - 1}")
        array = array[look.channel : look.channel + 1]
    elif look.layout == "single":
        array = array[:1]
    tiles = array.reshape(-1, *array.shape[-2:])
    # Kernels (filters, channels, rows, columns): a line for each filter.
    return tiles, array.shape[1] if array.ndim == 4 else math.ceil(math.sqrt(len(tiles)))


def _ranges(tiles: Numbers, scale: Scale, colormap: Colormap, extents: Extents) -> list[Extent]:
    if scale == "map":
        each = [(float(np.nanmin(tile)), float(np.nanmax(tile))) for tile in tiles]
        return [_range(extent, colormap) for extent in each]
    return [_range(extents.layer if scale == "layer" else extents.net, colormap)] * len(tiles)


def _range(extent: Extent, colormap: Colormap) -> Extent:
    low, high = extent
    if colormap == "gray":
        return extent
    largest = max(abs(low), abs(high))
    return (0.0, max(0.0, high)) if colormap == "nonnegative" else (-largest, largest)


def _levels(tiles: Numbers, ranges: npt.NDArray[Any]) -> Bytes:
    low, high = (ranges[:, end, None, None].astype(np.float32) for end in (0, 1))
    width = np.where(high > low, high - low, 1)
    # A range without width: its one value stands where zero does, in the middle of a signed scale.
    start = np.where(high > low, low, high - 0.5 * (low < 0))
    places = np.clip((tiles.astype(np.float32) - start) / width, 0, 1)
    missing = np.isnan(places)
    levels = np.round(np.where(missing, 0, places) * (LEVELS - 1)).astype(np.uint8)
    return np.where(missing, np.uint8(CLEAR), levels)


def _mosaic(tiles: Bytes, columns: int) -> Bytes:
    """Tiles in scan order with a clear line between them."""
    count, height, width = tiles.shape
    columns = min(columns, count)
    rows = -(-count // columns)
    sheet = np.full((rows, height + 1, columns, width + 1), CLEAR, dtype=np.uint8)
    for index, tile in enumerate(tiles):
        sheet[index // columns, :height, index % columns, :width] = tile
    return sheet.reshape(rows * (height + 1), columns * (width + 1))[:-1, :-1]


def _png(levels: Bytes, colors: Bytes) -> bytes:
    picture = Image.fromarray(np.ascontiguousarray(levels), mode="P")
    picture.putpalette([*colors.reshape(-1).tolist(), 0, 0, 0])
    file = io.BytesIO()
    picture.save(file, format="PNG", transparency=CLEAR, compress_level=3)
    return file.getvalue()

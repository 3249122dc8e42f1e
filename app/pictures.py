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
    colormap: Colormap | Literal["rgb"] | None = None
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
    if look.colormap == "rgb":
        allowed = "gray, signed, nonnegative or weight; rgb for kernels over three channels"
        raise Problem("invalid-argument", "colormap", look.colormap, allowed)
    colormap = look.colormap or extents.suited
    tiles, columns = _tiles(select(array, part), look)
    ranges = _ranges(tiles, look.scale, colormap, extents)
    legend = {"X-Legend-Colormap": colormap, "X-Legend-Scale": look.scale, "X-Mosaic-Columns": str(columns)}
    if len(set(ranges)) == 1:
        legend |= {"X-Legend-Min": repr(ranges[0][0]), "X-Legend-Max": repr(ranges[0][1])}
    _check_pixels(tiles.shape, max_pixels)
    levels = _mosaic(_levels(tiles, np.array(ranges)), columns, CLEAR)
    return Content(_png(levels, color_table(colormap, look.theme)), MEDIA_TYPES["png"], legend)


def draw_colors(array: Numbers, part: Part, look: Look, max_pixels: int, *, reverse: bool = False) -> Content:
    """A PNG of kernels over three channels, (filters, 3, rows, columns), as the colours that they look for.

    Zero is the grey in the middle of every filter, whose largest weight reaches an end of the scale.

    Args:
        array: the kernels.
        part: which of them.
        look: ``channel`` and ``layout`` as for ``draw``.
        max_pixels: of the picture.
        reverse: the channels are blue, green, red.

    Raises:
        Problem: as ``draw``.
    """
    filters = select(array, part)
    if look.channel is not None:
        if look.channel >= len(filters):
            raise Problem("invalid-argument", "channel", look.channel, f"0 to {len(filters) - 1}")
        filters = filters[look.channel : look.channel + 1]
    elif look.layout == "single":
        filters = filters[:1]
    _check_pixels((len(filters), *filters.shape[2:]), max_pixels)
    filters = filters.astype(np.float32)
    largest = np.abs(filters).max(axis=(1, 2, 3), keepdims=True)
    colors = np.round(127.5 + 127.5 * filters / np.where(largest > 0, largest, 1)).astype(np.uint8)
    planes = [colors[:, 2 - i if reverse else i] for i in range(3)]
    columns = math.ceil(math.sqrt(len(filters)))
    # Opaque where there is a kernel, clear between them.
    sheets = [_mosaic(plane, columns, 0) for plane in [*planes, np.full_like(planes[0], 255)]]
    legend = {"X-Legend-Colormap": "rgb", "X-Legend-Scale": "map", "X-Mosaic-Columns": str(columns)}
    file = io.BytesIO()
    Image.fromarray(np.stack(sheets, axis=-1), mode="RGBA").save(file, format="PNG", compress_level=3)
    return Content(file.getvalue(), MEDIA_TYPES["png"], legend)


def _check_pixels(tiles: tuple[int, ...], max_pixels: int) -> None:
    """Refuse so many tiles, (tiles, rows, columns), with a line after each row and column."""
    if tiles[0] * (tiles[1] + 1) * (tiles[2] + 1) > max_pixels:
        allowed = f"{max_pixels} pixels; ask for channels= or max_px="
        raise Problem("picture-too-large", "picture", list(tiles), allowed)


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


def _mosaic(tiles: Bytes, columns: int, gap: int) -> Bytes:
    """Tiles in scan order with a line of ``gap`` between them."""
    count, height, width = tiles.shape
    columns = min(columns, count)
    rows = -(-count // columns)
    sheet = np.full((rows, height + 1, columns, width + 1), gap, dtype=np.uint8)
    for index, tile in enumerate(tiles):
        sheet[index // columns, :height, index % columns, :width] = tile
    return sheet.reshape(rows * (height + 1), columns * (width + 1))[:-1, :-1]


def _png(levels: Bytes, colors: Bytes) -> bytes:
    picture = Image.fromarray(np.ascontiguousarray(levels), mode="P")
    picture.putpalette([*colors.reshape(-1).tolist(), 0, 0, 0])
    file = io.BytesIO()
    picture.save(file, format="PNG", transparency=CLEAR, compress_level=3)
    return file.getvalue()

"""How a picture enters a model: as float32, in the channels, size and range that the model wants."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from PIL import Image

from app.problems import Problem
from app.services.decode import Pixels
from app.services.descriptions import Json
from app.services.preprocessing import Preprocessing
from app.services.specifications import fits
from engine.graph import Model
from engine.types import Array, Pair, Shape

Color: TypeAlias = Literal["gray", "rgb"]

MULTIPLIED_PX = 64
"""The longer side up to which a picture is resized by two products of matrices."""

RESIZED_TOGETHER = 1 << 17
"""Numbers of larger ones that Pillow resizes in one go: what the core's own cache holds."""

LUMA = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in grey (ITU-R BT.601): those of Pillow's mode L, without its rounding."""


def color_of(channels: int, asked: Color | None) -> Color:
    """The colour that gives so many channels.

    Raises:
        Problem: ``shape-mismatch`` where no colour does, or not the one asked for.

    >>> color_of(1, None)
    'gray'
    """
    fitting: dict[int, Color] = {1: "gray", 3: "rgb"}
    color = fitting.get(channels)
    if color is None:
        raise Problem("shape-mismatch", "input.channels", channels, "1 (gray) or 3 (rgb) for a picture")
    if asked not in (None, color):
        raise Problem("shape-mismatch", "color", asked, f"{color}: the model takes {channels} channel(s)")
    return color


def read_color(text: str | None) -> Color | None:
    """The colour in which a picture is to be taken, as a form says it.

    Raises:
        Problem: ``invalid-argument``.
    """
    match text:
        case None | "gray" | "rgb":
            return text
    raise Problem("invalid-argument", "color", text, "gray or rgb")


def entry_of(
    model: Model,
    given: Preprocessing | None,
    picture: Pair,
    size: Pair | None = None,
    color: Color | None = None,
    value_range: int | None = None,
) -> Preprocessing:
    """How a picture enters a model, its size decided.

    Args:
        model: what takes it.
        given: the model's own preprocessing; None leaves all to the caller.
        picture: (rows, columns) of the picture itself.
        size: as asked for; left out, the preprocessing's, else the picture's own, else the model's.
        color: as asked for.
        value_range: as asked for; 1 or 255.

    Raises:
        Problem: ``shape-mismatch`` for a size or colour that the model cannot take,
            ``invalid-argument`` for a range other than that of its preprocessing.
        EngineError: what an operation says of that size.
    """
    channels, *own = model.input_shape
    fitting = color_of(channels, color)
    entry = given or Preprocessing(color=fitting, range=value_range or 1)
    if value_range not in (None, entry.range):
        raise Problem("invalid-argument", "range", value_range, f"{entry.range}, as the model wants it")
    wanted = size or entry.size or picture
    if not fits(model, (channels, *wanted)):
        if size is not None:
            # Running the shapes names what does not fit; where only weights do not, this does.
            model.shapes_for((channels, *size))
            raise Problem("shape-mismatch", "size", list(size), f"{own}: the model's weights are made for it")
        wanted = (own[0], own[1])
    return replace(entry, size=wanted)


def enter(pixels: Pixels, entry: Preprocessing) -> Array:
    """A picture as a model takes it.

    Args:
        pixels: (channels, rows, columns) uint8, one channel or three.
        entry: ``gray`` is the luma of BT.601; ``rgb`` and ``bgr`` of a grey picture repeat its channel;
            another size than the picture's own is reached by bilinear interpolation with the averaging
            that shrinking needs.

    Returns:
        (1, channels, rows, columns) float32.
    """
    return enter_together(pixels[np.newaxis], entry)


def enter_together(pictures: Pixels, entry: Preprocessing) -> Array:
    """Pictures of one size as a model takes them: each as it would enter alone, to the last bit.

    Args:
        pictures: (N, channels, rows, columns) uint8, one channel or three.
        entry: as ``enter`` takes it.

    Returns:
        (N, channels, rows, columns) float32.
    """
    x = pictures.astype(np.float32)
    if entry.range != 255:
        x *= np.float32(entry.range / 255)
    if entry.color == "gray" and x.shape[1] == 3:
        # A sum of three products in this order, the same on every machine.
        red, green, blue = (x[:, i] * np.float32(share) for i, share in enumerate(LUMA))
        x = (red + green + blue)[:, np.newaxis]
    if entry.size is not None and entry.size != x.shape[2:]:
        x = _resized(x, entry.size, entry.box((x.shape[2], x.shape[3])))
    if entry.channels == 3 and x.shape[1] == 1:
        x = np.repeat(x, 3, axis=1)
    if entry.color == "bgr":
        x = x[:, ::-1]
    if entry.mean is not None:
        x = x - np.array(entry.mean, np.float32)[:, None, None]
    if entry.std is not None:
        x = x / np.array(entry.std, np.float32)[:, None, None]
    return np.ascontiguousarray(x)


def describe_entry(entry: Preprocessing, shape: Shape, picture: Pair) -> Json:
    """What becomes of a picture, as JSON tells it.

    Args:
        shape: (channels, rows, columns) in which it enters.
        picture: (rows, columns) of the picture itself.
    """
    first_row, first_column, rows, columns = entry.box(picture)
    return {
        "shape": list(shape),
        "range": entry.range,
        "color": entry.color,
        "preprocessing": entry.describe(),
        "crop": {"start": [first_row, first_column], "size": [rows, columns]},
    }


def _resized(x: Array, size: Pair, box: tuple[float, float, float, float]) -> Array:
    """(N, C, H, W) at another size: along the columns first, then along the rows."""
    top, left, rows, columns = box
    n, channels, height, width = x.shape
    planes = x.reshape(n * channels, height, width)
    if max(height, width) <= MULTIPLIED_PX:
        # A product for each plane: the same for a picture that comes with others.
        down = _matrix(height, size[0], top, rows).T
        return (down @ (planes @ _matrix(width, size[1], left, columns))).reshape(n, channels, *size)
    resized = np.empty((len(planes), *size), np.float32)
    step = max(1, RESIZED_TOGETHER // (height * width))
    for first in range(0, len(planes), step):
        some = planes[first : first + step]
        across = _stretched(some, size[1], left, columns)
        resized[first : first + step] = _stretched(across.swapaxes(1, 2), size[0], top, rows).swapaxes(1, 2)
    return resized.reshape(n, channels, *size)


@lru_cache(maxsize=16)
def _matrix(old: int, cells: int, start: float, length: float) -> Array:
    """(old, cells), by which a line is multiplied: what becomes of lines that have a single 1."""
    stretched: Array = _stretched(np.eye(old, dtype=np.float32)[np.newaxis], cells, start, length)[0]
    return stretched


def _stretched(lines: Array, cells: int, start: float, length: float) -> Array:
    """The last of three axes from ``start`` on, so much of it, as so many cells."""
    planes, count, old = lines.shape
    if start == 0 and length == cells == old:
        return lines
    # One tall picture, for Pillow: line by line, it does not see where a plane ends.
    height = planes * count
    picture = Image.fromarray(lines.reshape(height, old), mode="F")
    box = (start, 0, start + length, height)
    stretched = picture.resize((cells, height), Image.Resampling.BILINEAR, box=box)
    return np.asarray(stretched, dtype=np.float32).reshape(planes, count, cells)

"""How a picture enters a model: as float32, in the channels, size and range that the model wants."""

from __future__ import annotations

from dataclasses import replace
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
    x = pixels.astype(np.float32)
    if entry.range != 255:
        x *= np.float32(entry.range / 255)
    if entry.color == "gray" and x.shape[0] == 3:
        # A sum of three products in this order, the same on every machine.
        x = (x[0] * np.float32(LUMA[0]) + x[1] * np.float32(LUMA[1]) + x[2] * np.float32(LUMA[2]))[None]
    if entry.size is not None and entry.size != x.shape[1:]:
        top, left, rows, columns = entry.box((x.shape[1], x.shape[2]))
        box = (left, top, left + columns, top + rows)
        x = np.stack([_resized(plane, entry.size, box) for plane in x])
    if entry.channels == 3 and x.shape[0] == 1:
        x = np.repeat(x, 3, axis=0)
    if entry.color == "bgr":
        x = x[::-1]
    if entry.mean is not None:
        x = x - np.array(entry.mean, np.float32)[:, None, None]
    if entry.std is not None:
        x = x / np.array(entry.std, np.float32)[:, None, None]
    return np.ascontiguousarray(x)[None]


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


def _resized(plane: Array, size: Pair, box: tuple[float, float, float, float]) -> Array:
    picture = Image.fromarray(np.ascontiguousarray(plane), mode="F")
    resized = picture.resize((size[1], size[0]), Image.Resampling.BILINEAR, box=box)
    return np.asarray(resized, dtype=np.float32)

"""How a picture enters a model: as float32, in the channels, size and range that are asked for."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from PIL import Image

from app.problems import Problem
from app.services.decode import Pixels
from engine.types import Array, Pair

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


def enter(pixels: Pixels, color: Color, size: Pair, value_range: int) -> Array:
    """A picture as a model takes it.

    Args:
        pixels: (channels, rows, columns) uint8, one channel or three.
        color: ``gray`` is the luma of BT.601; ``rgb`` of a grey picture repeats its channel.
        size: (rows, columns); another than the picture's own is reached by bilinear interpolation
            with the averaging that shrinking needs.
        value_range: 1 or 255, what white becomes.

    Returns:
        (1, channels, rows, columns) float32.
    """
    x = pixels.astype(np.float32)
    if value_range != 255:
        x *= np.float32(value_range / 255)
    if color == "gray" and x.shape[0] == 3:
        # A sum of three products in this order, the same on every machine.
        x = (x[0] * np.float32(LUMA[0]) + x[1] * np.float32(LUMA[1]) + x[2] * np.float32(LUMA[2]))[None]
    if size != x.shape[1:]:
        x = np.stack([_resized(plane, size) for plane in x])
    if color == "rgb" and x.shape[0] == 1:
        x = np.repeat(x, 3, axis=0)
    return x[None]


def _resized(plane: Array, size: Pair) -> Array:
    picture = Image.fromarray(np.ascontiguousarray(plane), mode="F")
    return np.asarray(picture.resize((size[1], size[0]), Image.Resampling.BILINEAR), dtype=np.float32)

"""The colour scales of the page's pictures, from the file that the browser reads too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from app.settings import ROOT

Colormap: TypeAlias = Literal["signed", "nonnegative", "weight", "gray"]
Theme: TypeAlias = Literal["light", "dark"]
Bytes: TypeAlias = npt.NDArray[np.uint8]
Floats: TypeAlias = npt.NDArray[np.float64]

LEVELS = 255
"""Colours of a scale: odd, so that zero has one of its own in the middle of a signed scale."""

# B. Ottosson, "A perceptual color space for image processing" (2020).
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


@cache
def color_table(colormap: Colormap, theme: Theme = "light") -> Bytes:
    """(LEVELS, 3) sRGB bytes from the first stop of a scale to its last, mixed in OKLab; grey in sRGB."""
    stops = _stops()
    signed = np.array(
        [_parse(color) for color in stops["signed" if colormap == "nonnegative" else colormap][theme]]
    )
    # A map without negative values keeps the colours that its positive values have among signed ones.
    chosen = signed[len(signed) // 2 :] if colormap == "nonnegative" else signed
    places = np.linspace(0, len(chosen) - 1, LEVELS)
    if colormap == "gray":
        return np.round(_between(chosen, places)).astype(np.uint8)
    return _to_srgb(_between(_to_oklab(chosen), places))


@cache
def _stops() -> Mapping[str, Mapping[str, list[str]]]:
    path: Path = ROOT / "static" / "scales.json"
    stops: Mapping[str, Mapping[str, list[str]]] = json.loads(path.read_text(encoding="utf-8"))
    return stops


def _parse(color: str) -> list[int]:
    return [int(color[i : i + 2], 16) for i in (1, 3, 5)]


def _between(colors: Floats, places: Floats) -> Floats:
    stops = np.arange(len(colors))
    return np.stack([np.interp(places, stops, colors[:, axis]) for axis in range(3)], axis=1)


def _to_oklab(srgb: Floats) -> Floats:
    v = srgb / 255
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T)


def _to_srgb(lab: Floats) -> Bytes:
    linear = np.clip((lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T, 0, 1)
    v = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(v * 255).astype(np.uint8)

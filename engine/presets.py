"""Kernels made by hand: what the books draw, by name, and the Gabor function with its parameters.

Values stand as a cross-correlation applies them. Positive answers of ``sobel_x`` mean brighter to the right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.ops.parameters import Parameter
from engine.types import Array, Pair

LARGEST_SIDE = 1024
"""No kernel is longer; one of a million rows must not be made only to be refused."""

_SIZE = Parameter("pair", minimum=1, maximum=LARGEST_SIDE, name="kernel_size")


@dataclass(frozen=True)
class Preset:
    """A named kernel: how it is made, the settings that shape it, and whether its size is free."""

    make: Callable[..., Array]
    """From a size and the parameters by name to (KH, KW)."""
    parameters: tuple[Parameter, ...] = ()
    sizes: tuple[Pair, ...] = ()
    """The only sizes it comes in; empty means any."""
    default_size: Pair = (3, 3)


def make_kernel(name: str, size: Pair | None = None, settings: Mapping[str, Any] | None = None) -> Array:
    """A preset kernel, (KH, KW) float32.

    Args:
        name: a key of ``PRESETS``.
        size: (rows, columns), 1 to ``LARGEST_SIDE`` each; None takes the preset's own.
        settings: values for the preset's parameters, as their names say in px or degrees; those left
            out take their defaults.

    Returns:
        A new array, as a cross-correlation applies it.

    Raises:
        EngineError: ``unknown-preset``, ``unknown-parameter``, ``invalid-argument``.

    >>> make_kernel("sobel_x").tolist()
    [[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]
    >>> float(make_kernel("box", (2, 5)).sum().round(6))
    1.0
    """
    preset = PRESETS.get(name)
    if preset is None:
        raise EngineError("unknown-preset", "preset", name, ", ".join(PRESETS))
    size = preset.default_size if size is None else _SIZE.read(size)
    if preset.sizes and size not in preset.sizes:
        allowed = " or ".join(f"{list(each)}" for each in preset.sizes)
        raise EngineError("invalid-argument", "kernel_size", list(size), f"{allowed} for preset {name!r}")
    known = {p.name: p for p in preset.parameters}
    for setting in settings or {}:
        if setting not in known:
            raise EngineError(
                "unknown-parameter", setting, (settings or {})[setting], ", ".join(known) or "none"
            )
    read = {p.name: p.read((settings or {}).get(p.name, p.default)) for p in preset.parameters}
    return preset.make(size, **read).astype(np.float32)


def _fixed(*rows: list[float], scale: float = 1.0) -> Preset:
    values = np.array(rows, dtype=np.float64) * scale
    shape = (values.shape[0], values.shape[1])
    return Preset(lambda size: values, sizes=(shape,), default_size=shape)


def _identity(size: Pair) -> Array:
    kernel = np.zeros(size)
    # With an even side, "same" puts the odd cell of padding at the end: this tap lies on the cell itself.
    kernel[(size[0] - 1) // 2, (size[1] - 1) // 2] = 1.0
    return kernel


def _box(size: Pair) -> Array:
    return np.full(size, 1.0 / (size[0] * size[1]))


def _offsets(size: Pair) -> tuple[Array, Array]:
    """Distances (rows, columns) of every tap from the kernel's centre, in cells."""
    rows = np.arange(size[0]) - (size[0] - 1) / 2
    columns = np.arange(size[1]) - (size[1] - 1) / 2
    return rows[:, None], columns[None, :]


def _gaussian(size: Pair, sigma_px: float) -> Array:
    rows, columns = _offsets(size)
    kernel = np.exp(-(rows**2 + columns**2) / (2 * sigma_px**2))
    return np.asarray(kernel / kernel.sum())


def _gabor(
    size: Pair, orientation_deg: float, wavelength_px: float, phase_deg: float, sigma_px: float, aspect: float
) -> Array:
    """Gabor function: a cosine grating under a Gaussian envelope.

    At orientation 0 the stripes stand upright, as those of ``sobel_x``; angles turn
    counter-clockwise as seen.
    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), eq. 9.16, with f = 2π / wavelength,
    beta_x = 1 / (2 sigma²), beta_y = aspect² / (2 sigma²).
    """
    rows, columns = _offsets(size)
    angle = np.deg2rad(orientation_deg)
    across = columns * np.cos(angle) - rows * np.sin(angle)
    along = columns * np.sin(angle) + rows * np.cos(angle)
    envelope = np.exp(-(across**2 + (aspect * along) ** 2) / (2 * sigma_px**2))
    return np.asarray(envelope * np.cos(2 * np.pi * across / wavelength_px + np.deg2rad(phase_deg)))


_SIGMA = Parameter("number", 1.0, minimum=0.1, maximum=50, name="sigma_px")

PRESETS: dict[str, Preset] = {
    "identity": Preset(_identity),
    "box": Preset(_box),
    "gaussian": Preset(_gaussian, (_SIGMA,)),
    "sharpen": _fixed([0, -1, 0], [-1, 5, -1], [0, -1, 0]),
    "sobel_x": _fixed([-1, 0, 1], [-2, 0, 2], [-1, 0, 1]),
    "sobel_y": _fixed([-1, -2, -1], [0, 0, 0], [1, 2, 1]),
    "prewitt_x": _fixed([-1, 0, 1], [-1, 0, 1], [-1, 0, 1]),
    "prewitt_y": _fixed([-1, -1, -1], [0, 0, 0], [1, 1, 1]),
    "scharr_x": _fixed([-3, 0, 3], [-10, 0, 10], [-3, 0, 3]),
    "scharr_y": _fixed([-3, -10, -3], [0, 0, 0], [3, 10, 3]),
    "laplacian": _fixed([0, 1, 0], [1, -4, 1], [0, 1, 0]),
    "laplacian_8": _fixed([1, 1, 1], [1, -8, 1], [1, 1, 1]),
    "emboss": _fixed([-2, -1, 0], [-1, 1, 1], [0, 1, 2]),
    "difference_x": _fixed([-1, 1]),
    "gabor": Preset(
        _gabor,
        (
            Parameter("number", 0.0, minimum=-360, maximum=360, name="orientation_deg"),
            Parameter("number", 5.0, minimum=1, maximum=100, name="wavelength_px"),
            Parameter("number", 0.0, minimum=-360, maximum=360, name="phase_deg"),
            Parameter("number", 2.0, minimum=0.1, maximum=50, name="sigma_px"),
            Parameter("number", 0.6, minimum=0.05, maximum=10, name="aspect"),
        ),
        default_size=(7, 7),
    ),
}

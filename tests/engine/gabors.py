"""Gabor functions planted in filters, and looking at what was found of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.inspect.filters import FilterDescription, describe_filters
from engine.inspect.gabor import GaborFit, fitted_filter
from engine.types import Array, Pair

PLAIN = GaborFit(
    orientation_deg=30,
    wavelength_px=5,
    phase_deg=20,
    sigma_px=2,
    aspect=0.6,
    center=(5, 5),
    amplitude=1,
    direction=(1,),
    offset=(0,),
    r2=1,
    pattern_r2=1,
)


def planted(count: int, size: Pair, rng: np.random.Generator) -> list[GaborFit]:
    """Gabor functions of every direction, with their centre near that of the kernel."""
    side = min(size)
    return [
        replace(
            PLAIN,
            orientation_deg=rng.uniform(0, 180),
            wavelength_px=rng.uniform(3, 0.7 * side),
            phase_deg=rng.uniform(-180, 180),
            sigma_px=rng.uniform(0.17, 0.28) * side,
            aspect=rng.uniform(0.4, 1.2),
            center=tuple((cells - 1) / 2 + rng.uniform(-1, 1) for cells in size),
            amplitude=rng.uniform(0.5, 2),
            offset=(rng.uniform(-0.1, 0.1),),
        )
        for _ in range(count)
    ]


def drawn(fits: Sequence[GaborFit], size: Pair) -> Array:
    return np.stack([fitted_filter(fit, size) for fit in fits])


def describe(filter_: Any) -> FilterDescription:
    """One filter, (KH, KW) or (C, KH, KW)."""
    values = np.asarray(filter_)
    (description,) = describe_filters(values[None] if values.ndim == 3 else values[None, None])
    return description


def fit_of(filter_: Any) -> GaborFit:
    fit = describe(filter_).fit
    assert fit is not None
    return fit


def apart(a: float, b: float, turn: float) -> float:
    """Between two angles that come round again after ``turn`` degrees."""
    return abs((a - b + turn / 2) % turn - turn / 2)


def phase_apart(a: GaborFit, b: GaborFit) -> float:
    """Seen from the other side, half a turn on, the same stripes have the opposite phase."""
    across = apart(a.orientation_deg, b.orientation_deg, 360) > 90
    return apart(a.phase_deg, -b.phase_deg if across else b.phase_deg, 360)

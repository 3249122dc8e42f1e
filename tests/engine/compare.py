"""Comparing an array with what it should be, measured against the size of the numbers in it."""

from __future__ import annotations

import numpy as np

from engine.types import Array


def extent(expected: Array) -> float:
    """The range of the numbers, or the largest size where they hardly differ from one another.

    A single number has no range, and an array of zeros has no size: 1 stands in for that.
    """
    if expected.size == 0:
        return 1.0
    return float(max(np.ptp(expected), np.abs(expected).max())) or 1.0


def assert_close(actual: Array, expected: Array, tolerance: float, what: str = "output") -> None:
    """Shapes are equal, all is finite, and no entry is off by more than ``tolerance`` of the extent."""
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, expected {expected.shape}"
    assert np.all(np.isfinite(actual)), f"{what}: not finite"
    if actual.size == 0:
        return
    errors = np.abs(actual.astype(np.float64) - expected.astype(np.float64))
    worst = np.unravel_index(int(errors.argmax()), errors.shape)
    allowed = tolerance * extent(expected)
    assert errors[worst] <= allowed, (
        f"{what}{list(map(int, worst))}: {actual[worst]!r}, expected {expected[worst]!r}; "
        f"off by {errors[worst]:.3g}, allowed {allowed:.3g}"
    )

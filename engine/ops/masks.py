"""Keeping some numbers of an array and not others, in the ways that NumPy computes several at a time."""

from __future__ import annotations

import math

import numpy as np

from engine.explanation import Flags
from engine.ops.parts import in_parts
from engine.types import Array


def bounded(x: Array, low: float = -math.inf, high: float = math.inf) -> Array:
    """Raise x to ``low`` where it is below, then lower it to ``high`` where it is above.

    The maximum with a single number would say the same, but is taken one by one.

    >>> bounded(np.array([-2.0, 3.0, 8.0]), 0, 6)
    array([0., 3., 6.])
    """
    y = np.empty_like(x)
    in_parts(lambda x, y: np.clip(x, low, high, out=y), x, y)
    return y


def gated(x: Array, gate: Flags) -> Array:
    """Keep x where the gate is open, and take 0 where it is closed.

    >>> gated(np.array([2.0, np.inf]), np.array([True, False]))
    array([2., 0.])
    """
    y = np.empty_like(x)
    in_parts(gate_into, x, gate, y, passes=4)
    return y


def gate_into(x: Array, gate: Flags, y: Array) -> None:
    """Write x to y where the gate is open, and 0 where it is closed."""
    bits = np.dtype(f"i{x.itemsize}")
    kept = y.view(bits)
    # -1 is all bits, and 0 none. A product would make NaN of infinity, and -0 of what is below 0.
    np.negative(gate.view(np.int8), out=kept, dtype=bits)
    np.bitwise_and(x.view(bits), kept, out=kept)

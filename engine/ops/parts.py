"""Large arrays in parts that lie one after another in memory, so that threads can share the work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from engine.threads import TEAM, cut
from engine.types import Shape

SHARED_BYTES = 4 << 20
"""Fewer bytes, times the passes over them, are done before another thread has been woken."""

PART_BYTES = 4 << 20
"""Parts are large: between two calls a thread waits for the interpreter, and then to be woken."""

AnyArray: TypeAlias = np.ndarray[Any, Any]


def slowest_axis(shape: Shape, strides: Shape) -> int:
    """The axis along which parts lie one after another: of those with more than one entry the slowest.

    >>> slowest_axis((1, 3, 4, 5), (240, 4, 60, 12))  # channels side by side, as in NHWC
    2
    """
    return max(range(len(shape)), key=lambda axis: (shape[axis] > 1, abs(strides[axis])))


def parts_worth(nbytes: int, passes: int = 1) -> int:
    """In how many parts an array is best computed: 1 if it is not worth waking another thread.

    Args:
        nbytes: of the array.
        passes: how often it is gone through, about; an exponential counts as ten.
    """
    if TEAM.size < 2 or nbytes * passes < SHARED_BYTES:
        return 1
    return TEAM.size * -(-nbytes // (TEAM.size * PART_BYTES))


def in_parts(compute: Callable[..., object], *arrays: AnyArray, passes: int = 1) -> None:
    """Call ``compute`` with the same part of every array, part after part, or on all threads if worth it.

    Args:
        compute: writes to some of the arrays that it is given; what it returns is not looked at.
        arrays: all of one shape; the first one decides how they are cut.
        passes: see ``parts_worth``.
    """
    first = arrays[0]
    parts = parts_worth(first.nbytes, passes)
    if parts == 1 or first.ndim == 0:
        compute(*arrays)
        return
    axis = slowest_axis(first.shape, first.strides)
    before = (slice(None),) * axis

    def some(part: slice) -> None:
        compute(*(array[(*before, part)] for array in arrays))

    TEAM.each(some, cut(first.shape[axis], parts))

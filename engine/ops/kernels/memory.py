"""Maps in memory: always indexed (N, C, H, W), whatever the order in which their numbers lie."""

from __future__ import annotations

import threading
from math import prod
from typing import Any, Literal, TypeAlias

import numpy as np

from engine.types import Array, Shape

Order: TypeAlias = Literal["nchw", "nhwc", "nhcw"]
"""Which axis runs slowest, which fastest: "nhwc" keeps the channels of a cell side by side."""

_AXES: dict[Order, tuple[int, int, int, int]] = {
    "nchw": (0, 1, 2, 3),
    "nhwc": (0, 2, 3, 1),
    "nhcw": (0, 2, 1, 3),
}

LARGEST_KEPT_BYTES = 32 << 20
"""Workspaces above this are given back after use: a thread that once met a large one need not keep it."""


def empty(shape: Shape, order: Order, dtype: np.dtype[Any]) -> Array:
    """An uninitialised map (N, C, H, W) whose numbers lie in ``order``.

    >>> empty((1, 2, 3, 4), "nhwc", np.dtype(np.float32)).strides
    (96, 4, 32, 8)
    """
    return empty_in(np.empty(prod(shape), dtype), shape, order)


def empty_in(numbers: Array, shape: Shape, order: Order) -> Array:
    """A map (N, C, H, W) in memory that is there already, as many numbers as it needs: a view."""
    return as_nchw(numbers.reshape([shape[axis] for axis in _AXES[order]]), order)


def in_order(x: Array, order: Order) -> Array:
    """A map (N, C, H, W) with its axes as they lie in memory under ``order``: a view.

    >>> in_order(np.empty((1, 2, 3, 4)), "nhwc").shape
    (1, 3, 4, 2)
    """
    return x.transpose(_AXES[order])


def as_nchw(x: Array, order: Order) -> Array:
    """The inverse of ``in_order``."""
    return x.transpose(np.argsort(_AXES[order]))


class Scratch:
    """Memory for intermediate numbers: the same one for the same name, since fresh memory costs more than
    what is computed into it.
    """

    def __init__(self) -> None:
        self._held: dict[str, np.ndarray[Any, np.dtype[np.uint8]]] = {}

    @staticmethod
    def of_this_thread() -> Scratch:
        """The one that every thread has for itself."""
        scratch: Scratch = _own.__dict__.setdefault("scratch", Scratch())
        return scratch

    def take(self, name: str, shape: Shape, dtype: np.dtype[Any]) -> Array:
        """Uninitialised memory; what was taken under that name before is overwritten.

        >>> scratch = Scratch()
        >>> single = np.dtype(np.float32)
        >>> first = scratch.take("columns", (2, 3), single)
        >>> np.shares_memory(first, scratch.take("columns", (5,), single))
        True
        >>> np.shares_memory(first, scratch.take("outputs", (5,), single))
        False
        """
        size = prod(shape) * dtype.itemsize
        if size > LARGEST_KEPT_BYTES:
            return np.empty(shape, dtype)
        held = self._held.get(name)
        if held is None or held.nbytes < size:
            held = self._held[name] = np.empty(size, np.uint8)
        return held[:size].view(dtype).reshape(shape)


_own = threading.local()


def workspace(name: str, shape: Shape, dtype: np.dtype[Any]) -> Array:
    """Memory from the scratch of this thread, see ``Scratch.take``."""
    return Scratch.of_this_thread().take(name, shape, dtype)

"""Outputs cut down to what an overview shows of them: a few maps of each layer, a few pixels of each map."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from app.representations import Numbers
from engine.types import Shape


@dataclass(frozen=True)
class Overview:
    """How much of every output is wanted.

    Args:
        fold: of more channels than these, the first ``fold - 1`` and the last are kept; None keeps all.
        max_px: maps whose longer side is greater are averaged over blocks of n × n cells, where
            n = ⌈side / max_px⌉; a block at the end averages the cells that it has. None keeps every cell.
        vector: of a vector (features,), or of as many maps of one cell, with more numbers than these the
            first ``vector - 1`` and the last are kept.
    """

    fold: int | None
    max_px: int | None
    vector: int

    def shape(self, shape: Shape) -> Shape:
        """What becomes of an output (channels, rows, columns) or (features,).

        >>> Overview(8, 64, 100).shape((64, 224, 200)), Overview(8, 64, 100).shape((120, 1, 1))
        ((8, 56, 50), (100, 1, 1))
        """
        n = self._block(shape)
        return (min(shape[0], self._kept(shape)), *(-(-side // n) for side in shape[1:]))

    def of(self, array: Numbers) -> Numbers:
        """That part of an output."""
        kept = folded(array, self._kept(array.shape))
        return kept if array.ndim == 1 else block_means(kept, self._block(array.shape))

    def _kept(self, shape: Shape) -> int:
        return self.vector if prod(shape[1:]) == 1 else self.fold or shape[0]

    def _block(self, shape: Shape) -> int:
        return 1 if self.max_px is None else -(-max(shape[1:], default=1) // self.max_px)


def numbers_in(shapes: list[Shape]) -> int:
    """How many numbers these are in all."""
    return sum(prod(shape) for shape in shapes)


def folded(array: Numbers, kept: int) -> Numbers:
    """All of the first axis, or of a longer one its first and its last.

    >>> folded(np.arange(9), 4)
    array([0, 1, 2, 8])
    """
    if array.shape[0] <= kept:
        return array
    return np.concatenate([array[: kept - 1], array[-1:]])


def block_means(array: Numbers, n: int) -> Numbers:
    """Means over blocks of n × n cells of the last two axes.

    >>> block_means(np.array([[[1.0, 3.0, 5.0], [1.0, 3.0, 7.0]]]), 2)
    array([[[2., 6.]]])
    """
    if n == 1:
        return array
    for axis in (-2, -1):
        starts = np.arange(0, array.shape[axis], n)
        lengths = np.minimum(n, array.shape[axis] - starts).astype(array.dtype)
        sums = np.add.reduceat(array, starts, axis=axis)
        array = sums / (lengths[:, None] if axis == -2 else lengths)
    return array

"""Rearrangements that go axis by axis: parts, repetitions and borders of a tensor.

Along one axis all of them are a list: index i of the output copies index ``sources[i]`` of the input.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.geometry.axis import OUTSIDE
from engine.geometry.receptive_field import NOWHERE, Region
from engine.ops.rearrangement import Rearrangement
from engine.types import Array, Cell, Integers, Pair, Shape


def select(x: Array, axis: int, sources: Integers, fill: float = 0.0) -> Array:
    """Numbers of x along one axis, by index.

    Args:
        x: of any shape and dtype.
        axis: counted from 0.
        sources: (outputs,) indices along it; OUTSIDE where ``fill`` stands.

    Returns:
        x with ``outputs`` along the axis; a view where the indices are evenly spaced.

    >>> select(np.array([[4, 5, 6]]), 1, np.array([2, 0, -1, 0]))
    array([[6, 4, 0, 4]])
    """
    lead = (slice(None),) * axis
    outside = sources == OUTSIDE
    if _step(sources) and not outside.any():
        return x[*lead, _slice(sources)]
    y = np.take(x, np.maximum(sources, 0), axis=axis)
    y[*lead, outside] = fill
    return y


def select_backward(grad_output: Array, axis: int, sources: Integers, size: int) -> Array:
    """The adjoint of ``select``: gradients of all copies of a number are added up.

    Args:
        grad_output: the shape of the output.
        axis, sources: as in ``select``.
        size: of the input along the axis.

    >>> select_backward(np.array([[1.0, 2.0, 3.0, 4.0]]), 1, np.array([2, 0, -1, 0]), 3)
    array([[6., 0., 1.]])
    """
    shape = (*grad_output.shape[:axis], size, *grad_output.shape[axis + 1 :])
    grad = np.zeros(shape, dtype=grad_output.dtype)
    lead = (slice(None),) * axis
    at = np.flatnonzero(sources != OUTSIDE)
    if _step(at) and _step(sources[at]):
        # Evenly spaced indices are copied once each.
        grad[*lead, _slice(sources[at])] = grad_output[*lead, _slice(at)]
    elif at.size:
        # Copies of one index become neighbours; each run of them is summed.
        order = at[np.argsort(sources[at], kind="stable")]
        known, starts = np.unique(sources[order], return_index=True)
        index: tuple[slice | Integers, ...] = (*lead, known)
        grad[index] = np.add.reduceat(np.take(grad_output, order, axis=axis), starts, axis=axis)
    return grad


@dataclass(frozen=True)
class Selection(Rearrangement):
    """What is left to say are the lists of sources."""

    @abstractmethod
    def sources(self, shape: Shape) -> dict[int, Integers]:
        """By axis of ``aligned``, (outputs,) the index copied, or OUTSIDE; axes kept whole are left out."""

    def positions(self, shape: Shape) -> dict[int, Integers]:
        """Like ``sources``, where each is drawn: what is copied into a border lies outside the input."""
        return self.sources(shape)

    def aligned(self, shape: Shape) -> Shape:
        """The input's shape, with as many axes as the output has."""
        return shape

    def moved(self, x: Array) -> Array:
        y = x.reshape(self.aligned(x.shape))
        for axis, sources in self.sources(x.shape).items():
            y = select(y, axis, sources, self.constant)
        own = y.flags.c_contiguous and not np.may_share_memory(y, x)
        return y if own else y.copy()

    def returned(self, grad_output: Array, shape: Shape) -> Array:
        aligned, grad = self.aligned(shape), grad_output
        for axis, sources in self.sources(shape).items():
            grad = select_backward(grad, axis, sources, aligned[axis])
        return grad.reshape(shape).copy() if grad is grad_output else grad.reshape(shape)

    def source_of(self, shape: Shape, place: int) -> int:
        index = self._read(shape, place, self.sources(shape))
        return OUTSIDE if OUTSIDE in index else int(np.ravel_multi_index(index, self.aligned(shape)))

    def copies_of(self, shape: Shape, place: int) -> Integers:
        sources = self.sources(shape)
        index = np.unravel_index(place, self.aligned(shape))
        copies = [
            np.flatnonzero(sources[axis] == at) if axis in sources else np.array([at])
            for axis, at in enumerate(index)
        ]
        return np.ravel_multi_index(np.ix_(*copies), self.output_shape(shape)).reshape(-1)

    def position_of(self, shape: Shape, place: int) -> Cell | None:
        index = self._read(shape, place, self.positions(shape))
        return drawn_at(self.aligned(shape), index) if len(index) == len(shape) else None

    def _read(self, shape: Shape, place: int, lists: dict[int, Integers]) -> list[int]:
        output = np.unravel_index(place, self.output_shape(shape))
        return [int(lists[axis][at]) if axis in lists else int(at) for axis, at in enumerate(output)]

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        shape = shapes[0]
        rank = len(self.aligned(shape))
        if len(shape) < 3:
            return super().input_region(shapes, index, region)
        positions = self.positions(shape)
        rows = _stretch(positions.get(rank - 2), region.start[0], region.stop[0])
        columns = _stretch(positions.get(rank - 1), region.start[1], region.stop[1])
        return Region((rows[0], columns[0]), (rows[1], columns[1])) if rows and columns else NOWHERE


def drawn_at(shape: Shape, index: Sequence[int]) -> Cell:
    """The cell of an index that may lie outside the tensor along some axes.

    >>> drawn_at((1, 3, 4, 5), [0, 1, -1, 5]), drawn_at((1, 9), [0, -2])
    ((1, -1, 5), (-2, 0, 0))
    """
    batch, *within = index if len(shape) > 1 else (0, *index)
    if batch:
        return (OUTSIDE, OUTSIDE, OUTSIDE)
    if len(within) < 2:
        return (sum(within), 0, 0)
    *channels, row, column = within
    sizes = shape[1:-2]
    if len(channels) > 1:
        beyond = any(not 0 <= at < size for at, size in zip(channels, sizes, strict=True))
        return (OUTSIDE if beyond else int(np.ravel_multi_index(channels, sizes)), row, column)
    return (sum(channels), row, column)


def _step(sources: Integers) -> int:
    """The even spacing of indices; 0 if there is none, or if they do not move."""
    if len(sources) < 2:
        return len(sources)
    step = int(sources[1] - sources[0])
    return step if np.array_equal(sources, sources[0] + step * np.arange(len(sources))) else 0


def _slice(indices: Integers) -> slice:
    """Evenly spaced indices as a slice."""
    step = _step(indices)
    stop = int(indices[-1]) + step
    return slice(int(indices[0]), None if stop < 0 else stop, step)


def _stretch(positions: Integers | None, start: int, stop: int) -> Pair | None:
    """From the first to beyond the last position that the indices from ``start`` to ``stop`` read."""
    if positions is None:
        return start, stop
    step = _step(positions)
    if step:
        # Evenly spaced indices go on beyond the ends, where a later node's padding may ask for them.
        ends = (int(positions[0]) + step * start, int(positions[0]) + step * (stop - 1))
        return min(ends), max(ends) + 1
    read = positions[max(start, 0) : max(stop, 0)]
    return (int(read.min()), int(read.max()) + 1) if read.size else None

"""Where branches meet: their channels one after the other, as in Inception, or those of another axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.errors import EngineError
from engine.explanation import Explanation, Formula
from engine.geometry.receptive_field import NOWHERE, Region
from engine.ops.axes import axis_of
from engine.ops.operation import Operation, Weights, cell_index
from engine.ops.parameters import parameter
from engine.ops.places import cells_at, terms_at
from engine.types import Array, Cell, Integers, Shape


class ConcatCache(NamedTuple):
    """What ``concat_backward`` needs: every input's length along the axis."""

    lengths: tuple[int, ...]
    axis: int


def concat(*inputs: Array, axis: int = 1) -> tuple[Array, ConcatCache]:
    """The channels of two or more arrays, one array after the other.

    Args:
        inputs: equal but for their length along the axis, float32 or float64.
        axis: along which they are joined; 1 are the channels.

    Returns:
        A new array, such as (N, ΣC_i, H, W), and the cache for ``concat_backward``.

    Raises:
        EngineError: ``shape-mismatch``, ``invalid-argument`` if there is no such axis.

    Source: Szegedy et al., "Going deeper with convolutions" (2014), figure 2.

    >>> concat(np.array([[1.0, 2.0]]), np.array([[3.0]]))[0]
    array([[1., 2., 3.]])
    """
    shapes = [x.shape for x in inputs]
    axis = _joined_axis(shapes, axis)
    return np.concatenate(inputs, axis=axis), ConcatCache(tuple(shape[axis] for shape in shapes), axis)


def concat_backward(grad_output: Array, cache: ConcatCache) -> tuple[Array, ...]:
    """To every input the gradient of its own numbers."""
    parts = np.split(grad_output, _offsets(cache.lengths)[1:], axis=cache.axis)
    return tuple(part.copy() for part in parts)


def _offsets(lengths: Sequence[int]) -> list[int]:
    """Where along the axis every input begins in the output."""
    return [0, *accumulate(lengths)][:-1]


def _joined_axis(shapes: Sequence[Shape], axis: int) -> int:
    """The axis counted from the front; shapes that differ elsewhere are refused."""
    first = shapes[0]
    at = axis_of("axis", axis, len(first))
    for shape in shapes:
        if len(shape) != len(first) or shape[:at] + shape[at + 1 :] != first[:at] + first[at + 1 :]:
            allowed = f"{list(first[1:])}, of any length along axis {at}"
            raise EngineError("shape-mismatch", "input of concat", list(shape[1:]), allowed)
    return at


@dataclass(frozen=True)
class Concat(Operation):
    """concat as a node of a model."""

    name: ClassVar[str] = "concat"
    arity: ClassVar[int | None] = None

    axis: int = parameter("integer", 1)

    def output_shape(self, *shapes: Shape) -> Shape:
        axis, first = _joined_axis(shapes, self.axis), shapes[0]
        return (*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :])

    def _starts(self, shapes: Sequence[Shape]) -> tuple[int, list[int]]:
        """The axis, and where along it every input begins."""
        axis = _joined_axis(shapes, self.axis)
        return axis, _offsets([shape[axis] for shape in shapes])

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return concat(*inputs, axis=self.axis)

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return concat_backward(grad_output, cache), {}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        axis, starts = self._starts([x.shape for x in inputs])
        here = cell_index(output.shape, cell)
        which = int(np.searchsorted(starts, here[axis], side="right")) - 1
        source = _moved(here, axis, -starts[which])
        place = np.ravel_multi_index(source, inputs[which].shape)
        terms = replace(terms_at(inputs[which], np.array([place]), (1, 1, 1)), inputs=np.array([which]))
        return Explanation(self.name, cell, float(output[here]), "copy", terms, Formula("concat"))

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        axis, starts = self._starts(shapes)
        output = self.output_shape(*shapes)
        there = _moved(cell_index(shapes[index], cell), axis, starts[index])
        return cells_at(output, np.array([np.ravel_multi_index(there, output)]))

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        axis, starts = self._starts(shapes)
        side = axis - len(shapes[0]) + 2
        if len(shapes[0]) < 3 or side < 0:
            return region
        # Only the first input has cells, or padding, before it, and only the last one after it.
        first, stop = region.start[side] - starts[index], region.stop[side] - starts[index]
        first = first if index == 0 else max(first, 0)
        stop = stop if index == len(shapes) - 1 else min(stop, shapes[index][axis])
        if first >= stop:
            return NOWHERE
        start, end = list(region.start), list(region.stop)
        start[side], end[side] = first, stop
        return Region((start[0], start[1]), (end[0], end[1]))


def _moved(index: tuple[int, ...], axis: int, by: int) -> tuple[int, ...]:
    return (*index[:axis], index[axis] + by, *index[axis + 1 :])

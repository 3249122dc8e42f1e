"""Softmax: scores become shares of one, and its logarithm; channel against channel at every place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.explanation import Combine, Explanation, Formula
from engine.geometry.receptive_field import Region
from engine.ops.axes import axis_of
from engine.ops.operation import Weights, cell_index, count
from engine.ops.parameters import parameter
from engine.ops.parts import parts_worth
from engine.ops.places import cells_at, crossing, terms_at
from engine.ops.pointwise import Pointwise
from engine.threads import TEAM, cut
from engine.types import Array, Cell, Integers, Shape


class SoftmaxCache(NamedTuple):
    """``y`` are the shares, in the shape of x."""

    y: Array
    axis: int


def softmax(x: Array, axis: int = 1) -> tuple[Array, SoftmaxCache]:
    """exp(x) divided by its sum along an axis, as a rule over the channels.

    Args:
        x: (N, F), (N, C, H, W) or any other shape, float32 or float64.
        axis: along which the shares sum to 1.

    Returns:
        The same shape and dtype, and the cache for ``softmax_backward``.

    Source: Goodfellow et al., Deep Learning (2016), eq. 6.29.

    >>> softmax(np.array([[1000.0, 1000.0, 0.0]]))[0]
    array([[0.5, 0.5, 0. ]])
    """
    y = np.empty_like(x)
    # Along the first axis shares may not be taken apart; along any other, pictures may.
    parts = 1 if axis_of("axis", axis, x.ndim) == 0 else parts_worth(x.nbytes, passes=15)
    TEAM.each(lambda part: _softmax(x[part], axis, y[part]), cut(len(x), parts))
    return y, SoftmaxCache(y, axis)


def _softmax(x: Array, axis: int, y: Array) -> None:
    # Subtracting the largest changes no quotient and keeps exp in range.
    np.subtract(x, x.max(axis=axis, keepdims=True), out=y)
    np.exp(y, out=y)
    y /= y.sum(axis=axis, keepdims=True)


def softmax_backward(grad_output: Array, cache: SoftmaxCache) -> Array:
    """Gradient by the scores.

    dy[i]/dx[j] = y[i] (1{i=j} - y[j]), so dx[j] = y[j] (dy[j] - Σ dy[i] y[i]).

    Args:
        grad_output: the shape of x.
        cache: what ``softmax`` returned.
    """
    y, axis = cache
    shared = (grad_output * y).sum(axis=axis, keepdims=True)
    grad: Array = grad_output - shared
    grad *= y
    return grad


def log_softmax(x: Array, axis: int = 1) -> tuple[Array, SoftmaxCache]:
    """The logarithm of ``softmax``, also of shares too small to be told from 0; arguments as there.

    Source: Goodfellow et al., Deep Learning (2016), eq. 6.30.

    >>> np.exp(log_softmax(np.log([[1.0, 3.0]]))[0]).round(4)
    array([[0.25, 0.75]])
    """
    below = x - x.max(axis=axis, keepdims=True)
    y = below - np.log(np.exp(below).sum(axis=axis, keepdims=True))
    return y, SoftmaxCache(np.exp(y), axis)


def log_softmax_backward(grad_output: Array, cache: SoftmaxCache) -> Array:
    """Gradient by the scores: with y the shares, dx[j] = dy[j] - y[j] Σ dy[i].

    Args:
        grad_output: the shape of x.
        cache: what ``log_softmax`` returned.
    """
    y, axis = cache
    grad: Array = grad_output - y * grad_output.sum(axis=axis, keepdims=True)
    return grad


@dataclass(frozen=True)
class Shares(Pointwise):
    """What softmax and its logarithm have in common: every number of the axis acts on every other.

    Args:
        axis: along which the shares sum to 1; 1 are the channels.
    """

    combine: ClassVar[Combine]

    axis: int = parameter("integer", 1)

    def output_shape(self, *shapes: Shape) -> Shape:
        axis_of("axis", self.axis, len(shapes[0]))
        return shapes[0]

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        here = cell_index(output.shape, cell)
        axis = axis_of("axis", self.axis, output.ndim)
        places = self._along(output.shape, here, axis)
        terms = terms_at(inputs[0], places, (len(places), 1, 1))
        own = np.arange(len(places)) == here[axis]
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[here]),
            combine=self.combine,
            terms=replace(terms, selected=own),
            formula=Formula(self.name),
        )

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        shape = shapes[0]
        axis = axis_of("axis", self.axis, len(shape))
        places = self._along(shape, cell_index(shape, cell), axis)
        return cells_at(shape, places[places < count(shape)])

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        shape = shapes[0]
        (top, left), (bottom, right) = region.start, region.stop
        axis = axis_of("axis", self.axis, len(shape)) - len(shape)
        if len(shape) > 2 and axis == -1:
            left, right = 0, shape[-1]
        if len(shape) > 2 and axis == -2:
            top, bottom = 0, shape[-2]
        return Region((top, left), (bottom, right))

    @staticmethod
    def _along(shape: Shape, here: tuple[int, ...], axis: int) -> Integers:
        """The places of the numbers that share one with the number at ``here``."""
        lists = [np.arange(size) if i == axis else np.array([here[i]]) for i, size in enumerate(shape)]
        return crossing(shape, lists)[0]


@dataclass(frozen=True)
class Softmax(Shares):
    """softmax as a node of a model."""

    name: ClassVar[str] = "softmax"
    combine: ClassVar[Combine] = "softmax"

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return softmax(inputs[0], self.axis)

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (softmax_backward(grad_output, cache),), {}


@dataclass(frozen=True)
class LogSoftmax(Shares):
    """log_softmax as a node of a model."""

    name: ClassVar[str] = "log_softmax"
    combine: ClassVar[Combine] = "log_softmax"

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return log_softmax(inputs[0], self.axis)

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (log_softmax_backward(grad_output, cache),), {}

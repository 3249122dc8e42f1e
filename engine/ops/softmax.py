"""Softmax: scores become shares of one, channel against channel at every place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.explanation import Explanation, Formula
from engine.ops.operation import Weights, cell_index
from engine.ops.pointwise import Pointwise, channels_at, read_terms
from engine.types import Array, Cell, Integers, Shape, map_shape


def softmax(x: Array) -> tuple[Array, Array]:
    """exp(x) divided by its sum over the channels (axis 1).

    Args:
        x: (N, F) or (N, C, H, W), float32 or float64.

    Returns:
        The same shape and dtype, every place summing to 1, and the cache for ``softmax_backward``.

    Source: Goodfellow et al., Deep Learning (2016), eq. 6.29.

    >>> softmax(np.array([[1000.0, 1000.0, 0.0]]))[0]
    array([[0.5, 0.5, 0. ]])
    """
    # Subtracting the largest changes no quotient and keeps exp in range.
    y = np.exp(x - x.max(axis=1, keepdims=True))
    y /= y.sum(axis=1, keepdims=True)
    return y, y


def softmax_backward(grad_output: Array, cache: Array) -> Array:
    """Gradient by the scores.

    dy[i]/dx[j] = y[i] (1{i=j} - y[j]), so dx[j] = y[j] (dy[j] - Σ dy[i] y[i]).

    Args:
        grad_output: the shape of x.
        cache: what ``softmax`` returned: its output.
    """
    shared = (grad_output * cache).sum(axis=1, keepdims=True)
    grad: Array = cache * (grad_output - shared)
    return grad


@dataclass(frozen=True)
class Softmax(Pointwise):
    """softmax as a node of a model."""

    name: ClassVar[str] = "softmax"

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return softmax(inputs[0])

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (softmax_backward(grad_output, cache),), {}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        channel, row, column = cell
        channels = inputs[0].shape[1]
        own = np.arange(channels) == channel
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[cell_index(output.shape, cell)]),
            combine="softmax",
            terms=read_terms(inputs[0], channels_at(channels, row, column), (channels, 1, 1), own),
            formula=Formula("softmax"),
        )

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        return channels_at(map_shape(shapes[0])[0], cell[1], cell[2])

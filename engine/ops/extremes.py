"""One of several arrays' numbers, or their mean, place by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

import numpy as np

from engine.explanation import Combine
from engine.ops.elementwise import Elementwise, Function, Slopes
from engine.types import Array


def maximum(*operands: Array) -> Array:
    """The largest of two or more arrays' numbers at every place.

    Args:
        operands: shapes that broadcast, float32 or float64.

    Source: Goodfellow et al., "Maxout networks" (2013); ONNX, operator Max.

    >>> maximum(np.array([[5.0, 7.0]]), np.array([[6.0]]))
    array([[6., 7.]])
    """
    return reduce(np.maximum, operands)


def minimum(*operands: Array) -> Array:
    """The smallest of two or more arrays' numbers at every place; arguments as in ``maximum``.

    Source: ONNX, operator Min.

    >>> minimum(np.array([[5.0, 7.0]]), np.array([[6.0]]))
    array([[5., 6.]])
    """
    return reduce(np.minimum, operands)


def winner_slopes(operands: Sequence[Array], output: Array) -> list[Array | float]:
    """1 by the operand that won, the first one among equals, and 0 by the others."""
    slopes: list[Array | float] = []
    open_places = np.ones(output.shape, dtype=np.bool_)
    for x in operands:
        won = open_places & (x == output)
        open_places &= ~won
        slopes.append(won.astype(output.dtype))
    return slopes


def mean(*operands: Array) -> Array:
    """The mean of two or more arrays' numbers at every place; arguments as in ``maximum``.

    Source: ONNX, operator Mean.

    >>> mean(np.array([[5.0, 7.0]]), np.array([[6.0]]))
    array([[5.5, 6.5]])
    """
    return reduce(np.add, operands) / len(operands)


def mean_slopes(operands: Sequence[Array], output: Array) -> list[Array | float]:
    """To every operand an equal part."""
    return [1 / len(operands) for _ in operands]


@dataclass(frozen=True)
class Max(Elementwise):
    """maximum as a node of a model."""

    name: ClassVar[str] = "max"
    combine: ClassVar[Combine] = "max"
    functions: ClassVar[tuple[Function, Slopes]] = (maximum, winner_slopes)


@dataclass(frozen=True)
class Min(Elementwise):
    """minimum as a node of a model."""

    name: ClassVar[str] = "min"
    combine: ClassVar[Combine] = "min"
    functions: ClassVar[tuple[Function, Slopes]] = (minimum, winner_slopes)


@dataclass(frozen=True)
class Mean(Elementwise):
    """mean as a node of a model."""

    name: ClassVar[str] = "mean"
    combine: ClassVar[Combine] = "mean"
    functions: ClassVar[tuple[Function, Slopes]] = (mean, mean_slopes)

    def formula_params(self, operands: int) -> Mapping[str, float | int | str]:
        return {"divisor": operands}

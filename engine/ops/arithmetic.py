"""The four species and powers of arrays, number by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

import numpy as np

from engine.explanation import Combine
from engine.ops.broadcasting import broadcast_shape
from engine.ops.elementwise import Elementwise, Function, Slopes
from engine.ops.parameters import parameter
from engine.types import Array


def add(*operands: Array) -> Array:
    """The sum of two or more arrays, number by number.

    Args:
        operands: shapes that broadcast, float32 or float64.

    Returns:
        The shape that they have together, a new array.

    Raises:
        EngineError: ``shape-mismatch``.

    Source: He et al., "Deep residual learning for image recognition" (2015), eq. 1.

    >>> add(np.array([[1.0, 2.0]]), np.array([[10.0, 20.0]]))
    array([[11., 22.]])
    """
    broadcast_shape("input of add", *(x.shape for x in operands))
    return reduce(np.add, operands)


def add_slopes(operands: Sequence[Array], output: Array) -> list[Array | float]:
    """1 by every operand, which keeps deep residual networks trainable."""
    return [1.0 for _ in operands]


def subtract(a: Array, b: Array) -> Array:
    """The difference a - b; arguments as in ``add``.

    >>> subtract(np.array([[5.0, 7.0]]), np.array([[1.0]]))
    array([[4., 6.]])
    """
    return np.subtract(a, b)


def subtract_slopes(operands: Sequence[Array], output: Array) -> list[Array | float]:
    """1 by a, -1 by b."""
    return [1.0, -1.0]


def multiply(*operands: Array) -> Array:
    """The product of two or more arrays, number by number; arguments as in ``add``.

    >>> multiply(np.array([[5.0, 7.0]]), np.array([[2.0]]))
    array([[10., 14.]])
    """
    return reduce(np.multiply, operands)


def multiply_slopes(operands: Sequence[Array], output: Array) -> list[Array | float]:
    """By every operand the product of all others."""
    # Not the output divided by it, which 0 would spoil.
    others = [[*operands[:i], *operands[i + 1 :]] for i in range(len(operands))]
    return [reduce(np.multiply, each) for each in others]


def divide(a: Array, b: Array) -> Array:
    """The quotient a / b; arguments as in ``add``. Divided by 0 it is not finite.

    >>> divide(np.array([[5.0, 7.0]]), np.array([[2.0]]))
    array([[2.5, 3.5]])
    """
    return np.divide(a, b)


def divide_slopes(operands: Sequence[Array], output: Array) -> list[Array | float]:
    """With y = a / b: 1 / b by a, and -a / b² = -y / b by b."""
    _, b = operands
    return [1 / b, -output / b]


def power(a: Array, b: Array) -> Array:
    """The power a^b; arguments as in ``add``. Of a negative number only whole powers are any.

    >>> power(np.array([[-3.0, 4.0]]), np.array([[2.0]]))
    array([[ 9., 16.]])
    """
    return np.power(a, b)


def power_slopes(operands: Sequence[Array], output: Array) -> list[Array | float]:
    """By a it is b a^(b-1), by b it is a^b log(a).

    Where b is 0 the power is constant, also at a = 0. Where a is not above 0 the exponent cannot move, and
    the derivative by it is taken as 0.
    """
    a, b = operands
    by_base = np.where(b == 0, 0, b * np.power(a, b - 1))
    by_exponent = output * np.log(np.where(a > 0, a, 1))
    return [by_base, by_exponent]


@dataclass(frozen=True)
class Ordered(Elementwise):
    """Arithmetic of two operands whose order counts.

    Args:
        reverse: the operation's own operand comes first, the input second.
    """

    arity: ClassVar[int | None] = 2

    reverse: bool = parameter("boolean", False)

    @property
    def own_first(self) -> bool:
        return self.reverse


@dataclass(frozen=True)
class Add(Elementwise):
    """add as a node of a model."""

    name: ClassVar[str] = "add"
    combine: ClassVar[Combine] = "add"
    functions: ClassVar[tuple[Function, Slopes]] = (add, add_slopes)


@dataclass(frozen=True)
class Sub(Ordered):
    """subtract as a node of a model."""

    name: ClassVar[str] = "sub"
    combine: ClassVar[Combine] = "subtract"
    functions: ClassVar[tuple[Function, Slopes]] = (subtract, subtract_slopes)


@dataclass(frozen=True)
class Mul(Elementwise):
    """multiply as a node of a model."""

    name: ClassVar[str] = "mul"
    combine: ClassVar[Combine] = "product"
    functions: ClassVar[tuple[Function, Slopes]] = (multiply, multiply_slopes)


@dataclass(frozen=True)
class Div(Ordered):
    """divide as a node of a model."""

    name: ClassVar[str] = "div"
    combine: ClassVar[Combine] = "divide"
    functions: ClassVar[tuple[Function, Slopes]] = (divide, divide_slopes)


@dataclass(frozen=True)
class Pow(Ordered):
    """power as a node of a model."""

    name: ClassVar[str] = "pow"
    combine: ClassVar[Combine] = "power"
    functions: ClassVar[tuple[Function, Slopes]] = (power, power_slopes)

"""Elementary functions, number by number: roots, powers of e, logarithms, signs, roundings.

Each takes x of any shape, float32 or float64, and returns the same; what is not finite stops a run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.ops.activations import Activation, FunctionPair
from engine.ops.erf import erf as error_function
from engine.types import Array


def exp(x: Array) -> tuple[Array, Array]:
    """The power x of e.

    >>> exp(np.array([0.0, 1.0]))[0].round(4)
    array([1.    , 2.7183])
    """
    y = np.exp(x)
    return y, y


def exp_backward(grad_output: Array, cache: Array) -> Array:
    """The derivative of exp(x) is exp(x)."""
    return grad_output * cache


def log(x: Array) -> tuple[Array, Array]:
    """The natural logarithm; of 0 it is not finite, of less it is none.

    >>> log(np.array([1.0, np.e]))[0]
    array([0., 1.])
    """
    return np.log(x), x


def log_backward(grad_output: Array, cache: Array) -> Array:
    """1 / x."""
    return _quotient(grad_output, cache)


def sqrt(x: Array) -> tuple[Array, Array]:
    """The square root; of less than 0 it is none.

    >>> sqrt(np.array([0.0, 9.0]))[0]
    array([0., 3.])
    """
    y = np.sqrt(x)
    return y, y


def sqrt_backward(grad_output: Array, cache: Array) -> Array:
    """With y² = x: 1 / (2 y), which is infinite at 0, as in PyTorch."""
    return _quotient(grad_output, 2 * cache)


def neg(x: Array) -> tuple[Array, None]:
    """-x.

    >>> neg(np.array([-2.0, 3.0]))[0]
    array([ 2., -3.])
    """
    return -x, None


def neg_backward(grad_output: Array, cache: None) -> Array:
    """-1."""
    return -grad_output


def absolute(x: Array) -> tuple[Array, Array]:
    """|x|.

    >>> absolute(np.array([-2.0, 3.0]))[0]
    array([2., 3.])
    """
    return np.abs(x), x


def absolute_backward(grad_output: Array, cache: Array) -> Array:
    """The sign of x; at 0 the derivative is taken as 0, as in PyTorch."""
    return grad_output * np.sign(cache)


def reciprocal(x: Array) -> tuple[Array, Array]:
    """1 / x; of 0 it is not finite.

    >>> reciprocal(np.array([-2.0, 4.0]))[0]
    array([-0.5 ,  0.25])
    """
    y = _quotient(np.ones_like(x), x)
    return y, y


def reciprocal_backward(grad_output: Array, cache: Array) -> Array:
    """With y = 1 / x: -y²."""
    return -grad_output * np.square(cache)


def floor(x: Array) -> tuple[Array, None]:
    """The largest integer that is not above x.

    >>> floor(np.array([-1.5, 2.5]))[0]
    array([-2.,  2.])
    """
    return np.floor(x), None


def ceil(x: Array) -> tuple[Array, None]:
    """The smallest integer that is not below x.

    >>> ceil(np.array([-1.5, 2.5]))[0]
    array([-1.,  3.])
    """
    return np.ceil(x), None


def sign(x: Array) -> tuple[Array, None]:
    """1 where x > 0, -1 where x < 0, and 0 at 0.

    >>> sign(np.array([-1.5, 0.0, 2.5]))[0]
    array([-1.,  0.,  1.])
    """
    return np.sign(x), None


def flat_backward(grad_output: Array, cache: None) -> Array:
    """0 everywhere, also at the jumps of a function that is flat between them."""
    return np.zeros_like(grad_output)


def erf(x: Array) -> tuple[Array, Array]:
    """The error function, from -1 to 1: the probability that a normal number of variance 1/2 is within ±x.

    >>> erf(np.array([-1.0, 0.0, 1.0]))[0].round(4)
    array([-0.8427,  0.    ,  0.8427])
    """
    return error_function(x), x


def erf_backward(grad_output: Array, cache: Array) -> Array:
    """2/√π exp(-x²)."""
    # Beyond 30 it is 0 in any case, and the square of x might overflow.
    square = np.square(np.clip(cache, -30.0, 30.0))
    return grad_output * np.exp(-square) * (2 / math.sqrt(math.pi))


def _quotient(top: Array, bottom: Array) -> Array:
    # What is not finite is found and named by the run, and needs no warning.
    with np.errstate(divide="ignore", invalid="ignore"):
        return top / bottom


@dataclass(frozen=True)
class Exp(Activation):
    """exp as a node of a model."""

    name: ClassVar[str] = "exp"
    functions: ClassVar[FunctionPair] = (exp, exp_backward)


@dataclass(frozen=True)
class Log(Activation):
    """log as a node of a model."""

    name: ClassVar[str] = "log"
    functions: ClassVar[FunctionPair] = (log, log_backward)


@dataclass(frozen=True)
class Sqrt(Activation):
    """sqrt as a node of a model."""

    name: ClassVar[str] = "sqrt"
    functions: ClassVar[FunctionPair] = (sqrt, sqrt_backward)


@dataclass(frozen=True)
class Neg(Activation):
    """neg as a node of a model."""

    name: ClassVar[str] = "neg"
    functions: ClassVar[FunctionPair] = (neg, neg_backward)


@dataclass(frozen=True)
class Abs(Activation):
    """absolute as a node of a model."""

    name: ClassVar[str] = "abs"
    functions: ClassVar[FunctionPair] = (absolute, absolute_backward)


@dataclass(frozen=True)
class Reciprocal(Activation):
    """reciprocal as a node of a model."""

    name: ClassVar[str] = "reciprocal"
    functions: ClassVar[FunctionPair] = (reciprocal, reciprocal_backward)


@dataclass(frozen=True)
class Floor(Activation):
    """floor as a node of a model."""

    name: ClassVar[str] = "floor"
    functions: ClassVar[FunctionPair] = (floor, flat_backward)


@dataclass(frozen=True)
class Ceil(Activation):
    """ceil as a node of a model."""

    name: ClassVar[str] = "ceil"
    functions: ClassVar[FunctionPair] = (ceil, flat_backward)


@dataclass(frozen=True)
class Sign(Activation):
    """sign as a node of a model."""

    name: ClassVar[str] = "sign"
    functions: ClassVar[FunctionPair] = (sign, flat_backward)


@dataclass(frozen=True)
class Erf(Activation):
    """erf as a node of a model."""

    name: ClassVar[str] = "erf"
    functions: ClassVar[FunctionPair] = (erf, erf_backward)

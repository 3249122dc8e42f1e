"""S-shaped functions, and x weighed by one of them: a gate that x itself opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from engine.ops.activations import Activation, FunctionPair, sigmoid
from engine.ops.masks import gated
from engine.ops.parameters import parameter
from engine.ops.parts import in_parts
from engine.ops.rectifiers import softplus
from engine.types import Array


class HardSigmoidCache(NamedTuple):
    """What ``hard_sigmoid_backward`` needs."""

    y: Array
    alpha: float


def hard_sigmoid(x: Array, alpha: float = 1 / 6, beta: float = 0.5) -> tuple[Array, HardSigmoidCache]:
    """A straight line, alpha x + beta, between the constants 0 and 1.

    Args:
        x: any shape, float32 or float64.
        alpha, beta: PyTorch's 1/6 and 1/2; ONNX leaves out alpha where it means 0.2.

    Source: Courbariaux, Bengio & David, "BinaryConnect" (2015), section 2.2.

    >>> hard_sigmoid(np.array([-4.0, 0.0, 4.0]))[0]
    array([0. , 0.5, 1. ])
    """
    y = np.empty_like(x)
    in_parts(lambda x, y: _line(x, float(alpha), float(beta), y), x, y, passes=3)
    return y, HardSigmoidCache(y, float(alpha))


def _line(x: Array, slope: float, at_zero: float, y: Array) -> None:
    np.multiply(x, slope, out=y)
    y += at_zero
    np.clip(y, 0, 1, out=y)


def hard_sigmoid_backward(grad_output: Array, cache: HardSigmoidCache) -> Array:
    """The slope alpha on the line between 0 and 1, and 0 elsewhere."""
    y, alpha = cache
    grad = gated(grad_output, (y > 0) & (y < 1))
    grad *= alpha
    return grad


def hard_swish(x: Array) -> tuple[Array, Array]:
    """Weigh x by its hard sigmoid.

    Args:
        x: any shape, float32 or float64.

    Source: Howard et al., "Searching for MobileNetV3" (2019), section 5.2.

    >>> hard_swish(np.array([-4.0, 1.5, 4.0]))[0]
    array([-0.   ,  1.125,  4.   ])
    """
    y, _ = hard_sigmoid(x)
    y *= x
    return y, x


def hard_swish_backward(grad_output: Array, cache: Array) -> Array:
    """Between -3 and 3 the function is x² / 6 + x / 2, so its derivative is x / 3 + 1/2."""
    slope = np.where(np.abs(cache) < 3, cache / 3 + 0.5, cache > 0)
    return grad_output * slope.astype(grad_output.dtype, copy=False)


class SiluCache(NamedTuple):
    """``gate`` is the sigmoid of x."""

    x: Array
    gate: Array


def silu(x: Array) -> tuple[Array, SiluCache]:
    """Weigh x by its sigmoid; also called swish.

    Args:
        x: any shape, float32 or float64.

    Source: Ramachandran, Zoph & Le, "Searching for activation functions" (2017).

    >>> silu(np.array([-100.0, 0.0, 1.0]))[0].round(4)
    array([-0.    ,  0.    ,  0.7311])
    """
    gate, _ = sigmoid(x)
    return x * gate, SiluCache(x, gate)


def silu_backward(grad_output: Array, cache: SiluCache) -> Array:
    """With s the sigmoid, whose derivative is s (1 - s): d(x s)/dx = s + x s (1 - s)."""
    x, gate = cache
    return grad_output * (gate * (1 + x * (1 - gate)))


class MishCache(NamedTuple):
    """``gate`` is the tanh of the softplus of x."""

    x: Array
    gate: Array


def mish(x: Array) -> tuple[Array, MishCache]:
    """Weigh x by the tanh of its softplus.

    Args:
        x: any shape, float32 or float64.

    Source: Misra, "Mish: a self regularized non-monotonic activation function" (2019).

    >>> mish(np.array([-100.0, 0.0, 1.0]))[0].round(4)
    array([-0.    ,  0.    ,  0.8651])
    """
    gate = np.tanh(softplus(x)[0])
    return x * gate, MishCache(x, gate)


def mish_backward(grad_output: Array, cache: MishCache) -> Array:
    """With t = tanh(p), where p is the softplus, whose derivative is the sigmoid s: t + x (1 - t²) s."""
    x, gate = cache
    return grad_output * (gate + x * (1 - gate * gate) * sigmoid(x)[0])


def softsign(x: Array) -> tuple[Array, Array]:
    """The quotient x / (1 + |x|): like tanh from -1 to 1, but slowly.

    Args:
        x: any shape, float32 or float64.

    Source: Glorot & Bengio, "Understanding the difficulty of training deep feedforward networks" (2010).

    >>> softsign(np.array([-1.0, 0.0, 3.0]))[0]
    array([-0.5 ,  0.  ,  0.75])
    """
    return x / (1 + np.abs(x)), x


def softsign_backward(grad_output: Array, cache: Array) -> Array:
    """1 / (1 + |x|)²."""
    grad: Array = grad_output / np.square(1 + np.abs(cache))
    return grad


@dataclass(frozen=True)
class HardSigmoid(Activation):
    """hard_sigmoid as a node of a model."""

    name: ClassVar[str] = "hard_sigmoid"
    functions: ClassVar[FunctionPair] = (hard_sigmoid, hard_sigmoid_backward)

    alpha: float = parameter("number", 1 / 6)
    beta: float = parameter("number", 0.5)


@dataclass(frozen=True)
class HardSwish(Activation):
    """hard_swish as a node of a model."""

    name: ClassVar[str] = "hard_swish"
    functions: ClassVar[FunctionPair] = (hard_swish, hard_swish_backward)


@dataclass(frozen=True)
class Silu(Activation):
    """silu as a node of a model."""

    name: ClassVar[str] = "silu"
    functions: ClassVar[FunctionPair] = (silu, silu_backward)


@dataclass(frozen=True)
class Mish(Activation):
    """mish as a node of a model."""

    name: ClassVar[str] = "mish"
    functions: ClassVar[FunctionPair] = (mish, mish_backward)


@dataclass(frozen=True)
class Softsign(Activation):
    """softsign as a node of a model."""

    name: ClassVar[str] = "softsign"
    functions: ClassVar[FunctionPair] = (softsign, softsign_backward)

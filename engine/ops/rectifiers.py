"""ReLU's relatives: x above zero, and something milder than zero below, or a bound on either side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from engine.ops.activations import Activation, FunctionPair, sigmoid
from engine.ops.masks import bounded, gated
from engine.ops.parameters import parameter
from engine.ops.parts import in_parts
from engine.types import Array


class EluCache(NamedTuple):
    """What ``elu_backward`` needs; also of its relatives ``celu`` and ``selu``."""

    x: Array
    height: float
    rate: float
    scale: float


def elu(x: Array, alpha: float = 1.0) -> tuple[Array, EluCache]:
    """Keep x where x > 0, else take alpha (exp(x) - 1), which comes near -alpha.

    Args:
        x: any shape, float32 or float64.
        alpha: how far below zero it goes.

    Source: Clevert, Unterthiner & Hochreiter, "Fast and accurate deep network learning by ELUs" (2015).

    >>> elu(np.array([-100.0, 0.0, 3.0]), 0.5)[0]
    array([-0.5,  0. ,  3. ])
    """
    return _exponential(x, height=float(alpha))


def celu(x: Array, alpha: float = 1.0) -> tuple[Array, EluCache]:
    """Keep x where x > 0, else take alpha (exp(x / alpha) - 1): an ELU whose slope has no jump at 0.

    Args:
        x: any shape, float32 or float64.
        alpha: how far below zero it goes, above 0.

    Source: Barron, "Continuously differentiable exponential linear units" (2017).

    >>> celu(np.array([-100.0, 0.0, 3.0]), 0.5)[0]
    array([-0.5,  0. ,  3. ])
    """
    return _exponential(x, height=float(alpha), rate=1 / float(alpha))


def selu(
    x: Array, alpha: float = 1.6732632423543772, gamma: float = 1.0507009873554805
) -> tuple[Array, EluCache]:
    """An ELU times gamma: with these constants mean 0 and variance 1 last from layer to layer.

    Args:
        x: any shape, float32 or float64.
        alpha, gamma: as derived in the paper.

    Source: Klambauer et al., "Self-normalizing neural networks" (2017), eq. 2.

    >>> selu(np.array([-100.0, 0.0, 1.0]))[0].round(4)
    array([-1.7581,  0.    ,  1.0507])
    """
    return _exponential(x, height=float(alpha), scale=float(gamma))


def elu_backward(grad_output: Array, cache: EluCache) -> Array:
    """Where x > 0 it is scale, else scale · height · rate · exp(rate · x); so also at 0, as in PyTorch."""
    x, height, rate, scale = cache
    grad: Array = np.exp(bounded(x, high=0) * rate)
    grad *= height * rate
    np.copyto(grad, 1, where=x > 0)
    grad *= grad_output
    grad *= scale
    return grad


def _exponential(x: Array, height: float, rate: float = 1.0, scale: float = 1.0) -> tuple[Array, EluCache]:
    y = np.empty_like(x)
    in_parts(lambda x, y: _two_sides(x, height, rate, scale, y), x, y, passes=30)
    return y, EluCache(x, height, rate, scale)


def _two_sides(x: Array, height: float, rate: float, scale: float, y: Array) -> None:
    # exp(2u) - 1 = 2t / (1 - t) with t = tanh u: no digits are lost near 0, and NumPy's tanh is quick.
    np.clip(x, -math.inf, 0, out=y)
    y *= 0.5 * rate
    np.tanh(y, out=y)
    y /= 1 - y
    y *= 2 * height
    # Each side is 0 where the other one counts.
    y += np.clip(x, 0, math.inf)
    y *= scale


def softplus(x: Array) -> tuple[Array, Array]:
    """log(1 + exp(x)), ReLU without its corner, without overflow on either side.

    Args:
        x: any shape, float32 or float64.

    Source: Dugas et al., "Incorporating second-order functional knowledge" (2000).

    >>> softplus(np.array([-1000.0, 0.0, 1000.0]))[0].round(4)
    array([0.000e+00, 6.931e-01, 1.000e+03])
    """
    y = np.empty_like(x)
    in_parts(_softplus, x, y, passes=150)
    return y, x


def _softplus(x: Array, y: Array) -> None:
    np.log1p(np.exp(-np.abs(x), out=y), out=y)
    y += np.clip(x, 0, math.inf)


def softplus_backward(grad_output: Array, cache: Array) -> Array:
    """The derivative is the sigmoid."""
    return grad_output * sigmoid(cache)[0]


class ClipCache(NamedTuple):
    """What ``clip_backward`` needs."""

    x: Array
    low: float | None
    high: float | None


def clip(x: Array, min: float | None = None, max: float | None = None) -> tuple[Array, ClipCache]:
    """Raise x to ``min`` where it is below, then lower it to ``max`` where it is above.

    Args:
        x: any shape, float32 or float64.
        min, max: None for no bound; 0 and 6 make ReLU6.

    Source: Howard et al., "MobileNets" (2017), for ReLU6; ONNX, operator Clip.

    >>> clip(np.array([-2.0, 3.0, 8.0]), 0, 6)[0]
    array([0., 3., 6.])
    """
    low, high = -math.inf if min is None else float(min), math.inf if max is None else float(max)
    return bounded(x, low, high), ClipCache(x, min, max)


def clip_backward(grad_output: Array, cache: ClipCache) -> Array:
    """The gradient passes between the bounds, the bounds included, as in PyTorch's ``clamp``."""
    x, low, high = cache
    inside = np.ones(x.shape, dtype=np.bool_)
    if low is not None:
        inside &= x >= low
    if high is not None:
        inside &= x <= high
    return gated(grad_output, inside)


class ThresholdedReluCache(NamedTuple):
    """What ``thresholded_relu_backward`` needs."""

    x: Array
    alpha: float


def thresholded_relu(x: Array, alpha: float = 1.0) -> tuple[Array, ThresholdedReluCache]:
    """Keep x where x > alpha, else take 0.

    Args:
        x: any shape, float32 or float64.
        alpha: the threshold.

    Source: Konda, Memisevic & Krueger, "Zero-bias autoencoders and the benefits of co-adapting
    features" (2014).

    >>> thresholded_relu(np.array([-2.0, 1.0, 3.0]))[0]
    array([0., 0., 3.])
    """
    return gated(x, x > alpha), ThresholdedReluCache(x, float(alpha))


def thresholded_relu_backward(grad_output: Array, cache: ThresholdedReluCache) -> Array:
    """The gradient passes where x > alpha."""
    return gated(grad_output, cache.x > cache.alpha)


@dataclass(frozen=True)
class Elu(Activation):
    """elu as a node of a model."""

    name: ClassVar[str] = "elu"
    functions: ClassVar[FunctionPair] = (elu, elu_backward)

    alpha: float = parameter("number", 1.0)


@dataclass(frozen=True)
class Celu(Activation):
    """celu as a node of a model."""

    name: ClassVar[str] = "celu"
    functions: ClassVar[FunctionPair] = (celu, elu_backward)

    alpha: float = parameter("number", 1.0, minimum=1e-6)


@dataclass(frozen=True)
class Selu(Activation):
    """selu as a node of a model."""

    name: ClassVar[str] = "selu"
    functions: ClassVar[FunctionPair] = (selu, elu_backward)

    alpha: float = parameter("number", 1.6732632423543772)
    gamma: float = parameter("number", 1.0507009873554805)


@dataclass(frozen=True)
class Softplus(Activation):
    """softplus as a node of a model."""

    name: ClassVar[str] = "softplus"
    functions: ClassVar[FunctionPair] = (softplus, softplus_backward)


@dataclass(frozen=True)
class Clip(Activation):
    """clip as a node of a model."""

    name: ClassVar[str] = "clip"
    functions: ClassVar[FunctionPair] = (clip, clip_backward)

    min: float | None = parameter("number", None)
    max: float | None = parameter("number", None)


@dataclass(frozen=True)
class ThresholdedRelu(Activation):
    """thresholded_relu as a node of a model."""

    name: ClassVar[str] = "thresholded_relu"
    functions: ClassVar[FunctionPair] = (thresholded_relu, thresholded_relu_backward)

    alpha: float = parameter("number", 1.0)

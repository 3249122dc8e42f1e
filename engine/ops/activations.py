"""Activation functions of the textbooks, and what all functions of one number have in common.

A new one is a pair of functions and a class of two lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np

from engine.explanation import Explanation, Formula
from engine.ops.erf import normal_tail
from engine.ops.masks import bounded, gated
from engine.ops.operation import Weights, cell_index, cells
from engine.ops.parameters import parameter
from engine.ops.parts import in_parts
from engine.ops.pointwise import Pointwise, read_terms
from engine.types import Array, Cell


def step(x: Array) -> tuple[Array, Array]:
    """1 where x > 0, else 0, also at 0 itself: the perceptron's function.

    Args:
        x: any shape, float32 or float64.

    Source: Rosenblatt, "The perceptron" (1958). Book: step function.

    >>> step(np.array([-2.0, 0.0, 3.0]))[0]
    array([0., 0., 1.])
    """
    return np.heaviside(x, 0.0), x


def step_backward(grad_output: Array, cache: Array) -> Array:
    """0 everywhere, also at the jump, where there is no derivative: a step cannot learn."""
    return np.zeros_like(grad_output)


def sigmoid(x: Array) -> tuple[Array, Array]:
    """1 / (1 + exp(-x)), without overflow on either side.

    Args:
        x: any shape, float32 or float64.

    Source: Goodfellow et al., Deep Learning (2016), eq. 3.30.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))[0]
    array([0. , 0.5, 1. ])
    """
    y = np.empty_like(x)
    in_parts(_sigmoid, x, y, passes=15)
    return y, y


def _sigmoid(x: Array, y: Array) -> None:
    # Where exp overflows, its inverse is 0, as it should be.
    with np.errstate(over="ignore"):
        np.exp(np.negative(x, out=y), out=y)
    y += 1
    np.divide(1, y, out=y)


def sigmoid_backward(grad_output: Array, cache: Array) -> Array:
    """With y = 1 / (1 + exp(-x)): dy/dx = exp(-x) y² = y (1 - y), at most 1/4."""
    grad = 1 - cache
    grad *= cache
    grad *= grad_output
    return grad


def tanh(x: Array) -> tuple[Array, Array]:
    """The hyperbolic tangent: a sigmoid stretched to run from -1 to 1.

    Args:
        x: any shape, float32 or float64.

    Source: LeCun et al., "Gradient-based learning applied to document recognition" (1998).

    >>> tanh(np.array([0.0, 1.0]))[0].round(4)
    array([0.    , 0.7616])
    """
    y = np.empty_like(x)
    in_parts(lambda x, y: np.tanh(x, out=y), x, y, passes=20)
    return y, y


def tanh_backward(grad_output: Array, cache: Array) -> Array:
    """With y = sinh / cosh: dy/dx = (cosh² - sinh²) / cosh² = 1 - y²."""
    grad = np.square(cache)
    np.subtract(1, grad, out=grad)
    grad *= grad_output
    return grad


def relu(x: Array) -> tuple[Array, Array]:
    """The larger of x and 0.

    Args:
        x: any shape, float32 or float64.

    Source: Nair & Hinton, "Rectified linear units improve restricted Boltzmann machines" (2010).

    >>> relu(np.array([-2.0, 0.0, 3.0]))[0]
    array([0., 0., 3.])
    """
    return bounded(x, low=0.0), x


def relu_backward(grad_output: Array, cache: Array) -> Array:
    """The gradient passes where x > 0; at 0 the derivative is taken as 0, as in PyTorch."""
    return gated(grad_output, cache > 0)


class LeakyReluCache(NamedTuple):
    """What ``leaky_relu_backward`` needs."""

    x: Array
    negative_slope: float


def leaky_relu(x: Array, negative_slope: float = 0.01) -> tuple[Array, LeakyReluCache]:
    """Keep x where x > 0, else take negative_slope times x.

    Args:
        x: any shape, float32 or float64.
        negative_slope: 0 gives ReLU.

    Source: Maas, Hannun & Ng, "Rectifier nonlinearities improve neural network acoustic models" (2013).

    >>> leaky_relu(np.array([-2.0, 3.0]), 0.1)[0]
    array([-0.2,  3. ])
    """
    slope = float(negative_slope)
    y = np.empty_like(x)
    in_parts(lambda x, y: _two_slopes(x, slope, y), x, y, passes=4)
    return y, LeakyReluCache(x, slope)


def _two_slopes(x: Array, slope: float, y: Array) -> None:
    # Each side is 0 where the other one counts.
    np.clip(x, -math.inf, 0, out=y)
    y *= slope
    y += np.clip(x, 0, math.inf)


def leaky_relu_backward(grad_output: Array, cache: LeakyReluCache) -> Array:
    """1 where x > 0, else negative_slope; so also at 0, as in PyTorch."""
    slopes = np.array([cache.negative_slope, 1], grad_output.dtype)
    grad: Array = slopes.take((cache.x > 0).view(np.uint8), mode="clip")
    grad *= grad_output
    return grad


class GeluCache(NamedTuple):
    """``tail`` is Φ(-|x|), or what stands for it, in the shape of x."""

    x: Array
    tail: Array
    approximate: str


def gelu(x: Array, approximate: str = "none") -> tuple[Array, GeluCache]:
    """Weigh x by Φ(x), the probability that a standard normal number is below x.

    Args:
        x: any shape, float32 or float64.
        approximate: "none" is exact; "tanh" takes (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2 for Φ(x).

    Source: Hendrycks & Gimpel, "Gaussian error linear units" (2016).

    >>> gelu(np.array([-1.0, 0.0, 1.0]))[0].round(4)
    array([-0.1587,  0.    ,  0.8413])
    >>> gelu(np.array([-1.0, 0.0, 1.0]), "tanh")[0].round(4)
    array([-0.1588,  0.    ,  0.8412])
    """
    y, tail = np.empty_like(x), np.empty_like(x)
    in_parts(partial(_gelu, TAILS[approximate]), x, y, tail, passes=40)
    return y, GeluCache(x, tail, approximate)


def _gelu(tail_of: Callable[[Array], Array], x: Array, y: Array, tail: Array) -> None:
    # x Φ(x) is x - x Φ(-x) above 0 and x Φ(-|x|) below, where 1 - Φ(|x|) would cancel.
    size = np.abs(np.clip(x, -NEGLIGIBLE, NEGLIGIBLE))
    tail[...] = tail_of(size)
    size *= tail
    np.subtract(np.clip(x, 0, math.inf, out=y), size, out=y)


def _tanh_tail(x: Array) -> Array:
    # (1 - tanh u) / 2 is the sigmoid of -2u, which keeps its digits where u is large.
    return sigmoid(x * -(GELU_SLOPE + GELU_CUBE * np.square(x)))[0]


GELU_SLOPE = 2 * math.sqrt(2 / math.pi)
GELU_CUBE = GELU_SLOPE * 0.044715
NEGLIGIBLE = 40.0
"""Beyond it on either side, Φ(-|x|) and the normal density are 0."""

TAILS: dict[str, Callable[[Array], Array]] = {"none": normal_tail, "tanh": _tanh_tail}


def gelu_backward(grad_output: Array, cache: GeluCache) -> Array:
    """d(x Φ(x))/dx = Φ(x) + x φ(x), where φ is the derivative of Φ: the normal density, if Φ is exact."""
    grad = np.empty_like(cache.x)
    in_parts(partial(_gelu_backward, cache.approximate), grad_output, cache.x, cache.tail, grad, passes=30)
    return grad


def _gelu_backward(approximate: str, grad_output: Array, x: Array, tail: Array, grad: Array) -> None:
    density = np.clip(x, -NEGLIGIBLE, NEGLIGIBLE)
    np.square(density, out=density)
    if approximate == "tanh":
        density *= 3 * GELU_CUBE
        density += GELU_SLOPE
        density *= tail
        density *= 1 - tail
    else:
        density *= -0.5
        np.exp(density, out=density)
        density *= math.sqrt(0.5 / math.pi)
    density *= x
    # Φ(x) is Φ(-|x|) below 0, and what is missing to 1 above.
    above = (x > 0).astype(x.dtype)
    np.multiply(tail, 1 - 2 * above, out=grad)
    grad += above
    grad += density
    grad *= grad_output


FunctionPair: TypeAlias = tuple[Callable[..., tuple[Array, Any]], Callable[[Array, Any], Array]]


@dataclass(frozen=True)
class Activation(Pointwise):
    """A pair of functions as a node of a model; the settings are the first one's keywords."""

    functions: ClassVar[FunctionPair]

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return self.functions[0](inputs[0], **asdict(self))

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (self.functions[1](grad_output, cache),), {}

    def at(self, x: float) -> float:
        """The value at one point, in float64."""
        y, _ = self.functions[0](np.array([x], dtype=np.float64), **asdict(self))
        return float(y[0])

    def slope(self, x: float) -> float:
        """The derivative at one point, in float64."""
        _, cache = self.functions[0](np.array([x], dtype=np.float64), **asdict(self))
        return float(self.functions[1](np.ones(1), cache)[0])

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        terms = read_terms(inputs[0], cells([cell]), (1, 1, 1))
        settings = {name: value for name, value in asdict(self).items() if value is not None}
        steepness = self.slope(float(terms.values[0]))
        # A root is infinitely steep at 0, which is no number that could be shown.
        slope = {"slope": steepness} if math.isfinite(steepness) else {}
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[cell_index(output.shape, cell)]),
            combine="function",
            terms=terms,
            formula=Formula(self.name, {"function": self.name, **settings, **slope}),
            function=self.at,
        )


@dataclass(frozen=True)
class Step(Activation):
    """step as a node of a model."""

    name: ClassVar[str] = "step"
    functions: ClassVar[FunctionPair] = (step, step_backward)


@dataclass(frozen=True)
class Sigmoid(Activation):
    """sigmoid as a node of a model."""

    name: ClassVar[str] = "sigmoid"
    functions: ClassVar[FunctionPair] = (sigmoid, sigmoid_backward)


@dataclass(frozen=True)
class Tanh(Activation):
    """tanh as a node of a model."""

    name: ClassVar[str] = "tanh"
    functions: ClassVar[FunctionPair] = (tanh, tanh_backward)


@dataclass(frozen=True)
class Relu(Activation):
    """relu as a node of a model."""

    name: ClassVar[str] = "relu"
    functions: ClassVar[FunctionPair] = (relu, relu_backward)


@dataclass(frozen=True)
class LeakyRelu(Activation):
    """leaky_relu as a node of a model."""

    name: ClassVar[str] = "leaky_relu"
    functions: ClassVar[FunctionPair] = (leaky_relu, leaky_relu_backward)

    negative_slope: float = parameter("number", 0.01)


@dataclass(frozen=True)
class Gelu(Activation):
    """gelu as a node of a model."""

    name: ClassVar[str] = "gelu"
    functions: ClassVar[FunctionPair] = (gelu, gelu_backward)

    approximate: str = parameter("choice", "none", choices=("none", "tanh"))

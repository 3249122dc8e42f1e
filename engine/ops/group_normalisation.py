"""Normalisations within one picture: groups of its numbers are brought to mean 0 and variance 1.

Layer, instance and group normalisation differ only in which numbers make a group, and in C order a group's
numbers always stand next to each other. No picture acts on another, in training or after.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.errors import EngineError
from engine.explanation import Explanation, Formula
from engine.ops.axes import axis_of
from engine.ops.broadcasting import summed_to
from engine.ops.normalisation import require_channels
from engine.ops.operation import Weights, cell_index, cells
from engine.ops.parameters import parameter
from engine.ops.places import place_of
from engine.ops.pointwise import Pointwise, read_terms
from engine.types import Array, Cell, Shape


class GroupNormCache(NamedTuple):
    """``normalised`` has the shape of x, ``deviation`` is (groups, 1), weight and bias are as given."""

    normalised: Array
    deviation: Array
    weight: Array | None
    bias: Array | None
    affine: Shape
    """The shape in which weight and bias are broadcast against x."""


class GroupNormGrads(NamedTuple):
    """Gradients by x, and by weight and bias where they were given."""

    x: Array
    weight: Array | None
    bias: Array | None


def layer_norm(
    x: Array, weight: Array | None = None, bias: Array | None = None, axis: int = -1, eps: float = 1e-5
) -> tuple[Array, GroupNormCache]:
    """Normalise all numbers along ``axis`` and the axes after it together, then scale and shift each place.

    Args:
        x: (N, …), float32 or float64.
        weight, bias: in the shape of x from ``axis`` on; None means 1 and 0.
        axis: the first one whose numbers make a group; -1 is a vector's features.
        eps: added to the variance; at least 0.

    Returns:
        The shape and dtype of x, and the cache for ``group_norm_backward``.

    Raises:
        EngineError: ``invalid-argument`` if there is no such axis.

    Source: Ba, Kiros & Hinton, "Layer normalization" (2016).

    >>> layer_norm(np.array([[1.0, 3.0], [5.0, 5.0]]), eps=0.01)[0].round(3)
    array([[-0.995,  0.995],
           [ 0.   ,  0.   ]])
    """
    own = x.shape[axis_of("axis", axis, x.ndim) :]
    return _normalise(x, prod(own), own, weight, bias, eps)


def group_norm(
    x: Array, num_groups: int, weight: Array | None = None, bias: Array | None = None, eps: float = 1e-5
) -> tuple[Array, GroupNormCache]:
    """Normalise neighbouring channels of one picture together, then scale and shift each channel.

    Args:
        x: (N, C, …), float32 or float64.
        num_groups: a divisor of C; 1 takes all channels together, C each by itself.
        weight, bias: (C,); None means 1 and 0.
        eps: added to the variance; at least 0.

    Returns:
        The shape and dtype of x, and the cache for ``group_norm_backward``.

    Raises:
        EngineError: ``shape-mismatch`` if x has no channels, ``groups-do-not-divide``.

    Source: Wu & He, "Group normalization" (2018), eq. 1–2.

    >>> x = np.array([[[1.0, 3.0], [10.0, 30.0]]])
    >>> group_norm(x, 2, eps=0.0)[0]
    array([[[-1.,  1.],
            [-1.,  1.]]])
    """
    size = _channels_together(x.shape, num_groups) * prod(x.shape[2:])
    return _normalise(x, size, (x.shape[1], *(1 for _ in x.shape[2:])), weight, bias, eps)


def instance_norm2d(
    x: Array, weight: Array | None = None, bias: Array | None = None, eps: float = 1e-5
) -> tuple[Array, GroupNormCache]:
    """Normalise every channel of every picture by itself; arguments as in ``group_norm``.

    Source: Ulyanov, Vedaldi & Lempitsky, "Instance normalization" (2016), eq. 2.

    >>> instance_norm2d(np.array([1.0, 3.0]).reshape(1, 1, 1, 2), eps=0.0)[0].ravel()
    array([-1.,  1.])
    """
    return group_norm(x, require_channels("instance_norm2d", x.shape), weight, bias, eps)


def group_norm_backward(grad_output: Array, cache: GroupNormCache) -> GroupNormGrads:
    """Gradients of all three normalisations.

    As in batch normalisation, n = (x - mean) / s and g = dy · weight give, within a group,
    dx = (g - mean(g) - n mean(g n)) / s.

    Args:
        grad_output: the shape of x.
        cache: what the normalisation returned.
    """
    n, deviation, weight, bias, affine = cache
    g = grad_output if weight is None else grad_output * weight.astype(n.dtype, copy=False).reshape(affine)
    rows, own = g.reshape(len(deviation), -1), n.reshape(len(deviation), -1)
    along_n = (rows * own).mean(axis=1, keepdims=True)
    grad_x = (rows - rows.mean(axis=1, keepdims=True) - own * along_n) / deviation
    by_weight = None if weight is None else summed_to(grad_output * n, affine).reshape(weight.shape)
    by_bias = None if bias is None else summed_to(grad_output, affine).reshape(bias.shape)
    return GroupNormGrads(grad_x.reshape(n.shape), by_weight, by_bias)


def _channels_together(shape: Shape, num_groups: int) -> int:
    channels = require_channels("group_norm", shape)
    if channels % num_groups:
        raise EngineError(
            "groups-do-not-divide", "num_groups", num_groups, f"a divisor of {channels} channels"
        )
    return channels // num_groups


def _normalise(
    x: Array, size: int, affine: Shape, weight: Array | None, bias: Array | None, eps: float
) -> tuple[Array, GroupNormCache]:
    """Normalise groups of ``size`` numbers; for ``affine`` see ``GroupNormCache``."""
    rows = x.reshape(-1, size)
    mean, variance = _statistics(rows)
    deviation = np.sqrt(variance + float(eps))
    normalised = ((rows - mean) / deviation).reshape(x.shape)
    if weight is None:
        y = normalised.copy()
    else:
        y = normalised * weight.astype(x.dtype, copy=False).reshape(affine)
    if bias is not None:
        y += bias.astype(x.dtype, copy=False).reshape(affine)
    return y, GroupNormCache(normalised, deviation, weight, bias, affine)


def _statistics(rows: Array) -> tuple[Array, Array]:
    """(groups, 1) means and biased variances."""
    # Summed in float64: eps is small, so a rounded mean of an even group would be blown up.
    mean = rows.mean(axis=1, keepdims=True, dtype=np.float64).astype(rows.dtype)
    variance = np.square(rows - mean).mean(axis=1, keepdims=True, dtype=np.float64).astype(rows.dtype)
    return mean, variance


@dataclass(frozen=True)
class GroupedNorm(Pointwise):
    """What layer, group and instance normalisation have in common.

    As with ``batch_norm2d``, ``uses`` and ``input_region`` name the cell that is normalised; every number of
    its group also has an indirect influence, through mean and variance.
    """

    weight_names: ClassVar[tuple[str, ...]] = ("weight", "bias")
    optional_weights: ClassVar[tuple[str, ...]] = ("weight", "bias")

    eps: float = parameter("number", 1e-5, minimum=0)

    @abstractmethod
    def group_size(self, shape: Shape) -> int:
        """Numbers that are normalised together."""

    @abstractmethod
    def affine_shape(self, shape: Shape) -> Shape:
        """The shape of weight and bias."""

    def affine_index(self, shape: Shape, index: Shape) -> tuple[int, ...]:
        """Where the weight of a number at ``index`` stands."""
        return (index[1],)

    def output_shape(self, *shapes: Shape) -> Shape:
        self.group_size(shapes[0])
        return shapes[0]

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        return dict.fromkeys(self.weight_names, self.affine_shape(shapes[0]))

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        grads = group_norm_backward(grad_output, cache)
        by_weight = {"weight": grads.weight, "bias": grads.bias}
        return (grads.x,), {name: grad for name, grad in by_weight.items() if grad is not None}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        x, size = inputs[0], self.group_size(output.shape)
        group = place_of(output.shape, cell) // size
        mean, variance = _statistics(x.reshape(-1, size)[group : group + 1])
        here = cell_index(output.shape, cell)
        own = self.affine_index(output.shape, here)
        gamma, beta = (weights[name][own] if name in weights else None for name in self.weight_names)
        params: dict[str, float | int | str] = {
            "statistics": "group",
            "count": size,
            "mean": float(mean[0, 0]),
            "variance": float(variance[0, 0]),
            "eps": self.eps,
            "gamma": 1.0 if gamma is None else float(gamma),
            "beta": 0.0 if beta is None else float(beta),
        }
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[here]),
            combine="normalise",
            terms=read_terms(x, cells([cell]), (1, 1, 1)),
            formula=Formula(self.name, params),
        )


@dataclass(frozen=True)
class LayerNorm(GroupedNorm):
    """layer_norm as a node of a model."""

    name: ClassVar[str] = "layer_norm"

    axis: int = parameter("integer", -1)

    def affine_shape(self, shape: Shape) -> Shape:
        return shape[axis_of("axis", self.axis, len(shape)) :]

    def affine_index(self, shape: Shape, index: Shape) -> tuple[int, ...]:
        return index[axis_of("axis", self.axis, len(shape)) :]

    def group_size(self, shape: Shape) -> int:
        return prod(self.affine_shape(shape))

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return layer_norm(inputs[0], weights.get("weight"), weights.get("bias"), self.axis, self.eps)


@dataclass(frozen=True)
class GroupNorm(GroupedNorm):
    """group_norm as a node of a model."""

    name: ClassVar[str] = "group_norm"

    num_groups: int = parameter("integer", 1, minimum=1)

    def affine_shape(self, shape: Shape) -> Shape:
        return (require_channels(self.name, shape),)

    def group_size(self, shape: Shape) -> int:
        return _channels_together(shape, self.num_groups) * prod(shape[2:])

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return group_norm(inputs[0], self.num_groups, weights.get("weight"), weights.get("bias"), self.eps)


@dataclass(frozen=True)
class InstanceNorm2d(GroupedNorm):
    """instance_norm2d as a node of a model."""

    name: ClassVar[str] = "instance_norm2d"

    def affine_shape(self, shape: Shape) -> Shape:
        return (require_channels(self.name, shape),)

    def group_size(self, shape: Shape) -> int:
        require_channels(self.name, shape)
        return prod(shape[2:])

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return instance_norm2d(inputs[0], weights.get("weight"), weights.get("bias"), self.eps)

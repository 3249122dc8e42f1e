"""Global pooling: one number for every channel, its maximum, mean or norm, whatever the map's size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.explanation import Combine, Terms
from engine.geometry.padding import window_axes
from engine.ops.lp_pool2d import LpPool2dCache, lp_pool2d, lp_pool2d_backward
from engine.ops.operation import Weights, require_map
from engine.ops.parameters import parameter
from engine.ops.pooling import Pool, counted
from engine.ops.windows import Axes
from engine.types import Array, Shape


def global_max_pool2d(x: Array) -> tuple[Array, Array]:
    """The largest number of every channel; NaN wins always.

    Args:
        x: (N, C, H, W), float32 or float64.

    Returns:
        (N, C, 1, 1) in the dtype of x, and the cache for ``global_max_pool2d_backward``.

    Raises:
        EngineError: ``shape-mismatch``.

    Source: ONNX, operator GlobalMaxPool.

    >>> global_max_pool2d(np.arange(6.0).reshape(1, 1, 2, 3))[0]
    array([[[[5.]]]])
    """
    require_map("global_max_pool2d", x.shape)
    return x.max(axis=(2, 3), keepdims=True), x


def global_max_pool2d_backward(grad_output: Array, cache: Array) -> Array:
    """Gradient by x: each channel's goes to the cell that won, the first in scan order among equals.

    Args:
        grad_output: (N, C, 1, 1).
        cache: what ``global_max_pool2d`` returned.
    """
    flat = cache.reshape(*cache.shape[:2], -1)
    grad = np.zeros_like(flat)
    winners = flat.argmax(axis=2, keepdims=True)
    np.put_along_axis(grad, winners, grad_output.reshape(*flat.shape[:2], 1), axis=2)
    return grad.reshape(cache.shape)


def global_avg_pool2d(x: Array) -> tuple[Array, Shape]:
    """The mean of every channel.

    Args:
        x: (N, C, H, W), float32 or float64.

    Returns:
        (N, C, 1, 1) in the dtype of x, and the cache for ``global_avg_pool2d_backward``.

    Raises:
        EngineError: ``shape-mismatch``.

    Source: Lin, Chen & Yan, "Network in network" (2014), section 3.2.

    >>> global_avg_pool2d(np.arange(6.0).reshape(1, 1, 2, 3))[0]
    array([[[[2.5]]]])
    """
    n, channels, rows, columns = (*x.shape[:1], *require_map("global_avg_pool2d", x.shape))
    # A sum is a product with ones, and NumPy is quicker at products.
    means = x.reshape(n, channels, -1) @ np.ones(rows * columns, x.dtype)
    means /= rows * columns
    return means.reshape(n, channels, 1, 1), x.shape


def global_avg_pool2d_backward(grad_output: Array, cache: Shape) -> Array:
    """Gradient by x: each channel's in equal parts to its cells.

    Args:
        grad_output: (N, C, 1, 1).
        cache: what ``global_avg_pool2d`` returned.
    """
    return np.broadcast_to(grad_output / (cache[2] * cache[3]), cache).copy()


def global_lp_pool2d(x: Array, norm_type: float) -> tuple[Array, LpPool2dCache]:
    """The p-norm of every channel, (Σ |x|^p)^(1/p).

    Args:
        x: (N, C, H, W), float32 or float64.
        norm_type: p, at least 1.

    Returns:
        (N, C, 1, 1) in the dtype of x, and the cache for ``lp_pool2d_backward``.

    Raises:
        EngineError: ``shape-mismatch``.

    Source: ONNX, operator GlobalLpPool.

    >>> global_lp_pool2d(np.array([[3.0, 0.0], [0.0, -4.0]]).reshape(1, 1, 2, 2), 2)[0]
    array([[[[5.]]]])
    """
    _, rows, columns = require_map("global_lp_pool2d", x.shape)
    return lp_pool2d(x, norm_type, (rows, columns))


@dataclass(frozen=True)
class GlobalPool(Pool):
    """A pooling whose window is the map."""

    def axes(self, shape: Shape) -> Axes:
        size = require_map(self.name, shape)[1:]
        return window_axes(size, size)


@dataclass(frozen=True)
class GlobalMaxPool2d(GlobalPool):
    """global_max_pool2d as a node of a model."""

    name: ClassVar[str] = "global_max_pool2d"
    combine: ClassVar[Combine] = "max"

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return global_max_pool2d(inputs[0])

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (global_max_pool2d_backward(grad_output, cache),), {}


@dataclass(frozen=True)
class GlobalAvgPool2d(GlobalPool):
    """global_avg_pool2d as a node of a model."""

    name: ClassVar[str] = "global_avg_pool2d"
    combine: ClassVar[Combine] = "mean"

    def formula_params(self, terms: Terms) -> Mapping[str, float | int | str]:
        return {"divisor": counted(terms)}

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return global_avg_pool2d(inputs[0])

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (global_avg_pool2d_backward(grad_output, cache),), {}


@dataclass(frozen=True)
class GlobalLpPool2d(GlobalPool):
    """global_lp_pool2d as a node of a model."""

    name: ClassVar[str] = "global_lp_pool2d"
    combine: ClassVar[Combine] = "lp"

    norm_type: float = parameter("number", 2.0, minimum=1)

    def formula_params(self, terms: Terms) -> Mapping[str, float | int | str]:
        return {"norm_type": self.norm_type}

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return global_lp_pool2d(inputs[0], self.norm_type)

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (lp_pool2d_backward(grad_output, cache),), {}

"""Lp pooling: the p-norm under every window, between a sum and the maximum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.explanation import Combine, Terms
from engine.geometry.padding import Padding
from engine.geometry.pooling import pool_axes
from engine.ops.operation import Weights, require_map
from engine.ops.parameters import parameter
from engine.ops.pooling import WindowPool
from engine.ops.window_reduction import reduce_windows
from engine.ops.windows import Axes, pad, pad_backward, tap
from engine.types import Array, Pair


class LpPool2dCache(NamedTuple):
    """What ``lp_pool2d_backward`` needs of the forward call."""

    x: Array
    y: Array
    axes: Axes
    norm_type: float


def lp_pool2d(
    x: Array,
    norm_type: float,
    kernel_size: Pair,
    *,
    stride: Pair | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
) -> tuple[Array, LpPool2dCache]:
    """The p-norm under every window, (Σ |x|^p)^(1/p): p = 1 adds, a large p comes near the maximum.

    The absolute value is ONNX's; PyTorch leaves it out, which matters for odd p and negative x, and
    it scales the windows that ceil_mode lets hang over the end as if they were whole.

    Args:
        x: (N, C, H, W), float32 or float64.
        norm_type: p, at least 1.
        kernel_size: (rows, columns) of the window.
        stride: cells from one window to the next, (rows, columns); None means ``kernel_size``.
        padding: see ``geometry.padding.resolve_padding``; no window may lie wholly in it.
        ceil_mode: also place a last window that hangs over the end.

    Returns:
        (N, C, OH, OW) in the dtype of x, and the cache for ``lp_pool2d_backward``.

    Raises:
        EngineError: ``shape-mismatch``, ``kernel-too-large`` or ``padding-too-large``.

    Source: ONNX, operator LpPool.

    >>> x = np.array([[3, -4, 0, 2]], dtype=np.float32).reshape(1, 1, 1, 4)
    >>> lp_pool2d(x, 2, (1, 2))[0]
    array([[[[5., 2.]]]], dtype=float32)
    """
    size = require_map("lp_pool2d", x.shape)[1:]
    axes = pool_axes(size, kernel_size, stride, padding, ceil_mode=ceil_mode)
    sizes = pad(np.abs(x), axes)
    # With the largest of its window taken out, no power can overflow, whatever p is.
    largest = reduce_windows(np.abs(x), axes, np.maximum, fill=0.0)
    total = np.zeros_like(largest)
    for i in range(axes[0].kernel_size):
        for j in range(axes[1].kernel_size):
            total += _ratio(sizes[:, :, tap(axes[0], i), tap(axes[1], j)], largest) ** float(norm_type)
    y = largest * total ** (1 / float(norm_type))
    return y, LpPool2dCache(x, y, axes, float(norm_type))


def lp_pool2d_backward(grad_output: Array, cache: LpPool2dCache) -> Array:
    """Gradient by x; 0 for a window of zeros, where the norm has no derivative.

    y^p = Σ |x|^p, so p y^(p-1) dy/dx = p |x|^(p-1) sign(x), and dy/dx = sign(x) (|x| / y)^(p-1).

    Args:
        grad_output: (N, C, OH, OW).
        cache: what ``lp_pool2d`` returned.
    """
    x, y, axes, norm_type = cache
    padded = pad(x, axes)
    grad_padded = np.zeros_like(padded)
    for i in range(axes[0].kernel_size):
        for j in range(axes[1].kernel_size):
            here = (slice(None), slice(None), tap(axes[0], i), tap(axes[1], j))
            slope = np.sign(padded[here]) * _ratio(np.abs(padded[here]), y) ** (norm_type - 1)
            grad_padded[here] += grad_output * slope
    return pad_backward(grad_padded, axes)


def _ratio(part: Array, whole: Array) -> Array:
    """Part / whole, and 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole != 0)


@dataclass(frozen=True)
class LpPool2d(WindowPool):
    """lp_pool2d as a node of a model."""

    name: ClassVar[str] = "lp_pool2d"
    combine: ClassVar[Combine] = "lp"

    norm_type: float = parameter("number", 2.0, minimum=1)

    @property
    def fill(self) -> float:
        return 0.0

    def formula_params(self, terms: Terms) -> Mapping[str, float | int | str]:
        return {"norm_type": self.norm_type}

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return lp_pool2d(
            inputs[0],
            self.norm_type,
            self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            ceil_mode=self.ceil_mode,
        )

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (lp_pool2d_backward(grad_output, cache),), {}

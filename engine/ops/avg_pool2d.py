"""Average pooling: the mean under every window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.explanation import Combine, Terms
from engine.geometry.padding import Padding
from engine.geometry.pooling import covered_cells, pool_axes
from engine.ops.operation import Weights, require_map
from engine.ops.parameters import parameter
from engine.ops.pooling import WindowPool, counted
from engine.ops.window_reduction import reduce_windows, spread_windows
from engine.ops.windows import Axes
from engine.types import Array, Pair


class AvgPool2dCache(NamedTuple):
    """What ``avg_pool2d_backward`` needs of the forward call."""

    axes: Axes
    count_include_pad: bool


def avg_pool2d(
    x: Array,
    kernel_size: Pair,
    *,
    stride: Pair | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> tuple[Array, AvgPool2dCache]:
    """The mean under every window, padding counted as zeros or not at all.

    Args:
        x: (N, C, H, W), float32 or float64.
        kernel_size: (rows, columns) of the window.
        stride: cells from one window to the next, (rows, columns); None means ``kernel_size``.
        padding: see ``geometry.padding.resolve_padding``; no window may lie wholly in it.
        ceil_mode: also place a last window that hangs over the end; what lies beyond the padding is
            not counted either way.
        count_include_pad: whether padding counts in the divisor.

    Returns:
        (N, C, OH, OW) in the dtype of x, and the cache for ``avg_pool2d_backward``.

    Raises:
        EngineError: ``shape-mismatch``, ``kernel-too-large`` or ``padding-too-large``.

    Source: PyTorch, ``torch.nn.AvgPool2d``; TensorFlow and ONNX leave padding out by default.

    >>> x = np.array([[2, 4, 6]], dtype=np.float32).reshape(1, 1, 1, 3)
    >>> avg_pool2d(x, (1, 2), padding=[0, 0, 1, 0])[0]
    array([[[[1., 5.]]]], dtype=float32)
    >>> avg_pool2d(x, (1, 2), padding=[0, 0, 1, 0], count_include_pad=False)[0]
    array([[[[2., 5.]]]], dtype=float32)
    """
    size = require_map("avg_pool2d", x.shape)[1:]
    axes = pool_axes(size, kernel_size, stride, padding, ceil_mode=ceil_mode)
    y = _shared(reduce_windows(x, axes, np.add, fill=0.0), axes, count_include_pad)
    return y, AvgPool2dCache(axes, count_include_pad)


def avg_pool2d_backward(grad_output: Array, cache: AvgPool2dCache) -> Array:
    """Gradient by x: each output's in equal parts to the cells of its window.

    Args:
        grad_output: (N, C, OH, OW).
        cache: what ``avg_pool2d`` returned.
    """
    axes, count_include_pad = cache
    return spread_windows(_shared(grad_output, axes, count_include_pad), axes)


def _shared(x: Array, axes: Axes, count_include_pad: bool) -> Array:
    """Every output divided by how many cells count under its window."""
    divisors = _divisors(axes, count_include_pad, x.dtype)
    # One number for all windows is far quicker than a number for each.
    return x / (divisors if np.ptp(divisors) else divisors[0, 0])


def _divisors(axes: Axes, count_include_pad: bool, dtype: np.dtype[np.floating[Any]]) -> Array:
    """Cells that count under every window, (OH, OW)."""
    rows, columns = (covered_cells(axis, count_include_pad).astype(dtype) for axis in axes)
    return rows[:, None] * columns


@dataclass(frozen=True)
class AvgPool2d(WindowPool):
    """avg_pool2d as a node of a model."""

    name: ClassVar[str] = "avg_pool2d"
    combine: ClassVar[Combine] = "mean"

    count_include_pad: bool = parameter("boolean", True)

    @property
    def fill(self) -> float:
        return 0.0 if self.count_include_pad else np.nan

    def formula_params(self, terms: Terms) -> Mapping[str, float | int | str]:
        return {"divisor": counted(terms)}

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return avg_pool2d(
            inputs[0],
            self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            ceil_mode=self.ceil_mode,
            count_include_pad=self.count_include_pad,
        )

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (avg_pool2d_backward(grad_output, cache),), {}

"""Maximum pooling: the strongest answer under every window, wherever in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.explanation import Combine
from engine.geometry.padding import Padding
from engine.geometry.pooling import pool_axes
from engine.ops.operation import Weights, require_map
from engine.ops.parameters import parameter
from engine.ops.pooling import WindowPool
from engine.ops.windows import Axes, pad, pad_backward, reduce_windows, tap
from engine.types import Array, Pair, Shape


class MaxPool2dCache(NamedTuple):
    """What ``max_pool2d_backward`` needs of the forward call."""

    x: Array
    y: Array
    axes: Axes


def max_pool2d(
    x: Array,
    kernel_size: Pair,
    *,
    stride: Pair | None = None,
    padding: Padding = 0,
    dilation: Pair = (1, 1),
    ceil_mode: bool = False,
) -> tuple[Array, MaxPool2dCache]:
    """The largest number under every window; padding never wins, and NaN wins always.

    Args:
        x: (N, C, H, W), float32 or float64.
        kernel_size: (rows, columns) of the window.
        stride: cells from one window to the next, (rows, columns); None means ``kernel_size``.
        padding: see ``geometry.padding.resolve_padding``; no window may lie wholly in it.
        dilation: cells from one tap to the next, at least 1; 1 means none.
        ceil_mode: also place a last window that hangs over the end.

    Returns:
        (N, C, OH, OW) in the dtype of x, and the cache for ``max_pool2d_backward``.

    Raises:
        EngineError: ``shape-mismatch``, ``kernel-too-large`` or ``padding-too-large``.

    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), section 9.3.

    >>> x = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]], dtype=np.float32)
    >>> max_pool2d(x.reshape(1, 1, 4, 4), (2, 2))[0]
    array([[[[6., 8.],
             [3., 4.]]]], dtype=float32)
    """
    size = require_map("max_pool2d", x.shape)[1:]
    axes = pool_axes(size, kernel_size, stride, padding, dilation, ceil_mode)
    y = reduce_windows(pad(x, axes, fill=-np.inf), axes, np.maximum)
    return y, MaxPool2dCache(x, y, axes)


def max_pool2d_backward(grad_output: Array, cache: MaxPool2dCache) -> Array:
    """Gradient by x: each output's goes to the cell that won, the first in scan order among equals.

    Args:
        grad_output: (N, C, OH, OW).
        cache: what ``max_pool2d`` returned.
    """
    x, y, axes = cache
    rows, columns = axes
    padded = pad(x, axes, fill=-np.inf)
    grad_padded = np.zeros_like(padded)
    waiting = np.ones(y.shape, dtype=np.bool_)
    for i in range(rows.kernel_size):
        for j in range(columns.kernel_size):
            here = (slice(None), slice(None), tap(rows, i), tap(columns, j))
            # NaN equals nothing, itself included, and won wherever it stands.
            won = waiting & ((padded[here] == y) | np.isnan(padded[here]))
            grad_padded[here] += np.where(won, grad_output, 0)
            waiting &= ~won
    return pad_backward(grad_padded, axes)


@dataclass(frozen=True)
class MaxPool2d(WindowPool):
    """max_pool2d as a node of a model."""

    name: ClassVar[str] = "max_pool2d"
    combine: ClassVar[Combine] = "max"

    dilation: Pair = parameter("pair", 1, minimum=1)

    def axes(self, shape: Shape) -> Axes:
        size = require_map(self.name, shape)[1:]
        return pool_axes(size, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode)

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return max_pool2d(
            inputs[0],
            self.kernel_size,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            ceil_mode=self.ceil_mode,
        )

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (max_pool2d_backward(grad_output, cache),), {}

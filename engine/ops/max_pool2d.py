"""Maximum pooling: the strongest answer under every window, wherever in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.explanation import Combine, Flags
from engine.geometry.padding import Padding
from engine.geometry.pooling import pool_axes
from engine.ops.masks import gate_into
from engine.ops.operation import Weights, require_map
from engine.ops.parameters import parameter
from engine.ops.parts import parts_worth, slowest_axis
from engine.ops.pooling import WindowPool
from engine.ops.window_reduction import reduce_windows
from engine.ops.windows import Axes, pad, pad_backward, tap
from engine.threads import TEAM, cut
from engine.types import Array, Pair, Shape


class MaxPool2dCache(NamedTuple):
    """What ``max_pool2d_backward`` needs of the forward call."""

    x: Array
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
    y = reduce_windows(x, axes, np.maximum, fill=-np.inf)
    return y, MaxPool2dCache(x, axes)


def max_pool2d_backward(grad_output: Array, cache: MaxPool2dCache) -> Array:
    """Gradient by x: each output's goes to the cell that won, the first in scan order among equals.

    Args:
        grad_output: (N, C, OH, OW).
        cache: what ``max_pool2d`` returned.
    """
    x, axes = cache
    needs_padding = any(axis.before or max(axis.padded, axis.covered) > axis.size for axis in axes)
    padded = pad(x, axes, fill=-np.inf) if needs_padding else x
    grad_padded = np.zeros_like(padded)
    axis = slowest_axis(x.shape[:2], x.strides[:2])

    def some(part: slice) -> None:
        here = (slice(None),) * axis + (part,)
        _give_to_winners(grad_output[here], padded[here], axes, grad_padded[here])

    TEAM.each(some, cut(x.shape[axis], parts_worth(x.nbytes, passes=4)))
    return pad_backward(grad_padded, axes) if needs_padding else grad_padded


def _give_to_winners(grad_output: Array, padded: Array, axes: Axes, grad_padded: Array) -> None:
    rows, columns = axes
    # The first in scan order wins: of a row's equals the first, then of its rows' equals the first.
    by_columns, held_columns = _contest([padded[..., tap(columns, j)] for j in range(columns.kernel_size)])
    _, held_rows = _contest([by_columns[:, :, tap(rows, i)] for i in range(rows.kernel_size)])
    grad_columns = np.zeros_like(by_columns)
    to_rows = [grad_columns[:, :, tap(rows, i)] for i in range(rows.kernel_size)]
    _award(grad_output, held_rows, to_rows, rows.stride < rows.span)
    to_columns = [grad_padded[..., tap(columns, j)] for j in range(columns.kernel_size)]
    _award(grad_columns, held_columns, to_columns, columns.stride < columns.span)


def _contest(taps: Sequence[Array]) -> tuple[Array, list[Flags]]:
    """The largest of taps, and for each but the first, where the best of those before it held its place."""
    best = taps[0].copy("K")
    challenger = np.empty_like(best)
    held = []
    for cells in taps[1:]:
        # Numbers apart are compared one by one, neighbours several at a time: the copy is worth it.
        challenger[...] = cells
        held.append(best >= challenger)
        np.maximum(best, challenger, out=best)
    if held and np.isnan(best).any():
        # NaN is at least as large as nothing, and yet wins wherever it stands, the first one.
        seen = np.zeros_like(held[0])
        for cells, holds in zip(taps, held, strict=False):
            seen |= np.isnan(cells)
            holds |= seen
    return best, held


def _award(grad: Array, held: Sequence[Flags], to: Sequence[Array], overlapping: bool) -> None:
    """Add to every tap the gradient of the contests that it won."""
    share = np.empty_like(grad)
    bits = np.dtype(f"i{grad.itemsize}")
    for holds, cells in zip(held[::-1], to[:0:-1], strict=True):
        kept = np.empty_like(grad)
        gate_into(grad, holds, kept)
        np.bitwise_xor(grad.view(bits), kept.view(bits), out=share.view(bits))
        _put(share, cells, overlapping)
        grad = kept
    _put(grad, to[0], overlapping)


def _put(share: Array, cells: Array, overlapping: bool) -> None:
    if overlapping:
        cells += share
    else:
        cells[...] = share


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

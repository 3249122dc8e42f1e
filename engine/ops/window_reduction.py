"""One number for every window, its taps combined, and back: first rows, then columns, in long passes."""

from __future__ import annotations

from math import ceil

import numpy as np

from engine.geometry.axis import Axis
from engine.ops.kernels.memory import workspace
from engine.ops.parts import parts_worth, slowest_axis
from engine.ops.windows import Axes, tap
from engine.threads import TEAM, cut
from engine.types import Array


def reduce_windows(x: Array, axes: Axes, reduce: np.ufunc, fill: float) -> Array:
    """Combine the taps of every window: KH + KW passes do the work of KH * KW.

    Args:
        x: (N, C, H, W), in any memory order.
        axes: the row axis and the column axis.
        reduce: of two numbers, the order of which must not matter.
        fill: what padding holds; combined with any number it must give that number.

    Returns:
        (N, C, OH, OW), in the memory order of x.

    >>> x = np.arange(6.0).reshape(1, 1, 2, 3)
    >>> reduce_windows(x, (Axis(2, 2), Axis(3, 2)), np.add, fill=0.0)
    array([[[[ 8., 12.]]]])
    """
    rows, columns = axes
    y = np.empty_like(x, shape=(*x.shape[:2], rows.outputs, columns.outputs))
    axis = slowest_axis(x.shape[:3], x.strides[:3])

    def some(part: slice) -> None:
        if axis == 2:
            _reduce(x, axes, part, reduce, fill, y[:, :, part])
        else:
            here = (slice(None),) * axis + (part,)
            _reduce(x[here], axes, slice(0, rows.outputs), reduce, fill, y[here])

    TEAM.each(some, cut(y.shape[axis], parts_worth(x.nbytes)))
    return y


def _reduce(x: Array, axes: Axes, outputs: slice, reduce: np.ufunc, fill: float, y: Array) -> None:
    """Those rows of outputs: (N, C, H, W) to (N, C, rows of outputs, OW)."""
    rows, columns = axes
    width = max(columns.padded, columns.covered)
    by_rows = _workspace_like(x, "rows of windows", (*y.shape[:3], width))
    before, after = by_rows[..., : columns.before], by_rows[..., columns.before + columns.size :]
    before[...], after[...] = fill, fill
    _reduce_rows(x, rows, outputs, reduce, fill, by_rows[..., columns.before :][..., : columns.size])
    _reduce_columns(by_rows, columns, reduce, y)


def _reduce_rows(x: Array, rows: Axis, outputs: slice, reduce: np.ufunc, fill: float, y: Array) -> None:
    """Taps below one another: what lies on padding is passed over."""
    whole: list[tuple[Array, Array]] = []
    partly: list[tuple[Array, Array]] = []
    for i in range(rows.kernel_size):
        ahead = rows.before - i * rows.dilation
        first = max(outputs.start, ceil(ahead / rows.stride))
        stop = min(outputs.stop, (rows.size - 1 + ahead) // rows.stride + 1)
        if first < stop:
            start = first * rows.stride - ahead
            read = x[:, :, start : start + (stop - first - 1) * rows.stride + 1 : rows.stride]
            to = y[:, :, first - outputs.start : stop - outputs.start]
            (whole if to.shape == y.shape else partly).append((read, to))
    if len(whole) > 1:
        reduce(whole[0][0], whole[1][0], out=y)
    else:
        y[...] = whole[0][0] if whole else fill
    for read, to in whole[2:] + partly:
        reduce(to, read, out=to)


def _reduce_columns(x: Array, columns: Axis, reduce: np.ufunc, y: Array) -> None:
    """Taps beside one another, of rows that include their padding and lie without gaps."""
    if columns.stride > 1 and x.strides[3] == x.itemsize:
        # Numbers apart are combined one by one, neighbours several at a time: so all windows, then every
        # s-th. Those that straddle two rows are none, and are not taken.
        windows = _workspace_like(x, "all windows", x.shape)
        flat, all_windows = (a.transpose(_memory_order(a)).reshape(-1, copy=False) for a in (x, windows))
        run = all_windows[: len(flat) - columns.span + 1]
        reads = [flat[j * columns.dilation :][: len(run)] for j in range(columns.kernel_size)]
        to, taken = run, windows[..., tap(columns, 0)]
    else:
        reads = [x[..., tap(columns, j)] for j in range(columns.kernel_size)]
        to = taken = y
    if len(reads) > 1:
        reduce(reads[0], reads[1], out=to)
    else:
        to[...] = reads[0]
    for read in reads[2:]:
        reduce(to, read, out=to)
    if taken is not y:
        y[...] = taken


def spread_windows(y: Array, axes: Axes) -> Array:
    """Add every output's number to all cells of its window: the adjoint of adding up windows.

    Args:
        y: (N, C, OH, OW), in any memory order.
        axes: the row axis and the column axis.

    Returns:
        (N, C, H, W), in the memory order of y.

    >>> spread_windows(np.array([[[[1.0, 10.0]]]]), (Axis(1, 1), Axis(3, 2)))
    array([[[[ 1., 11., 10.]]]])
    """
    return _spread(_spread(y, axes[1], 3), axes[0], 2)


def _spread(y: Array, axis: Axis, at: int) -> Array:
    before = (slice(None),) * at
    shape = list(y.shape)
    shape[at] = max(axis.padded, axis.covered)
    padded = np.zeros_like(y, shape=shape)
    for i in range(axis.kernel_size):
        to = padded[(*before, tap(axis, i))]
        if axis.stride < axis.span:
            to += y
        else:
            to[...] = y
    return padded[(*before, slice(axis.before, axis.before + axis.size))]


def _workspace_like(x: Array, name: str, shape: tuple[int, ...]) -> Array:
    """Memory without gaps in the memory order of x."""
    order = _memory_order(x)
    return workspace(name, tuple(shape[axis] for axis in order), x.dtype).transpose(np.argsort(order))


def _memory_order(x: Array) -> list[int]:
    """Axes from the slowest to the fastest."""
    return sorted(range(x.ndim), key=lambda axis: -abs(x.strides[axis]))

"""Reading sliding windows: padding, window views, im2col and col2im, the terms under one window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.explanation import Floats, Window
from engine.geometry.axis import OUTSIDE, Axis
from engine.geometry.receptive_field import Region, window_region
from engine.ops.kernels.memory import Order, empty
from engine.types import Array, Cell, Integers, Pair

Axes = tuple[Axis, Axis]


def pad(x: Array, axes: Axes, fill: float = 0.0, order: Order = "nchw", reach: Pair | None = None) -> Array:
    """Extend a map by the padding of two axes, and as far as the last window reaches.

    Args:
        x: (N, C, H, W).
        axes: the row axis and the column axis.
        fill: what stands where no input cell is behind a position.
        order: in which the numbers lie in memory.
        reach: (rows, columns) of the result where more are wanted than windows reach.

    Returns:
        (N, C, H', W'), always a new array.

    >>> pad(np.ones((1, 1, 1, 2), dtype=np.float32), (Axis(1, 1), Axis(2, 1, before=1)))[0, 0]
    array([[0., 1., 1.]], dtype=float32)
    """
    rows, columns = axes
    height, width = reach or (_reach(rows), _reach(columns))
    padded = empty((*x.shape[:2], height, width), order, x.dtype)
    below, right = rows.before + rows.size, columns.before + columns.size
    padded[:, :, : rows.before] = padded[:, :, below:] = fill
    padded[:, :, rows.before : below, : columns.before] = fill
    padded[:, :, rows.before : below, right:] = fill
    padded[:, :, rows.before : below, columns.before : right] = x
    for at, source in _copies(rows):
        padded[:, :, at] = padded[:, :, rows.before + source]
    for at, source in _copies(columns):
        padded[:, :, :, at] = padded[:, :, :, columns.before + source]
    return padded


def pad_backward(grad_padded: Array, axes: Axes) -> Array:
    """The adjoint of ``pad``: every padded cell gives its gradient to the cell it was copied from."""
    rows, columns = axes
    folded = grad_padded[:, :, :, columns.before : columns.before + columns.size].copy()
    for at, source in _copies(columns):
        folded[:, :, :, source] += grad_padded[:, :, :, at]
    grad = folded[:, :, rows.before : rows.before + rows.size].copy()
    for at, source in _copies(rows):
        grad[:, :, source] += folded[:, :, at]
    return grad


def _reach(axis: Axis) -> int:
    """Cells that a padded map needs for every window to lie on it."""
    return max(axis.padded, axis.covered)


def _copies(axis: Axis) -> list[tuple[int, int]]:
    """(padded cell, the input cell whose copy stands there), the input's own cells left out."""
    positions = np.arange(-axis.before, _reach(axis) - axis.before)
    sources = axis.sources(positions)
    copies = np.flatnonzero((sources != OUTSIDE) & (sources != positions))
    return list(zip(copies.tolist(), sources[copies].tolist(), strict=True))


def window_view(padded: Array, axes: Axes) -> Array:
    """All windows of a padded map as a read-only view, (N, C, KH, KW, OH, OW): nothing is copied."""
    rows, columns = axes
    n, c, h, w = padded.strides
    return np.lib.stride_tricks.as_strided(
        padded,
        shape=(
            *padded.shape[:2],
            rows.kernel_size,
            columns.kernel_size,
            rows.outputs,
            columns.outputs,
        ),
        strides=(n, c, h * rows.dilation, w * columns.dilation, h * rows.stride, w * columns.stride),
        writeable=False,
    )


def im2col(x: Array, axes: Axes) -> Array:
    """Every window as one row of a matrix.

    Args:
        x: (N, C, H, W).
        axes: the row axis and the column axis.

    Returns:
        (N * OH * OW, C * KH * KW), rows in scan order, columns in the kernel's own order.
        Book: im2col; its matrix has these rows and columns.

    >>> x = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    >>> im2col(x, (Axis(3, 2), Axis(3, 2)))[0]
    array([0., 1., 3., 4.], dtype=float32)
    """
    windows = window_view(pad(x, axes), axes)
    n, c, kh, kw, oh, ow = windows.shape
    return windows.transpose(0, 4, 5, 1, 2, 3).reshape(n * oh * ow, c * kh * kw)


def col2im(columns: Array, channels: int, axes: Axes) -> Array:
    """The adjoint of ``im2col``: every entry is added back where it was read.

    Args:
        columns: (N * OH * OW, C * KH * KW).
        channels: C.
        axes: the row axis and the column axis.

    Returns:
        (N, C, H, W); a cell read by m windows receives m numbers.
    """
    rows, cols = axes
    grid = (rows.outputs, cols.outputs, channels, rows.kernel_size, cols.kernel_size)
    windows = columns.reshape(-1, *grid).transpose(0, 3, 4, 5, 1, 2)
    return add_windows(windows, axes)


def add_windows(windows: Array, axes: Axes) -> Array:
    """Add windows (N, C, KH, KW, OH, OW) back to the map they were read from, (N, C, H, W)."""
    rows, columns = axes
    padded = np.zeros((*windows.shape[:2], _reach(rows), _reach(columns)), dtype=windows.dtype)
    for i in range(rows.kernel_size):
        for j in range(columns.kernel_size):
            padded[:, :, tap(rows, i), tap(columns, j)] += windows[:, :, i, j]
    return pad_backward(padded, axes)


def tap(axis: Axis, index: int) -> slice:
    """Where the given tap of every window stands, counted from the first padding cell."""
    first = index * axis.dilation
    return slice(first, first + axis.stride * axis.outputs, axis.stride)


def window_terms(
    x: Array, axes: Axes, channels: Sequence[int], places: Integers, fill: float = 0.0
) -> tuple[Integers, Integers, Floats]:
    """Positions, sources and values under S windows of the first picture, each channel by channel.

    Args:
        x: (N, C, H, W).
        axes: the row axis and the column axis.
        channels: those to read, in this order.
        places: (S, 2) rows and columns of the output.
        fill: value of padding cells; a cell beyond the padding is NaN.

    Returns:
        (S, T, 3), (S, T, 3), (S, T): of each window what ``engine.explanation.Terms`` wants.
    """
    rows, columns = axes[0].windows(places[:, 0]), axes[1].windows(places[:, 1])
    positions, sources = index_grid(channels, rows, columns)
    values: Floats = x[0, sources[..., 0], sources[..., 1], sources[..., 2]].astype(np.float64)
    missing = (sources == OUTSIDE).any(axis=-1)
    if missing.any():
        sources[missing] = OUTSIDE
        values[missing] = fill
    if axes[0].ceil_mode or axes[1].ceil_mode:
        values[(positions[..., 1:] >= [axis.size + axis.after for axis in axes]).any(axis=-1)] = np.nan
    return positions, sources, values


def index_grid(*indices: Sequence[int] | Integers) -> Integers:
    """Every combination of indices, the last running fastest, (T, number of arguments).

    Where some are (…, n), lists for several grids, the grids are (…, T, number of arguments).

    >>> index_grid([7], range(2), [4, 5]).tolist()
    [[7, 0, 4], [7, 0, 5], [7, 1, 4], [7, 1, 5]]
    >>> index_grid(np.array([[7], [8]]), [4, 5]).tolist()
    [[[7, 4], [7, 5]], [[8, 4], [8, 5]]]
    """
    axes = len(indices)
    runs = [np.asarray(run, dtype=np.int64) for run in indices]
    several = max([run.shape[:-1] for run in runs], key=len)
    grid = np.empty((axes, *several, *[run.shape[-1] for run in runs]), dtype=np.int64)
    for i, run in enumerate(runs):
        grid[i] = run.reshape(*run.shape[:-1], *(1,) * i, -1, *(1,) * (axes - 1 - i))
    return grid.reshape(axes, *several, -1).transpose(*range(1, len(several) + 2), 0)


def window_of(axes: Axes, cell: Cell) -> Window:
    """The window of an output cell; it starts below 0 in the padding."""
    rows, columns = axes
    start = (cell[1] * rows.stride - rows.before, cell[2] * columns.stride - columns.before)
    return Window(start, (rows.kernel_size, columns.kernel_size), (rows.dilation, columns.dilation))


def window_uses(axes: Axes, channels: Sequence[int], row: int, column: int) -> Integers:
    """(U, 3) cells of the given output channels whose window reads the input cell, in scan order."""
    rows = sorted({output for output, _ in axes[0].uses(row)})
    columns = sorted({output for output, _ in axes[1].uses(column)})
    return index_grid(channels, rows, columns)


def windows_region(axes: Axes, region: Region) -> Region:
    """The rectangle of the input that the windows of a rectangle of outputs span."""
    rows, columns = axes
    return window_region(
        region,
        span=(rows.span, columns.span),
        stride=(rows.stride, columns.stride),
        before=(rows.before, columns.before),
    )

"""Reading sliding windows: padding, window views, im2col and col2im, the terms under one window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.explanation import Floats
from engine.geometry.axis import OUTSIDE, Axis
from engine.types import Array, Integers

Axes = tuple[Axis, Axis]


def pad(x: Array, axes: Axes, fill: float = 0.0) -> Array:
    """Extend a map by the padding of two axes, and as far as the last window reaches.

    Args:
        x: (N, C, H, W).
        fill: what stands where no input cell is behind a position.

    Returns:
        (N, C, H', W'), always a new array.

    >>> pad(np.ones((1, 1, 1, 2), dtype=np.float32), (Axis(1, 1), Axis(2, 1, before=1)))[0, 0]
    array([[0., 1., 1.]], dtype=float32)
    """
    rows, columns = (_padded_sources(axis) for axis in axes)
    padded = np.full((*x.shape[:2], rows.size, columns.size), fill, dtype=x.dtype)
    here = np.ix_(np.flatnonzero(rows != OUTSIDE), np.flatnonzero(columns != OUTSIDE))
    padded[:, :, here[0], here[1]] = x[:, :, rows[here[0]], columns[here[1]]]
    return padded


def pad_backward(grad_padded: Array, axes: Axes) -> Array:
    """The adjoint of ``pad``: every padded cell gives its gradient to the cell it was copied from."""
    rows, columns = (_padded_sources(axis) for axis in axes)
    folded = np.zeros((*grad_padded.shape[:2], axes[0].size, grad_padded.shape[3]), dtype=grad_padded.dtype)
    kept = rows != OUTSIDE
    np.add.at(folded, (slice(None), slice(None), rows[kept]), grad_padded[:, :, kept])
    grad = np.zeros((*folded.shape[:3], axes[1].size), dtype=folded.dtype)
    kept = columns != OUTSIDE
    np.add.at(grad, (slice(None), slice(None), slice(None), columns[kept]), folded[:, :, :, kept])
    return grad


def _padded_sources(axis: Axis) -> Integers:
    reach = max(axis.padded, axis.covered)
    return axis.sources(np.arange(-axis.before, reach - axis.before))


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
    reach = [max(axis.padded, axis.covered) for axis in axes]
    padded = np.zeros((*windows.shape[:2], *reach), dtype=windows.dtype)
    for i in range(rows.kernel_size):
        top = i * rows.dilation
        for j in range(columns.kernel_size):
            left = j * columns.dilation
            padded[
                :,
                :,
                top : top + rows.stride * rows.outputs : rows.stride,
                left : left + columns.stride * columns.outputs : columns.stride,
            ] += windows[:, :, i, j]
    return pad_backward(padded, axes)


def window_terms(
    x: Array, axes: Axes, channels: Sequence[int], place: tuple[int, int], fill: float = 0.0
) -> tuple[Integers, Integers, Floats]:
    """Positions, sources and values under one window of the first picture, channel by channel.

    Args:
        x: (N, C, H, W).
        place: (row, column) of the output cell.
        fill: value of padding cells; a cell beyond the padding is NaN.

    Returns:
        (T, 3), (T, 3), (T,) as ``engine.explanation.Terms`` wants them.
    """
    rows, columns = (axis.positions(output) for axis, output in zip(axes, place, strict=True))
    positions = _grid(np.asarray(channels), rows, columns)
    row_sources, column_sources = axes[0].sources(rows), axes[1].sources(columns)
    sources = _grid(np.asarray(channels), row_sources, column_sources)
    missing = np.any(sources == OUTSIDE, axis=1)
    values = np.where(missing, fill, x[0, sources[:, 0], sources[:, 1], sources[:, 2]].astype(np.float64))
    beyond = (positions[:, 1] >= axes[0].size + axes[0].after) | (positions[:, 2] >= axes[1].size + axes[1].after)
    sources[missing] = OUTSIDE
    return positions, sources, np.where(beyond, np.nan, values)


def _grid(channels: Integers, rows: Integers, columns: Integers) -> Integers:
    mesh = np.meshgrid(channels, rows, columns, indexing="ij")
    return np.stack([part.reshape(-1) for part in mesh], axis=1).astype(np.int64)

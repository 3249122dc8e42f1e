"""The arithmetic of sliding kernels: windows as columns of a matrix, multiplied with the kernels as rows.

Arguments are taken as they are; ``conv2d`` and ``conv_transpose2d`` check them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.ops.windows import Axes, add_windows, pad, window_view
from engine.types import Array

BAND_BYTES = 2 << 20
"""Columns are unrolled in bands of output rows of about this size: memory stays flat, and near."""


def correlate(x: Array, weight: Array, axes: Axes, groups: int) -> Array:
    """Every kernel's products with every window, summed.

    Args:
        x: (N, C, H, W).
        weight: (OC, C / groups, KH, KW), as applied.
        axes: the row axis and the column axis.
        groups: divides C and OC.

    Returns:
        (N, OC, OH, OW) in the dtype of x.
    """
    windows = _windows(x, axes)
    kernel = weight.reshape(groups, weight.shape[0] // groups, -1)
    y = np.empty((len(x), len(weight), *windows.shape[4:]), dtype=x.dtype)
    for picture in range(len(x)):
        for channels, outputs, of_group in _groups(x.shape[1], len(weight), kernel):
            for rows, columns in _bands(windows[picture, channels]):
                # ok,kp->op, written to where it belongs
                np.matmul(of_group, columns, out=y[picture, outputs, rows].reshape(len(of_group), -1))
    return y


def input_gradient(grad_output: Array, weight: Array, axes: Axes, groups: int) -> Array:
    """Every output's gradient times the kernel, added to the cells under its window.

    Args:
        grad_output: (N, OC, OH, OW).
        weight: (OC, C / groups, KH, KW), as applied.
        axes: the row axis and the column axis.
        groups: as in ``correlate``.

    Returns:
        (N, C, H, W).
    """
    kernel = weight.reshape(groups, weight.shape[0] // groups, -1)
    n, in_channels = grad_output.shape[0], weight.shape[1] * groups
    grad = np.empty((n, in_channels, axes[0].size, axes[1].size), dtype=grad_output.dtype)
    window = (weight.shape[1], *weight.shape[2:], *grad_output.shape[2:])
    for picture in range(n):
        for channels, outputs, of_group in _groups(in_channels, weight.shape[0], kernel):
            # ok,op->kp
            products = of_group.T @ grad_output[picture, outputs].reshape(kernel.shape[1], -1)
            grad[picture, channels] = add_windows(products.reshape(1, *window), axes)[0]
    return grad


def weight_gradient(grad_output: Array, x: Array, axes: Axes, groups: int) -> Array:
    """Every output's gradient times its window, summed over all windows.

    Args:
        grad_output: (N, OC, OH, OW).
        x: (N, C, H, W).
        axes: the row axis and the column axis.
        groups: as in ``correlate``.

    Returns:
        (OC, C / groups, KH, KW), for the kernel as applied.
    """
    windows = _windows(x, axes)
    n, in_channels, kernel_rows, kernel_columns = windows.shape[:4]
    shape = (grad_output.shape[1], in_channels // groups, kernel_rows, kernel_columns)
    grad_weight = np.zeros(shape, dtype=x.dtype)
    grad_kernel = grad_weight.reshape(groups, shape[0] // groups, -1)
    for picture in range(n):
        for channels, outputs, of_group in _groups(in_channels, shape[0], grad_kernel):
            for rows, columns in _bands(windows[picture, channels]):
                # op,kp->ok
                of_group += grad_output[picture, outputs, rows].reshape(len(of_group), -1) @ columns.T
    return grad_weight


def _windows(x: Array, axes: Axes) -> Array:
    padding = any(axis.before or max(axis.padded, axis.covered) > axis.size for axis in axes)
    return window_view(pad(x, axes) if padding else x, axes)


def _groups(in_channels: int, out_channels: int, kernel: Array) -> Iterator[tuple[slice, slice, Array]]:
    """Of every group its input channels, its output channels and its part of (groups, …)."""
    ins, outs = in_channels // len(kernel), out_channels // len(kernel)
    for g, of_group in enumerate(kernel):
        yield slice(g * ins, (g + 1) * ins), slice(g * outs, (g + 1) * outs), of_group


def _bands(windows: Array) -> Iterator[tuple[slice, Array]]:
    """Bands of output rows, and their windows (C, KH, KW, OH, OW) as columns (C * KH * KW, outputs).

    A band's columns are overwritten by the next one's.
    """
    *taps, outputs, width = windows.shape
    size = int(np.prod(taps))
    height = max(1, min(outputs, BAND_BYTES // (size * width * windows.itemsize)))
    memory = np.empty(0 if taps[1:] == [1, 1] else size * height * width, dtype=windows.dtype)
    for top in range(0, outputs, height):
        rows = slice(top, min(top + height, outputs))
        band = windows[..., rows, :]
        if len(memory):
            copied = memory[: band.size].reshape(band.shape)
            copied[...] = band
            band = copied
        # Windows of a single cell are columns already.
        yield rows, band.reshape(size, -1)

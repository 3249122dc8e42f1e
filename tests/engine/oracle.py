"""Slow and plain answers: every sum written as the loops of its definition.

Nothing here uses the engine, and padding comes from ``np.pad``, so an error would have to be made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from engine.types import Array, Pair, Sides

NUMPY_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad_oracle(x: Array, sides: Sides, mode: str = "zeros") -> Array:
    top, bottom, left, right = sides
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), mode=NUMPY_MODES[mode])


def output_size(padded: int, kernel_size: int, stride: int, dilation: int) -> int:
    """Windows that fit, counted one by one."""
    reach = dilation * (kernel_size - 1)
    return sum(1 for start in range(0, padded, stride) if start + reach < padded)


def conv2d_oracle(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Pair = (1, 1),
    sides: Sides = (0, 0, 0, 0),
    mode: str = "zeros",
    dilation: Pair = (1, 1),
    groups: int = 1,
    flip: bool = False,
) -> Array:
    """Cross-correlation (or convolution, if ``flip``) in seven loops, in float64."""
    padded = pad_oracle(x, sides, mode).astype(np.float64)
    out_channels, in_per_group, kernel_rows, kernel_columns = weight.shape
    rows = output_size(padded.shape[2], kernel_rows, stride[0], dilation[0])
    columns = output_size(padded.shape[3], kernel_columns, stride[1], dilation[1])
    y = np.zeros((x.shape[0], out_channels, rows, columns))
    for n in range(x.shape[0]):
        for o in range(out_channels):
            first = o // (out_channels // groups) * in_per_group
            for row in range(rows):
                for column in range(columns):
                    total = 0.0 if bias is None else float(bias[o])
                    for c in range(in_per_group):
                        for u in range(kernel_rows):
                            for v in range(kernel_columns):
                                value = padded[
                                    n,
                                    first + c,
                                    row * stride[0] + u * dilation[0],
                                    column * stride[1] + v * dilation[1],
                                ]
                                stored = (-1 - u, -1 - v) if flip else (u, v)
                                total += float(value) * float(weight[o, c, *stored])
                    y[n, o, row, column] = total
    return y


def tiled2d_oracle(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Pair = (1, 1),
    sides: Sides = (0, 0, 0, 0),
    mode: str = "zeros",
) -> Array:
    """Cross-correlation with the kernel at (row mod TH, column mod TW) of (OC, TH, TW, C, KH, KW)."""
    padded = pad_oracle(x, sides, mode).astype(np.float64)
    out_channels, tile_rows, tile_columns, channels, kernel_rows, kernel_columns = weight.shape
    rows = output_size(padded.shape[2], kernel_rows, stride[0], 1)
    columns = output_size(padded.shape[3], kernel_columns, stride[1], 1)
    y = np.zeros((x.shape[0], out_channels, rows, columns))
    for n, o, row, column in np.ndindex(y.shape):
        kind = (o, row % tile_rows, column % tile_columns)
        total = 0.0 if bias is None else float(bias[kind])
        for c, u, v in np.ndindex(channels, kernel_rows, kernel_columns):
            total += float(padded[n, c, row * stride[0] + u, column * stride[1] + v]) * float(
                weight[*kind, c, u, v]
            )
        y[n, o, row, column] = total
    return y


def conv_transpose2d_oracle(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    output_padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
    groups: int = 1,
) -> Array:
    """Every input cell stamps the kernel, times its value, on the output; then the padding is cut off."""
    n_pictures, in_channels, height, width = x.shape
    _, out_per_group, kernel_rows, kernel_columns = weight.shape
    size = [
        (cells - 1) * stride[i] + dilation[i] * (weight.shape[2 + i] - 1) + 1 + output_padding[i]
        for i, cells in enumerate((height, width))
    ]
    y = np.zeros((n_pictures, out_per_group * groups, *size))
    for n in range(n_pictures):
        for c in range(in_channels):
            first = c // (in_channels // groups) * out_per_group
            for row in range(height):
                for column in range(width):
                    for o in range(out_per_group):
                        for u in range(kernel_rows):
                            for v in range(kernel_columns):
                                at = (row * stride[0] + u * dilation[0], column * stride[1] + v * dilation[1])
                                y[n, first + o, *at] += float(x[n, c, row, column]) * float(
                                    weight[c, o, u, v]
                                )
    y = y[:, :, padding[0] : size[0] - padding[0], padding[1] : size[1] - padding[1]]
    return y if bias is None else y + bias[:, None, None]


def windows(x: Array, kernel_size: Pair, stride: Pair, sides: Sides, dilation: Pair = (1, 1)) -> Iterator:
    """(picture, channel, row, column, values) of every window that fits; padding is not among the values."""
    top, bottom, left, right = sides
    rows = output_size(x.shape[2] + top + bottom, kernel_size[0], stride[0], dilation[0])
    columns = output_size(x.shape[3] + left + right, kernel_size[1], stride[1], dilation[1])
    for n, c, row, column in np.ndindex(x.shape[0], x.shape[1], rows, columns):
        values = []
        for u, v in np.ndindex(*kernel_size):
            i = row * stride[0] - top + u * dilation[0]
            j = column * stride[1] - left + v * dilation[1]
            if 0 <= i < x.shape[2] and 0 <= j < x.shape[3]:
                values.append(float(x[n, c, i, j]))
        yield n, c, row, column, values


def pool_oracle(
    x: Array,
    kernel_size: Pair,
    stride: Pair,
    reduce: Callable[[list[float]], float],
    sides: Sides = (0, 0, 0, 0),
    dilation: Pair = (1, 1),
) -> Array:
    """``reduce`` of the cells under every window; padding counts nowhere."""
    found = {(n, c, i, j): reduce(v) for n, c, i, j, v in windows(x, kernel_size, stride, sides, dilation)}
    y = np.empty(tuple(max(at) + 1 for at in zip(*found, strict=True)))
    for at, value in found.items():
        y[at] = value
    return y

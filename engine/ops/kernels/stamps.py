"""The gradient of a convolution by its input, as it is defined: every output stamps the kernels on the map.

For strides, and for few channels; else a convolution with the kernels turned round is faster.
"""

from __future__ import annotations

import numpy as np

from engine.geometry.axis import Axis
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.memory import Order, empty, workspace
from engine.ops.kernels.region import channels_last
from engine.ops.kernels.shares import Part, parts
from engine.ops.windows import tap
from engine.threads import TEAM
from engine.types import Array

STAMPS_BYTES = 1 << 22
"""Stamps that are made at once, before they are added up; where two parts meet, both make them."""

ENOUGH_CHANNELS = 16
"""From so many on, the cells of a map are worth having side by side, channel by channel."""

PRODUCTS_OF_A_TAP = 48
"""Multiplying so often takes as long as adding up one number of a stamp."""


def stamped(grad_output: Array, weight: Array, task: Convolution) -> Array:
    """Every output's gradient times the kernels, added to the cells under its window.

    Args:
        grad_output: (N, OC, OH, OW), in any memory order.
        weight: (OC, C / groups, KH, KW), as applied.
        task: zeros are around its input.

    Returns:
        (N, C, H, W).
    """
    if _is_narrow(task):
        return _stamped_by_rows(grad_output, weight, task)
    stamps = _Stamps(grad_output, weight, task)
    row_bytes = stamps.per_output * task.columns.outputs * task.rows.outputs // task.rows.size
    TEAM.each(stamps.add_up, parts(task.pictures, task.rows.size, row_bytes, STAMPS_BYTES))
    return stamps.grad


def _is_narrow(task: Convolution) -> bool:
    """Whether multiplying whole rows, zeros too, takes less than adding up the columns of the stamps."""
    columns = task.columns
    return task.groups == 1 < columns.kernel_size and (
        task.out_channels * columns.size <= PRODUCTS_OF_A_TAP * columns.kernel_size
    )


def _stamped_by_rows(grad_output: Array, weight: Array, task: Convolution) -> Array:
    """As ``stamped``, with the cells of a row as channels of their own: only rows remain to be added up."""
    n, out_channels, height, width = grad_output.shape
    channels, columns = task.in_channels, task.columns
    kernels = np.zeros(
        (out_channels, width, channels, max(columns.padded, columns.covered), len(weight[0, 0])), weight.dtype
    )
    for place in range(width):
        start = place * columns.stride
        # ockw->ocwk, where in its row this output stamps
        kernels[:, place, :, start : start + columns.span : columns.dilation] = weight.swapaxes(2, 3)
    inside = kernels[:, :, :, columns.before : columns.before + columns.size]
    rows = np.ascontiguousarray(grad_output.swapaxes(1, 2)).reshape(n, height, 1, -1).transpose(0, 3, 1, 2)
    wide = Convolution(n, channels * columns.size, out_channels * width, task.rows, Axis(1, 1))
    stamps = stamped(rows, inside.reshape(out_channels * width, channels * columns.size, -1, 1), wide)
    # n(cw)h1->nchw
    return np.ascontiguousarray(stamps.reshape(n, channels, columns.size, -1).swapaxes(2, 3))


class _Stamps:
    def __init__(self, grad_output: Array, weight: Array, task: Convolution) -> None:
        self.grad_output, self.task = grad_output, task
        kernel = (task.in_channels // task.groups, *task.kernel_size)
        self.per_output = task.in_channels * kernel[1] * kernel[2] * grad_output.itemsize
        self.order: Order = "nchw"
        # g(chw)o
        self.kernels: Array = weight.reshape(task.groups, -1, int(np.prod(kernel))).swapaxes(1, 2)
        if channels_last(grad_output) and task.groups == 1 and task.in_channels >= ENOUGH_CHANNELS:
            self.order = "nhwc"
            # o(hwc)
            self.kernels = np.ascontiguousarray(weight.transpose(0, 2, 3, 1)).reshape(len(weight), -1)
        shape = (task.pictures, task.in_channels, task.rows.size, task.columns.size)
        self.grad = empty(shape, self.order, grad_output.dtype)

    def add_up(self, part: Part) -> None:
        """Write some rows of some pictures, from all the outputs whose windows meet them."""
        rows, columns = self.task.rows, self.task.columns
        first, stop = part.rows.start + rows.before, part.rows.stop + rows.before
        earliest = max(0, -((rows.span - 1 - first) // rows.stride))
        latest = min(rows.outputs - 1, (stop - 1) // rows.stride)
        top = min(first, earliest * rows.stride)
        height = max(stop, latest * rows.stride + rows.span) - top
        sums = self._sums(part.batch, height, max(columns.padded, columns.covered))
        if latest >= earliest:
            stamps = self._stamps(self.grad_output[part.pictures, :, earliest : latest + 1])
            for i, j in np.ndindex(self.task.kernel_size):
                start = earliest * rows.stride + i * rows.dilation - top
                under = slice(start, start + (latest - earliest) * rows.stride + 1, rows.stride)
                sums[:, :, under, tap(columns, j)] += stamps[:, :, i, j]
        inside = slice(columns.before, columns.before + columns.size)
        self.grad[part.pictures, :, part.rows] = sums[:, :, first - top : stop - top, inside]

    def _sums(self, pictures: int, height: int, width: int) -> Array:
        """Zeros, (pictures, C, height, width)."""
        channels, dtype = self.task.in_channels, self.grad.dtype
        if self.order == "nhwc":
            sums = workspace("sums", (pictures, height, width, channels), dtype).transpose(0, 3, 1, 2)
        else:
            sums = workspace("sums", (pictures, channels, height, width), dtype)
        sums[...] = 0
        return sums

    def _stamps(self, grad: Array) -> Array:
        """Every output's stamp, (pictures, C, KH, KW, rows, OW)."""
        n, channels, height, width = grad.shape
        task = self.task
        if self.order == "nhwc":
            stamps = workspace("stamps", (n * height * width, self.kernels.shape[1]), grad.dtype)
            # po,ok->pk
            np.matmul(grad.transpose(0, 2, 3, 1).reshape(-1, channels), self.kernels, out=stamps)
            taken = stamps.reshape(n, height, width, *task.kernel_size, task.in_channels)
            return taken.transpose(0, 5, 3, 4, 1, 2)
        taps = self.kernels.shape[1]
        stamps = workspace("stamps", (n, task.groups, taps, height * width), grad.dtype)
        # gko,ngop->ngkp
        np.matmul(self.kernels, grad.reshape(n, task.groups, -1, height * width), out=stamps)
        return stamps.reshape(n, task.in_channels, *task.kernel_size, height, width)

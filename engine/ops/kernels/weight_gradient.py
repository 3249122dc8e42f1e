"""The gradient of a convolution by its weight: every window times what came back to its output.

Windows become the columns of a matrix, some pictures at a time, and are multiplied while they are in the
core's own cache. Only the taps of one row of a kernel are copied side by side: the next row's are the same
matrix, begun further down, since rows are its slowest axis and the pictures of a part come after them.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.memory import workspace
from engine.ops.kernels.region import channels_last, covered_region
from engine.ops.kernels.shares import Part, parts, summed
from engine.types import Array

COLUMNS_BYTES = 3 << 19
"""Columns that are multiplied at once."""

ENOUGH_CHANNELS = 32
"""With fewer output channels, neighbouring windows are multiplied together, as so many channels more: they
share most of their cells, and a product so narrow takes as long as a wider one."""


def dense_gradient(grad_output: Array, x: Array, task: Convolution) -> Array:
    """Every output's gradient times its window, summed over all windows.

    Args:
        grad_output: (N, OC, OH, OW), in any memory order.
        x: (N, C, H, W), likewise; zeros are around it.
        task: of one group.

    Returns:
        (OC, C, KH, KW), for the kernel as applied.
    """
    windows = _Windows(grad_output, x, task)
    kernel_rows, kernel_columns = task.kernel_size
    across, together = windows.across, windows.together
    shape = (kernel_rows, across * task.in_channels, together * task.out_channels)
    todo = parts(task.pictures, task.outputs[0], windows.row_bytes, COLUMNS_BYTES)
    total = summed(windows.add, todo, np.zeros(shape, x.dtype), task.multiply_adds)
    # Of windows multiplied together, the one at place i has its tap v in column i + v.
    each = total.reshape(kernel_rows, across, task.in_channels, together, task.out_channels)
    grad = each[:, :kernel_columns, :, 0]
    for i in range(1, together):
        grad = grad + each[:, i : i + kernel_columns, :, i]
    return np.ascontiguousarray(grad.transpose(3, 2, 0, 1))


class _Windows:
    """All windows as columns and all outputs as rows, for one part of them at a time.

    Both lie in the order in which the larger of the maps does.
    """

    def __init__(self, grad_output: Array, x: Array, task: Convolution) -> None:
        self.grad_output, self.x, self.task = grad_output, x, task
        rows, columns = task.rows, task.columns
        self.together = _together(task)
        self.places = columns.outputs // self.together
        self.across = columns.kernel_size + self.together - 1
        larger = grad_output if task.out_channels >= task.in_channels else x
        self.channels_last = self.together > 1 or channels_last(larger)
        # Taps whose rows leave the same remainder of the stride meet the same rows of the map, one of them
        # further down than the other: so many rows at most.
        self.below: dict[int, int] = {}
        for tap in range(rows.kernel_size):
            down, first = divmod(tap * rows.dilation, rows.stride)
            self.below[first] = down

    @property
    def row_bytes(self) -> int:
        """Of the columns of one row of outputs, and of the outputs."""
        columns = len(self.below) * self.across * self.task.in_channels
        return self.places * (columns + self.together * self.task.out_channels) * self.x.itemsize

    def add(self, part: Part, total: Array) -> None:
        """Add to (KH, across * C, together * OC) what one part of the outputs gives."""
        rows = self.task.rows
        axes = (rows, self.task.columns)
        grad = self._grad(part)
        region = covered_region(self.x, axes, part, self.channels_last, as_it_lies=self.across == 1)
        columns = {first: self._columns(region, first, part) for first in self.below}
        product = workspace("weight gradient", total.shape, total.dtype)
        for tap in range(rows.kernel_size):
            down, first = divmod(tap * rows.dilation, rows.stride)
            below = slice(down, down + part.height)
            met = columns[first][below] if self.channels_last else columns[first][:, :, below]
            # kp,po->ko
            np.matmul(self._as_rows(met, total.shape[1]).T, grad, out=product[tap])
        total += product

    def _grad(self, part: Part) -> Array:
        """(positions, together * OC): outputs a row after the other, in each the pictures."""
        grad = self.grad_output[part.pictures, :, part.rows]
        order = (2, 0, 3, 1) if self.channels_last else (1, 2, 0, 3)
        return self._as_rows(_dense(grad.transpose(order), "grad"), self.together * grad.shape[1])

    def _columns(self, region: Array, first: int, part: Part) -> Array:
        """Every ``stride``-th row from ``first`` on, its cells by taps.

        (rows, pictures, places, across, C), or with the last two axes in front.
        """
        rows, columns = self.task.rows, self.task.columns
        n, c, h, w = region.strides
        height, step = part.height + self.below[first], h * rows.stride
        place, tap = w * columns.stride * self.together, w * columns.dilation
        if self.channels_last:
            shape = (height, part.batch, self.places, self.across, region.shape[1])
            strides = (step, n, place, tap, c)
        else:
            shape = (self.across, region.shape[1], height, part.batch, self.places)
            strides = (tap, c, step, n, place)
        return _dense(as_strided(region[:, :, first:], shape, strides), f"columns {first}")

    def _as_rows(self, numbers: Array, width: int) -> Array:
        """(positions, width): a view, since what is merged lies side by side."""
        return numbers.reshape(-1, width) if self.channels_last else numbers.reshape(width, -1).T


def _together(task: Convolution) -> int:
    """How many windows of a row are multiplied together: no more than twice the cells of one are read."""
    columns = task.columns
    if columns.stride > 1 or columns.dilation > 1:
        return 1
    most = max(1, min(ENOUGH_CHANNELS // task.out_channels, columns.kernel_size))
    return next(some for some in range(most, 0, -1) if columns.outputs % some == 0)


def _dense(numbers: Array, name: str) -> Array:
    """The same numbers without gaps, in C order."""
    if numbers.flags.c_contiguous:
        return numbers
    copied = workspace(name, numbers.shape, numbers.dtype)
    copied[...] = numbers
    return copied

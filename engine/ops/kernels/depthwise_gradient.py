"""The gradient of a depthwise convolution by its weight: tap by tap, since no channel meets another."""

from __future__ import annotations

import numpy as np

from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.region import channels_last, covered_region
from engine.ops.kernels.shares import Part, parts, summed
from engine.ops.windows import tap
from engine.types import Array

CELLS_BYTES = 1 << 18
"""Cells and outputs that are multiplied at once; they are read again for every tap."""


def depthwise_gradient(grad_output: Array, x: Array, task: Convolution) -> Array:
    """Every output's gradient times its window, summed over all windows.

    Args:
        grad_output: (N, OC, OH, OW), in any memory order.
        x: (N, C, H, W), likewise; zeros are around it.
        task: with as many groups as input channels.

    Returns:
        (OC, 1, KH, KW), for the kernel as applied.
    """
    rows, columns = axes = (task.rows, task.columns)
    last, each = channels_last(grad_output), task.out_channels // task.in_channels

    def add(part: Part, total: Array) -> None:
        region = covered_region(x, axes, part, last)
        grad = grad_output[part.pictures, :, part.rows]
        for i, j in np.ndindex(task.kernel_size):
            first = i * rows.dilation
            met = region[:, :, first : first + part.height * rows.stride : rows.stride, tap(columns, j)]
            for o in range(each):
                total[i, j, o] += np.einsum("nchw,nchw->c", met, grad[:, o::each])

    row_bytes = columns.outputs * (rows.stride * columns.stride * task.in_channels + task.out_channels)
    todo = parts(task.pictures, task.outputs[0], row_bytes * x.itemsize, CELLS_BYTES)
    total = np.zeros((*task.kernel_size, each, task.in_channels), x.dtype)
    summed(add, todo, total, task.multiply_adds)
    return total.transpose(3, 2, 0, 1).reshape(task.out_channels, 1, *task.kernel_size)

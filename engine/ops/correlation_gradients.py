"""The way back through sliding kernels: what the map gets, and what the kernels get.

Arguments are taken as they are; ``conv2d`` and ``conv_transpose2d`` check them.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from engine.geometry.axis import Axis
from engine.ops.correlation import correlate
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.depthwise_gradient import depthwise_gradient
from engine.ops.kernels.region import channels_last
from engine.ops.kernels.stamps import stamped
from engine.ops.kernels.weight_gradient import dense_gradient
from engine.ops.windows import Axes, pad, pad_backward
from engine.types import Array

FEW_CHANNELS = 8
"""Input channels of a group below which turning the kernels round would make narrow products of long sums."""


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
    if any(axis.mode != "zeros" for axis in axes):
        return pad_backward(input_gradient(grad_output, weight, _padded(axes), groups), axes)
    in_per_group = weight.shape[1]
    many_channels = in_per_group >= FEW_CHANNELS or in_per_group == 1 < groups
    side_by_side = all(axis.stride == 1 for axis in axes)
    # Of the products that a convolution back makes, those with the zeros around the outputs are for nothing.
    mostly_outputs = 2 * prod(axis.outputs for axis in axes) > prod(axis.size for axis in axes)
    if side_by_side and many_channels and mostly_outputs:
        # A cell collects what its taps passed on: a convolution, with what was input as output.
        outputs, back = zip(*map(_turned, axes), strict=True)
        kernel = np.ascontiguousarray(_exchanged(weight, groups)[:, :, ::-1, ::-1])
        return correlate(grad_output[:, :, outputs[0], outputs[1]], kernel, back, groups)
    task = Convolution(len(grad_output), in_per_group * groups, len(weight), *axes, groups)
    return stamped(grad_output, weight, task)


def _padded(axes: Axes) -> Axes:
    """The same windows over the map that ``pad`` returns."""
    rows, columns = (
        replace(axis, size=max(axis.padded, axis.covered), before=0, after=0, mode="zeros") for axis in axes
    )
    return rows, columns


def _turned(axis: Axis) -> tuple[slice, Axis]:
    """The way back from stride 1: which outputs are read, and how."""
    # Outputs that lie wholly in the padding belong to no cell.
    before, after = axis.span - 1 - axis.before, axis.span - 1 - axis.after
    outputs = slice(max(0, -before), axis.outputs - max(0, -after))
    size = outputs.stop - outputs.start
    return outputs, Axis(size, axis.kernel_size, 1, axis.dilation, max(0, before), max(0, after))


def _exchanged(weight: Array, groups: int) -> Array:
    """(C, OC / groups, KH, KW): within each group, what was an input channel is an output channel."""
    out_channels, in_per_group, *kernel_size = weight.shape
    grouped = weight.reshape(groups, out_channels // groups, in_per_group, *kernel_size)
    return grouped.swapaxes(1, 2).reshape(groups * in_per_group, out_channels // groups, *kernel_size)


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
    rows, columns = axes
    if rows.mode != "zeros" or columns.mode != "zeros":
        x = pad(x, axes)
        rows, columns = _padded(axes)
    if groups == x.shape[1] > 1:
        task = Convolution(len(x), groups, grad_output.shape[1], rows, columns, groups)
        return depthwise_gradient(grad_output, x, task)
    ins, outs = x.shape[1] // groups, grad_output.shape[1] // groups
    task = Convolution(len(x), ins, outs, rows, columns)
    grads = [
        dense_gradient(grad_output[:, g * outs : (g + 1) * outs], x[:, g * ins : (g + 1) * ins], task)
        for g in range(groups)
    ]
    return grads[0] if groups == 1 else np.concatenate(grads)


def bias_gradient(grad_output: Array) -> Array:
    """A channel's gradients, summed over all pictures and places.

    Args:
        grad_output: (N, OC, OH, OW).

    Returns:
        (OC,).

    >>> bias_gradient(np.ones((2, 3, 4, 5))).tolist()
    [40.0, 40.0, 40.0]
    """
    n, channels, *size = grad_output.shape
    ones = np.ones(prod(size), dtype=grad_output.dtype)
    # A product for each picture: summing rows of a few channels would take several times as long.
    if channels_last(grad_output):
        # p,npc->nc
        by_picture = ones @ grad_output.transpose(0, 2, 3, 1).reshape(n, -1, channels)
    else:
        # ncp,p->nc
        by_picture = grad_output.reshape(n, channels, -1) @ ones
    by_channel: Array = by_picture.sum(axis=0)
    return by_channel

"""Depthwise convolution: every channel has kernels of its own, and there is no matrix to multiply.

Channels lie side by side, so one row of outputs of all channels is one run of numbers: the sum over the taps
of a run of the input times a run of weights, which repeat cell after cell. ``einsum`` does it in one pass a
tap. A multiplication and an addition take two, and 1.5 times as long; banded matrices, which make a matrix
product of it, multiply with zeros mostly: 1.3 times as long on maps of 112×112, 7 times on 7×7.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.geometry.axis import Axis
from engine.ops.kernels.algorithm import Algorithm, Finish
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.memory import Scratch, in_order
from engine.threads import TEAM, Part, Program
from engine.types import Array, Pair

RUN = 8192
"""Numbers of a run at most: long enough to keep the arithmetic busy, and a few of them stay in the cache."""

BLOCK = 1 << 21
"""Products of a block of rows, about 0.4 ms: for less it does not pay to wake another thread."""

Block: TypeAlias = tuple[slice, slice]
"""Pictures, and rows of their outputs."""


class Prepared(NamedTuple):
    """Weights and biases, repeated for so many cells as a run has.

    Args:
        taps: (KH, column taps, run).
        bias: (cells, OC) or None.
    """

    taps: Array
    bias: Array | None


class Depthwise(Algorithm):
    """A kernel, or several, for every channel.

    Columns in steps of s: s cells of a row count as one cell of s times the channels, over which windows
    slide in steps of 1. What the s parts of such a cell give is added up at the end, and taps that the
    kernel does not have weigh 0: 12 products in place of 9 for 3×3 windows in steps of 2, but in long runs.
    """

    name = "depthwise"
    order = "nhwc"

    def suits(self, task: Convolution) -> bool:
        return task.groups == task.in_channels

    def reach(self, task: Convolution) -> Pair:
        spacing, taps = _column_taps(task.columns)
        step = task.columns.stride
        columns = (taps - 1) * spacing + task.columns.outputs * step
        return task.reach[0], max(task.reach[1], columns)

    def prepare(self, weight: Array, bias: Array | None, task: Convolution) -> Prepared:
        out_channels, _, kernel_rows, kernel_columns = weight.shape
        spacing, taps = _column_taps(task.columns)
        step = task.columns.stride
        by_tap = np.zeros((kernel_rows, taps, step, out_channels), weight.dtype)
        for j in range(kernel_columns):
            tap, part = divmod(j * task.columns.dilation, spacing)
            by_tap[:, tap, part] = weight[:, 0, :, j].T
        cells = _cells(task)
        runs = np.tile(by_tap.reshape(kernel_rows, taps, -1), cells)
        return Prepared(runs, None if bias is None else np.tile(bias, (cells, 1)))

    def bind(
        self, x: Array, prepared: Prepared, task: Convolution, y: Array, finish: Finish, scratch: Scratch
    ) -> Program:
        inputs, outputs = in_order(x, "nhwc"), in_order(y, "nhwc")
        phases: Program = []
        kernels = task.out_channels // task.in_channels
        if kernels > 1:
            # Every channel as often as it has kernels.
            repeated = scratch.take("depthwise input", (*inputs.shape, kernels), x.dtype)
            phases.append([[partial(np.copyto, repeated, inputs[..., None])]])
            inputs = repeated.reshape(*inputs.shape[:3], task.out_channels)
        windows = _windows(inputs, task)
        cells, blocks = _cells(task), _blocks(task)
        parts: list[Part] = [[] for _ in range(min(TEAM.size, len(blocks)))]
        for i, block in enumerate(blocks):
            thread = i * len(parts) // len(blocks)
            for first in range(0, task.columns.outputs, cells):
                own = outputs[*block, first : first + cells]
                size = task.columns.stride * own.shape[2] * own.shape[3]
                begin = task.columns.stride * first * own.shape[3]
                read = windows[*block, ..., begin : begin + size]
                sums = own.reshape(*own.shape[:2], -1, copy=False)
                if task.columns.stride > 1:
                    sums = scratch.take(f"depthwise {thread}", (*own.shape[:2], size), x.dtype)
                parts[thread] += _steps(read, prepared, sums, own)
            parts[thread] += finish.steps(y, *block)
        return [*phases, parts]


def _steps(windows: Array, prepared: Prepared, sums: Array, outputs: Array) -> Part:
    """A run of every row.

    Args:
        windows: (N, rows, KH, column taps, run).
        sums: (N, rows, run), written to: the outputs themselves where columns go in steps of 1.
        outputs: (N, rows, cells, OC), written to.
    """
    n, rows, cells, channels = outputs.shape
    taps = prepared.taps[..., : sums.shape[2]]
    steps: Part = [partial(np.einsum, "nhuvx,uvx->nhx", windows, taps, out=sums)]
    parts = sums.reshape(n, rows, cells, -1, channels)
    if parts.shape[3] > 1:
        steps.append(partial(np.add, parts[..., 0, :], parts[..., 1, :], out=outputs))
        steps += [
            partial(np.add, outputs, parts[..., part, :], out=outputs) for part in range(2, parts.shape[3])
        ]
    if prepared.bias is not None:
        steps.append(partial(np.add, outputs, prepared.bias[:cells], out=outputs))
    return steps


def _column_taps(columns: Axis) -> Pair:
    """(cells from one tap to the next, taps)."""
    spacing = columns.dilation if columns.stride == 1 else columns.stride
    return spacing, (columns.span - 1) // spacing + 1


def _cells(task: Convolution) -> int:
    """Outputs of a row that make a run."""
    columns = task.columns
    most = max(1, RUN // (columns.stride * task.out_channels))
    runs = -(-columns.outputs // most)
    return -(-columns.outputs // runs)


def _windows(x: Array, task: Convolution) -> Array:
    """(N, OH, KH, column taps, numbers of a row of outputs): all that is read, a view."""
    rows, columns = task.rows, task.columns
    spacing, taps = _column_taps(columns)
    n, h, w, _ = x.strides
    return as_strided(
        x,
        (len(x), rows.outputs, rows.kernel_size, taps, columns.outputs * columns.stride * x.shape[3]),
        (n, rows.stride * h, rows.dilation * h, spacing * w, x.itemsize),
        writeable=False,
    )


def _blocks(task: Convolution) -> list[Block]:
    """Whole pictures, or rows of one, of at most ``BLOCK`` products each; as many for every thread."""
    (rows, columns), step = task.outputs, task.columns.stride
    products = task.rows.kernel_size * _column_taps(task.columns)[1] * step * columns * task.out_channels
    pictures = max(1, BLOCK // (products * rows))
    parts = -(-products * rows // BLOCK)
    height = rows if parts < 2 else -(-rows // (TEAM.size * -(-parts // TEAM.size)))
    return [
        (slice(n, n + pictures), slice(first, first + height))
        for n in range(0, task.pictures, pictures)
        for first in range(0, rows, height)
    ]

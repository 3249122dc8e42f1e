"""Windows copied out as columns of a matrix, in bands that stay in the cache, and one product for each band.

Source: Chellapilla, Puri & Simard, "High performance convolutional neural networks for document processing"
(2006). Book: im2col.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.ops.kernels.algorithm import Algorithm, Finish
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.memory import Order, Scratch
from engine.threads import TEAM, WORTH_SHARING, Part, Program, cut
from engine.types import Array

BAND_BYTES = 1 << 21
"""Columns that are unrolled at once."""

FEW_POSITIONS = 256
"""With so few outputs a channel, threads share the channels: every kernel is read once."""


class Prepared(NamedTuple):
    """Kernels (groups, taps, OC / groups) for "nhwc"; (groups, OC / groups, taps and bias) for "nchw"."""

    kernels: Array
    bias: Array | None


class Band(NamedTuple):
    """Outputs that are computed together."""

    pictures: slice
    rows: slice


class Im2col(Algorithm):
    """Any convolution.

    Args:
        order: "nhwc" multiplies (positions, taps) @ (taps, OC), better with many output channels; "nchw"
            (OC, taps) @ (taps, positions), better with few.
    """

    def __init__(self, order: Order) -> None:
        self.order = order  # type: ignore[misc]

    def suits(self, task: Convolution) -> bool:
        return True

    def prepare(self, weight: Array, bias: Array | None, task: Convolution) -> Prepared:
        of_group = weight.reshape(task.groups, -1, *weight.shape[1:])
        if self.order == "nchw":
            kernels = of_group.reshape(*of_group.shape[:2], -1)
            if bias is not None:
                kernels = np.concatenate([kernels, bias.reshape(task.groups, -1, 1)], axis=2)
        else:
            # gockl->g (klc) o
            kernels = of_group.transpose(0, 3, 4, 2, 1).reshape(task.groups, -1, of_group.shape[1])
        shape = (task.groups, -1, 1) if self.order == "nchw" else (task.groups, 1, -1)
        return Prepared(np.ascontiguousarray(kernels), None if bias is None else bias.reshape(shape))

    def prepared_for(self, task: Convolution) -> Hashable:
        return task.groups

    def bind(
        self, x: Array, prepared: Prepared, task: Convolution, y: Array, finish: Finish, scratch: Scratch
    ) -> Program:
        threads = TEAM.size if task.multiply_adds >= WORTH_SHARING else 1
        positions = task.pictures * task.outputs[0] * task.outputs[1]
        job = _Job(self.order, task, x, y, prepared, finish, scratch)
        if threads > 1 and positions <= FEW_POSITIONS and task.groups == 1 and finish.residual is None:
            return job.by_channels(threads)
        parts: list[Part] = [[] for _ in range(threads)]
        bands = _bands(task, threads, x.itemsize)
        for i, band in enumerate(bands):
            thread = i * threads // len(bands)
            parts[thread] += job.band(band, thread)
        return [[part for part in parts if part]]


def _bands(task: Convolution, threads: int, itemsize: int) -> list[Band]:
    """Rows of a picture, or whole pictures, whose columns take about BAND_BYTES; one for each thread."""
    taps = task.kernel_size[0] * task.kernel_size[1] * task.in_channels
    rows, width = task.outputs
    picture = taps * rows * width * itemsize
    if picture * 2 <= BAND_BYTES and task.pictures >= threads:
        parts = max(threads, -(-task.pictures * picture // BAND_BYTES))
        return [Band(some, slice(0, rows)) for some in cut(task.pictures, parts)]
    parts = max(round(picture / BAND_BYTES), threads if task.pictures < threads else 1)
    return [Band(slice(n, n + 1), some) for n in range(task.pictures) for some in cut(rows, parts)]


class _Job(NamedTuple):
    order: Order
    task: Convolution
    x: Array
    y: Array
    prepared: Prepared
    finish: Finish
    scratch: Scratch

    def band(self, band: Band, thread: int) -> Part:
        """Columns, product, bias, and to where it belongs."""
        copying, columns = self.columns(band, thread)
        return copying + self.product(band, columns, slice(None), thread)

    def by_channels(self, threads: int) -> Program:
        """Columns once, and every thread the product with some of the kernels."""
        task = self.task
        whole = Band(slice(0, task.pictures), slice(0, task.outputs[0]))
        copying, columns = self.columns(whole, 0)
        some = cut(task.out_channels, threads)
        return [[copying], [self.product(whole, columns, share, i) for i, share in enumerate(some)]]

    def columns(self, band: Band, thread: int) -> tuple[Part, Array]:
        """(groups, positions, taps) for "nhwc", (groups, taps, positions) for "nchw"."""
        windows = self._windows(band)
        g, n, c, kh, kw, oh, ow = windows.shape
        axes = (0, 2, 3, 4, 1, 5, 6) if self.order == "nchw" else (0, 1, 5, 6, 3, 4, 2)
        source = windows.transpose(axes)
        taps, positions = c * kh * kw, n * oh * ow
        shape = (g, taps, positions) if self.order == "nchw" else (g, positions, taps)
        # Windows of one cell, side by side, are a matrix as they lie.
        as_they_lie = source.reshape(shape) if kh * kw == 1 else None
        if as_they_lie is not None and np.may_share_memory(as_they_lie, source):
            return [], as_they_lie
        name = f"columns {thread}"
        if self.order == "nhwc" or self.prepared.bias is None:
            columns = self.scratch.take(name, source.shape, self.x.dtype)
            return [partial(np.copyto, columns, source)], columns.reshape(shape)
        # Below the taps a row of ones, with which the product adds the biases.
        columns = self.scratch.take(name, (g, taps + 1, positions), self.x.dtype)
        into = columns[:, :taps].reshape(source.shape, copy=False)
        return [partial(np.copyto, into, source), partial(np.copyto, columns[:, taps], 1.0)], columns

    def product(self, band: Band, columns: Array, share: slice, thread: int) -> Part:
        """Multiply columns with a share of the kernels."""
        kernels, bias = self.prepared
        y = self.y[band.pictures, share, band.rows]
        n, channels, oh, ow = y.shape
        groups = self.task.groups
        if self.order == "nchw":
            left, right = kernels[:, share, : columns.shape[1]], columns
            bias = None if bias is None or left.shape[2] == kernels.shape[2] else bias[:, share]
            shape: tuple[int, ...] = (groups, channels // groups, n, oh, ow)
            axes = (2, 0, 1, 3, 4)
        else:
            left, right = columns, kernels[:, :, share]
            bias = None if bias is None else bias[:, :, share]
            shape = (groups, n, oh, ow, channels // groups)
            axes = (1, 0, 4, 2, 3)
        target = as_strided(
            y,
            (n, groups, channels // groups, oh, ow),
            (y.strides[0], channels // groups * y.strides[1], *y.strides[1:]),
        )
        matrix = (groups, left.shape[1], right.shape[2])
        places = target.transpose(np.argsort(axes))
        out = places.reshape(matrix)
        without_gaps = np.may_share_memory(out, y)
        if not without_gaps:
            out = self.scratch.take(f"outputs {thread}", matrix, self.x.dtype)
        steps: Part = [partial(np.matmul, left, right, out=out)]
        if bias is not None:
            steps.append(partial(np.add, out, bias, out=out))
        if not without_gaps:
            steps += self.finish.place(out.reshape(shape).transpose(axes), target)
        elif self.finish.residual is None:
            steps += self.finish.steps(out[None], slice(None), slice(None))
        if self.finish.residual is not None:
            steps += self.finish.steps(self.y, band.pictures, band.rows)
        return steps

    def _windows(self, band: Band) -> Array:
        """(groups, N, C / groups, KH, KW, rows, OW) of a band: a view."""
        task = self.task
        x = self.x[band.pictures, :, band.rows.start * task.rows.stride :]
        n, c, h, w = x.strides
        of_group = task.in_channels // task.groups
        rows, columns = task.rows, task.columns
        return as_strided(
            x,
            (
                task.groups,
                len(x),
                of_group,
                *task.kernel_size,
                band.rows.stop - band.rows.start,
                task.outputs[1],
            ),
            (
                of_group * c,
                n,
                c,
                h * rows.dilation,
                w * columns.dilation,
                h * rows.stride,
                w * columns.stride,
            ),
        )

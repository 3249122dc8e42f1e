"""Compact lowering: im2col along the rows alone, whose matrices are overlapping views of one another.

Every row of the map is written KW times, each time a cell further; then KH rows of it, one below the other,
are all that a row of outputs multiplies: (OC, KH C KW) @ (KH C KW, OW). The next row of outputs begins one
row further down in the same memory. im2col would write KH times as much. With one kernel the product is one
of a vector, whose matrix BLAS reads as it lies; banded matrices for several rows at once multiply zeros too,
and BLAS copies them first.
Source: Cho & Brand, "MEC: memory-efficient convolution for deep neural network" (2017).
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.ops.kernels.algorithm import NOTHING_MORE, Algorithm, Finish
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.memory import Order, workspace
from engine.ops.kernels.pieces import WIDTH, Piece, known, moved, pieces
from engine.threads import TEAM
from engine.types import Array

PIECE_BYTES = 4 << 20
"""Lowered rows of a piece: what Python does between two products is noticed less, the larger they are."""


class Lowered(NamedTuple):
    """A weight as ``CompactLowering`` multiplies it."""

    weight: Array
    """(groups, 1, OC / groups, KH * C / groups * KW)."""
    bias: Array | None
    """(groups, OC / groups, 1, 1)."""


class CompactLowering(Algorithm):
    """A product for every row of outputs, over rows that were copied KW times."""

    name: ClassVar[str] = "compact-lowering"
    order: ClassVar[Order] = "nchw"
    takes_unpadded: ClassVar[bool] = True

    def suits(self, task: Convolution) -> bool:
        """Windows side by side, in any number of groups."""
        return task.side_by_side

    def prepare(self, weight: Array, bias: Array | None, task: Convolution) -> Lowered:
        groups, outputs = task.groups, task.out_channels // task.groups
        # oc,c,kh,kw -> oc, kh c kw
        rows = np.ascontiguousarray(weight.transpose(0, 2, 1, 3)).reshape(groups, 1, outputs, -1)
        return Lowered(rows, None if bias is None else bias.reshape(groups, outputs, 1, 1))

    def run(
        self, x: Array, prepared: Lowered, task: Convolution, y: Array, finish: Finish = NOTHING_MORE
    ) -> None:
        weight, bias = prepared

        def compute(piece: Piece) -> None:
            outputs = piece.outputs(y, task)
            np.matmul(weight[piece.groups], _lower(piece, x, task), out=outputs.swapaxes(2, 3))
            if bias is not None:
                np.add(outputs, bias[piece.groups], out=outputs)
            piece.finish(y, task, finish)

        size = PIECE_BYTES // (x.itemsize * task.kernel_size[1] * (task.in_channels // task.groups))
        TEAM.each(compute, pieces(task, max(size, WIDTH), (task.outputs[0], WIDTH)))


def _lower(piece: Piece, x: Array, task: Convolution) -> Array:
    """The matrix of every row of outputs of a piece, (pictures, groups, rows, KH * C * KW, columns)."""
    kernel_rows, kernel_columns = task.kernel_size
    maps, (top, left) = piece.place(x, task)
    n, groups, channels, height, cells = maps.shape
    outputs, width = piece.rows.stop - piece.rows.start, piece.columns.stop - piece.columns.start
    shape = (n, groups, outputs + kernel_rows - 1, channels, kernel_columns, width)
    lowered = workspace("lowered", shape, x.dtype)
    rows = known(top, shape[2], height)
    lowered[:, :, : rows.start] = lowered[:, :, rows.stop :] = 0
    # n,g,c,h,w -> n,g,h,c,w
    into, maps = lowered[:, :, rows], maps[:, :, :, moved(rows, top)].swapaxes(2, 3)
    # Where every tap has a cell, all taps are copied in one pass over the map.
    inside = known(left, width, max(0, cells - kernel_columns + 1))
    taps = as_strided(
        maps[..., moved(inside, left)],
        (*maps.shape[:4], kernel_columns, inside.stop - inside.start),
        (*maps.strides[:4], maps.strides[4], maps.strides[4]),
    )
    into[..., inside] = taps
    for edge in (slice(0, inside.start), slice(inside.stop, width)):
        into[..., edge] = 0
        for tap in range(kernel_columns if edge.start < edge.stop else 0):
            some = known(left + tap + edge.start, edge.stop - edge.start, cells)
            into[..., tap, moved(some, edge.start)] = maps[..., moved(some, left + tap + edge.start)]
    sn, sg, sh, _, sk, sw = lowered.strides
    matrix = (n, groups, outputs, kernel_rows * channels * kernel_columns, width)
    return as_strided(lowered, matrix, (sn, sg, sh, sk, sw))

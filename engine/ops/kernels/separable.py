"""Separable convolution: rows first, then columns, for kernels that are few products of a column and a row.

A kernel of rank r is Σ uᵢ vᵢᵀ, so its windows cost r (KH + KW) products where the definition takes KH KW.
Boxes, Gaussians and Sobel's kernels have rank 1, sharpening and the Laplacian rank 2.
Source: Burger & Burge, Digital Image Processing (2nd ed. 2016), section 5.3.3; by singular values: Rigamonti
et al., "Learning separable filters" (2013).
"""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.ops.kernels.algorithm import NOTHING_MORE, Algorithm, Finish
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.memory import Order, workspace
from engine.ops.kernels.pieces import WIDTH, Piece, pieces
from engine.threads import TEAM
from engine.types import Array, Integers

PIECE_BYTES = 3 << 20
"""Rows of a piece after the first pass: what Python does between two products is noticed less, the more."""

ROUNDINGS = 8
"""Singular values of at most so many roundings of the largest are what rounding the kernel left: dropped."""


class Factors(NamedTuple):
    """A weight as ``Separable`` multiplies it; every channel has the same number of terms, some of them 0."""

    rows: Array
    """(groups, C / groups, terms, width + KW - 1, width): banded, the rows vᵢ of the kernels."""
    columns: Array
    """(groups, 1, OC / groups, KH * C / groups * terms): the columns uᵢ."""
    bias: Array | None
    """(groups, OC / groups, 1, 1)."""


def row_rank(weight: Array, groups: int = 1) -> int:
    """Rows that all kernels of an input channel are made of, the most of any channel: 1 is separable.

    Args:
        weight: (OC, C / groups, KH, KW).
        groups: as in ``conv2d``; only kernels of the same group read the same channel.

    >>> row_rank(np.array([[[[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]]]))
    1
    >>> row_rank(np.array([[[[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]]]))
    2
    """
    return int(_ranks(np.linalg.svd(_stacked(weight, groups), compute_uv=False), weight.dtype).max())


class Separable(Algorithm):
    """A banded product along the rows, then one along the columns, for every term of the kernels."""

    name: ClassVar[str] = "separable"
    order: ClassVar[Order] = "nchw"
    takes_unpadded: ClassVar[bool] = True

    def suits(self, task: Convolution) -> bool:
        """Windows side by side. It computes kernels of any rank: ``row_rank`` says whether it is quick."""
        return task.side_by_side

    def prepare(self, weight: Array, bias: Array | None, task: Convolution) -> Factors:
        groups, outputs = task.groups, task.out_channels // task.groups
        kernel_rows, kernel_columns = task.kernel_size
        u, s, v = np.linalg.svd(_stacked(weight, groups), full_matrices=False)
        terms = int(_ranks(s, weight.dtype).max())
        # g,c,(o kh),t -> g,o,(kh c t)
        columns = (u * s[..., None, :])[..., :terms].reshape(groups, -1, outputs, kernel_rows, terms)
        columns = columns.transpose(0, 2, 3, 1, 4).reshape(groups, 1, outputs, -1)
        # An output is a column of the band: its taps begin one cell further down than its neighbour's.
        width = _band(task)
        rows = np.zeros((*v.shape[:2], terms, width + kernel_columns - 1, width), weight.dtype)
        for j in range(width):
            rows[..., j : j + kernel_columns, j] = v[:, :, :terms]
        return Factors(
            rows,
            np.ascontiguousarray(columns, weight.dtype),
            None if bias is None else bias.reshape(groups, outputs, 1, 1),
        )

    def run(
        self, x: Array, prepared: Factors, task: Convolution, y: Array, finish: Finish = NOTHING_MORE
    ) -> None:
        def compute(piece: Piece) -> None:
            outputs = piece.outputs(y, task)
            height, width = outputs.shape[-2:]
            passed = _along_rows(piece.inputs(x, task), prepared.rows[piece.groups], width)
            sn, sg, sh, _, st, sw = passed.strides
            taps = prepared.columns.shape[-1]
            windows = as_strided(passed, (*passed.shape[:2], height, taps, width), (sn, sg, sh, st, sw))
            np.matmul(prepared.columns[piece.groups], windows, out=outputs.swapaxes(2, 3))
            if prepared.bias is not None:
                np.add(outputs, prepared.bias[piece.groups], out=outputs)
            piece.finish(y, task, finish)

        channels, terms = prepared.rows.shape[1:3]
        size = PIECE_BYTES // (x.itemsize * channels * terms)
        TEAM.each(compute, pieces(task, max(size, WIDTH), (task.outputs[0], WIDTH)))


def _along_rows(x: Array, bands: Array, width: int) -> Array:
    """The first pass: inputs (N, G, C, H, W) to (N, G, H, C, terms, width)."""
    n, groups, channels, height, _ = x.shape
    terms, reach, band = bands.shape[2:]
    passed = workspace("separable rows", (n, groups, height, channels, terms, width), x.dtype)
    whole = width - width % band
    sn, sg, sc, sh, sw = x.strides
    # n,g,c,1,band,h,reach @ g,c,t,1,reach,band
    taken = as_strided(
        x, (n, groups, channels, 1, whole // band, height, reach), (sn, sg, sc, 0, band * sw, sh, sw)
    )
    into = passed[..., :whole].reshape(*passed.shape[:5], -1, band).transpose(0, 1, 3, 4, 5, 2, 6)
    np.matmul(taken, bands[:, :, :, None], out=into)
    if rest := width - whole:
        last = bands[..., : reach - band + rest, :rest]
        np.matmul(x[:, :, :, None, :, whole:], last, out=passed[..., whole:].transpose(0, 1, 3, 4, 2, 5))
    return passed


def _band(task: Convolution) -> int:
    """Outputs of a banded product: long bands multiply zeros, short ones read their cells over and over."""
    return min(task.outputs[1], 16 if task.kernel_size[1] < 24 else 32)


def _stacked(weight: Array, groups: int) -> Array:
    """Kernels of an input channel below one another, (groups, C / groups, OC / groups * KH, KW); float64."""
    outputs, channels, rows, columns = weight.shape
    grouped = weight.astype(np.float64).reshape(groups, outputs // groups, channels, rows, columns)
    return grouped.transpose(0, 2, 1, 3, 4).reshape(groups, channels, -1, columns)


def _ranks(singular: Array, dtype: np.dtype[Any]) -> Integers:
    """How many singular values (…, n), the largest first, are more than rounding; at least 1."""
    least = ROUNDINGS * float(np.finfo(dtype).eps) * singular[..., :1]
    ranks: Integers = np.maximum(1, np.count_nonzero(singular > least, axis=-1))
    return ranks

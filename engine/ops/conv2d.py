"""Two-dimensional convolution: each output is a window's products with a kernel, summed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.errors import EngineError
from engine.explanation import Explanation, Formula, Terms
from engine.geometry.axis import PADDING_MODES, PaddingMode
from engine.geometry.padding import Padding, window_axes
from engine.geometry.receptive_field import Region
from engine.ops.operation import Operation, Weights, require_map, require_shape
from engine.ops.parameters import parameter
from engine.ops.windows import (
    Axes,
    add_windows,
    index_grid,
    pad,
    window_of,
    window_terms,
    window_uses,
    window_view,
    windows_region,
)
from engine.types import Array, Cell, Integers, Pair, Shape

BAND_BYTES = 8 << 20
"""Columns are unrolled in bands of output rows of about this size, so that memory stays flat."""


class Conv2dCache(NamedTuple):
    """What ``conv2d_backward`` needs of the forward call."""

    x: Array
    weight: Array
    axes: Axes
    groups: int
    flip: bool
    has_bias: bool


class Conv2dGrads(NamedTuple):
    """Gradients by x (N, C, H, W), weight (OC, C / groups, KH, KW) and bias (OC,) or None."""

    x: Array
    weight: Array
    bias: Array | None


def conv2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Pair = (1, 1),
    padding: Padding = 0,
    padding_mode: PaddingMode = "zeros",
    dilation: Pair = (1, 1),
    groups: int = 1,
    flip: bool = False,
) -> tuple[Array, Conv2dCache]:
    """Slide kernels over a map and sum the products: cross-correlation, unless ``flip``.

    Args:
        x: (N, C, H, W), float32 or float64.
        weight: (OC, C / groups, KH, KW); output channel o belongs to group o // (OC / groups).
        bias: (OC,) or None.
        stride, dilation: cells, (rows, columns), at least 1; dilation 1 means none.
        padding: see ``geometry.padding.resolve_padding``.
        padding_mode: what the padding cells hold.
        groups: divides C and OC; groups = C is the depthwise convolution.
        flip: turn the kernel by 180° first: the convolution of the mathematics books.

    Returns:
        (N, OC, OH, OW) in the dtype of x, and the cache for ``conv2d_backward``.

    Raises:
        EngineError: shapes that do not fit (``shape-mismatch``, ``groups-do-not-divide``,
            ``kernel-too-large``, ``padding-too-large``).

    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), eq. 9.6 (flip=False), 9.4 (flip=True).

    >>> x = np.arange(9, dtype=np.float32).reshape(1, 1, 3, 3)
    >>> y, _ = conv2d(x, np.ones((1, 1, 2, 2), dtype=np.float32))
    >>> y[0, 0]
    array([[ 8., 12.],
           [20., 24.]], dtype=float32)
    """
    in_channels, rows, columns = require_map("conv2d", x.shape)
    n, (out_channels, _, *kernel_size) = x.shape[0], weight.shape
    require_groups(groups, in_channels, out_channels)
    require_shape("weight", weight.shape, (out_channels, in_channels // groups, *kernel_size))
    if bias is not None:
        require_shape("bias", bias.shape, (out_channels,))
    axes = window_axes((rows, columns), weight.shape[2:], stride, padding, dilation, padding_mode)
    windows = window_view(pad(x, axes), axes)
    kernel = _applied(weight, flip).reshape(groups, out_channels // groups, -1)
    y = np.empty((n, out_channels, axes[0].outputs, axes[1].outputs), dtype=x.dtype)
    band = _band_rows(windows)
    for picture in range(n):
        for channels, outputs, of_group in _groups(in_channels, out_channels, kernel):
            for top in range(0, axes[0].outputs, band):
                # ok,khw->ohw
                taps = windows[picture, channels, :, :, top : top + band]
                products = of_group @ taps.reshape(kernel.shape[2], -1)
                y[picture, outputs, top : top + band] = products.reshape(-1, *taps.shape[3:])
    if bias is not None:
        y += bias[:, None, None]
    return y, Conv2dCache(x, weight, axes, groups, flip, bias is not None)


def conv2d_backward(grad_output: Array, cache: Conv2dCache) -> Conv2dGrads:
    """Gradients of a convolution.

    y[o] = Σ w[o,k] · col[k] for every window, so dw[o,k] = Σ dy[o] · col[k] over all windows, and
    dcol[k] = Σ w[o,k] · dy[o] over the kernels, each entry added back to the cell it was read from.

    Args:
        grad_output: (N, OC, OH, OW).
    """
    x, weight, axes, groups, flip, has_bias = cache
    grad_weight = weight_gradient(grad_output, x, axes, groups)
    return Conv2dGrads(
        input_gradient(grad_output, _applied(weight, flip), axes, groups),
        np.ascontiguousarray(_applied(grad_weight, flip)),
        grad_output.sum(axis=(0, 2, 3)) if has_bias else None,
    )


def input_gradient(grad_output: Array, weight: Array, axes: Axes, groups: int) -> Array:
    """Every output's gradient times the kernel, added to the cells under its window.

    Args:
        grad_output: (N, OC, OH, OW).
        weight: (OC, C / groups, KH, KW), as applied.
        axes: the row axis and the column axis.
        groups: as in ``conv2d``.

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
        groups: as in ``conv2d``.

    Returns:
        (OC, C / groups, KH, KW), for the kernel as applied.
    """
    windows = window_view(pad(x, axes), axes)
    n, in_channels, kernel_rows, kernel_columns = windows.shape[:4]
    shape = (grad_output.shape[1], in_channels // groups, kernel_rows, kernel_columns)
    grad_weight = np.zeros(shape, dtype=x.dtype)
    grad_kernel = grad_weight.reshape(groups, shape[0] // groups, -1)
    for picture in range(n):
        for channels, outputs, of_group in _groups(in_channels, shape[0], grad_kernel):
            columns = windows[picture, channels].reshape(of_group.shape[1], -1)
            # op,kp->ok
            of_group += grad_output[picture, outputs].reshape(of_group.shape[0], -1) @ columns.T
    return grad_weight


def explain_conv2d(
    x: Array,
    weight: Array,
    bias: Array | None,
    axes: Axes,
    cell: Cell,
    *,
    groups: int = 1,
    flip: bool = False,
) -> tuple[Terms, float | None]:
    """The terms under the window of one output cell, and the bias: their sum is the output.

    Args:
        cell: (output channel, row, column).

    Returns:
        Terms in the grid (C / groups, KH, KW); ``weights`` stand as applied, ``weight_indices``
        where they are stored, which differs under ``flip``.
    """
    o, row, column = cell
    out_per_group, in_per_group = weight.shape[0] // groups, weight.shape[1]
    first = o // out_per_group * in_per_group
    channels = range(first, first + in_per_group)
    positions, sources, values = window_terms(x, axes, channels, (row, column))
    terms = Terms(
        grid=(in_per_group, weight.shape[2], weight.shape[3]),
        positions=positions,
        sources=sources,
        values=values,
        weights=_applied(weight[o : o + 1], flip).astype(np.float64).reshape(-1),
        weight_indices=_stored_at(o, weight.shape[1:], flip),
    )
    return terms, None if bias is None else float(bias[o])


@lru_cache(maxsize=64)
def _stored_at(o: int, kernel: Shape, flip: bool) -> Integers:
    """Where each weight of kernel ``o`` stands, in the order applied; the same for every cell of a map."""
    channels, rows, columns = (range(size) for size in kernel)
    grid = index_grid([o], channels, rows[::-1] if flip else rows, columns[::-1] if flip else columns)
    grid.flags.writeable = False
    return grid


def _applied(weight: Array, flip: bool) -> Array:
    return weight[:, :, ::-1, ::-1] if flip else weight


def _groups(in_channels: int, out_channels: int, kernel: Array) -> Iterator[tuple[slice, slice, Array]]:
    """Of every group its input channels, its output channels and its part of (groups, …)."""
    ins, outs = in_channels // len(kernel), out_channels // len(kernel)
    for g, of_group in enumerate(kernel):
        yield slice(g * ins, (g + 1) * ins), slice(g * outs, (g + 1) * outs), of_group


def _band_rows(windows: Array) -> int:
    _, c, kh, kw, oh, ow = windows.shape
    row_bytes = c * kh * kw * ow * windows.itemsize
    rows: int = min(oh, BAND_BYTES // row_bytes)
    return max(1, rows)


@dataclass(frozen=True)
class Conv2d(Operation):
    """conv2d as a node of a model."""

    name: ClassVar[str] = "conv2d"
    weight_names: ClassVar[tuple[str, ...]] = ("weight", "bias")
    optional_weights: ClassVar[tuple[str, ...]] = ("bias",)
    weight_ndim: ClassVar[int] = 4
    output_axis: ClassVar[int | None] = 0

    out_channels: int = parameter("integer", 1, minimum=1)
    kernel_size: Pair = parameter("pair", 3, minimum=1)
    stride: Pair = parameter("pair", 1, minimum=1)
    padding: Padding = parameter("padding", 0, minimum=0)
    padding_mode: PaddingMode = parameter("choice", "zeros", choices=PADDING_MODES)
    dilation: Pair = parameter("pair", 1, minimum=1)
    groups: int = parameter("integer", 1, minimum=1)
    flip: bool = parameter("boolean", False)

    def axes(self, shape: Shape) -> Axes:
        _, rows, columns = require_map(self.name, shape)
        return window_axes(
            (rows, columns), self.kernel_size, self.stride, self.padding, self.dilation, self.padding_mode
        )

    def output_shape(self, *shapes: Shape) -> Shape:
        rows, columns = self.axes(shapes[0])
        require_groups(self.groups, shapes[0][1], self.out_channels)
        return (shapes[0][0], self.out_channels, rows.outputs, columns.outputs)

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        weight = (self.out_channels, shapes[0][1] // self.groups, *self.kernel_size)
        return {"weight": weight, "bias": (self.out_channels,)}

    def multiply_adds(self, *shapes: Shape) -> int:
        _, out_channels, rows, columns = self.output_shape(*shapes)
        each = shapes[0][1] // self.groups * self.kernel_size[0] * self.kernel_size[1]
        return out_channels * rows * columns * each

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return conv2d(
            inputs[0],
            weights["weight"],
            weights.get("bias"),
            stride=self.stride,
            padding=self.padding,
            padding_mode=self.padding_mode,
            dilation=self.dilation,
            groups=self.groups,
            flip=self.flip,
        )

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        grads = conv2d_backward(grad_output, cache)
        by_weight = {"weight": grads.weight}
        return (grads.x,), by_weight if grads.bias is None else {**by_weight, "bias": grads.bias}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        axes = self.axes(inputs[0].shape)
        terms, bias = explain_conv2d(
            inputs[0], weights["weight"], weights.get("bias"), axes, cell, groups=self.groups, flip=self.flip
        )
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[0, *cell]),
            combine="sum",
            terms=terms,
            formula=Formula("convolution" if self.flip else "cross_correlation"),
            bias=bias,
            window=window_of(axes, cell),
        )

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        channel, row, column = cell
        each = self.out_channels // self.groups
        first = channel // (shapes[0][1] // self.groups) * each
        return window_uses(self.axes(shapes[0]), range(first, first + each), row, column)

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        return windows_region(self.axes(shapes[0]), region)


def require_groups(groups: int, in_channels: int, out_channels: int) -> None:
    """Refuse groups that do not divide the channels on either side.

    Raises:
        EngineError: ``groups-do-not-divide``.
    """
    if in_channels % groups or out_channels % groups:
        raise EngineError(
            "groups-do-not-divide",
            "groups",
            groups,
            f"a divisor of in_channels {in_channels} and of out_channels {out_channels}",
        )

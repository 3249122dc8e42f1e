"""Two-dimensional convolution: each output is a window's products with a kernel, summed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.explanation import Flags, Formula, Terms
from engine.geometry.axis import PADDING_MODES, PaddingMode
from engine.geometry.padding import Padding, window_axes
from engine.ops.connections import (
    Connections,
    channels_fed,
    channels_read,
    connection_mask,
    require_connections,
    require_groups,
)
from engine.ops.correlation import correlate
from engine.ops.correlation_gradients import bias_gradient, input_gradient, weight_gradient
from engine.ops.kernels.dispatch import AUTOMATIC
from engine.ops.operation import Weights, require_map, require_shape
from engine.ops.parameters import parameter
from engine.ops.windowed import Windowed
from engine.ops.windows import Axes, index_grid, window_terms, window_uses
from engine.types import Array, Cell, Integers, Pair, Shape


class Conv2dCache(NamedTuple):
    """What ``conv2d_backward`` needs of the forward call."""

    x: Array
    weight: Array
    axes: Axes
    groups: int
    flip: bool
    connections: Connections | None
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
    connections: Connections | None = None,
    algorithm: str = AUTOMATIC,
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
        connections: which input channels each output channel reads, or None for all; the weight keeps
            its shape, and counts as 0 where the table has a 0 (Torch's SpatialConvolutionMap).
        algorithm: the route to take, a name of ``kernels.dispatch.ALGORITHMS``, or "automatic"; the numbers
            are the same up to rounding.

    Returns:
        (N, OC, OH, OW) in the dtype of x, in any memory order, and the cache for ``conv2d_backward``.

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
    out_channels, _, *kernel_size = weight.shape
    require_groups(groups, in_channels, out_channels)
    require_connections(connections, groups, in_channels, out_channels)
    require_shape("weight", weight.shape, (out_channels, in_channels // groups, *kernel_size))
    if bias is not None:
        require_shape("bias", bias.shape, (out_channels,))
    axes = window_axes((rows, columns), weight.shape[2:], stride, padding, dilation, padding_mode)
    y = correlate(x, _applied(weight, flip, connections), axes, groups, bias, algorithm)
    return y, Conv2dCache(x, weight, axes, groups, flip, connections, bias is not None)


def conv2d_backward(grad_output: Array, cache: Conv2dCache) -> Conv2dGrads:
    """Gradients of a convolution.

    y[o] = Σ w[o,k] · col[k] for every window, so dw[o,k] = Σ dy[o] · col[k] over all windows, and
    dcol[k] = Σ w[o,k] · dy[o] over the kernels, each entry added back to the cell it was read from.

    Args:
        grad_output: (N, OC, OH, OW).
    """
    kernel = _applied(cache.weight, cache.flip, cache.connections)
    grad_x = input_gradient(grad_output, kernel, cache.axes, cache.groups)
    return Conv2dGrads(grad_x, *conv2d_backward_weights(grad_output, cache))


def conv2d_backward_weights(grad_output: Array, cache: Conv2dCache) -> tuple[Array, Array | None]:
    """What ``conv2d_backward`` returns, without the gradient by x."""
    x, _, axes, groups, flip, connections, has_bias = cache
    grad_kernel = weight_gradient(grad_output, x, axes, groups)
    grad_weight = np.ascontiguousarray(_applied(grad_kernel, flip, connections))
    return grad_weight, bias_gradient(grad_output) if has_bias else None


def conv2d_terms(
    x: Array,
    weight: Array,
    axes: Axes,
    o: int,
    places: Integers,
    *,
    groups: int = 1,
    flip: bool = False,
    connections: Connections | None = None,
) -> list[Terms]:
    """The terms under the windows of some outputs: the sum of each, with the bias, is the output.

    Args:
        x: (N, C, H, W).
        weight: (OC, C / groups, KH, KW).
        axes: the row axis and the column axis.
        o: the output channel.
        places: (S, 2) rows and columns of the output.

    Returns:
        Terms in the grid (channels read, KH, KW); ``weights`` stand as applied, ``weight_indices``
        where they are stored, which differs under ``flip``.
    """
    channels = channels_read(o, x.shape[1], weight.shape[0], groups, connections)
    # Of a group's channels the weight holds no others; under a table it holds all.
    stored = tuple(channels) if connections is not None else tuple(range(len(channels)))
    kernel = _applied(weight[o : o + 1, stored], flip).astype(np.float64).reshape(-1)
    stored_at = _stored_at(o, stored, weight.shape[2:], flip)
    grid = (len(stored), weight.shape[2], weight.shape[3])
    return [
        Terms(grid, positions, sources, values, weights=kernel, weight_indices=stored_at)
        for positions, sources, values in zip(*window_terms(x, axes, channels, places), strict=True)
    ]


@lru_cache(maxsize=64)
def _stored_at(o: int, channels: tuple[int, ...], taps: Shape, flip: bool) -> Integers:
    """Where each weight of kernel ``o`` stands, in the order applied; the same for every cell of a map."""
    rows, columns = (range(size) for size in taps)
    grid = index_grid([o], channels, rows[::-1] if flip else rows, columns[::-1] if flip else columns)
    grid.flags.writeable = False
    return grid


def _applied(weight: Array, flip: bool, connections: Connections | None = None) -> Array:
    known = weight if connections is None else weight * connection_mask(connections)
    return known[:, :, ::-1, ::-1] if flip else known


def applied_weight(op: Conv2d, weight: Array) -> Array:
    """A stored weight as it is applied: turned round, and without what is not connected."""
    return _applied(weight, op.flip, op.connections)


@dataclass(frozen=True)
class Conv2d(Windowed):
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
    connections: Connections | None = parameter("table", None)

    def axes(self, shape: Shape) -> Axes:
        _, rows, columns = require_map(self.name, shape)
        return window_axes(
            (rows, columns), self.kernel_size, self.stride, self.padding, self.dilation, self.padding_mode
        )

    def output_shape(self, *shapes: Shape) -> Shape:
        rows, columns = self.axes(shapes[0])
        require_groups(self.groups, shapes[0][1], self.out_channels)
        require_connections(self.connections, self.groups, shapes[0][1], self.out_channels)
        return (shapes[0][0], self.out_channels, rows.outputs, columns.outputs)

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        weight = (self.out_channels, shapes[0][1] // self.groups, *self.kernel_size)
        return {"weight": weight, "bias": (self.out_channels,)}

    def weight_masks(self, *shapes: Shape) -> dict[str, Flags]:
        return {} if self.connections is None else {"weight": connection_mask(self.connections)}

    def multiply_adds(self, *shapes: Shape) -> int:
        _, out_channels, rows, columns = self.output_shape(*shapes)
        if self.connections is None:
            kernels = out_channels * (shapes[0][1] // self.groups)
        else:
            kernels = sum(map(sum, self.connections))
        return kernels * self.kernel_size[0] * self.kernel_size[1] * rows * columns

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
            connections=self.connections,
        )

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        grads = conv2d_backward(grad_output, cache)
        return (grads.x,), self._named(grads.weight, grads.bias)

    def backward_weights(self, grad_output: Array, cache: Any) -> dict[str, Array]:
        return self._named(*conv2d_backward_weights(grad_output, cache))

    @staticmethod
    def _named(weight: Array, bias: Array | None) -> dict[str, Array]:
        return {"weight": weight} if bias is None else {"weight": weight, "bias": bias}

    def terms_under(
        self, x: Array, weights: Weights, axes: Axes, channel: int, places: Integers
    ) -> list[Terms]:
        return conv2d_terms(
            x,
            weights["weight"],
            axes,
            channel,
            places,
            groups=self.groups,
            flip=self.flip,
            connections=self.connections,
        )

    def formula_of(self, terms: Terms, cell: Cell, weights: Weights) -> Formula:
        return Formula("convolution" if self.flip else "cross_correlation")

    def bias_of(self, cell: Cell, weights: Weights) -> float | None:
        return float(weights["bias"][cell[0]]) if "bias" in weights else None

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        channel, row, column = cell
        fed = channels_fed(channel, shapes[0][1], self.out_channels, self.groups, self.connections)
        return window_uses(self.axes(shapes[0]), fed, row, column)

"""Tiled convolution: neighbouring outputs have kernels of their own, which return in turn."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.explanation import Formula, Terms
from engine.geometry.axis import PADDING_MODES, PaddingMode
from engine.geometry.padding import Padding, window_axes
from engine.ops.operation import Weights, require_map, require_shape
from engine.ops.parameters import parameter
from engine.ops.windowed import Windowed
from engine.ops.windows import Axes, add_windows, index_grid, pad, window_terms, window_uses, window_view
from engine.types import Array, Cell, Integers, Pair, Shape


class Tiled2dCache(NamedTuple):
    """What ``tiled2d_backward`` needs of the forward call."""

    x: Array
    weight: Array
    axes: Axes
    has_bias: bool


class Tiled2dGrads(NamedTuple):
    """Gradients by x (N, C, H, W), weight (OC, TH, TW, C, KH, KW) and bias (OC, TH, TW) or None."""

    x: Array
    weight: Array
    bias: Array | None


def tiled2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Pair = (1, 1),
    padding: Padding = 0,
    padding_mode: PaddingMode = "zeros",
) -> tuple[Array, Tiled2dCache]:
    """Cross-correlation in which output (row, column) takes kernel (row mod TH, column mod TW).

    With a tile of 1 × 1 it is ``conv2d``; with one as large as the output, ``local2d``.

    Args:
        x: (N, C, H, W), float32 or float64.
        weight: (OC, TH, TW, C, KH, KW): a kernel for every output channel and place in the tile.
        bias: (OC, TH, TW) or None; shared as the kernels are.
        stride: cells, (rows, columns), at least 1.
        padding: see ``geometry.padding.resolve_padding``.
        padding_mode: what the padding cells hold.

    Returns:
        (N, OC, OH, OW) in the dtype of x, and the cache for ``tiled2d_backward``.

    Raises:
        EngineError: ``shape-mismatch``, ``kernel-too-large`` or ``padding-too-large``.

    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), eq. 9.10.

    >>> x = np.array([[1, 2, 3, 4, 5]], dtype=np.float32).reshape(1, 1, 1, 5)
    >>> weight = np.array([1, 100], dtype=np.float32).reshape(1, 1, 2, 1, 1, 1)
    >>> tiled2d(x, weight)[0]
    array([[[[  1., 200.,   3., 400.,   5.]]]], dtype=float32)
    """
    in_channels, rows, columns = require_map("tiled2d", x.shape)
    out_channels, *tile, _, kernel_rows, kernel_columns = weight.shape
    kernel_size = (kernel_rows, kernel_columns)
    require_shape("weight", weight.shape, (out_channels, *tile, in_channels, *kernel_size))
    if bias is not None:
        require_shape("bias", bias.shape, (out_channels, *tile))
    axes = window_axes((rows, columns), kernel_size, stride, padding, mode=padding_mode)
    products = _by_place(weight) @ _split(_columns(x, axes), weight.shape[1:3])
    if bias is not None:
        products += bias.transpose(1, 2, 0)[..., None]
    return _join(products, len(x), axes), Tiled2dCache(x, weight, axes, bias is not None)


def tiled2d_backward(grad_output: Array, cache: Tiled2dCache) -> Tiled2dGrads:
    """Gradients of a tiled convolution: those of a convolution, place of the tile by place.

    y[o] = Σ w[o,k] · col[k] at every place, so dw[o,k] = Σ dy[o] · col[k] over the outputs at the same
    place of their tiles, and dcol[k] = Σ w[o,k] · dy[o], added back to the cells read.

    Args:
        grad_output: (N, OC, OH, OW).
        cache: what ``tiled2d`` returned.
    """
    x, weight, axes, has_bias = cache
    tile = weight.shape[1:3]
    grad = _split(grad_output, tile)
    # op,kp->ok   and   ok,op->kp, both at every place of the tile
    grad_weight = grad @ _split(_columns(x, axes), tile).swapaxes(2, 3)
    grad_columns = _join(_by_place(weight).swapaxes(2, 3) @ grad, len(x), axes)
    kernel_size = (axes[0].kernel_size, axes[1].kernel_size)
    windows = grad_columns.reshape(len(x), x.shape[1], *kernel_size, *grad_output.shape[2:])
    return Tiled2dGrads(
        add_windows(windows, axes),
        np.ascontiguousarray(grad_weight.transpose(2, 0, 1, 3)).reshape(weight.shape),
        np.ascontiguousarray(grad.sum(axis=3).transpose(2, 0, 1)) if has_bias else None,
    )


def tiled2d_terms(x: Array, weight: Array, axes: Axes, o: int, places: Integers) -> list[Terms]:
    """The terms under the windows of some outputs: the sum of each, with the bias, is the output.

    Args:
        x: (N, C, H, W).
        weight: (OC, TH, TW, C, KH, KW).
        axes: the row axis and the column axis.
        o: the output channel.
        places: (S, 2) rows and columns of the output.

    Returns:
        Terms in the grid (C, KH, KW); ``weight_indices`` name the place in the tile too.
    """
    tile_rows, tile_columns, channels, *kernel_size = weight.shape[1:]
    grid = (channels, kernel_size[0], kernel_size[1])
    in_tile = places % (tile_rows, tile_columns)
    kernels = weight[o, in_tile[:, 0], in_tile[:, 1]].reshape(len(places), -1).astype(np.float64)
    stored_at = index_grid([o], in_tile[:, :1], in_tile[:, 1:], *(range(size) for size in grid))
    under = window_terms(x, axes, range(channels), places)
    return [
        Terms(grid, positions, sources, values, weights=kernel, weight_indices=indices)
        for positions, sources, values, kernel, indices in zip(*under, kernels, stored_at, strict=True)
    ]


def _columns(x: Array, axes: Axes) -> Array:
    """Every window as a column: (N, C * KH * KW, OH, OW)."""
    windows = window_view(pad(x, axes), axes)
    return windows.reshape(len(x), -1, *windows.shape[4:])


def _by_place(weight: Array) -> Array:
    """(OC, TH, TW, C, KH, KW) as a matrix for every place of the tile, (TH, TW, OC, C * KH * KW)."""
    return weight.reshape(*weight.shape[:3], -1).transpose(1, 2, 0, 3)


def _split(maps: Array, tile: Sequence[int]) -> Array:
    """Gather by place of the tile: (N, K, OH, OW) to (TH, TW, K, N * tiles).

    The last tiles are filled up with zeros where they hang over the edge.
    """
    n, k, height, width = maps.shape
    tile_rows, tile_columns = tile
    bottom, right = -height % tile_rows, -width % tile_columns
    if bottom or right:
        maps = np.pad(maps, ((0, 0), (0, 0), (0, bottom), (0, right)))
    tiles = maps.reshape(
        n, k, (height + bottom) // tile_rows, tile_rows, (width + right) // tile_columns, tile_columns
    )
    return tiles.transpose(3, 5, 1, 0, 2, 4).reshape(tile_rows, tile_columns, k, -1)


def _join(parts: Array, n: int, axes: Axes) -> Array:
    """The inverse of ``_split``, for outputs of these axes."""
    tile_rows, tile_columns, k, _ = parts.shape
    height, width = axes[0].outputs, axes[1].outputs
    tiles = parts.reshape(tile_rows, tile_columns, k, n, -(-height // tile_rows), -(-width // tile_columns))
    maps = tiles.transpose(3, 2, 4, 0, 5, 1)
    whole = maps.reshape(n, k, maps.shape[2] * tile_rows, maps.shape[4] * tile_columns)
    return np.ascontiguousarray(whole[:, :, :height, :width])


@dataclass(frozen=True)
class Unshared2d(Windowed):
    """What ``tiled2d`` and ``local2d`` have in common: kernels that differ from place to place."""

    weight_names: ClassVar[tuple[str, ...]] = ("weight", "bias")
    optional_weights: ClassVar[tuple[str, ...]] = ("bias",)
    weight_ndim: ClassVar[int] = 6
    output_axis: ClassVar[int | None] = 0

    out_channels: int = parameter("integer", 1, minimum=1)
    kernel_size: Pair = parameter("pair", 3, minimum=1)
    stride: Pair = parameter("pair", 1, minimum=1)
    padding: Padding = parameter("padding", 0, minimum=0)
    padding_mode: PaddingMode = parameter("choice", "zeros", choices=PADDING_MODES)

    @abstractmethod
    def places(self, shape: Shape) -> Pair:
        """(rows, columns) of outputs with kernels of their own."""

    def axes(self, shape: Shape) -> Axes:
        _, rows, columns = require_map(self.name, shape)
        return window_axes(
            (rows, columns), self.kernel_size, self.stride, self.padding, mode=self.padding_mode
        )

    def output_shape(self, *shapes: Shape) -> Shape:
        rows, columns = self.axes(shapes[0])
        return (shapes[0][0], self.out_channels, rows.outputs, columns.outputs)

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        kinds = (self.out_channels, *self.places(shapes[0]))
        return {"weight": (*kinds, shapes[0][1], *self.kernel_size), "bias": kinds}

    def multiply_adds(self, *shapes: Shape) -> int:
        _, out_channels, rows, columns = self.output_shape(*shapes)
        return out_channels * rows * columns * shapes[0][1] * self.kernel_size[0] * self.kernel_size[1]

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        grads = tiled2d_backward(grad_output, cache)
        by_weight = {"weight": grads.weight}
        return (grads.x,), by_weight if grads.bias is None else {**by_weight, "bias": grads.bias}

    def terms_under(
        self, x: Array, weights: Weights, axes: Axes, channel: int, places: Integers
    ) -> list[Terms]:
        return tiled2d_terms(x, weights["weight"], axes, channel, places)

    def formula_of(self, terms: Terms, cell: Cell, weights: Weights) -> Formula:
        row, column = self._in_tile(cell, weights)
        return Formula(self.name, {"tile_row": row, "tile_column": column})

    def bias_of(self, cell: Cell, weights: Weights) -> float | None:
        return float(weights["bias"][cell[0], *self._in_tile(cell, weights)]) if "bias" in weights else None

    @staticmethod
    def _in_tile(cell: Cell, weights: Weights) -> Pair:
        _, tile_rows, tile_columns, *_ = weights["weight"].shape
        return cell[1] % tile_rows, cell[2] % tile_columns

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        return window_uses(self.axes(shapes[0]), range(self.out_channels), cell[1], cell[2])


@dataclass(frozen=True)
class Tiled2d(Unshared2d):
    """tiled2d as a node of a model."""

    name: ClassVar[str] = "tiled2d"

    tile: Pair = parameter("pair", 2, minimum=1)

    def places(self, shape: Shape) -> Pair:
        return self.tile

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return tiled2d(
            inputs[0],
            weights["weight"],
            weights.get("bias"),
            stride=self.stride,
            padding=self.padding,
            padding_mode=self.padding_mode,
        )

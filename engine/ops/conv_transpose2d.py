"""Two-dimensional transposed convolution: each input stamps a kernel, times its value, on the output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.explanation import Explanation, Formula, Terms, Window
from engine.geometry.axis import OUTSIDE, Axis
from engine.geometry.receptive_field import Region, transposed_region
from engine.geometry.transposed import TransposedAxis, transposed_axes
from engine.ops.connections import require_groups
from engine.ops.conv2d import conv2d
from engine.ops.correlation_gradients import bias_gradient, input_gradient, weight_gradient
from engine.ops.operation import Operation, Weights, require_map, require_shape
from engine.ops.parameters import parameter
from engine.ops.windows import Axes, index_grid
from engine.types import Array, Cell, Integers, Pair, Shape

TransposedAxes = tuple[TransposedAxis, TransposedAxis]


class ConvTranspose2dCache(NamedTuple):
    """What ``conv_transpose2d_backward`` needs of the forward call."""

    x: Array
    weight: Array
    axes: TransposedAxes
    groups: int
    has_bias: bool


class ConvTranspose2dGrads(NamedTuple):
    """Gradients by x (N, C, H, W), weight (C, OC / groups, KH, KW) and bias (OC,) or None."""

    x: Array
    weight: Array
    bias: Array | None


class Stage(NamedTuple):
    """One step of a transposed convolution; ``kernel`` is what slides over the map before it."""

    name: str
    array: Array
    kernel: Array | None = None


def conv_transpose2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    output_padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
    groups: int = 1,
) -> tuple[Array, ConvTranspose2dCache]:
    """Let every cell stamp its kernel, as stored, on the output, and add the stamps up.

    It is the adjoint of the cross-correlation with the same weight and settings, not its inverse.

    Args:
        x: (N, C, H, W), float32 or float64.
        weight: (C, OC / groups, KH, KW); input channel c belongs to group c // (C / groups).
        bias: (OC,) or None.
        stride: outputs from one stamp to the next, (rows, columns), at least 1.
        padding: cells cropped from each side of the output, (rows, columns), at least 0.
        output_padding: outputs added at the bottom and at the right, less than stride or dilation.
        dilation: cells from one tap to the next, at least 1; 1 means none.
        groups: divides C and OC.

    Returns:
        (N, OC, OH, OW) in the dtype of x, and the cache for ``conv_transpose2d_backward``;
        OH = (H - 1) S - 2 P + d (KH - 1) + output_padding + 1.

    Raises:
        EngineError: ``shape-mismatch``, ``groups-do-not-divide``, ``padding-too-large`` or
            ``invalid-argument`` (output_padding).

    Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), chapter 4.

    >>> x = np.array([[1, 2]], dtype=np.float32).reshape(1, 1, 1, 2)
    >>> kernel = np.array([[1, 10, 100]], dtype=np.float32).reshape(1, 1, 1, 3)
    >>> conv_transpose2d(x, kernel, stride=(1, 2))[0]
    array([[[[  1.,  10., 102.,  20., 200.]]]], dtype=float32)
    """
    axes = _checked_axes(x, weight, bias, stride, padding, output_padding, dilation, groups)
    y = input_gradient(_continued(x, axes), weight, _convolution(axes), groups)
    if bias is not None:
        y += bias[:, None, None]
    return y, ConvTranspose2dCache(x, weight, axes, groups, bias is not None)


def conv_transpose2d_backward(grad_output: Array, cache: ConvTranspose2dCache) -> ConvTranspose2dGrads:
    """Gradients of a transposed convolution.

    y = Aᵀx with A the matrix of the convolution, so dx = A dy: that convolution itself. The weight
    meets the same pairs of numbers as in the convolution, with x and dy in each other's place.

    Args:
        grad_output: (N, OC, OH, OW).
        cache: what ``conv_transpose2d`` returned.
    """
    x, weight, axes, groups, has_bias = cache
    rows, columns = axes
    grad_x, _ = conv2d(
        grad_output,
        weight,
        stride=(rows.stride, columns.stride),
        padding=(rows.padding, columns.padding),
        dilation=(rows.dilation, columns.dilation),
        groups=groups,
    )
    return ConvTranspose2dGrads(
        np.ascontiguousarray(grad_x[:, :, : rows.size, : columns.size]),
        weight_gradient(_continued(x, axes), grad_output, _convolution(axes), groups),
        bias_gradient(grad_output) if has_bias else None,
    )


def transposed_stages(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Pair = (1, 1),
    padding: Pair = (0, 0),
    output_padding: Pair = (0, 0),
    dilation: Pair = (1, 1),
    groups: int = 1,
) -> list[Stage]:
    """The same result by way of an ordinary convolution, step by step, for looking at.

    ``spread`` puts stride - 1 zeros between the cells; ``frame`` puts dilation * (k - 1) zeros around
    and output_padding more at the end; ``crop`` takes the padding off again; ``convolve`` slides the
    kernel, turned by 180°, over that with stride 1.

    Args:
        x, weight, bias, stride, padding, output_padding, dilation, groups: as for ``conv_transpose2d``.

    Returns:
        The four stages, (N, C, …, …) each but the last, (N, OC, OH, OW), which carries the kernel as
        applied, (OC, C / groups, KH, KW).

    Raises:
        EngineError: as ``conv_transpose2d``.

    Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), chapter 4.

    >>> x, kernel = np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 3))
    >>> stages = transposed_stages(x, kernel, stride=(2, 2), padding=(1, 1))
    >>> [(stage.name, stage.array.shape[2:]) for stage in stages]
    [('spread', (3, 3)), ('frame', (7, 7)), ('crop', (5, 5)), ('convolve', (3, 3))]
    """
    rows, columns = _checked_axes(x, weight, bias, stride, padding, output_padding, dilation, groups)
    spread_size = [(axis.size - 1) * axis.stride + 1 for axis in (rows, columns)]
    spread = np.zeros((*x.shape[:2], *spread_size), dtype=x.dtype)
    spread[:, :, :: rows.stride, :: columns.stride] = x
    edges = [(axis.span - 1, axis.span - 1 + axis.output_padding) for axis in (rows, columns)]
    frame = np.pad(spread, ((0, 0), (0, 0), *edges))
    height, width = frame.shape[2:]
    crop = frame[:, :, rows.padding : height - rows.padding, columns.padding : width - columns.padding]
    kernel = _turned(weight, groups)
    y, _ = conv2d(crop, kernel, bias, dilation=dilation, groups=groups)
    return [Stage("spread", spread), Stage("frame", frame), Stage("crop", crop), Stage("convolve", y, kernel)]


def explain_conv_transpose2d(
    x: Array,
    weight: Array,
    bias: Array | None,
    axes: TransposedAxes,
    cell: Cell,
    groups: int = 1,
) -> tuple[Terms, float | None]:
    """The terms under the turned kernel on the cropped map, and the bias: their sum is the output.

    Args:
        x: (N, C, H, W).
        weight: (C, OC / groups, KH, KW).
        bias: (OC,) or None.
        axes: the row axis and the column axis.
        cell: (output channel, row, column).
        groups: as in ``conv_transpose2d``.

    Returns:
        Terms in the grid (C / groups, KH, KW), one for every tap. A tap on an inserted zero has the
        source -1 thrice and the position (channel, -1, -1), since it is no place of the input.
        ``weights`` stand turned, as applied; ``weight_indices`` where they are stored.
    """
    o, row, column = cell
    out_per_group, kernel_rows, kernel_columns = weight.shape[1:]
    in_per_group = x.shape[1] // groups
    group, o_in_group = divmod(o, out_per_group)
    channels = range(group * in_per_group, (group + 1) * in_per_group)
    row_sources = axes[0].sources(axes[0].positions(row))
    column_sources = axes[1].sources(axes[1].positions(column))
    sources = index_grid(channels, row_sources, column_sources)
    inserted = (sources == OUTSIDE).any(axis=1)
    values = x[0, sources[:, 0], sources[:, 1], sources[:, 2]].astype(np.float64)
    values[inserted] = 0.0
    sources[inserted] = OUTSIDE
    positions = sources.copy()
    positions[:, 0] = np.repeat(channels, kernel_rows * kernel_columns)
    terms = Terms(
        grid=(in_per_group, kernel_rows, kernel_columns),
        positions=positions,
        sources=sources,
        values=values,
        weights=weight[channels.start : channels.stop, o_in_group, ::-1, ::-1].astype(np.float64).reshape(-1),
        weight_indices=index_grid(
            channels, [o_in_group], range(kernel_rows)[::-1], range(kernel_columns)[::-1]
        ),
    )
    return terms, None if bias is None else float(bias[o])


def _checked_axes(
    x: Array,
    weight: Array,
    bias: Array | None,
    stride: Pair,
    padding: Pair,
    output_padding: Pair,
    dilation: Pair,
    groups: int,
) -> TransposedAxes:
    in_channels, rows, columns = require_map("conv_transpose2d", x.shape)
    _, out_per_group, kernel_rows, kernel_columns = weight.shape
    require_groups(groups, in_channels, out_per_group * groups)
    require_shape("weight", weight.shape, (in_channels, *weight.shape[1:]))
    if bias is not None:
        require_shape("bias", bias.shape, (out_per_group * groups,))
    kernel_size = (kernel_rows, kernel_columns)
    return transposed_axes((rows, columns), kernel_size, stride, padding, output_padding, dilation)


def _convolution(axes: TransposedAxes) -> Axes:
    """The axes of the convolution that this one is the adjoint of: it reads what this one writes."""
    rows, columns = (
        Axis(axis.outputs, axis.kernel_size, axis.stride, axis.dilation, axis.padding, axis.padding)
        for axis in axes
    )
    return rows, columns


def _continued(x: Array, axes: TransposedAxes) -> Array:
    """The map with zeros after its end where an output_padding of a stride or more has room for cells."""
    rows, columns = (axis.output_padding // axis.stride for axis in axes)
    return np.pad(x, ((0, 0), (0, 0), (0, rows), (0, columns))) if rows or columns else x


def _turned(weight: Array, groups: int) -> Array:
    """The kernels as an ordinary convolution wants them: (OC, C / groups, KH, KW), turned by 180°."""
    in_channels, out_per_group, *kernel_size = weight.shape
    grouped = weight.reshape(groups, in_channels // groups, out_per_group, *kernel_size)
    by_output = grouped.swapaxes(1, 2).reshape(groups * out_per_group, in_channels // groups, *kernel_size)
    return by_output[:, :, ::-1, ::-1]


@dataclass(frozen=True)
class ConvTranspose2d(Operation):
    """conv_transpose2d as a node of a model."""

    name: ClassVar[str] = "conv_transpose2d"
    weight_names: ClassVar[tuple[str, ...]] = ("weight", "bias")
    optional_weights: ClassVar[tuple[str, ...]] = ("bias",)
    weight_ndim: ClassVar[int] = 4
    output_axis: ClassVar[int | None] = 1

    out_channels: int = parameter("integer", 1, minimum=1)
    kernel_size: Pair = parameter("pair", 3, minimum=1)
    stride: Pair = parameter("pair", 1, minimum=1)
    padding: Pair = parameter("pair", 0, minimum=0)
    output_padding: Pair = parameter("pair", 0, minimum=0)
    dilation: Pair = parameter("pair", 1, minimum=1)
    groups: int = parameter("integer", 1, minimum=1)

    def axes(self, shape: Shape) -> TransposedAxes:
        """The row axis and the column axis for an input of this shape."""
        _, rows, columns = require_map(self.name, shape)
        return transposed_axes(
            (rows, columns), self.kernel_size, self.stride, self.padding, self.output_padding, self.dilation
        )

    def output_shape(self, *shapes: Shape) -> Shape:
        rows, columns = self.axes(shapes[0])
        require_groups(self.groups, shapes[0][1], self.out_channels)
        return (shapes[0][0], self.out_channels, rows.outputs, columns.outputs)

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        weight = (shapes[0][1], self.out_channels // self.groups, *self.kernel_size)
        return {"weight": weight, "bias": (self.out_channels,)}

    def multiply_adds(self, *shapes: Shape) -> int:
        _, in_channels, rows, columns = shapes[0]
        each = self.out_channels // self.groups * self.kernel_size[0] * self.kernel_size[1]
        return in_channels * rows * columns * each

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return conv_transpose2d(
            inputs[0],
            weights["weight"],
            weights.get("bias"),
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation=self.dilation,
            groups=self.groups,
        )

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        grads = conv_transpose2d_backward(grad_output, cache)
        by_weight = {"weight": grads.weight}
        return (grads.x,), by_weight if grads.bias is None else {**by_weight, "bias": grads.bias}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        axes = self.axes(inputs[0].shape)
        terms, bias = explain_conv_transpose2d(
            inputs[0], weights["weight"], weights.get("bias"), axes, cell, self.groups
        )
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[0, *cell]),
            combine="sum",
            terms=terms,
            formula=Formula("conv_transpose2d", self._params()),
            bias=bias,
            # On the cropped map, where the turned kernel moves one cell per output.
            window=Window((cell[1], cell[2]), self.kernel_size, self.dilation),
        )

    def _params(self) -> dict[str, float | int | str]:
        settings = {
            "stride": self.stride,
            "padding": self.padding,
            "output_padding": self.output_padding,
            "dilation": self.dilation,
        }
        return {
            f"{name}_{direction}": cells
            for name, pair in settings.items()
            for direction, cells in zip(("rows", "columns"), pair, strict=True)
        }

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        rows, columns = self.axes(shapes[0])
        channel, row, column = cell
        each = self.out_channels // self.groups
        first = channel // (shapes[0][1] // self.groups) * each
        return index_grid(range(first, first + each), rows.uses(row), columns.uses(column))

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        rows, columns = self.axes(shapes[0])
        return transposed_region(region, (rows.span, columns.span), self.stride, self.padding)

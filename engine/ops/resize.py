"""Resize: a tensor at other lengths, its numbers interpolated along one axis after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.errors import EngineError
from engine.explanation import Explanation, Formula
from engine.geometry.axis import OUTSIDE
from engine.geometry.interpolation import (
    COORDINATE_MODES,
    INTERPOLATIONS,
    NEAREST_MODES,
    CoordinateMode,
    Interpolation,
    NearestMode,
    ResizedAxis,
    Taps,
)
from engine.geometry.receptive_field import NOWHERE, Region
from engine.ops.axes import axes_of, require_each
from engine.ops.operation import Operation, Weights, cell_index, count
from engine.ops.parameters import parameter
from engine.ops.places import cells_at, crossing, terms_at
from engine.ops.selection import select
from engine.types import Array, Cell, Integers, Pair, Shape

ResizedAxes = Mapping[int, ResizedAxis]


def resize(x: Array, axes: ResizedAxes, outside: float = 0.0) -> tuple[Array, ResizedAxes]:
    """Numbers between those of x, along some axes.

    Args:
        x: of any shape, float32 or float64.
        axes: by axis, counted from 0, its new length and how it is reached.
        outside: the value of what lies outside the input.

    Returns:
        The resized tensor, a new array in the dtype of x, and the cache for ``resize_backward``.

    Source: ONNX, operator Resize.

    >>> resize(np.array([[0.0, 4.0]]), {1: ResizedAxis(size=2, outputs=4, scale=2.0)})[0]
    array([[0., 1., 3., 4.]])
    """
    y = x
    # What shrinks goes first: less is left to do for the others.
    for axis, along in _in_order(axes):
        y = _weighted(y, axis, along.taps)
    y = y.copy() if y is x else y
    for axis, along in axes.items():
        y[(slice(None),) * axis + (along.taps.outside,)] = outside
    return y, axes


def resize_backward(grad_output: Array, cache: ResizedAxes) -> Array:
    """Every output's gradient times its weights, added to the numbers that it was made of.

    Args:
        grad_output: the shape of the output.
        cache: what ``resize`` returned.
    """
    grad = grad_output
    for axis, along in reversed(_in_order(cache)):
        grad = _weighted(grad, axis, along.adjoint)
    return grad.copy() if grad is grad_output else grad


def _in_order(axes: ResizedAxes) -> list[tuple[int, ResizedAxis]]:
    return sorted(axes.items(), key=lambda item: item[1].scale)


def _weighted(x: Array, axis: int, taps: Taps) -> Array:
    """Along one axis, the sums of the numbers under the taps times their weights."""
    shape = (-1, *(1,) * (x.ndim - axis - 1))
    weights = taps.weights.astype(x.dtype)
    total: Array = select(x, axis, taps.first) * weights[:, 0].reshape(shape)
    for t in range(1, weights.shape[1]):
        total += select(x, axis, taps.first + t) * weights[:, t].reshape(shape)
    return total


@dataclass(frozen=True)
class Resize(Operation):
    """resize as a node of a model.

    Args:
        scales: new length by old one, for each of the axes; twice where there are no ``sizes`` either.
        sizes: the new lengths, if they do not follow from the scales.
        axes: those that are resized; left out, the last ones.
        roi: for ``tf_crop_and_resize`` where the crop starts on each axis, then where it ends, from 0 to 1.
        extrapolation_value: of what such a crop has outside the input.

    The other settings are those of ``ResizedAxis``.
    """

    name: ClassVar[str] = "resize"

    mode: Interpolation = parameter("choice", "nearest", choices=INTERPOLATIONS)
    scales: tuple[float, ...] = parameter("numbers", (), minimum=0)
    sizes: tuple[int, ...] = parameter("integers", (), minimum=1)
    axes: tuple[int, ...] = parameter("integers", ())
    coordinate_transformation_mode: CoordinateMode = parameter(
        "choice", "half_pixel", choices=COORDINATE_MODES
    )
    nearest_mode: NearestMode = parameter("choice", "round_prefer_floor", choices=NEAREST_MODES)
    cubic_coeff_a: float = parameter("number", -0.75)
    antialias: bool = parameter("boolean", False)
    exclude_outside: bool = parameter("boolean", False)
    roi: tuple[float, ...] = parameter("numbers", ())
    extrapolation_value: float = parameter("number", 0.0)

    def resized(self, shape: Shape) -> dict[int, ResizedAxis]:
        """By axis, how it changes; axes that stay as they are left out.

        Raises:
            EngineError: ``invalid-argument`` for settings that do not belong to the same axes.
        """
        given = self.scales or self.sizes or (2.0,) * min(2, len(shape))
        axes = axes_of("axes", self.axes or range(-len(given), 0), len(shape))
        require_each("scales" if self.scales else "sizes", given, axes)
        sizes = self.sizes or tuple(int(shape[axis] * scale) for axis, scale in zip(axes, given, strict=True))
        require_each("sizes", sizes, axes)
        if self.scales and any(
            abs(shape[a] * s - n) >= 1 for a, s, n in zip(axes, given, sizes, strict=True)
        ):
            allowed = f"the lengths {list(shape)} times scales {list(given)}, rounded"
            raise EngineError("invalid-argument", "sizes", list(sizes), allowed)
        crops = self.coordinate_transformation_mode == "tf_crop_and_resize"
        roi = self.roi if crops and self.roi else (0.0,) * len(axes) + (1.0,) * len(axes)
        require_each("roi", roi, (*axes, *axes))
        found: dict[int, ResizedAxis] = {}
        for at, (axis, outputs) in enumerate(zip(axes, sizes, strict=True)):
            if outputs < 1:
                allowed = f"at least 1 / {shape[axis]} on axis {axis}"
                raise EngineError("invalid-argument", "scales", list(given), allowed)
            scale = self.scales[at] if self.scales else outputs / shape[axis]
            if crops or scale != 1 or outputs != shape[axis]:
                found[axis] = self._axis(shape[axis], outputs, scale, (roi[at], roi[at + len(axes)]))
        return found

    def _axis(self, size: int, outputs: int, scale: float, crop: tuple[float, float]) -> ResizedAxis:
        return ResizedAxis(
            size=size,
            outputs=outputs,
            scale=scale,
            mode=self.mode,
            coordinates=self.coordinate_transformation_mode,
            nearest=self.nearest_mode,
            cubic_a=self.cubic_coeff_a,
            antialias=self.antialias,
            exclude_outside=self.exclude_outside,
            crop=crop,
        )

    def output_shape(self, *shapes: Shape) -> Shape:
        resized = self.resized(shapes[0])
        return tuple(
            resized[axis].outputs if axis in resized else size for axis, size in enumerate(shapes[0])
        )

    def multiply_adds(self, *shapes: Shape) -> int:
        if self.mode == "nearest":
            return 0
        total, lengths = 0, list(shapes[0])
        for axis, along in _in_order(self.resized(shapes[0])):
            lengths[axis] = along.outputs
            total += count(tuple(lengths)) * along.taps.weights.shape[1]
        return total

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return resize(inputs[0], self.resized(inputs[0].shape), self.extrapolation_value)

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (resize_backward(grad_output, cache),), {}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        shape, here = inputs[0].shape, cell_index(output.shape, cell)
        resized, value = self.resized(shape), float(output[here])
        taps = {axis: along.taps for axis, along in resized.items()}
        if any(taps[axis].outside[here[axis]] for axis in taps):
            terms = terms_at(inputs[0], np.array([OUTSIDE]), (1, 1, 1), fill=self.extrapolation_value)
            return Explanation(self.name, cell, value, "copy", terms, Formula("resize_outside"))
        read, shares = [], np.ones(())
        for axis, at in enumerate(here):
            first, weights_at = (
                (taps[axis].first[at], taps[axis].weights[at]) if axis in taps else (at, [1.0])
            )
            read.append(first + np.arange(len(weights_at)))
            shares = np.multiply.outer(shares, weights_at)
        places, grid = crossing(shape, read)
        formula = Formula(self.name, {"mode": self.mode})
        if self.mode == "nearest":
            return Explanation(self.name, cell, value, "copy", terms_at(inputs[0], places, grid), formula)
        terms = terms_at(inputs[0], places, grid, weights=shares.reshape(-1))
        return Explanation(self.name, cell, value, "sum", terms, formula)

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        shape, output = shapes[0], self.output_shape(shapes[0])
        resized = self.resized(shape)
        here = cell_index(shape, cell)
        fed = [
            _reading(resized[axis], at) if axis in resized else np.array([at]) for axis, at in enumerate(here)
        ]
        places, _ = crossing(output, fed)
        return cells_at(output, places[places < count(output)])

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        rank = len(shapes[0])
        if rank < 3:
            return region
        resized = self.resized(shapes[0])
        rows = _read_by(resized.get(rank - 2), region.start[0], region.stop[0])
        columns = _read_by(resized.get(rank - 1), region.start[1], region.stop[1])
        return Region((rows[0], columns[0]), (rows[1], columns[1])) if rows and columns else NOWHERE


def _reading(along: ResizedAxis, index: int) -> Integers:
    """The outputs along an axis that read one of its inputs."""
    first, weights, outside = along.taps
    return np.flatnonzero((first <= index) & (index < first + weights.shape[1]) & ~outside)


def _read_by(along: ResizedAxis | None, start: int, stop: int) -> Pair | None:
    """From the first to beyond the last input that the outputs from ``start`` to ``stop`` read."""
    if along is None:
        return start, stop
    first = along.taps.first[max(start, 0) : max(stop, 0)]
    return (int(first.min()), int(first.max()) + along.taps.weights.shape[1]) if first.size else None

"""What poolings have in common: windows of one channel at a time, summarised by a single number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.explanation import Combine, Flags, Floats, Formula, Terms
from engine.geometry.axis import OUTSIDE
from engine.geometry.padding import Padding
from engine.geometry.pooling import pool_axes
from engine.ops.operation import Weights, require_map
from engine.ops.parameters import parameter
from engine.ops.windowed import Windowed
from engine.ops.windows import Axes, window_terms, window_uses
from engine.types import Array, Cell, Integers, Pair, Shape


@dataclass(frozen=True)
class Pool(Windowed):
    """One window for every output, every channel by itself, and no weights."""

    combine: ClassVar[Combine]

    @property
    def fill(self) -> float:
        """The value of padding among the terms: NaN where it is not counted."""
        return np.nan

    def formula_params(self, terms: Terms) -> Mapping[str, float | int | str]:
        """The numbers that go into the formula beside the terms."""
        return {}

    def output_shape(self, *shapes: Shape) -> Shape:
        rows, columns = self.axes(shapes[0])
        return (*shapes[0][:2], rows.outputs, columns.outputs)

    def terms_under(
        self, x: Array, weights: Weights, axes: Axes, channel: int, places: Integers
    ) -> list[Terms]:
        under = window_terms(x, axes, [channel], places, self.fill)
        winners = first_largest(*under[1:]) if self.combine == "max" else [None] * len(places)
        grid = (1, axes[0].kernel_size, axes[1].kernel_size)
        return [
            Terms(grid, positions, sources, values, selected=winner)
            for positions, sources, values, winner in zip(*under, winners, strict=True)
        ]

    def formula_of(self, terms: Terms, cell: Cell, weights: Weights) -> Formula:
        return Formula(self.name, self.formula_params(terms))

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        return window_uses(self.axes(shapes[0]), [cell[0]], cell[1], cell[2])


@dataclass(frozen=True)
class WindowPool(Pool):
    """A pooling whose window slides."""

    kernel_size: Pair = parameter("pair", 2, minimum=1)
    stride: Pair | None = parameter("pair", None, minimum=1)
    padding: Padding = parameter("padding", 0, minimum=0)
    ceil_mode: bool = parameter("boolean", False)

    def axes(self, shape: Shape) -> Axes:
        size = require_map(self.name, shape)[1:]
        return pool_axes(size, self.kernel_size, self.stride, self.padding, ceil_mode=self.ceil_mode)


def first_largest(sources: Integers, values: Floats) -> Flags:
    """(S, T) which marks the largest value of a cell under each of S windows, the first one among equals."""
    inside = sources[..., 0] != OUTSIDE
    best = np.where(inside, values, -np.inf).argmax(axis=-1, keepdims=True)
    # Padding comes first only where no cell is larger: then the first cell is the first among equals.
    best = np.where(np.take_along_axis(inside, best, axis=-1), best, inside.argmax(axis=-1, keepdims=True))
    winners: Flags = np.arange(values.shape[-1]) == best
    return winners


def counted(terms: Terms) -> int:
    """How many terms count: those whose value is not NaN."""
    return int(np.count_nonzero(~np.isnan(terms.values)))

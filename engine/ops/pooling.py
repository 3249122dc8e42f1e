"""What poolings have in common: windows of one channel at a time, summarised by a single number."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.explanation import Combine, Explanation, Flags, Floats, Formula, Terms
from engine.geometry.axis import OUTSIDE
from engine.geometry.padding import Padding
from engine.geometry.pooling import pool_axes
from engine.geometry.receptive_field import Region
from engine.ops.operation import Operation, Weights, require_map
from engine.ops.parameters import parameter
from engine.ops.windows import Axes, window_of, window_terms, window_uses, windows_region
from engine.types import Array, Cell, Integers, Pair, Shape


@dataclass(frozen=True)
class Pool(Operation):
    """One window for every output, every channel by itself, and no weights."""

    combine: ClassVar[Combine]

    @abstractmethod
    def axes(self, shape: Shape) -> Axes:
        """The row axis and the column axis for an input of this shape."""

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

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        axes = self.axes(inputs[0].shape)
        positions, sources, values = window_terms(inputs[0], axes, [cell[0]], cell[1:], self.fill)
        terms = Terms(
            grid=(1, axes[0].kernel_size, axes[1].kernel_size),
            positions=positions,
            sources=sources,
            values=values,
            selected=first_largest(sources, values) if self.combine == "max" else None,
        )
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[0, *cell]),
            combine=self.combine,
            terms=terms,
            formula=Formula(self.name, self.formula_params(terms)),
            window=window_of(axes, cell),
        )

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        return window_uses(self.axes(shapes[0]), [cell[0]], cell[1], cell[2])

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        return windows_region(self.axes(shapes[0]), region)


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
    """(T,) which marks the largest value of a cell, the first one among equals."""
    inside = np.flatnonzero(sources[:, 0] != OUTSIDE)
    winner: Flags = np.zeros(values.shape, dtype=np.bool_)
    winner[inside[np.argmax(values[inside])]] = True
    return winner


def counted(terms: Terms) -> int:
    """How many terms count: those whose value is not NaN."""
    return int(np.count_nonzero(~np.isnan(terms.values)))

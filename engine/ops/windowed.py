"""What operations share that slide a window: each output is made of what lies under its window."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import ClassVar

import numpy as np

from engine.explanation import Combine, Explanation, Formula, Terms
from engine.geometry.receptive_field import Region
from engine.ops.operation import Operation, Weights
from engine.ops.windows import Axes, window_of, windows_region
from engine.types import Array, Cell, Integers, Shape


@dataclass(frozen=True)
class Windowed(Operation):
    """One window for every output, on the one input; cells of one channel are explained together."""

    combine: ClassVar[Combine] = "sum"

    @abstractmethod
    def axes(self, shape: Shape) -> Axes:
        """The row axis and the column axis for an input of this shape."""

    @abstractmethod
    def terms_under(
        self, x: Array, weights: Weights, axes: Axes, channel: int, places: Integers
    ) -> list[Terms]:
        """The terms of some outputs of one channel.

        Args:
            x: the input, (N, C, H, W).
            weights: of the operation, by name.
            axes: of x.
            channel: of the output.
            places: (S, 2) rows and columns of the output.
        """

    @abstractmethod
    def formula_of(self, terms: Terms, cell: Cell, weights: Weights) -> Formula:
        """The formula of one output."""

    def bias_of(self, cell: Cell, weights: Weights) -> float | None:
        """The bias of one output, if there is one."""
        return None

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        return self.explain_each(inputs, weights, output, [cell])[0]

    def explain_each(
        self, inputs: Sequence[Array], weights: Weights, output: Array, cells: Sequence[Cell]
    ) -> list[Explanation]:
        axes = self.axes(inputs[0].shape)
        explanations = []
        # Cells of one channel read the same channels of the input; in scan order they come one after another.
        for channel, cells_of_channel in groupby(cells, key=itemgetter(0)):
            together = list(cells_of_channel)
            places = np.array(together, dtype=np.int64)[:, 1:]
            each = self.terms_under(inputs[0], weights, axes, channel, places)
            explanations += [
                Explanation(
                    op=self.name,
                    cell=cell,
                    value=float(output[0, *cell]),
                    combine=self.combine,
                    terms=terms,
                    formula=self.formula_of(terms, cell, weights),
                    bias=self.bias_of(cell, weights),
                    window=window_of(axes, cell),
                )
                for cell, terms in zip(together, each, strict=True)
            ]
        return explanations

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        return windows_region(self.axes(shapes[0]), region)

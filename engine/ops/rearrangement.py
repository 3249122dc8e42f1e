"""Operations that only move numbers: every output is a copy of one input, or a constant put in between."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.explanation import Explanation, Formula
from engine.geometry.receptive_field import Region, whole
from engine.ops.operation import Operation, Weights, cell_index, count
from engine.ops.places import cells_at, place_of, terms_at
from engine.types import Array, Cell, Integers, Shape, map_shape


@dataclass(frozen=True)
class Rearrangement(Operation):
    """What is left to say is where numbers go: once for whole arrays, once for the place of a single number.

    A place is a number's position in C order of the whole array, batch included.
    """

    @abstractmethod
    def moved(self, x: Array) -> Array:
        """The output, in memory of its own."""

    @abstractmethod
    def returned(self, grad_output: Array, shape: Shape) -> Array:
        """The gradient by an input of this shape: every copy's gradient goes back to its source."""

    @abstractmethod
    def source_of(self, shape: Shape, place: int) -> int:
        """The place in an input of this shape that an output place copies; OUTSIDE for a constant."""

    @abstractmethod
    def copies_of(self, shape: Shape, place: int) -> Integers:
        """The output places, ascending, that copy a place of an input of this shape."""

    def position_of(self, shape: Shape, place: int) -> Cell | None:
        """Where the source of an output place is drawn, if it is not the cell that it was read from."""
        return None

    @property
    def constant(self) -> float:
        """What stands where nothing is copied."""
        return 0.0

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return self.moved(inputs[0]), inputs[0].shape

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (self.returned(grad_output, cache),), {}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        shape, place = inputs[0].shape, place_of(output.shape, cell)
        position = self.position_of(shape, place)
        terms = terms_at(
            inputs[0],
            np.array([self.source_of(shape, place)]),
            (1, 1, 1),
            positions=None if position is None else np.array([position]),
            fill=self.constant,
        )
        value = float(output[cell_index(output.shape, cell)])
        return Explanation(self.name, cell, value, "copy", terms, Formula(self.name))

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        output = self.output_shape(shapes[0])
        places = self.copies_of(shapes[0], place_of(shapes[0], cell))
        return cells_at(output, places[places < count(output)])

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        # Where numbers change rows and columns, they may come from everywhere.
        _, rows, columns = map_shape(shapes[0])
        return whole((rows, columns))


@dataclass(frozen=True)
class Reshaping(Rearrangement):
    """C order is kept: only the axes are counted anew."""

    def moved(self, x: Array) -> Array:
        # A copy, so that whoever edits the output does not edit the input.
        return x.reshape(self.output_shape(x.shape)).copy()

    def returned(self, grad_output: Array, shape: Shape) -> Array:
        return grad_output.reshape(shape).copy()

    def source_of(self, shape: Shape, place: int) -> int:
        return place

    def copies_of(self, shape: Shape, place: int) -> Integers:
        return np.array([place])

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        same_plane = map_shape(self.output_shape(shapes[0]))[1:] == map_shape(shapes[0])[1:]
        return region if same_plane else super().input_region(shapes, index, region)


@dataclass(frozen=True)
class Reordering(Rearrangement):
    """Axes are split into factors, the factors take another order, and some are merged again."""

    @abstractmethod
    def factors(self, shape: Shape) -> tuple[Shape, tuple[int, ...]]:
        """The input's axes split into factors, and which factor stands where in the output."""

    def moved(self, x: Array) -> Array:
        split, order = self.factors(x.shape)
        moved = np.array(x.reshape(split).transpose(order), order="C")
        return moved.reshape(self.output_shape(x.shape))

    def returned(self, grad_output: Array, shape: Shape) -> Array:
        split, order = self.factors(shape)
        back = grad_output.reshape([split[factor] for factor in order]).transpose(np.argsort(order))
        return np.array(back, order="C").reshape(shape)

    def source_of(self, shape: Shape, place: int) -> int:
        split, order = self.factors(shape)
        index = np.unravel_index(place, [split[factor] for factor in order])
        return int(np.ravel_multi_index([index[order.index(factor)] for factor in range(len(split))], split))

    def copies_of(self, shape: Shape, place: int) -> Integers:
        split, order = self.factors(shape)
        index = np.unravel_index(place, split)
        taken = [split[factor] for factor in order]
        return np.array([np.ravel_multi_index([index[factor] for factor in order], taken)])

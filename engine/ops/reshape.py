"""Flatten: the numbers of a map in one row, so that a linear layer can take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.explanation import Explanation, Formula
from engine.geometry.receptive_field import Region, whole
from engine.ops.operation import Operation, Weights, cells, count
from engine.ops.pointwise import read_terms
from engine.types import Array, Cell, Integers, Shape, map_shape


def flatten(x: Array) -> tuple[Array, Shape]:
    """The numbers of every picture in one row: channel by channel, row by row.

    Args:
        x: (N, C, H, W), float32 or float64; a vector stays as it is.

    Returns:
        (N, C * H * W), a new array, and the cache for ``flatten_backward``: the shape of x.

    >>> flatten(np.arange(4.0).reshape(1, 2, 1, 2))[0]
    array([[0., 1., 2., 3.]])
    """
    # A copy, so that whoever edits the output does not edit the input.
    return x.reshape(x.shape[0], count(x.shape)).copy(), x.shape


def flatten_backward(grad_output: Array, cache: Shape) -> Array:
    """The gradient in the shape of x; every number went to one place."""
    return grad_output.reshape(cache).copy()


@dataclass(frozen=True)
class Flatten(Operation):
    """flatten as a node of a model."""

    name: ClassVar[str] = "flatten"

    def output_shape(self, *shapes: Shape) -> Shape:
        return (shapes[0][0], count(shapes[0]))

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return flatten(inputs[0])

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (flatten_backward(grad_output, cache),), {}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        channel, row, column = np.unravel_index(cell[0], map_shape(inputs[0].shape))
        source = (int(channel), int(row), int(column))
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[0, cell[0]]),
            combine="copy",
            terms=read_terms(inputs[0], cells([source]), (1, 1, 1)),
            formula=Formula("flatten"),
        )

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        return cells([(int(np.ravel_multi_index(cell, map_shape(shapes[0]))), 0, 0)])

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        # A vector has one place, and it holds numbers from everywhere.
        _, rows, columns = map_shape(shapes[0])
        return whole((rows, columns))

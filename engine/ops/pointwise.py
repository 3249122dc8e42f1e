"""What operations share whose output has the input's shape, each place made from the same place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.explanation import Flags, Terms
from engine.geometry.receptive_field import Region
from engine.ops.operation import Operation, cells
from engine.types import Array, Cell, Integers, Shape, as_map


@dataclass(frozen=True)
class Pointwise(Operation):
    """Output of the input's shape, (N, C, H, W) or (N, F), each place made from the same place.

    One that also mixes channels says so in its own ``uses``.
    """

    def output_shape(self, *shapes: Shape) -> Shape:
        return shapes[0]

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        return cells([cell])

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        return region


def read_terms(
    x: Array, positions: Integers, grid: tuple[int, int, int], selected: Flags | None = None
) -> Terms:
    """Terms without weights that are cells of the first picture of one input.

    Args:
        x: (N, C, H, W) or (N, F).
        positions: (T, 3) cells of x, in C order of ``grid``.
        grid: (channels, rows, columns) of the terms.
        selected: (T,) flags, where one term is marked.

    >>> x = np.array([[4, 5, 6]], dtype=np.float32)
    >>> read_terms(x, channels_at(3, 0, 0), (3, 1, 1)).values
    array([4., 5., 6.])
    """
    channels, rows, columns = positions.T
    values = as_map(x)[0, channels, rows, columns].astype(np.float64)
    return Terms(grid=grid, positions=positions, sources=positions, values=values, selected=selected)


def channels_at(channels: int, row: int, column: int, first: int = 0) -> Integers:
    """(channels, 3): the cells of so many channels at one place, from channel ``first`` on.

    >>> channels_at(2, 5, 6)
    array([[0, 5, 6],
           [1, 5, 6]])
    """
    positions = np.empty((channels, 3), dtype=np.int64)
    positions[:, 0] = np.arange(first, first + channels)
    positions[:, 1:] = row, column
    return positions

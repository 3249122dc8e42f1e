"""Numbers by their place: the first one of an array is 0, and C order counts on.

An array of any axes is shown as a map of channels, rows and columns by reshaping it, which moves no number.
So a number's place is the same in both, and what an operation says in places holds for every shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from engine.explanation import Floats, Terms
from engine.geometry.axis import OUTSIDE
from engine.types import Array, Cell, Integers, Shape, map_shape


def place_of(shape: Shape, cell: Cell) -> int:
    """The place of a cell of the first picture.

    >>> place_of((2, 3, 4, 5), (1, 0, 2)), place_of((2, 9), (7, 0, 0))
    (22, 7)
    """
    _, rows, columns = map_shape(shape)
    channel, row, column = cell
    return (channel * rows + row) * columns + column


def cells_at(shape: Shape, places: Integers) -> Integers:
    """The cells at (T,) places, (T, 3): -1 thrice where a place is OUTSIDE, or of another picture.

    >>> cells_at((2, 3, 4, 5), np.array([22, -1, 60]))
    array([[ 1,  0,  2],
           [-1, -1, -1],
           [-1, -1, -1]])
    """
    channels, rows, columns = map_shape(shape)
    here = (places >= 0) & (places < channels * rows * columns)
    rest, column = np.divmod(places, columns)
    channel, row = np.divmod(rest, rows)
    return np.where(here[:, None], np.stack([channel, row, column], axis=1), OUTSIDE)


def terms_at(
    x: Array,
    places: Integers,
    grid: tuple[int, int, int],
    *,
    weights: Floats | None = None,
    positions: Integers | None = None,
    fill: float = 0.0,
) -> Terms:
    """Terms that are the numbers at some places of an input.

    Args:
        x: of any shape.
        places: (T,), in C order of ``grid``; OUTSIDE where ``fill`` stands instead of a number.
        grid: (channels, rows, columns) of the terms.
        weights: (T,) float64, if each number is weighted.
        positions: (T, 3) where each term is drawn, if that is not the cell that it was read from.

    >>> terms_at(np.array([[4.0, 5.0, 6.0]]), np.array([2, -1]), (2, 1, 1), fill=9).values
    array([6., 9.])
    """
    sources = cells_at(x.shape, places)
    read = x.reshape(-1)[np.maximum(places, 0)].astype(np.float64)
    return Terms(
        grid=grid,
        positions=sources if positions is None else positions,
        sources=sources,
        values=np.where(places >= 0, read, fill),
        weights=weights,
    )


def crossing(shape: Shape, indices: Sequence[Integers]) -> tuple[Integers, tuple[int, int, int]]:
    """The places where lists of indices, one for every axis, cross.

    Args:
        shape: of the array.
        indices: by axis, (n,) indices along it.

    Returns:
        (T,) places in C order of the lists, and the grid (channels, rows, columns) that they form; an axis
        of the batch counts as channels.

    >>> crossing((1, 2, 3, 4), [np.array(each) for each in ([0], [1], [0, 2], [3])])
    (array([15, 23]), (1, 2, 1))
    """
    places = np.ravel_multi_index(np.ix_(*indices), shape) if shape else np.zeros(1, dtype=np.int64)
    lengths = tuple(map(len, indices))
    return places.reshape(-1), (prod(lengths), 1, 1) if len(shape) == 2 else map_shape((1, *lengths))

"""Names for the types that travel through the whole engine."""

from __future__ import annotations

from math import prod
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.floating[Any]]
"""float32 or float64; NCHW for maps, (N, features) for vectors, any axes in between for other tensors."""

Integers: TypeAlias = npt.NDArray[np.int64]

Shape: TypeAlias = tuple[int, ...]

Cell: TypeAlias = tuple[int, int, int]
"""(channel, row, column) of one number of one picture, laid out by ``map_shape``: feature f is (f, 0, 0)."""

Pair: TypeAlias = tuple[int, int]
"""(rows, columns)."""

Sides: TypeAlias = tuple[int, int, int, int]
"""(top, bottom, left, right)."""


def map_shape(shape: Shape) -> tuple[int, int, int]:
    """(channels, rows, columns) in which the first picture of a batch is shown, whatever its axes.

    The last two axes are rows and columns, all between the batch and them are channels; a vector is channels
    of one cell. An array of fewer than two axes has no batch: all of it is the first picture.

    >>> map_shape((1, 3, 4, 5)), map_shape((1, 10)), map_shape((1, 49, 96)), map_shape((1, 2, 3, 4, 5))
    ((3, 4, 5), (10, 1, 1), (1, 49, 96), (6, 4, 5))
    >>> map_shape((7,)), map_shape(())
    ((7, 1, 1), (1, 1, 1))
    """
    if len(shape) < 3:
        return (prod(shape[-1:]), 1, 1)
    return (prod(shape[1:-2]), shape[-2], shape[-1])


def as_map(x: Array) -> Array:
    """An array as (N, channels, rows, columns), in C order: a view wherever NumPy can make one.

    >>> as_map(np.zeros((2, 49, 96))).shape, as_map(np.zeros(7)).shape
    ((2, 1, 49, 96), (1, 7, 1, 1))
    """
    return x if x.ndim == 4 else x.reshape(x.shape[0] if x.ndim > 1 else 1, *map_shape(x.shape))

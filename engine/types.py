"""Names for the types that travel through the whole engine."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.floating[Any]]
"""float32 or float64; NCHW for maps, (N, features) for vectors."""

Integers: TypeAlias = npt.NDArray[np.int64]

Shape: TypeAlias = tuple[int, ...]

Cell: TypeAlias = tuple[int, int, int]
"""(channel, row, column) of one number of one picture; a vector's feature f is (f, 0, 0)."""

Pair: TypeAlias = tuple[int, int]
"""(rows, columns)."""

Sides: TypeAlias = tuple[int, int, int, int]
"""(top, bottom, left, right)."""


def map_shape(shape: Shape) -> tuple[int, int, int]:
    """(channels, rows, columns) of a batch shape; a vector counts as channels of one cell.

    >>> map_shape((1, 3, 4, 5)), map_shape((1, 10))
    ((3, 4, 5), (10, 1, 1))
    """
    return (shape[1], shape[2], shape[3]) if len(shape) == 4 else (shape[1], 1, 1)


def as_map(x: Array) -> Array:
    """View (N, C, H, W) or (N, F) as (N, C, H, W), without copying."""
    return x if x.ndim == 4 else x.reshape(*x.shape, 1, 1)

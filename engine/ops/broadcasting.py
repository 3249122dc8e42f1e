"""NumPy's broadcasting: shapes are aligned at their last axes, and an axis of length 1 is repeated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.errors import EngineError
from engine.geometry.receptive_field import Region
from engine.ops.operation import cell_index, count
from engine.ops.places import cells_at, crossing
from engine.types import Array, Cell, Integers, Shape


def broadcast_shape(argument: str, *shapes: Shape) -> Shape:
    """The shape that arrays of these shapes have together.

    Raises:
        EngineError: ``shape-mismatch`` for the first one that does not fit those before it.

    >>> broadcast_shape("input of add", (2, 3, 4, 5), (3, 1, 1))
    (2, 3, 4, 5)
    """
    common = shapes[0]
    for shape in shapes[1:]:
        try:
            common = np.broadcast_shapes(common, shape)
        except ValueError:
            allowed = f"{list(common[1:])}, or 1 in the place of some of it"
            raise EngineError("shape-mismatch", argument, list(shape[1:]), allowed) from None
    return common


def summed_to(grad: Array, shape: Shape) -> Array:
    """The adjoint of broadcasting: gradients of all copies of a number are added up.

    Args:
        grad: of the shape that everything has together.
        shape: of the array that was broadcast.

    Returns:
        ``shape``; ``grad`` itself if nothing was repeated.

    >>> summed_to(np.array([[1.0, 2.0], [3.0, 4.0]]), (2, 1))
    array([[3.],
           [7.]])
    """
    if grad.shape == shape:
        return grad
    aligned = _aligned(shape, len(grad.shape))
    repeated = tuple(
        axis for axis, (size, out) in enumerate(zip(aligned, grad.shape, strict=True)) if size < out
    )
    summed: Array = grad.sum(axis=repeated, keepdims=True).reshape(shape)
    return summed


def place_read(shape: Shape, output: Shape, cell: Cell) -> int:
    """The place in an array of ``shape`` that a cell of the broadcast ``output`` is made from.

    >>> place_read((3, 1, 1), (2, 3, 4, 5), (2, 1, 0))
    2
    """
    index = cell_index(output, cell)[len(output) - len(shape) :]
    own = [0 if size == 1 else at for at, size in zip(index, shape, strict=True)]
    return int(np.ravel_multi_index(own, shape)) if shape else 0


def cells_fed(shape: Shape, output: Shape, cell: Cell) -> Integers:
    """The cells of the broadcast ``output`` that a cell of an array of ``shape`` goes into, in scan order.

    >>> cells_fed((1, 1, 1, 2), (1, 1, 2, 2), (0, 0, 1)).tolist()
    [[0, 0, 1], [0, 1, 1]]
    """
    aligned = _aligned(shape, len(output))
    index = (0,) * (len(output) - len(shape)) + cell_index(shape, cell)
    lists = [
        np.arange(out) if size == 1 else np.array([at])
        for at, size, out in zip(index, aligned, output, strict=True)
    ]
    places, _ = crossing(output, lists)
    return cells_at(output, places[places < count(output)])


def region_read(shape: Shape, output: Shape, region: Region) -> Region:
    """What a rectangle of the broadcast ``output`` reads of an array of ``shape``.

    >>> region_read((1, 3, 1, 5), (1, 3, 4, 5), Region((1, 1), (3, 4)))
    Region(start=(0, 1), stop=(1, 4))
    """
    if len(shape) < 3:
        return Region((0, 0), (1, 1))
    sides = [
        (0, 1) if size == 1 < out else (start, stop)
        for size, out, start, stop in zip(shape[-2:], output[-2:], region.start, region.stop, strict=True)
    ]
    return Region((sides[0][0], sides[1][0]), (sides[0][1], sides[1][1]))


def _aligned(shape: Sequence[int], rank: int) -> Shape:
    return (1,) * (rank - len(shape)) + tuple(shape)

"""Naming the axes of a tensor: 0 is the batch, -1 the last, as in PyTorch and ONNX."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.errors import EngineError
from engine.geometry.receptive_field import Region
from engine.types import Shape


def axis_of(argument: str, axis: int, rank: int) -> int:
    """An axis counted from the front.

    Raises:
        EngineError: ``invalid-argument`` if there is no such axis.

    >>> axis_of("axis", -1, rank=4)
    3
    """
    if not -rank <= axis < rank:
        raise EngineError("invalid-argument", argument, axis, f"{-rank} to {rank - 1}: there are {rank} axes")
    return axis % rank


def axes_of(argument: str, axes: Sequence[int], rank: int) -> tuple[int, ...]:
    """Several axes counted from the front, in the order given.

    Raises:
        EngineError: ``invalid-argument`` if one does not exist, or is named twice.

    >>> axes_of("axes", [2, -1], rank=4)
    (2, 3)
    """
    found = tuple(axis_of(argument, axis, rank) for axis in axes)
    if len(set(found)) < len(found):
        raise EngineError("invalid-argument", argument, list(axes), "every axis once")
    return found


def require_each(argument: str, values: Sequence[float], axes: Sequence[int]) -> None:
    """Refuse a list that does not hold one value for every axis.

    Raises:
        EngineError: ``invalid-argument``.
    """
    if len(values) != len(axes):
        allowed = f"{len(axes)} numbers, one for each of the axes {list(axes)}"
        raise EngineError("invalid-argument", argument, list(values), allowed)


def region_by_axes(shape: Shape, out_rank: int, lands: Callable[[int], int | None], region: Region) -> Region:
    """What a rectangle of the output reads where axes change their order, and one axis is never split.

    Args:
        shape: of the input; its last two axes are its rows and columns.
        out_rank: axes of the output.
        lands: from an axis of the input to the axis of the output that it becomes; None if to none.
        region: in (row, column) of the output.

    >>> region_by_axes((1, 2, 5, 7), 4, [0, 1, 3, 2].index, Region((1, 3), (2, 5)))
    Region(start=(3, 1), stop=(5, 2))
    """
    if len(shape) < 3:
        return Region((0, 0), (1, 1))

    def along(axis: int) -> tuple[int, int]:
        side = (lands(axis) or 0) - (out_rank - 2)
        if out_rank < 3 or side < 0:
            return 0, shape[axis]
        return region.start[side], region.stop[side]

    (top, bottom), (left, right) = along(len(shape) - 2), along(len(shape) - 1)
    return Region((top, left), (bottom, right))

"""Which rectangle of an input a rectangle of an output was computed from.

Regions are half-open and may reach outside the input: that part is padding. Applied node by node
from a cell back to the picture, these rules give the receptive field.
Source: Araujo, Norris & Sim, "Computing receptive fields of convolutional neural networks" (2019).
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.types import Pair


@dataclass(frozen=True)
class Region:
    """A rectangle of cells: first (row, column), and the first ones beyond it.

    >>> Region((0, 0), (3, 3)).size
    (3, 3)
    """

    start: Pair
    stop: Pair

    @property
    def size(self) -> Pair:
        return (self.stop[0] - self.start[0], self.stop[1] - self.start[1])

    @property
    def empty(self) -> bool:
        """Whether it holds no cell: some outputs of a transposed convolution are made of none."""
        return min(self.size) <= 0

    def union(self, other: Region) -> Region:
        """The smallest rectangle that holds both."""
        return Region(
            (min(self.start[0], other.start[0]), min(self.start[1], other.start[1])),
            (max(self.stop[0], other.stop[0]), max(self.stop[1], other.stop[1])),
        )

    def intersection(self, other: Region) -> Region:
        """The rectangle that both share; an empty one if they do not overlap."""
        return Region(
            (max(self.start[0], other.start[0]), max(self.start[1], other.start[1])),
            (min(self.stop[0], other.stop[0]), min(self.stop[1], other.stop[1])),
        )


NOWHERE = Region((0, 0), (0, 0))
"""The region of what is computed from no cell at all."""


def whole(size: Pair) -> Region:
    """Every cell of a map of ``size``."""
    return Region((0, 0), size)


def window_region(region: Region, span: Pair, stride: Pair, before: Pair) -> Region:
    """What windows of ``span`` cells read to make ``region``.

    >>> window_region(Region((0, 0), (2, 2)), span=(3, 3), stride=(2, 2), before=(1, 1))
    Region(start=(-1, -1), stop=(4, 4))
    """
    starts = [region.start[i] * stride[i] - before[i] for i in (0, 1)]
    stops = [(region.stop[i] - 1) * stride[i] - before[i] + span[i] for i in (0, 1)]
    return Region((starts[0], starts[1]), (stops[0], stops[1]))


def even_stride(first: Region, second: Region, last: Region, steps: Pair) -> Pair | None:
    """By how much the field moves from one cell to the next, if it does so evenly over the whole map.

    Behind upsampling it does not: neighbours share a field, or theirs differ in size.

    Args:
        first, second: the fields of the cells (0, 0) and (1, 1).
        last: that of the last cell.
        steps: (rows, columns) from the first cell to the last.

    Returns:
        (rows, columns) of the input from field to field; None where one stride does not give them all.

    >>> even_stride(Region((-1, -1), (2, 2)), Region((1, 1), (4, 4)), Region((5, 3), (8, 6)), (3, 2))
    (2, 2)
    >>> even_stride(Region((0, 0), (1, 1)), Region((0, 0), (1, 1)), Region((1, 1), (2, 2)), (3, 3))
    """
    stride = (second.start[0] - first.start[0], second.start[1] - first.start[1])
    reached = (first.start[0] + steps[0] * stride[0], first.start[1] + steps[1] * stride[1])
    even = last.start == reached and first.size == second.size == last.size
    return stride if even else None


def transposed_region(region: Region, span: Pair, stride: Pair, before: Pair) -> Region:
    """What a transposed convolution reads to make ``region``: inputs whose spread kernel touches it.

    >>> transposed_region(Region((3, 3), (4, 4)), span=(3, 3), stride=(2, 2), before=(1, 1))
    Region(start=(1, 1), stop=(3, 3))
    """
    # Input cell i writes outputs i*s - before .. i*s - before + span - 1.
    starts = [-((-(region.start[i] + before[i] - span[i] + 1)) // stride[i]) for i in (0, 1)]
    stops = [(region.stop[i] - 1 + before[i]) // stride[i] + 1 for i in (0, 1)]
    return Region((starts[0], starts[1]), (stops[0], stops[1]))

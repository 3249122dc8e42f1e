"""A convolution in pieces: rectangles of the outputs, each computed by one thread while it is near."""

from __future__ import annotations

from typing import NamedTuple

from engine.ops.kernels.algorithm import Finish
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.memory import workspace
from engine.threads import TEAM, cut
from engine.types import Array, Pair

SMALLEST = 1 << 14
"""Outputs below which a piece is not divided further: handing it to another thread would cost more."""

WIDTH = 4096
"""Columns of a piece at most: memory is read and written in long runs."""


class Piece(NamedTuple):
    """Outputs of some pictures and groups, in some rows and columns."""

    pictures: slice
    groups: slice
    rows: slice
    columns: slice

    def inputs(self, x: Array, task: Convolution, size: Pair | None = None) -> Array:
        """The cells under the windows of this piece, (pictures, groups, C / groups, rows, columns).

        Args:
                size: (rows, columns) to read from the first window on; None ends with the last window.

        Returns:
            A view, or memory of this thread where an edge is crossed.
        """
        kernel_rows, kernel_columns = task.kernel_size
        rows, columns = size or (
            self.rows.stop - self.rows.start + kernel_rows - 1,
            self.columns.stop - self.columns.start + kernel_columns - 1,
        )
        maps, start = self.place(x, task)
        return rectangle(maps, start, (rows, columns))

    def place(self, x: Array, task: Convolution) -> tuple[Array, Pair]:
        """The maps that this piece reads, a view (pictures, groups, C / groups, H, W), and from where on.

        Returns:
            The maps, and the (row, column) of the first window, negative where it begins before them.
        """
        top, left = missing_padding(x, task)
        maps = _by_group(x, task.groups)[self.pictures, self.groups]
        return maps, (self.rows.start - top, self.columns.start - left)

    def outputs(self, y: Array, task: Convolution) -> Array:
        """Where this piece is written to, a view (pictures, groups, OC / groups, rows, columns)."""
        return _by_group(y, task.groups)[self.pictures, self.groups, :, self.rows, self.columns]

    def finish(self, y: Array, task: Convolution, finish: Finish) -> None:
        """Apply ``finish`` to the outputs of this piece."""
        each = task.out_channels // task.groups
        channels = slice(self.groups.start * each, self.groups.stop * each)
        place = (self.pictures, channels, self.rows, self.columns)
        residual = None if finish.residual is None else finish.residual[place]
        Finish(residual, finish.low, finish.high)(y[place], slice(None), slice(None))


def pieces(task: Convolution, outputs: int, longest: Pair) -> list[Piece]:
    """Divide a convolution evenly.

    Args:
        outputs: about so many in a piece; fewer, where some thread would have none.
        longest: (rows, columns) of a piece at most.

    >>> from engine.geometry.axis import Axis
    >>> [piece.rows for piece in pieces(Convolution(1, 1, 1, Axis(9, 3), Axis(9, 3)), 1 << 18, (4, 7))]
    [slice(0, 3, None), slice(3, 7, None)]
    """
    rows, columns = task.outputs
    of_picture = task.out_channels * rows * columns
    of_group = of_picture // task.groups
    outputs = min(outputs, max(SMALLEST, task.pictures * of_picture // (2 * TEAM.size)))
    widths = _at_most(columns, longest[1])
    width = widths[0].stop * task.out_channels // task.groups
    heights = _at_most(rows, min(longest[0], max(1, outputs // width)))
    return [
        Piece(n, g, r, c)
        for n in _at_most(task.pictures, max(1, outputs // of_picture))
        for g in _at_most(task.groups, max(1, outputs // of_group))
        for r in heights
        for c in widths
    ]


def missing_padding(x: Array, task: Convolution) -> Pair:
    """Zeros (above, left) of the padded map that ``x`` does not hold: none, or all of the padding."""
    if x.shape[2] >= task.reach[0] and x.shape[3] >= task.reach[1]:
        return 0, 0
    return task.rows.before, task.columns.before


def rectangle(x: Array, start: Pair, size: Pair) -> Array:
    """Some rows and columns of maps (…, H, W), zeros where they have none.

    Args:
        start: the first (row, column), possibly negative.
        size: (rows, columns).

    >>> import numpy as np
    >>> rectangle(np.ones((2, 2)), (-1, 1), (2, 3))
    array([[0., 0., 0.],
           [1., 0., 0.]])
    """
    rows, columns = (known(*axis) for axis in zip(start, size, x.shape[-2:], strict=True))
    held = x[..., moved(rows, start[0]), moved(columns, start[1])]
    if held.shape[-2:] == size:
        return held
    filled = workspace("rectangle", (*x.shape[:-2], *size), x.dtype)
    filled[..., : rows.start, :] = 0
    filled[..., rows.stop :, :] = 0
    filled[..., rows, : columns.start] = 0
    filled[..., rows, columns.stop :] = 0
    filled[..., rows, columns] = held
    return filled


def known(start: int, length: int, cells: int) -> slice:
    """Which of ``length`` positions from ``start`` on lie on an axis of so many cells.

    >>> known(-2, 5, 100), known(98, 5, 100)
    (slice(2, 5, None), slice(0, 2, None))
    """
    begin = min(max(0, -start), length)
    return slice(begin, min(max(begin, cells - start), length))


def moved(part: slice, by: int) -> slice:
    """The same part, counted from elsewhere; it has no end before its beginning."""
    return slice(part.start + by, part.stop + by)


def _by_group(x: Array, groups: int) -> Array:
    """Maps (N, C, H, W) as (N, groups, C / groups, H, W): a view."""
    return x.reshape(len(x), groups, x.shape[1] // groups, *x.shape[2:])


def _at_most(size: int, longest: int) -> list[slice]:
    """As few parts as possible, none longer than ``longest``."""
    return cut(size, -(-size // longest))

"""Parts of a batch that one thread works on at a time, and sums that threads make apart and then together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from engine.threads import TEAM, cut
from engine.types import Array

WORTH_SHARING_BYTES = 1 << 18
"""Memory worked on below which a second thread would cost more than it helps."""

LEAST_WORK = 4_000_000
"""Multiply-adds below which the same is true."""


class Part(NamedTuple):
    """Some rows of the outputs of some pictures."""

    pictures: slice
    rows: slice

    @property
    def batch(self) -> int:
        """Pictures in it."""
        return int(self.pictures.stop - self.pictures.start)

    @property
    def height(self) -> int:
        """Rows of each of them."""
        return int(self.rows.stop - self.rows.start)


def parts(pictures: int, rows: int, row_bytes: int, wanted_bytes: int) -> list[Part]:
    """A batch cut into parts of about ``wanted_bytes``: whole pictures, several where they are small.

    Args:
        pictures: N.
        rows: of the outputs of each.
        row_bytes: that work on one row of one picture takes.

    >>> for part in parts(2, 10, row_bytes=100, wanted_bytes=500):
    ...     print(part.pictures, part.rows)
    slice(0, 1, None) slice(0, 5, None)
    slice(0, 1, None) slice(5, 10, None)
    slice(1, 2, None) slice(0, 5, None)
    slice(1, 2, None) slice(5, 10, None)
    """
    whole = rows * row_bytes
    everybody = TEAM.size if pictures * whole >= WORTH_SHARING_BYTES else 1
    if whole <= wanted_bytes and pictures >= everybody:
        pieces = -(-pictures * whole // wanted_bytes)
        # As many for every thread, so that none waits for a last one.
        return [Part(some, slice(0, rows)) for some in cut(pictures, -(-pieces // everybody) * everybody)]
    bands = cut(rows, max(-(-whole // wanted_bytes), -(-everybody // pictures)))
    return [Part(slice(n, n + 1), band) for n in range(pictures) for band in bands]


def summed(add: Callable[[Part, Array], None], todo: Sequence[Part], total: Array, work: int) -> Array:
    """Let ``add`` add to a sum for every part; the same numbers whoever has time.

    Args:
        add: takes a part and the sum to add to.
        todo: at least one.
        total: zeros, to which everything is added.
        work: multiply-adds in all; below ``LEAST_WORK`` one thread does everything.
    """
    shares = min(TEAM.size, len(todo)) if work >= LEAST_WORK else 1
    totals = [total, *(np.zeros_like(total) for _ in range(shares - 1))]

    def share(number: int) -> None:
        for part in todo[number * len(todo) // shares : (number + 1) * len(todo) // shares]:
            add(part, totals[number])

    TEAM.each(share, range(shares))
    for other in totals[1:]:
        total += other
    return total

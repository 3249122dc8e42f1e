"""Where outputs lie in memory: those that are not needed at the same time share it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

ALIGNMENT = 64
"""Bytes of a cache line."""


class Need(NamedTuple):
    """Bytes that are needed from one step to another, both included."""

    nbytes: int
    first: int
    last: int


def arrange(needs: Mapping[str, Need]) -> tuple[dict[str, int], int]:
    """An offset for everything, and the bytes of the whole.

    The largest are placed first, each as low as what is there at the same time allows.

    Source: Pisarchyk & Lee, "Efficient memory management for deep neural net inference" (2020), section 5.2.

    >>> arrange({"a": Need(100, 0, 1), "b": Need(64, 1, 2), "c": Need(100, 2, 3)})
    ({'a': 0, 'c': 0, 'b': 128}, 192)
    """
    offsets: dict[str, int] = {}
    total = 0
    for name, need in sorted(needs.items(), key=lambda item: -item[1].nbytes):
        taken = sorted(
            (offset, offset + needs[other].nbytes)
            for other, offset in offsets.items()
            if needs[other].first <= need.last and need.first <= needs[other].last
        )
        offset = 0
        for start, end in taken:
            if offset + need.nbytes <= start:
                break
            offset = max(offset, -(-end // ALIGNMENT) * ALIGNMENT)
        offsets[name] = offset
        total = max(total, offset + need.nbytes)
    return offsets, total

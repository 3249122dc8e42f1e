"""Which input channels an output channel reads: all of them, those of its group, or those a table names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from engine.errors import EngineError
from engine.explanation import Flags

Connections: TypeAlias = tuple[tuple[int, ...], ...]
"""A row for every output channel, in it a 1 for every input channel that it reads and a 0 for the others."""


def require_groups(groups: int, in_channels: int, out_channels: int) -> None:
    """Refuse groups that do not divide the channels on either side.

    Raises:
        EngineError: ``groups-do-not-divide``.
    """
    if in_channels % groups or out_channels % groups:
        raise EngineError(
            "groups-do-not-divide",
            "groups",
            groups,
            f"a divisor of in_channels {in_channels} and of out_channels {out_channels}",
        )


def require_connections(
    connections: Connections | None, groups: int, in_channels: int, out_channels: int
) -> None:
    """Refuse a table of another size than the channels, or beside groups.

    Raises:
        EngineError: ``shape-mismatch`` or ``invalid-argument``.
    """
    if connections is None:
        return
    if groups != 1:
        raise EngineError("invalid-argument", "groups", groups, "1, since connections are given")
    shape = (len(connections), len(connections[0]))
    if shape != (out_channels, in_channels):
        allowed = f"out_channels × in_channels, [{out_channels}, {in_channels}]"
        raise EngineError("shape-mismatch", "connections", list(shape), allowed)


@lru_cache(maxsize=64)
def connection_mask(connections: Connections) -> Flags:
    """(OC, C, 1, 1), true where an output channel reads an input channel; it multiplies the weight.

    >>> connection_mask(((1, 0), (1, 1)))[:, :, 0, 0].tolist()
    [[True, False], [True, True]]
    """
    mask = np.array(connections, dtype=np.bool_)[:, :, None, None]
    mask.flags.writeable = False
    return mask


def channels_read(
    o: int, in_channels: int, out_channels: int, groups: int = 1, connections: Connections | None = None
) -> Sequence[int]:
    """The input channels that output channel ``o`` reads, in order.

    >>> channels_read(3, in_channels=4, out_channels=6, groups=2)
    range(2, 4)
    >>> channels_read(1, 3, 2, connections=((1, 1, 1), (1, 0, 1)))
    [0, 2]
    """
    if connections is not None:
        return [c for c, reads in enumerate(connections[o]) if reads]
    each = in_channels // groups
    first = o // (out_channels // groups) * each
    return range(first, first + each)


def channels_fed(
    c: int, in_channels: int, out_channels: int, groups: int = 1, connections: Connections | None = None
) -> Sequence[int]:
    """The output channels that read input channel ``c``, in order: the inverse of ``channels_read``.

    >>> channels_fed(0, 3, 2, connections=((1, 1, 1), (1, 0, 1))), channels_fed(1, 2, 6, groups=2)
    ([0, 1], range(3, 6))
    """
    if connections is not None:
        return [o for o, row in enumerate(connections) if row[c]]
    return channels_read(c, out_channels, in_channels, groups)

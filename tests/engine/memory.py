"""How much memory a call takes beside what is there already."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Measured(NamedTuple):
    """Bytes that were held when the call returned, its result included, and at most while it ran."""

    kept: int
    most: int


def measured(call: Callable[[], T]) -> tuple[T, Measured]:
    """The result of a call and its memory; the first call of all also pays for what is imported late."""
    call()
    tracemalloc.start()
    try:
        result = call()
        return result, Measured(*tracemalloc.get_traced_memory())
    finally:
        tracemalloc.stop()

"""A place for one thing: what comes later takes the place of what still waits."""

from __future__ import annotations

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """What one task puts and another takes, so that the second never falls behind.

    >>> async def overtaken() -> tuple[str, int]:
    ...     place = Newest[str]()
    ...     place.put("old")
    ...     place.put("new")
    ...     return await place.take()
    >>> asyncio.run(overtaken())
    ('new', 1)
    """

    def __init__(self) -> None:
        self._waiting: list[T] = []
        self._overtaken = 0
        self._there = asyncio.Event()

    def put(self, thing: T) -> None:
        """Leave a thing here; what was here is forgotten."""
        self._overtaken += len(self._waiting)
        self._waiting = [thing]
        self._there.set()

    async def take(self) -> tuple[T, int]:
        """The newest thing, once there is one, and how many it has overtaken since the last one taken."""
        await self._there.wait()
        self._there.clear()
        overtaken, self._overtaken = self._overtaken, 0
        return self._waiting.pop(), overtaken

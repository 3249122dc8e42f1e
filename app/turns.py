"""So many at once from each address; the next ones wait for their turn, where there is a place to wait."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field


@dataclass
class _Line:
    taken: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Turns:
    """Lines before as many doors as there are names; all bookkeeping happens on the event loop.

    Args:
        at_once: turns of one name at the same time.
        places: for waiting, of one name.
        patience_s: how long anybody waits.

    >>> async def two() -> tuple[bool, bool]:
    ...     turns = Turns(at_once=1, places=0, patience_s=1.0)
    ...     return await turns.take("a"), await turns.take("a")
    >>> asyncio.run(two())
    (True, False)
    """

    def __init__(self, at_once: int, places: int, patience_s: float) -> None:
        self._at_once = at_once
        self._places = places
        self._patience_s = patience_s
        self._lines: dict[str, _Line] = {}

    async def take(self, name: str) -> bool:
        """Wait for a turn, to be given back; whether there was one in time."""
        line = self._lines.setdefault(name, _Line())
        if line.taken < self._at_once:
            line.taken += 1
            return True
        if len(line.waiting) >= self._places:
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.waiting.append(turn)
        try:
            async with asyncio.timeout(self._patience_s):
                await asyncio.shield(turn)
        except TimeoutError:
            if not turn.done():
                line.waiting.remove(turn)
                return False
        except asyncio.CancelledError:
            # It may have come at the very moment.
            if turn.done():
                self.give_back(name)
            else:
                line.waiting.remove(turn)
            raise
        return True

    def give_back(self, name: str) -> None:
        """A turn is over: the next one's begins."""
        line = self._lines[name]
        if line.waiting:
            line.waiting.popleft().set_result(None)
            return
        line.taken -= 1
        if not line.taken:
            del self._lines[name]

"""One connection's place in a room: what it is still to be sent, and no more than that may wait."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable

from app.rooms.room import Role


class Ended(Exception):
    """There is nothing more to be sent; the connection is to be closed.

    Args:
        code: of the WebSocket.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"close with {code}")
        self.code = code


class Listener:
    """A bounded queue of texts. Where it overflows, all of it gives way to one snapshot.

    Args:
        role: what the connection may see and do.
        participant: a follower's own name.
        places: texts that may wait.
        catch_up: makes the snapshot, at the moment when the connection reads again.
    """

    def __init__(
        self,
        role: Role,
        participant: str | None,
        places: int,
        catch_up: Callable[[Listener], Awaitable[str]],
    ) -> None:
        self.id = "c" + secrets.token_hex(4)
        self.role = role
        self.participant = participant
        self._places = places
        self._catch_up = catch_up
        self._waiting: deque[str] = deque()
        self._end: int | None = None
        self._wake = asyncio.Event()
        self.behind = True  # it knows nothing yet: a snapshot comes first
        self._wake.set()

    def put(self, text: str) -> None:
        """Send a text, unless the snapshot that comes next will say as much."""
        if self.behind:
            return
        if len(self._waiting) >= self._places:
            self.fall_behind()
            return
        self._waiting.append(text)
        self._wake.set()

    def reply(self, text: str) -> None:
        """Send a text that no snapshot holds."""
        if len(self._waiting) < self._places:
            self._waiting.append(text)
            self._wake.set()

    def fall_behind(self) -> None:
        """Forget what waits: a snapshot comes next."""
        self._waiting.clear()
        self.behind = True
        self._wake.set()

    def end(self, code: int, last: str | None = None) -> None:
        """Send a last text, then close the connection."""
        if self._end is None:
            self.behind = False
            if last is not None:
                self._waiting.append(last)
            self._end = code
            self._wake.set()

    async def next(self) -> str:
        """The text to be sent next; to be asked for when the last has gone.

        Raises:
            Ended: when there is none any more.
        """
        while True:
            if self.behind:
                snapshot = await self._catch_up(self)
                # Nothing ran since it was composed, so whatever is put from here on is newer.
                if self._end is None:
                    self.behind = False
                    return snapshot
            if self._waiting:
                return self._waiting.popleft()
            if self._end is not None:
                raise Ended(self._end)
            self._wake.clear()
            await self._wake.wait()

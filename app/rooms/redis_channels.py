"""One connection to Redis that hears all rooms of this process, and says when it may have missed some."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from app.stores.redis_link import unreachable

log = logging.getLogger("convscope.rooms")

Hear = Callable[[str | None], None]
"""Called with what is published, and with None where something may have been lost."""

CONFIRM_S = 2.0
PING_S = 2.0
SILENCE_S = 6.0
"""Without any sign of life for so long, the other end is gone."""

LONGEST_PAUSE_S = 2.0


class Channels:
    """Subscriptions that outlive connections.

    Args:
        connect: makes a connection, not yet open.
    """

    def __init__(self, connect: Callable[[], AbstractConnection]) -> None:
        self._connect = connect
        self._hearing: dict[str, list[Hear]] = {}
        self._confirmed: dict[str, asyncio.Event] = {}
        self._connection: AbstractConnection | None = None
        self._listening: asyncio.Task[None] | None = None

    async def subscribe(self, channel: str, hear: Hear) -> None:
        """Hear a channel from the return of this call on.

        Raises:
            Problem: ``store-unreachable``.
        """
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        self._hearing.setdefault(channel, []).append(hear)
        confirmed = self._confirmed.get(channel)
        if confirmed is None:
            confirmed = self._confirmed[channel] = asyncio.Event()
            await self._say("SUBSCRIBE", channel)
        try:
            await asyncio.wait_for(confirmed.wait(), CONFIRM_S)
        except TimeoutError:
            await self.unsubscribe(channel, hear)
            raise unreachable() from None

    async def unsubscribe(self, channel: str, hear: Hear) -> None:
        """Hear a channel no more."""
        hearing = self._hearing.get(channel, [])
        if hear in hearing:
            hearing.remove(hear)
            if not hearing:
                del self._hearing[channel], self._confirmed[channel]
                await self._say("UNSUBSCRIBE", channel)

    async def stop(self) -> None:
        """Hear nothing more."""
        listening = self._listening
        while listening is not None and not listening.done():
            # A read whose time ends at this very moment takes the cancelling for its timeout.
            listening.cancel()
            await asyncio.wait([listening], timeout=0.5)

    async def _say(self, *command: str) -> None:
        if self._connection is not None:
            # Where that fails, listening does too, and the next connection asks for all channels anew.
            with contextlib.suppress(RedisError, OSError):
                await self._connection.send_command(*command, check_health=False)

    async def _listen(self) -> None:
        pause_s = 0.0
        while True:
            connection = self._connect()
            try:
                await connection.connect()  # type: ignore[no-untyped-call]
                self._connection = connection
                if self._hearing:
                    await self._say("SUBSCRIBE", *self._hearing)
                pause_s = 0.0
                await self._hear(connection)
            except (RedisError, OSError) as error:
                if pause_s == 0.0:
                    log.warning("Redis no longer tells of the rooms: %s", error)
            finally:
                self._connection = None
                with contextlib.suppress(RedisError, OSError):
                    await connection.disconnect(nowait=True)
            await asyncio.sleep(pause_s)
            pause_s = min(LONGEST_PAUSE_S, 2 * pause_s + 0.05)

    async def _hear(self, connection: AbstractConnection) -> None:
        heard = time.monotonic()
        while True:
            said = await connection.read_response(timeout=PING_S, disconnect_on_error=False)
            if said is None:
                if time.monotonic() - heard > SILENCE_S:
                    raise RedisError(f"silent for {SILENCE_S:g} s")
                await connection.send_command("PING", check_health=False)
                continue
            heard = time.monotonic()
            kind, channel, content = said[0], said[1], said[-1]
            if kind == "message":
                for hear in tuple(self._hearing.get(channel, ())):
                    hear(content)
            elif kind == "subscribe":
                self._subscribed(channel)

    def _subscribed(self, channel: str) -> None:
        confirmed = self._confirmed.get(channel)
        if confirmed is None:
            return
        if confirmed.is_set():
            for hear in tuple(self._hearing.get(channel, ())):
                hear(None)
        confirmed.set()

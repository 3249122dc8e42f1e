"""What visitors may do with rooms, apart from what they say in one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.budgets import Budgets
from app.limits import Limits
from app.problems import Problem
from app.rooms import codes
from app.rooms.assembly import Assembly
from app.rooms.backend import Attendance, Backend
from app.rooms.guessing import Guesses
from app.rooms.hub import Hub
from app.rooms.room import Room

HOUR_S = 3600.0


@dataclass(frozen=True)
class Opened:
    """A new room, and the one time that its secret is told."""

    room: Room
    secret: str


class Rooms:
    """Opens rooms, finds them, and ends them.

    Args:
        backend: where they live.
        limits: of the server.
    """

    def __init__(self, backend: Backend, limits: Limits) -> None:
        self._backend = backend
        self._limits = limits
        self._hub = Hub(backend, limits)
        self._guesses = Guesses(limits.room_codes_per_minute)
        self._openings = Budgets(limits.rooms_per_address, HOUR_S)

    async def create(self, title: str, address: str) -> Opened:
        """Open a room.

        Args:
            title: as followers read it; may be empty.
            address: the visitor's.

        Raises:
            Problem: ``too-many-rooms``.
        """
        openings = self._openings.of(address)
        if openings.left < 1:
            allowed = f"{self._openings.capacity} per hour from one address"
            raise Problem("too-many-rooms", "rooms", allowed=allowed, retry_after_s=openings.wait_s())
        secret = codes.new_secret()
        while True:
            room = Room(codes.new_code(), title, codes.digest_of(secret))
            if await self._backend.create(room, self._limits.rooms):
                break
        openings.take()
        self._guesses.right(address, room.code)
        return Opened(room, secret)

    async def find(self, text: str, address: str) -> Room:
        """The room of a code as typed.

        Raises:
            Problem: ``unknown-room``, ``too-many-guesses``.
        """
        code = codes.normalise(text)
        self._guesses.check(address, code)
        room = None if code is None else await self._backend.load(code)
        if room is None:
            raise self._guesses.wrong(address, text)
        return room

    async def attendance(self, code: str) -> Attendance:
        """Who is in a room."""
        return await self._backend.attendance(code)

    async def close(self, text: str, secret: str, address: str) -> None:
        """End a room.

        Raises:
            Problem: ``unknown-room``, ``too-many-guesses``, ``wrong-secret``.
        """
        room = await self.find(text, address)
        if not codes.opens(secret, room.secret_digest):
            raise Problem("wrong-secret", "Authorization", allowed="Bearer and the room's secret")
        await self._backend.remove(room.code)

    @asynccontextmanager
    async def visit(self, text: str, address: str) -> AsyncIterator[Assembly]:
        """A room for as long as one connection lasts.

        Raises:
            Problem: ``unknown-room``, ``too-many-guesses``, ``room-full``, ``busy``.
        """
        room = await self.find(text, address)
        async with self._hub.visit(room.code) as assembly:
            assembly.check_place(None)
            self._guesses.right(address, room.code)
            yield assembly

    async def stop(self) -> None:
        """The server ends."""
        await self._backend.stop()

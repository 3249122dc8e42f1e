"""The listeners of one room at this process: they hear what the back end tells, each as its role may."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from typing import Any, NoReturn

from app.limits import Limits
from app.problems import Problem
from app.rooms.backend import (
    Answered,
    Attendance,
    AudienceMoved,
    Backend,
    Elsewhere,
    Event,
    Interrupted,
    LessonKept,
)
from app.rooms.guessing import UNKNOWN
from app.rooms.listener import Listener
from app.rooms.questions import tally
from app.rooms.room import Change, Role, Room
from app.sockets import compact

log = logging.getLogger("convscope.rooms")

COUNTS_S = 0.25
"""Counts are told so often at most."""

HEARTBEAT_S = 5.0
"""So often a process says who listens at it, even if nothing has changed."""

PLACES_FOR_A_LEAD = 32
"""Connections beyond the limit while no lead is there: a full hall must not lock out its lecturer."""

CLOSED = 1000


class Assembly:
    """A room as one process sees it: a copy of its state that follows every change, and who listens.

    Args:
        backend: where the room lives.
        code: of the room.
        limits: of listeners and queues.
    """

    def __init__(self, backend: Backend, code: str, limits: Limits) -> None:
        self.backend = backend
        self.code = code
        self.limits = limits
        self.visitors = 0
        """Connections, whether they have said hello or not."""
        self._room: Room | None = None
        self._listeners: dict[str, Listener] = {}
        self._process = secrets.token_hex(8)
        self._elsewhere = Elsewhere(Attendance(), 0)
        self._told: dict[str, Any] | None = None
        self._stirred = asyncio.Event()
        self._answered = False
        self._held: list[Event] | None = None
        """What is told while the room is being loaded."""
        self._reloading: asyncio.Task[None] | None = None
        self._pulse: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()
        self._subscribed = False

    @property
    def room(self) -> Room:
        """What holds now.

        Raises:
            Problem: ``unknown-room`` where it has ended.
        """
        if self._room is None:
            self._gone()
        return self._room

    @property
    def here(self) -> Attendance:
        """Who listens at this process."""
        roles = [listener.role for listener in self._listeners.values()]
        return Attendance(roles.count("follower"), roles.count("screen"), roles.count("lead"))

    @property
    def attendance(self) -> Attendance:
        """Who listens anywhere."""
        return self.here + self._elsewhere.attendance

    async def open(self) -> None:
        """Begin to follow the room, once for all that ask.

        Raises:
            Problem: ``unknown-room``, ``busy``.
        """
        async with self._opening:
            if self._room is not None:
                return
            # Heard first and loaded then, no change falls between the two.
            if not self._subscribed:
                await self.backend.subscribe(self.code, self._hear)
                self._subscribed = True
            if not await self._load():
                self._gone()
            self._pulse = asyncio.create_task(self._beat())

    async def shut(self) -> None:
        """Follow no more."""
        for task in (self._pulse, self._reloading):
            if task is not None:
                task.cancel()
        with contextlib.suppress(Problem):
            if self._subscribed:
                await self.backend.unsubscribe(self.code, self._hear)
                await self.backend.attend(self.code, self._process, Attendance())

    def check_place(self, role: Role | None) -> None:
        """Whether one more has room: at the handshake, when its role is not known, and at its hello.

        Raises:
            Problem: ``room-full``.
        """
        present = self.attendance
        taken = present.followers + present.screens
        most = self.limits.room_listeners
        if role is None:
            taken += self.visitors - len(self._listeners) - 1
            most += 0 if present.leads else PLACES_FOR_A_LEAD
        if role != "lead" and taken >= most:
            raise Problem("room-full", "listeners", taken, f"{self.limits.room_listeners} in one room")

    def join(self, role: Role, participant: str | None) -> Listener:
        """A place for a connection that has said who it is; a snapshot comes first.

        Raises:
            Problem: ``room-full``, ``unknown-room``.
        """
        self.check_place(role)
        _ = self.room
        listener = Listener(role, participant, self.limits.room_queue, self._catch_up)
        self._listeners[listener.id] = listener
        self._stirred.set()
        return listener

    def leave(self, listener: Listener) -> None:
        """A connection has gone."""
        if self._listeners.pop(listener.id, None) is not None:
            self._stirred.set()

    async def _catch_up(self, listener: Listener) -> str:
        answers: dict[str, Any] | None = None
        if self._room is not None and self._room.question is not None:
            with contextlib.suppress(Problem):
                answers = await self.backend.answers(self.code)
        # Meanwhile the room may have changed, and even ended.
        room = self._room
        if room is None:
            return ""  # nobody sends it: the listener has been told of the end
        if room.question is None:
            answers = None
        leads = listener.role == "lead"
        audience = self.attendance.message()
        if audience != self._told:
            self._told = None  # this one is told already, and must hear of it if it was so for a moment only
            self._stirred.set()
        return compact(
            {
                **room.snapshot(listener.role),
                "you": listener.id,
                "audience": audience,
                "own_answer": (answers or {}).get(listener.participant or ""),
                "answered": None if answers is None else len(answers),
                **({"tally": None if answers is None else tally(answers.values())} if leads else {}),
            }
        )

    def _hear(self, event: Event) -> None:
        room = self._room
        if self._held is not None:
            self._held.append(event)
        elif isinstance(event, Interrupted):
            self._reload()
        elif room is None:
            pass
        elif isinstance(event, Change):
            if room.follow(event):
                self._tell_change(event)
            elif event.n > room.n:
                self._reload()  # one was lost
        elif isinstance(event, LessonKept):
            room.lesson = event.kept
            kept = event.kept or {"lesson": None, "at": 0}
            self._tell({"type": "lesson", **kept, "by": event.by}, "lead")
        elif isinstance(event, Answered):
            self._answered = True
            self._stirred.set()
        elif isinstance(event, AudienceMoved):
            self._stirred.set()
        else:
            self._end()

    def _tell_change(self, change: Change) -> None:
        secret = change.slice == "question"
        for_all = compact(change.message_for("follower"))
        for_leads = compact(change.message_for("lead")) if secret else for_all
        for listener in self._listeners.values():
            listener.put(for_leads if listener.role == "lead" else for_all)

    def _tell(self, message: dict[str, Any], only: Role | None = None) -> None:
        text = compact(message)
        for listener in self._listeners.values():
            if only is None or listener.role == only:
                listener.put(text)

    def _end(self) -> None:
        self._room = None
        last = compact({"type": "closed"})
        for listener in self._listeners.values():
            listener.end(CLOSED, last)

    def _reload(self) -> None:
        if self._reloading is None or self._reloading.done():
            self._reloading = asyncio.create_task(self._load_again())

    async def _load_again(self) -> None:
        """Take what holds now, and let every listener have all of it."""
        wait_s = 0.1
        while True:
            try:
                there = await self._load()
                break
            except Problem:
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, 2.0)
        if not there:
            self._end()
        self._stirred.set()

    async def _load(self) -> bool:
        """Take what holds, then what was told meanwhile; whether there is such a room."""
        held = self._held = []
        try:
            loaded = await self.backend.load(self.code)
            if loaded is None and self._room is not None:
                # If the back end has lost everything, it gets back what was last seen here, or at
                # another process that was quicker.
                await self.backend.bring_back(self._room)
                loaded = await self.backend.load(self.code)
        finally:
            self._held = None
        if loaded is None:
            return False
        self._room = loaded
        for listener in self._listeners.values():
            listener.fall_behind()
        for event in held:
            self._hear(event)
        return True

    async def _beat(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), HEARTBEAT_S)
            self._stirred.clear()
            try:
                await self._count()
            except Problem as problem:
                log.warning("room of %d listeners: %s", len(self._listeners), problem.detail)
            except Exception:
                log.exception("counting a room's listeners failed")
            await asyncio.sleep(COUNTS_S)

    async def _count(self) -> None:
        """Say who listens here, and tell those how many there are, and how many have answered."""
        expected = self._elsewhere.n
        if self._room is None:
            return
        elsewhere = await self.backend.attend(self.code, self._process, self.here)
        if elsewhere is None:
            self._reload()
            return
        self._elsewhere = elsewhere
        if self._room.n < expected:
            self._reload()  # a change of more than a heartbeat ago has not come
        audience = self.attendance.message()
        if audience != self._told:
            self._told = audience
            self._tell({"type": "audience", **audience})
        if self._answered:
            self._answered = False
            await self._tell_tally()

    async def _tell_tally(self) -> None:
        answers = (await self.backend.answers(self.code)).values()
        question = None if self._room is None else self._room.question
        if question is None or question["revealed"] is not None:
            return
        told = {"type": "tally", "question": question["id"], "answered": len(answers)}
        for_all, for_leads = compact({**told, "tally": None}), compact({**told, "tally": tally(answers)})
        for listener in self._listeners.values():
            listener.put(for_leads if listener.role == "lead" else for_all)

    def _gone(self) -> NoReturn:
        raise Problem("unknown-room", "code", self.code, UNKNOWN)

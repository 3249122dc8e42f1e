"""Rooms of one process: nothing to install, and forgotten when the process ends."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from app.budgets import Clock
from app.problems import Problem
from app.rooms.backend import (
    Answered,
    Attendance,
    AudienceMoved,
    Closed,
    Elsewhere,
    Event,
    Hear,
    LessonKept,
)
from app.rooms.room import Change, Room, Slice


@dataclass
class _Kept:
    room: Room
    answers: dict[str, Any] = field(default_factory=dict)
    taking: str | None = None
    """The id of the question that may be answered."""
    here: dict[str, Attendance] = field(default_factory=dict)
    empty_since: float = 0.0


class MemoryBackend:
    """The rooms as objects; the event loop makes each step atomic.

    Args:
        idle_s: after so long without anybody a room is forgotten.
        clock: seconds; tests give their own.
    """

    def __init__(self, idle_s: float, clock: Clock = time.monotonic) -> None:
        self._idle_s = idle_s
        self._clock = clock
        self._rooms: dict[str, _Kept] = {}
        self._hearing: defaultdict[str, list[Hear]] = defaultdict(list)

    async def create(self, room: Room, most: int) -> bool:
        for code in list(self._rooms):
            self._find(code)
        if len(self._rooms) >= most:
            raise Problem("too-many-rooms", "rooms", allowed=f"{most} at once", retry_after_s=60)
        if room.code in self._rooms:
            return False
        self._rooms[room.code] = _Kept(room.copy(), empty_since=self._clock())
        return True

    async def bring_back(self, room: Room) -> None:
        pass  # what this process forgets, it has forgotten on purpose

    async def load(self, code: str) -> Room | None:
        kept = self._find(code)
        return None if kept is None else kept.room.copy()

    async def change(
        self, code: str, slice: Slice, value: Any, by: str, *, question: str | None = None
    ) -> bool:
        kept = self._find(code)
        if kept is None or (question is not None and _id_of(kept.room.question) != question):
            return False
        if slice == "question" and _id_of(value) != _id_of(kept.room.question):
            kept.answers.clear()
        if slice == "question":
            kept.taking = value["id"] if value is not None and value["revealed"] is None else None
        change = Change(kept.room.n + 1, slice, value, by)
        kept.room.follow(change)
        self._tell(code, change)
        return True

    async def keep_lesson(self, code: str, kept: dict[str, Any] | None, by: str) -> bool:
        found = self._find(code)
        if found is None:
            return False
        found.room.lesson = kept
        self._tell(code, LessonKept(kept, by))
        return True

    async def answer(self, code: str, question: str, participant: str, value: Any) -> bool:
        kept = self._find(code)
        if kept is None or kept.taking != question:
            return False
        kept.answers[participant] = value
        self._tell(code, Answered())
        return True

    async def answers(self, code: str) -> dict[str, Any]:
        kept = self._find(code)
        return {} if kept is None else dict(kept.answers)

    async def end_answers(self, code: str, question: str) -> list[Any] | None:
        kept = self._find(code)
        if kept is None or _id_of(kept.room.question) != question:
            return None
        kept.taking = None
        return list(kept.answers.values())

    async def attend(self, code: str, process: str, here: Attendance) -> Elsewhere | None:
        kept = self._find(code)
        if kept is None:
            return None
        before = kept.here.get(process, Attendance())
        if here.nobody:
            kept.here.pop(process, None)
        else:
            kept.here[process] = here
        kept.empty_since = self._clock()
        if here != before:
            self._tell(code, AudienceMoved())
        others = (each for name, each in kept.here.items() if name != process)
        return Elsewhere(sum(others, Attendance()), kept.room.n)

    async def attendance(self, code: str) -> Attendance:
        kept = self._find(code)
        return Attendance() if kept is None else sum(kept.here.values(), Attendance())

    async def remove(self, code: str) -> bool:
        if self._rooms.pop(code, None) is None:
            return False
        self._tell(code, Closed())
        return True

    async def subscribe(self, code: str, hear: Hear) -> None:
        self._hearing[code].append(hear)

    async def unsubscribe(self, code: str, hear: Hear) -> None:
        self._hearing[code].remove(hear)
        if not self._hearing[code]:
            del self._hearing[code]

    async def stop(self) -> None:
        self._rooms.clear()

    def _find(self, code: str) -> _Kept | None:
        kept = self._rooms.get(code)
        if kept is None or kept.here or self._clock() - kept.empty_since < self._idle_s:
            return kept
        del self._rooms[code]
        return None

    def _tell(self, code: str, event: Event) -> None:
        for hear in tuple(self._hearing.get(code, ())):
            hear(event)


def _id_of(question: Any) -> Any:
    return question["id"] if question is not None else None

"""Where rooms live: one process's memory, or a Redis that many processes share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from app.rooms.room import Change, Room, Slice


@dataclass(frozen=True)
class LessonKept:
    """The room holds another lesson, or another step of it."""

    kept: dict[str, Any] | None
    by: str


@dataclass(frozen=True)
class Answered:
    """Somebody has answered the question."""


@dataclass(frozen=True)
class AudienceMoved:
    """Somebody has come or gone, wherever."""


@dataclass(frozen=True)
class Closed:
    """The room is no more."""


@dataclass(frozen=True)
class Interrupted:
    """Events may have been lost: what holds must be loaded anew."""


Event = Change | LessonKept | Answered | AudienceMoved | Closed | Interrupted

Hear = Callable[[Event], None]
"""Called on the event loop, once for each event, in one order at all processes; it must not take long."""


@dataclass(frozen=True)
class Attendance:
    """How many listen: at one process, or at all."""

    followers: int = 0
    screens: int = 0
    leads: int = 0

    def __add__(self, other: Attendance) -> Attendance:
        return Attendance(
            self.followers + other.followers, self.screens + other.screens, self.leads + other.leads
        )

    @property
    def nobody(self) -> bool:
        """Whether the room is empty."""
        return not (self.followers or self.screens or self.leads)

    def message(self) -> dict[str, Any]:
        """What everybody is told."""
        return {"followers": self.followers, "present": self.leads > 0}


@dataclass(frozen=True)
class Elsewhere:
    """What one process learns of a room when it says who listens there."""

    attendance: Attendance
    """At all other processes."""
    n: int


class Backend(Protocol):
    """Every method is one atomic step; all raise ``store-unreachable`` where rooms cannot be reached."""

    async def create(self, room: Room, most: int) -> bool:
        """Open a room; whether its code was free.

        Raises:
            Problem: ``too-many-rooms`` where ``most`` are open.
        """

    async def bring_back(self, room: Room) -> None:
        """Open a room again that the back end has lost; not one that is there, nor one that was closed."""

    async def load(self, code: str) -> Room | None:
        """A copy of what holds; None where there is no such room."""

    async def change(
        self, code: str, slice: Slice, value: Any, by: str, *, question: str | None = None
    ) -> bool:
        """Give a slice a value, count it, and tell all listening processes.

        Args:
            code: of the room.
            slice: which part; a new or withdrawn question forgets the answers to the last.
            value: JSON.
            by: the connection that does it.
            question: the id of the question that must still be there.

        Returns:
            Whether it was done; not where room or question are gone.
        """

    async def keep_lesson(self, code: str, kept: dict[str, Any] | None, by: str) -> bool:
        """Leave a lesson in the room, and tell all listening processes; whether there is a room."""

    async def answer(self, code: str, question: str, participant: str, value: Any) -> bool:
        """Take an answer, in the place of the participant's last; whether this question is open."""

    async def answers(self, code: str) -> dict[str, Any]:
        """The answers to the room's question, by participant."""

    async def end_answers(self, code: str, question: str) -> list[Any] | None:
        """Take no more answers, and give all that came; None where this is no longer the question."""

    async def attend(self, code: str, process: str, here: Attendance) -> Elsewhere | None:
        """Say who listens here; it holds for ``ATTENDANCE_S``. None where there is no such room."""

    async def attendance(self, code: str) -> Attendance:
        """How many listen at all processes."""

    async def remove(self, code: str) -> bool:
        """End a room and tell all listening processes; whether there was one."""

    async def subscribe(self, code: str, hear: Hear) -> None:
        """From the return of this call on, ``hear`` is called with the room's events."""

    async def unsubscribe(self, code: str, hear: Hear) -> None:
        """Hear no more of a room."""

    async def stop(self) -> None:
        """The process ends."""


ATTENDANCE_S = 15
"""A process that was killed counts so long; the others repeat themselves three times meanwhile."""

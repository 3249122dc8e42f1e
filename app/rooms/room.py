"""The state of a room, and what each role may see of it; pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from app.rooms.questions import Question, without_answer

Role = Literal["follower", "screen", "lead"]

Slice = Literal["view", "pointer", "curtain", "live", "question"]


@dataclass(frozen=True)
class Change:
    """The one event that a room counts: a slice has a new value."""

    n: int
    slice: Slice
    value: Any
    by: str

    def message_for(self, role: Role) -> dict[str, Any]:
        """As it is told."""
        value = seen_by(role, self.slice, self.value)
        return {"type": "update", "n": self.n, "slice": self.slice, "value": value, "by": self.by}


def seen_by(role: Role, slice: Slice, value: Any) -> Any:
    """A slice's value without what this role must not know: a follower could read a hidden answer."""
    return without_answer(value) if slice == "question" and role != "lead" else value


def _nothing_shown() -> dict[Slice, Any]:
    return {"view": None, "pointer": None, "curtain": "none", "live": False, "question": None}


@dataclass
class Room:
    """What holds in a room after ``n`` changes.

    >>> room = Room("K7M4PX", "CNN", "digest")
    >>> room.follow(Change(1, "live", True, "c1"))
    True
    >>> room.n, room.state["live"], room.follow(Change(3, "live", False, "c1"))
    (1, True, False)
    """

    code: str
    title: str
    secret_digest: str
    n: int = 0
    state: dict[Slice, Any] = field(default_factory=_nothing_shown)
    lesson: dict[str, Any] | None = None
    """``{"lesson": {…}, "at": 3}``; leads alone see it."""

    @property
    def question(self) -> Question | None:
        """The one that is asked or answered now."""
        question: Question | None = self.state["question"]
        return question

    def follow(self, change: Change) -> bool:
        """Take over the next change.

        Returns:
            Whether it was the next; any other leaves the room as it was.
        """
        if change.n != self.n + 1:
            return False
        self.n = change.n
        self.state[change.slice] = change.value
        return True

    def copy(self) -> Room:
        """One that changes by itself; values are only ever replaced, never changed."""
        return replace(self, state=dict(self.state))

    def snapshot(self, role: Role) -> dict[str, Any]:
        """All that holds now, for a role; who asks, and the audience, are not the room's to know."""
        state = {slice: seen_by(role, slice, value) for slice, value in self.state.items()}
        told = {"type": "snapshot", "n": self.n, "code": self.code, "title": self.title, "role": role}
        return {**told, "state": state, **({"lesson": self.lesson} if role == "lead" else {})}

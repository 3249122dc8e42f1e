"""What one listener says, and what becomes of it: who may do what is decided here, and nowhere else."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

from app.limits import Limits
from app.problems import Problem
from app.rooms import questions
from app.rooms.assembly import Assembly
from app.rooms.codes import opens
from app.rooms.listener import Listener
from app.rooms.messages import (
    HELLO,
    SAID,
    Answer,
    Ask,
    Close,
    HelloFollower,
    HelloLead,
    KeepLesson,
    Reveal,
    Said,
    SetCurtain,
    SetLive,
    SetPointer,
    SetView,
    Withdraw,
)
from app.sockets import read_message

ENVELOPE_BYTES = 1024
"""Around a lesson."""

PATIENCE_S = 5.0


def join(assembly: Assembly, text: str) -> Session:
    """Take a connection in by its first message.

    Raises:
        Problem: ``wrong-secret``, ``room-full``, and what is no hello.
    """
    check_length(text, assembly.limits.room_message_bytes)
    hello = read_message(HELLO, text)
    if isinstance(hello, HelloLead) and not opens(hello.secret, assembly.room.secret_digest):
        raise Problem("wrong-secret", "secret", allowed="the one in the presenter's link")
    participant = hello.participant if isinstance(hello, HelloFollower) else None
    return Session(assembly, assembly.join(hello.role, participant))


def check_length(text: str, most_bytes: int) -> None:
    """Refuse a message for its length, before it is read.

    Raises:
        Problem: ``body-too-large``.
    """
    length = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    if length > most_bytes:
        raise Problem("body-too-large", "message", length, f"up to {most_bytes} bytes")


class Session:
    """A listener, once it has said who it is."""

    def __init__(self, assembly: Assembly, listener: Listener) -> None:
        self.listener = listener
        self._assembly = assembly
        self._backend = assembly.backend
        self._limits: Limits = assembly.limits

    def leave(self) -> None:
        """The connection has gone."""
        self._assembly.leave(self.listener)

    async def hear(self, text: str) -> None:
        """Do what a message says.

        Raises:
            Problem: where it cannot be done.
        """
        leads = self.listener.role == "lead"
        limits = self._limits
        # Lessons alone may be longer, and leads alone send them.
        longest = max(limits.room_message_bytes, limits.lesson_bytes + ENVELOPE_BYTES)
        check_length(text, longest if leads else limits.room_message_bytes)
        said = read_message(SAID, text)
        if isinstance(said, Answer):
            await self._answer(said)
            return
        if not leads:
            raise Problem("not-the-presenter", "type", said.type, "answer; the presenter's link can do more")
        if not isinstance(said, KeepLesson):
            check_length(text, limits.room_message_bytes)
        await self._insist(said)

    async def _insist(self, said: Said) -> None:
        """Do it now or soon: a moment without the back end need not trouble who stands before a class."""
        ends = time.monotonic() + PATIENCE_S
        while True:
            try:
                await self._lead(said)
                return
            except Problem as problem:
                if problem.code != "store-unreachable" or time.monotonic() > ends:
                    raise
            await asyncio.sleep(0.2)

    async def _lead(self, said: Said) -> None:
        if isinstance(said, SetView | SetPointer | SetCurtain | SetLive):
            value = said.model_dump()["value"]
            self._need(await self._change(said.slice, value))
        elif isinstance(said, Ask):
            question = said.as_question("q" + secrets.token_hex(4))
            self._need(await self._change("question", question))
        elif isinstance(said, Withdraw):
            self._need(await self._change("question", None))
        elif isinstance(said, Reveal):
            await self._reveal()
        elif isinstance(said, KeepLesson):
            kept = None if said.lesson is None else said.model_dump(exclude={"type"}, exclude_none=True)
            self._need(await self._backend.keep_lesson(self._assembly.code, kept, self.listener.id))
        elif isinstance(said, Close):
            self._need(await self._backend.remove(self._assembly.code))

    async def _change(self, slice: Any, value: Any, question: str | None = None) -> bool:
        return await self._backend.change(
            self._assembly.code, slice, value, self.listener.id, question=question
        )

    async def _reveal(self) -> None:
        question = self._assembly.room.question
        if question is None or not questions.is_open(question):
            raise Problem("no-question", "type", "reveal", "while a question is open")
        # No answer may come between the count that is told and the end.
        values = await self._backend.end_answers(self._assembly.code, question["id"])
        if values is not None:
            await self._change("question", questions.revealed(question, values), question["id"])

    async def _answer(self, said: Answer) -> None:
        participant = self.listener.participant
        if participant is None:
            raise Problem("not-a-follower", "type", "answer", "set, ask, … for a lead; followers answer")
        question = self._assembly.room.question
        over = Problem("question-over", "question", said.question, "the id of the question that is open")
        if question is None or question["id"] != said.question or not questions.is_open(question):
            raise over
        value = questions.checked(question["kind"], question["options"], said.value)
        if not await self._backend.answer(self._assembly.code, said.question, participant, value):
            raise over

    def _need(self, done: bool) -> None:
        if not done:
            _ = self._assembly.room  # raises where the room has ended
            # Known here and not there: the back end has lost it, and is about to get it back.
            raise Problem("store-unreachable", detail="The room is being restored.", retry_after_s=1)

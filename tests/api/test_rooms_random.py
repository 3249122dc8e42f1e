"""Random lectures: whatever is said in whatever order, a room stays whole and keeps its secret."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.limits import Limits
from app.problems import Problem
from app.rooms import session
from app.rooms.assembly import Assembly
from app.rooms.codes import digest_of
from app.rooms.memory import MemoryBackend
from app.rooms.room import Room

SECRET_ANSWER = -87.654321
CODE = "K7M4PX"

EXPECTED = ("not-the-presenter", "not-a-follower", "question-over", "no-question", "invalid-argument")

lead_says = st.one_of(
    st.builds(
        lambda i: {"type": "set", "slice": "view", "value": {"address": f"/operation?i={i}"}},
        st.integers(0, 9),
    ),
    st.builds(
        lambda c: {"type": "set", "slice": "curtain", "value": c}, st.sampled_from(["none", "code", "blank"])
    ),
    st.just({"type": "ask", "kind": "cell", "place": None, "options": None, "answer": SECRET_ANSWER}),
    st.just({"type": "reveal"}),
    st.just({"type": "withdraw"}),
    st.just({"type": "set", "slice": "pointer", "value": None}),
)

follower_says = st.one_of(
    st.builds(
        lambda v: {"type": "answer", "question": "now", "value": v}, st.integers(0, 3) | st.text(max_size=3)
    ),
    st.just({"type": "answer", "question": "q0", "value": 1}),
    lead_says,
)

# (who, what): a message, or coming, going and reading.
events = st.tuples(
    st.integers(0, 4),
    st.one_of(lead_says, follower_says, st.sampled_from(["comes", "goes", "reads", "reads", "all read"])),
)


class Person:
    """A member who may be here or not, and reads when it pleases."""

    def __init__(self, assembly: Assembly, number: int) -> None:
        self._assembly = assembly
        self.leads = number == 0
        role = {"role": "lead", "secret": "right"}
        if not self.leads:
            role = {"role": "follower", "participant": f"participant-number-{number}"}
        self._hello = json.dumps({"type": "hello", **role})
        self.session: session.Session | None = None
        self.told: list[dict[str, Any]] = []
        self.n = -1
        self.hidden = True

    def comes(self) -> None:
        if self.session is None:
            self.session, self.n = session.join(self._assembly, self._hello), -1

    def goes(self) -> None:
        if self.session is not None:
            self.session.leave()
            self.session = None

    async def says(self, message: dict[str, Any]) -> None:
        if self.session is None:
            return
        question = self._assembly.room.question
        if message.get("question") == "now":
            message = {**message, "question": question["id"] if question else "none"}
        try:
            await self.session.hear(json.dumps(message))
        except Problem as problem:
            if problem.code not in EXPECTED:
                raise

    def reads(self, texts: int) -> None:
        """Read what waits, without waiting."""
        for _ in range(texts):
            if self.session is None:
                return
            waiting = self.session.listener.next()
            try:
                waiting.send(None)
            except StopIteration as done:
                self._understand(done.value)
            else:
                waiting.close()
                return

    def _understand(self, text: str) -> None:
        message = json.loads(text)
        if message["type"] == "snapshot":
            assert message["n"] >= self.n
            self.n = message["n"]
            question = message["state"]["question"]
        elif message["type"] == "update":
            assert message["n"] == self.n + 1
            self.n = message["n"]
            question = message["value"] if message["slice"] == "question" else None
        else:
            return
        if not self.leads and question is not None and question["revealed"] is None:
            assert "87.654" not in text
            assert "answer" not in question


async def lecture(happens: list[tuple[int, Any]]) -> None:
    backend = MemoryBackend(3600.0)
    await backend.create(Room(CODE, "", digest_of("right")), 1)
    assembly = Assembly(backend, CODE, Limits(room_queue=3))
    await assembly.open()
    people = [Person(assembly, number) for number in range(5)]
    people[0].comes()
    try:
        for number, what in happens:
            person = people[number]
            if what == "comes":
                person.comes()
            elif what == "goes":
                person.goes()
            elif what == "reads":
                person.reads(2)
            elif what == "all read":
                for each in people:
                    each.reads(1)
            else:
                await person.says(what)
            kept = await backend.load(CODE)
            assert kept is not None
            assert (kept.n, kept.state) == (assembly.room.n, assembly.room.state)
            question, answers = kept.question, await backend.answers(CODE)
            assert len(answers) <= 4
            if question is None:
                assert not answers
            elif question["revealed"] is not None:
                assert question["revealed"]["answered"] == len(answers)
        for person in people:
            person.reads(1000)
            assert person.session is None or person.n == assembly.room.n
    finally:
        await assembly.shut()
    assert (await backend.attendance(CODE)).nobody


@settings(max_examples=150, deadline=None)
@given(st.lists(events, max_size=40))
def test_any_lecture(happens: list[tuple[int, Any]]) -> None:
    asyncio.run(lecture(happens))


def test_what_would_be_a_leak_is_noticed() -> None:
    person = Person.__new__(Person)
    person.leads, person.n = False, 0
    question = {"id": "q1", "answer": SECRET_ANSWER, "revealed": None}
    text = json.dumps({"type": "update", "n": 1, "slice": "question", "value": question})
    try:
        person._understand(text)
    except AssertionError:
        return
    raise RuntimeError("the check does not check")

"""What every back end of rooms promises, asked without a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.limits import Limits
from app.problems import Problem
from app.rooms import session
from app.rooms.assembly import Assembly
from app.rooms.backend import Answered, Attendance, AudienceMoved, Backend, Closed, Event, LessonKept
from app.rooms.codes import digest_of
from app.rooms.memory import MemoryBackend
from app.rooms.redis_backend import RedisBackend
from app.rooms.room import Change, Room
from app.stores.redis_link import unreachable
from tests.api.redis_process import RedisProcess, running_redis

CODE = "K7M4PX"

QUESTION = {"id": "q1", "kind": "cell", "place": None, "options": None, "answer": 1.5, "revealed": None}

Run = Callable[[Callable[[Backend], Coroutine[Any, Any, None]]], None]


@pytest.fixture(scope="module")
def redis_process() -> Iterator[RedisProcess]:
    with running_redis() as process:
        yield process


@pytest.fixture(params=["memory", "redis"])
def run(request: pytest.FixtureRequest, redis_process: RedisProcess) -> Run:
    """Runs a test with an empty back end, in an event loop of its own."""
    redis_process.clear()

    async def with_backend(test: Callable[[Backend], Coroutine[Any, Any, None]]) -> None:
        backend: Backend = MemoryBackend(1.0)
        if request.param == "redis":
            backend = RedisBackend(redis_process.url, 1.0)
        try:
            await test(backend)
        finally:
            await backend.stop()

    return lambda test: asyncio.run(with_backend(test))


@asynccontextmanager
async def hearing(backend: Backend) -> AsyncIterator[list[Event]]:
    heard: list[Event] = []
    await backend.subscribe(CODE, heard.append)
    yield heard
    await backend.unsubscribe(CODE, heard.append)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


def new_room() -> Room:
    return Room(CODE, "畳み込み", "digest")


def test_a_room_is_kept_and_ended(run: Run) -> None:
    async def test(backend: Backend) -> None:
        assert await backend.load(CODE) is None
        assert not await backend.remove(CODE)
        assert await backend.create(new_room(), 2)
        assert not await backend.create(new_room(), 2)
        assert await backend.load(CODE) == new_room()
        assert await backend.remove(CODE)
        assert await backend.load(CODE) is None

    run(test)


def test_rooms_at_n_and_n_plus_one(run: Run) -> None:
    async def test(backend: Backend) -> None:
        for code in ("K7M4P3", "K7M4P4"):
            assert await backend.create(Room(code, "", "digest"), 2)
        with pytest.raises(Problem, match="2 at once"):
            await backend.create(new_room(), 2)
        await backend.remove("K7M4P3")
        assert await backend.create(new_room(), 2)

    run(test)


def test_changes_are_counted_and_told_in_order(run: Run) -> None:
    async def test(backend: Backend) -> None:
        await backend.create(new_room(), 1)
        async with hearing(backend) as heard, hearing(backend) as beside:
            writers = (
                backend.change(CODE, "pointer", {"by": name, "i": i}, name)
                for i in range(50)
                for name in ("c1", "c2")
            )
            assert all(await asyncio.gather(*writers))
            await until(lambda: len(heard) == len(beside) == 100)
        assert [event.n for event in heard if isinstance(event, Change)] == list(range(1, 101))
        assert heard == beside
        room = await backend.load(CODE)
        assert room is not None
        assert (room.n, room.state["pointer"]) == (100, heard[-1].value)  # type: ignore[union-attr]
        assert not await backend.change("K7M4P3", "live", True, "c1")

    run(test)


def test_a_question_and_its_answers(run: Run) -> None:
    async def test(backend: Backend) -> None:
        await backend.create(new_room(), 1)
        assert not await backend.answer(CODE, "q1", "anna", 1)
        assert await backend.change(CODE, "question", QUESTION, "c1")
        async with hearing(backend) as heard:
            assert await backend.answer(CODE, "q1", "anna", 1)
            assert await backend.answer(CODE, "q1", "anna", 2.5)
            assert await backend.answer(CODE, "q1", "ben", [3, 4])
            assert not await backend.answer(CODE, "q0", "ben", 5)
            await until(lambda: heard == [Answered()] * 3)
        assert await backend.answers(CODE) == {"anna": 2.5, "ben": [3, 4]}
        assert await backend.end_answers(CODE, "q0") is None
        assert sorted(map(str, await backend.end_answers(CODE, "q1") or [])) == ["2.5", "[3, 4]"]
        assert not await backend.answer(CODE, "q1", "anna", 9)
        shown = {**QUESTION, "revealed": {"answer": 1.5}}
        assert not await backend.change(CODE, "question", shown, "c1", question="q0")
        assert await backend.change(CODE, "question", shown, "c1", question="q1")
        assert not await backend.answer(CODE, "q1", "anna", 9)
        assert await backend.answers(CODE) == {"anna": 2.5, "ben": [3, 4]}
        assert await backend.change(CODE, "question", {**QUESTION, "id": "q2"}, "c1")
        assert await backend.answers(CODE) == {}

    run(test)


def test_no_answer_slips_between_the_count_and_the_end(run: Run) -> None:
    async def test(backend: Backend) -> None:
        await backend.create(new_room(), 1)
        await backend.change(CODE, "question", QUESTION, "c1")
        answers = [backend.answer(CODE, "q1", f"p{i}", i) for i in range(100)]
        half = [*answers[:50], backend.end_answers(CODE, "q1"), *answers[50:]]
        done = await asyncio.gather(*half)
        counted = done.pop(50)
        assert isinstance(counted, list)
        assert len(counted) == sum(map(bool, done)) == len(await backend.answers(CODE))

    run(test)


def test_a_lesson_is_kept(run: Run) -> None:
    async def test(backend: Backend) -> None:
        assert not await backend.keep_lesson(CODE, None, "c1")
        await backend.create(new_room(), 1)
        kept = {"lesson": {"title": "余白"}, "at": 1}
        async with hearing(backend) as heard:
            assert await backend.keep_lesson(CODE, kept, "c1")
            await until(lambda: heard == [LessonKept(kept, "c1")])
        room = await backend.load(CODE)
        assert room is not None
        assert (room.n, room.lesson) == (0, kept)

    run(test)


def test_a_room_that_redis_has_lost_comes_back_once(redis_process: RedisProcess) -> None:
    async def test() -> None:
        redis_process.clear()
        first, second = (RedisBackend(redis_process.url, 60.0) for _ in range(2))
        kept = new_room()
        kept.follow(Change(1, "question", QUESTION, "c1"))
        for backend in (first, second):  # the second finds it there
            await backend.bring_back(kept)
            assert await backend.load(CODE) == kept
        assert await second.answer(CODE, "q1", "anna", 1)
        await first.remove(CODE)
        await second.bring_back(kept)  # it was closed, and stays so
        assert await second.load(CODE) is None
        for backend in (first, second):
            await backend.stop()

    asyncio.run(test())


def test_two_processes_find_what_was_lost_at_the_same_time(redis_process: RedisProcess) -> None:
    async def test() -> None:
        redis_process.clear()
        backends = [RedisBackend(redis_process.url, 60.0) for _ in range(4)]
        await backends[0].create(new_room(), 1)
        assemblies = [Assembly(backend, CODE, Limits()) for backend in backends]
        for assembly in assemblies:
            await assembly.open()
        for _ in range(20):
            redis_process.clear()
            assert all(await asyncio.gather(*(assembly._load() for assembly in assemblies)))
        for assembly, backend in zip(assemblies, backends, strict=True):
            assert assembly.room == new_room()
            await assembly.shut()
            await backend.stop()

    asyncio.run(test())


def test_who_listens_where(run: Run) -> None:
    async def test(backend: Backend) -> None:
        assert await backend.attend(CODE, "p1", Attendance(1, 0, 0)) is None
        await backend.create(new_room(), 1)
        async with hearing(backend) as heard:
            first = await backend.attend(CODE, "p1", Attendance(3, 1, 1))
            second = await backend.attend(CODE, "p2", Attendance(4, 0, 0))
            assert first is not None
            assert second is not None
            assert first.attendance == Attendance()
            assert second.attendance == Attendance(3, 1, 1)
            await until(lambda: heard == [AudienceMoved()] * 2)
            await backend.attend(CODE, "p1", Attendance(3, 1, 1))
            assert await backend.attendance(CODE) == Attendance(7, 1, 1)
            await backend.attend(CODE, "p1", Attendance())
            assert await backend.attendance(CODE) == Attendance(4, 0, 0)
            await until(lambda: heard == [AudienceMoved()] * 3)

    run(test)


def test_a_room_stays_while_somebody_is_there_and_is_forgotten_after(run: Run) -> None:
    async def test(backend: Backend) -> None:
        await backend.create(new_room(), 1)
        for _ in range(4):
            await backend.attend(CODE, "p1", Attendance(1, 0, 0))
            await asyncio.sleep(0.5)
        assert await backend.load(CODE) is not None
        await backend.attend(CODE, "p1", Attendance())
        await asyncio.sleep(1.3)
        assert await backend.load(CODE) is None
        await asyncio.sleep(1)  # Redis counts whole seconds
        assert await backend.create(new_room(), 1)

    run(test)


def test_the_end_is_told(run: Run) -> None:
    async def test(backend: Backend) -> None:
        await backend.create(new_room(), 1)
        async with hearing(backend) as heard:
            await backend.remove(CODE)
            await until(lambda: heard == [Closed()])

    run(test)


def test_a_lead_does_not_notice_a_moment_without_the_back_end() -> None:
    class Away(MemoryBackend):
        moments = 2

        async def change(self, *what: Any, **more: Any) -> bool:
            self.moments -= 1
            if self.moments == 1:
                raise unreachable()
            # The second time it is there, and has not got the room back yet.
            return self.moments < 0 and await super().change(*what, **more)

    async def test() -> None:
        backend = Away(10.0)
        await backend.create(Room(CODE, "", digest_of("right")), 1)
        assembly = Assembly(backend, CODE, Limits())
        await assembly.open()
        lead = session.join(assembly, '{"type": "hello", "role": "lead", "secret": "right"}')
        await lead.hear('{"type": "set", "slice": "live", "value": true}')
        assert (assembly.room.n, assembly.room.state["live"], backend.moments) == (1, True, -1)
        await assembly.shut()

    asyncio.run(test())


def test_two_processes_see_one_room(run: Run) -> None:
    async def test(backend: Backend) -> None:
        await backend.create(new_room(), 1)
        limits = Limits(room_listeners=3)
        here, there = Assembly(backend, CODE, limits), Assembly(backend, CODE, limits)
        await here.open()
        await there.open()
        here.join("lead", None)
        for i in range(2):
            there.join("follower", f"participant-number-{i}")
        await until(lambda: here.attendance == there.attendance == Attendance(2, 0, 1))
        here.join("screen", None)
        await until(lambda: there.attendance == Attendance(2, 1, 1))
        with pytest.raises(Problem, match="3 in one room"):
            there.join("follower", "participant-number-3")
        await backend.change(CODE, "live", True, "c1")
        await until(lambda: here.room.n == there.room.n == 1)
        await there.shut()
        await until(lambda: here.attendance == Attendance(0, 1, 1))
        await here.shut()

    run(test)

"""Rooms in a Redis that any number of servers share: all of them see the same changes in the same order."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError

from app.problems import Problem
from app.rooms import redis_scripts as scripts
from app.rooms.backend import (
    ATTENDANCE_S,
    Answered,
    Attendance,
    AudienceMoved,
    Closed,
    Elsewhere,
    Event,
    Hear,
    Interrupted,
    LessonKept,
)
from app.rooms.questions import is_open
from app.rooms.redis_channels import Channels
from app.rooms.room import Change, Room, Slice
from app.stores.redis_link import ANSWER_S, CONNECT_S, unreachable

CONNECTIONS = 16
CLOSED_S = 3600
SLICES: tuple[Slice, ...] = ("view", "pointer", "curtain", "live", "question")


class RedisBackend:
    """The rooms as hashes in Redis.

    Args:
        url: ``redis://host:port/number``, ``rediss://`` for TLS.
        idle_s: after so long without anybody a room is forgotten.
    """

    def __init__(self, url: str, idle_s: float) -> None:
        self._idle_s = max(1, round(idle_s))
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=ANSWER_S,
            socket_connect_timeout=CONNECT_S,
            socket_timeout=ANSWER_S,
            # A kept connection may be older than the server at its other end.
            retry=Retry(ConstantBackoff(0.05), 2, supported_errors=(Disconnected,)),
            decode_responses=True,
            protocol=2,
        )
        self._client: Redis = Redis.from_pool(pool)
        self._channels = Channels(pool.make_connection)
        self._hearing: dict[tuple[str, Hear], Any] = {}
        self._scripts: dict[str, AsyncScript] = {}

    async def create(self, room: Room, most: int) -> bool:
        made = await self._create(room, most, bring_back=False)
        if made < 0:
            raise Problem("too-many-rooms", "rooms", allowed=f"{most} at once", retry_after_s=60)
        return made == 1

    async def bring_back(self, room: Room) -> None:
        await self._create(room, 0, bring_back=True)

    async def load(self, code: str) -> Room | None:
        async with _reached():
            fields = cast("dict[str, str]", await self._client.hgetall(_keys(code)[0]))
        if not fields:
            return None
        state: dict[Slice, Any] = {slice: json.loads(fields[slice]) for slice in SLICES}
        lesson = json.loads(fields["lesson"])
        return Room(code, fields["title"], fields["secret_digest"], int(fields["n"]), state, lesson)

    async def change(
        self, code: str, slice: Slice, value: Any, by: str, *, question: str | None = None
    ) -> bool:
        ids = _ids(value) if slice == "question" else ("", "")
        return bool(await self._run(scripts.CHANGE, code, slice, _json(value), by, question or "", *ids))

    async def keep_lesson(self, code: str, kept: dict[str, Any] | None, by: str) -> bool:
        return bool(await self._run(scripts.KEEP_LESSON, code, _json(kept), by))

    async def answer(self, code: str, question: str, participant: str, value: Any) -> bool:
        done = await self._run(scripts.ANSWER, code, question, participant, _json(value), self._idle_s)
        return bool(done)

    async def answers(self, code: str) -> dict[str, Any]:
        async with _reached():
            found = cast("dict[str, str]", await self._client.hgetall(_keys(code)[1]))
        return {participant: json.loads(value) for participant, value in found.items()}

    async def end_answers(self, code: str, question: str) -> list[Any] | None:
        found = await self._run(scripts.END_ANSWERS, code, question)
        return None if found is None else [json.loads(value) for value in found]

    async def attend(self, code: str, process: str, here: Attendance) -> Elsewhere | None:
        counts = (here.followers, here.screens, here.leads)
        told = await self._run(scripts.ATTEND, code, code, self._idle_s, ATTENDANCE_S, process, *counts)
        return None if told is None else Elsewhere(Attendance(*told[:3]), told[3])

    async def attendance(self, code: str) -> Attendance:
        return Attendance(*await self._run(scripts.ATTENDANCE, code))

    async def remove(self, code: str) -> bool:
        return bool(await self._run(scripts.REMOVE, code, code, CLOSED_S))

    async def subscribe(self, code: str, hear: Hear) -> None:
        def translate(text: str | None) -> None:
            hear(Interrupted() if text is None else _event(text))

        self._hearing[code, hear] = translate
        try:
            await self._channels.subscribe(_keys(code)[0], translate)
        except Problem:
            del self._hearing[code, hear]
            raise

    async def unsubscribe(self, code: str, hear: Hear) -> None:
        await self._channels.unsubscribe(_keys(code)[0], self._hearing.pop((code, hear)))

    async def stop(self) -> None:
        await self._channels.stop()
        await self._client.aclose()
        await self._client.connection_pool.disconnect()

    async def _create(self, room: Room, most: int, *, bring_back: bool) -> int:
        id, taking = _ids(room.question)
        texts = {"title": room.title, "secret_digest": room.secret_digest, "n": room.n}
        values = {slice: _json(value) for slice, value in room.state.items()} | {"lesson": _json(room.lesson)}
        fields = {**texts, **values, "question_id": id, "taking": taking}
        flat = [each for pair in fields.items() for each in pair]
        how = (self._idle_s, most, int(bring_back))
        return int(await self._run(scripts.CREATE, room.code, room.code, *how, *flat))

    async def _run(self, script: str, code: str, *values: Any) -> Any:
        # By its digest: Redis is sent the whole of it only where it does not know it.
        known = self._scripts.setdefault(script, self._client.register_script(script))
        async with _reached():
            return await known(keys=_keys(code), args=values)


@asynccontextmanager
async def _reached() -> AsyncIterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise unreachable() from error


def _keys(code: str) -> Sequence[str]:
    names = ("room", "answers", "listening", "closed")
    return [f"convscope:{{rooms}}:{code}:{name}" for name in names] + ["convscope:{rooms}:index"]


def _ids(question: Any) -> tuple[str, str]:
    """The id of a question, and the same if it takes answers; empty where there is none."""
    if question is None:
        return "", ""
    return question["id"], question["id"] if is_open(question) else ""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _event(text: str) -> Event:
    told = json.loads(text)
    if "n" in told:
        return Change(told["n"], told["slice"], told["value"], told["by"])
    if "lesson" in told:
        return LessonKept(told["lesson"], told["by"])
    if "answered" in told:
        return Answered()
    return Closed() if "closed" in told else AudienceMoved()

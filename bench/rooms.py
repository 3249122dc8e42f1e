"""A lecture room of three hundred followers on two cores: how soon the last one has what the first one sees.

One process is the server; this one is everybody else, the presenter and all followers by one clock. Where a
message is lost or comes out of order there are no figures.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from bench.lean_http import Connection
from bench.lean_socket import LeanSocket
from bench.server_process import Server, running_server
from bench.table import Row, Table, times

FOLLOWERS = 300
JOIN_S = 10
VIEWS_PER_S = 5
CALM_S = 30
BESIDE_S = 8
POINTERS_PER_VIEW = 3
FULL = 16
"""Views of 16 KB each, behind which a connection that is not read takes no more."""
LAYERS = 12
WRONG_CODES = 10_000
GUESSERS = 4

ROOMS = "/api/v1/rooms"
ADDRESS = (
    "/operation?op=conv2d&image=chelsea&size=112x112&color=gray&kernel=custom&stride=1&padding=1&dilation=1"
    "&values=1,0,-1;2,0,-2;1,0,-1&lang=ja&colors=diverging&cell=0,19,"
)
UPDATE = b'{"type":"update","n":'
TARGET = "250 ms (95 %)"


def tables() -> list[Table]:
    """Waits, and what arrived."""
    with running_server() as server:
        return asyncio.run(measured(server))


async def measured(server: Server) -> list[Table]:
    """All figures, one after the other, in one room."""
    http = Connection(server.host, server.port)
    room = json.loads((await http.ask("POST", ROOMS, b'{"title": "hall"}')).body)
    hall = Hall(server, f"{ROOMS}/{room['code']}")
    joined = await hall.fill()
    lead = await hall.lead(room["secret"])
    alone = await lead.lecture(CALM_S * VIEWS_PER_S)
    with_pointers = await lead.lecture(BESIDE_S * VIEWS_PER_S, POINTERS_PER_VIEW)
    async with hall.one_that_does_not_read() as stalled:
        await lead.lecture(FULL, note="." * (16 << 10))
        beside = await lead.lecture(BESIDE_S * VIEWS_PER_S, POINTERS_PER_VIEW)
    await stalled.catches_up(hall.n)
    if not stalled.skipped:
        raise RuntimeError("the one that did not read has missed nothing: it has cost nothing either")
    layers = await lead.lecture_with_layers()
    refusals, explained = await wrong_codes(server)
    per_s = VIEWS_PER_S * POINTERS_PER_VIEW
    waits = times(
        [
            Row(f"{FOLLOWERS} join within {JOIN_S} s: from connecting to the snapshot", joined),
            Row(f"{VIEWS_PER_S} views a second: from sending to the last follower", alone, TARGET),
            Row(f"the same with {per_s} pointers a second", with_pointers, TARGET),
            Row("the same beside one follower that does not read", beside, TARGET),
            Row("a view each second, to the last follower who has fetched its new layer of 50 KB", layers),
            Row(f"one of {WRONG_CODES} wrong codes, of {GUESSERS} clients: to its refusal", refusals),
            Row("meanwhile, the explanation of a cell, of another client", explained),
        ]
    )
    heads = ("updates heard by each follower", "lost or out of order", "missed by the one that did not read")
    return [waits, Table(heads, [(f"{hall.n}", "0", f"{stalled.skipped}")])]


class Listener:
    """A follower, or the presenter: hears updates, and sees to it that none is missing."""

    def __init__(self, forgives: bool = False) -> None:
        self._forgives = forgives
        self.n = -1
        self.arrived: dict[int, float] = {}
        self.skipped = 0
        self.failure = ""
        self.socket: LeanSocket
        self.entered: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def join(self, server: Server, path: str, hello: dict[str, Any], narrow: bool = False) -> float:
        """Milliseconds from connecting to the snapshot."""
        start = time.perf_counter()
        self.socket = await LeanSocket.connect(server.host, server.port, path, self._hear, narrow)
        self.socket.say(json.dumps({"type": "hello", **hello}).encode())
        return (await self.entered - start) * 1000

    def _hear(self, text: bytes, now: float) -> None:
        if text.startswith(UPDATE):
            n = int(text[len(UPDATE) : text.index(b",", len(UPDATE))])
            if n != self.n + 1:
                self.failure = f"update {n} came after {self.n}"
            self.n = n
            self.arrived[n] = now
        elif text.startswith(b'{"type":"snapshot"'):
            n = json.loads(text)["n"]
            if self.n >= 0 and not (self._forgives and n >= self.n):
                self.failure = f"a snapshot took the place of updates {self.n} to {n}"
            self.skipped += n - self.n if self.n >= 0 else 0
            self.n = n
            if not self.entered.done():
                self.entered.set_result(now)
        elif text.startswith(b'{"type":"problem"'):
            self.failure = text.decode()

    async def catches_up(self, n: int) -> None:
        """Wait until it has this update or a later one."""
        async with asyncio.timeout(10):
            while self.n < n:
                await asyncio.sleep(0.005)
        if self.failure:
            raise RuntimeError(self.failure)


class Hall:
    """All followers of one room."""

    def __init__(self, server: Server, path: str) -> None:
        self.server = server
        self._path = path
        self.followers = [Listener() for _ in range(FOLLOWERS)]

    @property
    def n(self) -> int:
        """The last update that every follower has."""
        return min(follower.n for follower in self.followers)

    async def fill(self) -> list[float]:
        """Let them all in, one after the other; what each waited for."""

        async def late(number: int, follower: Listener) -> float:
            await asyncio.sleep(number * JOIN_S / FOLLOWERS)
            return await follower.join(self.server, self._path, hello(number))

        return list(await asyncio.gather(*map(late, range(FOLLOWERS), self.followers)))

    async def lead(self, secret: str) -> Presenter:
        presenter = Presenter(self)
        await presenter.join(self.server, self._path, {"role": "lead", "secret": secret})
        return presenter

    @asynccontextmanager
    async def one_that_does_not_read(self) -> AsyncIterator[Listener]:
        """One more, behind whom messages pile up; in the end it reads again."""
        stalled = Listener(forgives=True)
        await stalled.join(self.server, self._path, hello(FOLLOWERS), narrow=True)
        stalled.socket.transport.pause_reading()
        yield stalled
        stalled.socket.transport.resume_reading()

    async def has(self, n: int) -> float:
        """When the last follower got an update."""
        for follower in self.followers:
            await follower.catches_up(n)
        return max(follower.arrived[n] for follower in self.followers)


class Presenter(Listener):
    """Who leads."""

    def __init__(self, hall: Hall) -> None:
        super().__init__()
        self._hall = hall
        self._sent = 0

    def show(self, slice: str, value: Any) -> tuple[int, float]:
        """Send a change; the number that it will have, and when it went."""
        self._sent = max(self._sent, self.n) + 1
        self.socket.say(json.dumps({"type": "set", "slice": slice, "value": value}).encode())
        return self._sent, time.perf_counter()

    async def lecture(self, views: int, pointers: int = 0, note: str = "") -> list[float]:
        """Change the view at a steady pace; milliseconds until the last follower had each.

        Args:
            views: so many.
            pointers: moves of the pointer after each.
            note: what makes the addresses longer.
        """
        sent = []
        start = time.perf_counter()
        for number in range(views):
            sent.append(self.show("view", {"address": f"{ADDRESS}{number}{note and f'&note={note}'}"}))
            for move in range(pointers):
                await until(start + (number + (move + 1) / (pointers + 1)) / VIEWS_PER_S)
                self.show("pointer", {"side": "input", "node": "conv", "cell": [0, number, move]})
            await until(start + (number + 1) / VIEWS_PER_S)
        await self.catches_up(self._sent)
        return [(await self._hall.has(n) - at) * 1000 for n, at in sent]

    async def lecture_with_layers(self) -> list[float]:
        """A new run each second; milliseconds until the last follower has fetched its layer."""
        server = self._hall.server
        connections = [Connection(server.host, server.port) for _ in range(FOLLOWERS)]
        waits = []
        for number in range(LAYERS):
            start = time.perf_counter()
            layer = await new_layer(connections[0], number)
            n, at = self.show("view", {"address": f"{ADDRESS}{number}"})

            async def fetch(follower: Listener, connection: Connection) -> float:
                await follower.catches_up(n)  # noqa: B023
                answer = await connection.ask("GET", layer)  # noqa: B023
                if answer.status != 200 or len(answer.body) < 50_000:
                    raise RuntimeError(f"{answer.status}, {len(answer.body)} bytes")
                return time.perf_counter()

            got = await asyncio.gather(*map(fetch, self._hall.followers, connections))
            waits.append((max(got) - at) * 1000)
            await until(start + 1)
        for connection in connections:
            connection.close()
        return waits[1:]  # the first opens three hundred connections


async def new_layer(http: Connection, number: int) -> str:
    """The address of a layer that was never computed: 112 × 112 × 2 in float16, 50 KB."""
    weight = np.full((2, 1, 3, 3), 1 + number / 100).tolist()
    nodes = [{"name": "conv", "op": "conv2d", "weight": weight, "padding": 1}]
    body = {"image": "chelsea", "size": [112, 112], "color": "gray", "specification": {"nodes": nodes}}
    answer = await http.ask("POST", "/api/v1/runs", json.dumps(body).encode())
    return f"{json.loads(answer.body)['url']}/nodes/conv/output.npy?dtype=float16"


async def wrong_codes(server: Server) -> tuple[list[float], list[float]]:
    """Milliseconds of each refusal, and of what somebody else asks for meanwhile."""
    http = Connection(server.host, server.port)
    layer = (await new_layer(http, LAYERS)).partition("/output")[0]
    refusals: list[float] = []
    explained: list[float] = []

    async def guess(first: int) -> None:
        connection = Connection(server.host, server.port)
        for number in range(first, WRONG_CODES, GUESSERS):
            start = time.perf_counter()
            answer = await connection.ask("GET", f"{ROOMS}/{number:06}")
            refusals.append((time.perf_counter() - start) * 1000)
            if answer.status not in (404, 429):
                raise RuntimeError(f"a wrong code was answered by {answer.status}")
        connection.close()

    guessing = asyncio.gather(*map(guess, range(GUESSERS)))
    while not guessing.done():
        start = time.perf_counter()
        await http.ask("GET", f"{layer}/cells/1/{len(explained) % 112}/{len(explained) // 112}")
        explained.append((time.perf_counter() - start) * 1000)
        await asyncio.sleep(0.02)
    await guessing
    return refusals, explained


def hello(number: int) -> dict[str, Any]:
    """What a follower says first."""
    return {"role": "follower", "participant": f"prt_{number:016}"}


async def until(at: float) -> None:
    """Wait for a moment of ``time.perf_counter``."""
    await asyncio.sleep(max(0.0, at - time.perf_counter()))

"""Fifty clients at once, each asking for cells, steps and maps, and now and then bringing a picture.

The clients are one process that shares the machine with the server, so what is measured is a little worse
than what clients elsewhere would see.
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from bench.lean_http import Answer, Connection
from bench.server_process import Server, running_server
from bench.table import Row, Table, times

CLIENTS = 50
WARM_UP_S = 20.0
MEASURED_S = 60.0
PAUSES_MS = (200, 0)
"""Between an answer and a client's next question: a reader who drags, and a script that waits for nothing."""

SHARES = {"cell": 60, "steps": 20, "maps": 15, "upload": 5}
MIB = 1 << 20
# Full before the measurement; what grows after that was not meant to.
CACHES = {
    "CONVSCOPE_RUN_MEMORY_BYTES": str(96 * MIB),
    "CONVSCOPE_IMAGE_MEMORY_BYTES": str(16 * MIB),
}
ROWS, COLUMNS = 62, 62
"""Of the first convolution of tiny-vgg."""


@dataclass
class Figures:
    """What the clients saw."""

    waits_ms: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in SHARES})
    statuses: Counter[int] = field(default_factory=Counter)

    def note(self, kind: str, wait_ms: float, answer: Answer) -> None:
        """One answer."""
        self.statuses[answer.status] += 1
        if answer.status < 300:
            self.waits_ms[kind].append(wait_ms)


def tables() -> list[Table]:
    """Waits by kind of question, and what became of the server, for each pause between questions."""
    return [table for pause_ms in PAUSES_MS for table in measured(pause_ms)]


def measured(pause_ms: int) -> list[Table]:
    """One load on a server of its own."""
    with running_server(**CACHES) as server:
        asyncio.run(load(server, pause_ms, WARM_UP_S))
        before = server.resident_bytes()
        figures = asyncio.run(load(server, pause_ms, MEASURED_S))
        growth = server.resident_bytes() - before
    rows = [
        Row(kind, waits, "100 ms" if kind == "cell" else "—")
        for kind, waits in figures.waits_ms.items()
        if waits
    ]
    answers = by_status(figures.statuses)
    rate = sum(figures.statuses.values()) / MEASURED_S
    waits = times(rows)
    caption = f"{CLIENTS} clients, {pause_ms} ms between an answer and the next question"
    server_table = Table(
        ("answers by status", "answers a second", "growth of the server's memory", "target"),
        [(answers, f"{rate:.0f}", f"{growth / MIB:.0f} MiB", "50 MiB")],
    )
    return [Table(waits.heads, waits.lines, caption), server_table]


def by_status(statuses: Counter[int]) -> str:
    """Such as ``9000 × 200, 3 × 503``."""
    return ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))


async def load(server: Server, pause_ms: int, seconds: float) -> Figures:
    """All clients together."""
    figures = Figures()
    ends = time.perf_counter() + seconds
    clients = [Visitor(server, index, figures) for index in range(CLIENTS)]
    await asyncio.gather(*(client.stay(ends, pause_ms / 1000) for client in clients))
    return figures


class Visitor:
    """One client with a picture and a run of its own."""

    def __init__(self, server: Server, index: int, figures: Figures) -> None:
        self._connection = Connection(server.host, server.port)
        self._chance = random.Random(f"{index} {time.monotonic_ns()}")
        self._figures = figures
        self._run = ""

    async def stay(self, ends: float, pause_s: float) -> None:
        """Ask until the time is over."""
        await asyncio.sleep(self._chance.random())  # they do not come at one blow
        await self._timed("upload", self._upload)
        asks: dict[str, Callable[[], Awaitable[Answer]]] = {
            "cell": self._cell,
            "steps": self._steps,
            "maps": self._maps,
            "upload": self._upload,
        }
        kinds, shares = list(SHARES), list(SHARES.values())
        while time.perf_counter() < ends:
            kind = self._chance.choices(kinds, shares)[0] if self._run else "upload"
            await self._timed(kind, asks[kind])
            await asyncio.sleep(pause_s * (0.5 + self._chance.random()))
        self._connection.close()

    async def _timed(self, kind: str, ask: Callable[[], Awaitable[Answer]]) -> None:
        start = time.perf_counter()
        answer = await ask()
        self._figures.note(kind, (time.perf_counter() - start) * 1000, answer)

    async def _upload(self) -> Answer:
        """A new picture, and a run of it."""
        posted = await self._connection.ask("POST", "/api/v1/images", picture(self._chance), "image/jpeg")
        if posted.status >= 300:
            return posted
        body = json.dumps({"image": json.loads(posted.body)["id"], "model": "tiny-vgg"}).encode()
        run = await self._connection.ask("POST", "/api/v1/runs", body)
        if run.status < 300:
            self._run = json.loads(run.body)["id"]
        return run

    async def _cell(self) -> Answer:
        row, column = self._chance.randrange(ROWS), self._chance.randrange(COLUMNS)
        return await self._node("conv_1_1", f"cells/{self._chance.randrange(10)}/{row}/{column}")

    async def _steps(self) -> Answer:
        return await self._node("conv_1_1", f"steps?start={self._chance.randrange(30_000)}&count=64")

    async def _maps(self) -> Answer:
        first = self._chance.randrange(9)
        return await self._node("conv_1_2", f"output.npy?dtype=float16&channels={first}:10")

    async def _node(self, node: str, rest: str) -> Answer:
        return await self._connection.ask("GET", f"/api/v1/runs/{self._run}/nodes/{node}/{rest}")


def picture(chance: random.Random) -> bytes:
    """A small photograph's worth of work: smooth noise of 320 × 240 in colour, never the same twice."""
    coarse = np.random.default_rng(chance.getrandbits(64)).integers(0, 256, (12, 16, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(coarse).resize((320, 240), Image.Resampling.BICUBIC).save(file, "JPEG", quality=85)
    return file.getvalue()

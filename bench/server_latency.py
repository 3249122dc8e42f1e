"""How long a client waits for the answers that a click, an animation and a changed kernel need.

A server process as users start it, one client on one connection, each address asked for the first time.
"""

from __future__ import annotations

import http.client
import json
import tempfile
import time
from collections.abc import Callable
from typing import Any

from bench.server_process import running_server
from bench.table import Row

ROUNDS = 60
NODES = [{"name": "conv", "op": "conv2d", "out_channels": 16, "padding": 1}, {"name": "act", "op": "relu"}]


def rows() -> list[Row]:
    """The measured times of each request, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder, running_server(folder) as (host, port):
        client = Client(host, port)
        run = client.post(
            "/api/v1/runs", {"image": "chelsea", "size": [64, 64], "specification": {"nodes": NODES}}
        )
        node = f"{run['url']}/nodes/conv"
        return [
            Row(
                "explanation of one cell, 27 terms",
                timed(lambda i: client.get(f"{node}/cells/3/{i % 64}/{i // 64}")),
            ),
            Row(
                "64 steps, 27 terms each",
                timed(lambda i: client.get(f"{node}/steps?start={i * 64}&count=64")),
            ),
            Row(
                "output as float16 .npy, 16 × 64 × 64",
                timed(lambda i: client.get(f"{node}/output.npy?dtype=float16&channels={i % 15}:16")),
            ),
            Row(
                "new 3 × 3 kernel on 224 × 224 RGB: POST and its .npy", timed(lambda i: new_kernel(client, i))
            ),
            Row(
                "geometry with the ranges of all settings",
                timed(lambda i: client.get(f"/api/v1/geometry/conv2d?input={28 + i},28&padding=1")),
            ),
        ]


def new_kernel(client: Client, index: int) -> bytes:
    """A run with a kernel that was never asked for, and its output."""
    weight = [[0, 1, 0], [1, -4 - index / 1000, 1], [0, 1, 0]]
    nodes = [{"name": "conv", "op": "conv2d", "weight": weight, "padding": 1}]
    run = client.post(
        "/api/v1/runs", {"image": "chelsea", "size": [224, 224], "specification": {"nodes": nodes}}
    )
    return client.get(f"{run['url']}/nodes/conv/output.npy")


def timed(ask: Callable[[int], object]) -> list[float]:
    """Milliseconds of every round; three before them are not counted."""
    times = []
    for index in range(ROUNDS):
        start = time.perf_counter()
        ask(index)
        times.append((time.perf_counter() - start) * 1000)
    return times[3:]


class Client:
    """One kept connection."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = http.client.HTTPConnection(host, port)

    def get(self, path: str) -> bytes:
        return self._ask("GET", path, None)

    def post(self, path: str, body: Any) -> Any:
        return json.loads(self._ask("POST", path, json.dumps(body)))

    def _ask(self, method: str, path: str, body: str | None) -> bytes:
        self._connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
        return content

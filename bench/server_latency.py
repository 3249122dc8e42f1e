"""How long a client waits for the answers that a click, an animation and a changed kernel need.

A server process as users start it, one client on one connection, each address asked for the first time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from bench.client import Client
from bench.server_process import running_server
from bench.table import Row, Table, times

ROUNDS = 60
NODES = [{"name": "conv", "op": "conv2d", "out_channels": 16, "padding": 1}, {"name": "act", "op": "relu"}]


def table() -> Table:
    """The measured times of each request."""
    with running_server() as server:
        client = Client(server.host, server.port)
        run = client.post(
            "/api/v1/runs", {"image": "chelsea", "size": [64, 64], "specification": {"nodes": NODES}}
        )
        node = f"{run['url']}/nodes/conv"
        rows = [
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
        return times(rows)


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
    waits = []
    for index in range(ROUNDS):
        start = time.perf_counter()
        ask(index)
        waits.append((time.perf_counter() - start) * 1000)
    return waits[3:]

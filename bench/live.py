"""How many pictures of a camera come back as maps in a second, and how long each of them takes.

A server process as users start it, and on the same machine a client that sends JPEG files, at most two
under way. A round trip ends when the numbers are there; to draw them is the browser's work.
"""

from __future__ import annotations

import json
import statistics
import struct
import time
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from websockets.sync.client import ClientConnection, connect

from bench.client import Client
from bench.server_process import Server, running_server
from bench.table import Table

SAMPLES = Path(__file__).resolve().parents[1] / "static" / "samples"
WIDTH, HEIGHT = 320, 240
PICTURES = 24
FRAMES, WARMING = 150, 20
UNDER_WAY = 2
PACES = {"30 a second": 1 / 30, "as they can": 0.0}
"""Seconds from one picture to the next."""

PARTS = ("waited", "decoded", "computed", "packed")
NUMBER = struct.Struct("<I")

LAYER = {"run": {"model": "tiny-vgg"}, "outputs": [{"node": "conv_1_1"}]}
KERNEL = {"op": "conv2d", "name": "conv", "weight": "sobel_x", "padding": "same"}


class Trip(NamedTuple):
    """One picture, there and back."""

    at_s: float
    """When the answer had come."""
    ms: float
    spent_ms: dict[str, float]
    """At the server, by part."""
    answer_bytes: int


def table() -> Table:
    """Pictures a second and where their time goes, at the pace of a camera and as quickly as can be."""
    files = pictures()
    with running_server() as server:
        client = Client(server.host, server.port)
        cases = {
            "tiny-vgg: all maps of conv_1_1, 10 × 62 × 62": LAYER,
            "… and how one number is made": {**LAYER, "cell": {"node": "conv_1_1", "cell": [0, 12, 30]}},
            "cifar-net: overview of all layers": overview(client, "cifar-net"),
            "resnet-18: overview of all layers": overview(client, "resnet-18"),
            f"a 3 × 3 kernel on {HEIGHT} × {WIDTH} RGB: picture and output": {
                "run": {"specification": {"nodes": [KERNEL]}},
                "outputs": [{"node": "input"}, {"node": "conv"}],
            },
        }
        lines = [
            (name, pace, *figures(trips(server, wanted, files, gap_s)))
            for name, wanted in cases.items()
            for pace, gap_s in PACES.items()
        ]
    heads = ("what", "pictures", "in a second", "round trip, median", "95th percentile", *PARTS, "answer")
    return Table(heads, lines, f"{WIDTH} × {HEIGHT} as JPEG, maps as uint8")


def pictures() -> list[bytes]:
    """JPEG files: parts of the samples, each from another place."""
    samples = [Image.open(path).convert("RGB") for path in sorted(SAMPLES.glob("*.jpg"))]
    files = []
    for index in range(PICTURES):
        sample = samples[index % len(samples)]
        left, top = (
            (side - part) * index // PICTURES for side, part in zip(sample.size, (WIDTH, HEIGHT), strict=True)
        )
        buffer = BytesIO()
        sample.crop((left, top, left + WIDTH, top + HEIGHT)).save(buffer, "JPEG", quality=80)
        files.append(buffer.getvalue())
    return files


def overview(client: Client, model: str) -> dict[str, Any]:
    """All layers as the Network page shows them."""
    nodes = json.loads(client.get(f"/api/v1/models/{model}"))["nodes"]
    names = ["input", *(node["name"] for node in nodes)]
    return {
        "run": {"model": model},
        "outputs": [{"node": name, "fold": 8, "max_px": 64} for name in names],
    }


def figures(timed: list[Trip]) -> tuple[str, ...]:
    """Of one line of the table, its numbers."""
    waits = [trip.ms for trip in timed]
    rate = (len(timed) - 1) / (timed[-1].at_s - timed[0].at_s)
    spent = [statistics.median(trip.spent_ms[part] for trip in timed) for part in PARTS]
    times = (statistics.median(waits), float(np.percentile(waits, 95)), *spent)
    size = statistics.median(trip.answer_bytes for trip in timed)
    return f"{rate:.0f}", *(f"{ms:.1f} ms" for ms in times), f"{size / 1000:.0f} kB"


def trips(server: Server, wanted: dict[str, Any], files: list[bytes], gap_s: float) -> list[Trip]:
    """Pictures there and back; the first ones, for which everything is made ready, are not counted."""
    address = f"ws://{server.host}:{server.port}/api/v1/live"
    with connect(address, max_size=None, compression=None) as socket:
        socket.send(json.dumps({"type": "configure", "configuration": 1, **wanted}))
        return list(islice(_trips(socket, files, gap_s), WARMING, FRAMES))


def _trips(socket: ClientConnection, files: list[bytes], gap_s: float) -> Iterator[Trip]:
    sent: dict[int, float] = {}
    number, due = 0, time.perf_counter()
    while True:
        now = time.perf_counter()
        if len(sent) < UNDER_WAY and now >= due:
            sent[number] = time.perf_counter()
            socket.send(NUMBER.pack(number) + files[number % len(files)])
            # A camera does not wait: what came while two were under way is lost.
            number, due = number + 1, max(due + gap_s, now)
            continue
        try:
            message = socket.recv(max(0.0, due - now) if len(sent) < UNDER_WAY else None)
        except TimeoutError:
            continue
        if isinstance(message, bytes):
            header = json.loads(message[4 : 4 + NUMBER.unpack_from(message)[0]])
            now = time.perf_counter()
            yield Trip(now, (now - sent[header["frame"]]) * 1000, header["ms"], len(message))
            sent = {frame: at for frame, at in sent.items() if frame > header["frame"]}

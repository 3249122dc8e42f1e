"""``batch`` over small pictures, against the engine alone on pictures that are in memory as it takes them.

The engine's own throughput is that of the same network, with stacks of the same size, on all cores: either in
one process with a thread for each core, as the server and any program has it, or in a process with one thread
for each core, as ``batch`` works. That is the stricter measure: threads wait for each other now and then.

All is measured in turn, several times, and the medians are told. Python keeps its bytecode between starts, as
it does wherever it is not told otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
from PIL import Image

from app.batch.model import load_model
from app.batch.process import settle
from app.batch.reading import Reading
from app.batch.share import STACK
from app.limits import Limits
from app.services.decode import Pixels
from app.services.entries import enter_together
from app.services.preprocessing import Preprocessing
from bench.alone import throughput
from bench.table import Table
from engine.inference.plan import Plan
from engine.threads import cores

SIDE_PX = 32
TARGET = "0.9"
ROUNDS = 3
TAKEN = 8 * STACK
"""Pictures that are there as arrays."""


class Case(NamedTuple):
    """A network, how many pictures ``batch`` and the engine are given, and how they enter."""

    net: str
    pictures: int
    alone: int
    entry: Preprocessing


CASES = (
    Case("tiny-vgg", 10_000, 4096, Preprocessing((64, 64))),
    Case("cifar-net", 10_000, 4096, Preprocessing((32, 32))),
    Case("resnet-18", 320, 128, Preprocessing((224, 224))),
)


class Round(NamedTuple):
    """Pictures a second, measured one after the other."""

    processes: float
    threads: float
    running: float
    whole: float


def tables() -> list[Table]:
    """Pictures a second, and where the time of a core goes."""
    with TemporaryDirectory() as folder, kept_bytecode(Path(folder, "bytecode")):
        pictures = Path(folder, "pictures")
        pictures.mkdir()
        make_pictures(pictures, max(case.pictures for case in CASES))
        paths = sorted(pictures.iterdir())
        return [rates(paths, Path(folder, "x.npy")), parts(paths[:TAKEN])]


def rates(paths: Sequence[Path], file: Path) -> Table:
    """Of each network, the last node's numbers."""
    heads = (
        "network",
        f"pictures, PNG {SIDE_PX} × {SIDE_PX}",
        "engine, one process",
        "engine, a process a core",
        "batch, once it runs",
        "batch, with its start",
        "running / one process",
        "running / a process a core",
        "all / one process",
        "target",
    )
    lines = []
    for case in CASES:
        np.save(file, enter_together(decoded(paths[:TAKEN]), case.entry))
        # The first start writes the bytecode.
        batch(case.net, paths[: 3 * STACK])
        rounds = [measured(case, paths[: case.pictures], file) for _ in range(ROUNDS)]
        processes, threads, running, whole = (median(column) for column in zip(*rounds, strict=True))
        told = (f"{rate:.0f}/s" for rate in (threads, processes, running, whole))
        ratios = (running / threads, running / processes, whole / threads)
        lines.append((case.net, str(case.pictures), *told, *(f"{ratio:.2f}" for ratio in ratios), TARGET))
    return Table(heads, lines, f"Pictures a second, medians of {ROUNDS} rounds")


def measured(case: Case, paths: Sequence[Path], file: Path) -> Round:
    """One of several rounds."""
    return Round(
        throughput(case.net, file, case.alone, processes=cores(), threads=1),
        throughput(case.net, file, case.alone, processes=1, threads=cores()),
        *batch(case.net, paths),
    )


def parts(paths: Sequence[Path]) -> Table:
    """What one core spends on a picture, each part by itself."""
    settle()
    reading = Reading(Limits())
    files = [reading.file(str(path)) for path in paths]
    pixels = decoded(paths)
    read = timed(lambda: [reading.file(str(path)) for path in paths], len(paths))
    found = timed(lambda: [reading.pixels(data) for data in files], len(paths))
    lines = [
        (case.net, *(f"{each:.0f} µs" for each in (read, found, *entered_and_run(case, pixels[:STACK]))))
        for case in CASES
    ]
    heads = ("network", "read", "decode", "enter (resize)", "run")
    return Table(heads, lines, "Where the time of one core goes, a picture")


def entered_and_run(case: Case, pixels: Pixels) -> tuple[float, float]:
    """Microseconds a picture, of a stack of them."""
    with TemporaryDirectory() as empty:
        model, _ = load_model(case.net, Path(empty))
    plan, x = Plan(model), enter_together(pixels, case.entry)
    entered = timed(lambda: enter_together(np.stack(list(pixels)), case.entry), len(pixels))
    return entered, timed(lambda: plan.run(x), len(pixels))


def timed(work: Callable[[], Any], pictures: int) -> float:
    """Microseconds a picture, the median."""
    seconds = []
    for _ in range(3 * ROUNDS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return median(seconds) / pictures * 1e6


def make_pictures(folder: Path, count: int) -> None:
    """Smooth noise, always the same."""
    drawn = np.random.default_rng(0)
    for index in range(count):
        small = Image.fromarray(drawn.integers(0, 256, (8, 8, 3), np.uint8))
        small.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC).save(folder / f"{index:05}.png")


def decoded(paths: Sequence[Path]) -> Pixels:
    """(N, 3, rows, columns) uint8."""
    reading = Reading(Limits())
    return np.stack([reading.pixels(path.read_bytes()) for path in paths])


def batch(net: str, paths: Sequence[Path]) -> tuple[float, float]:
    """Pictures a second of the command: while every process works, and from Enter to the end."""
    with listed(paths) as (names, to):
        words = [sys.executable, "-m", "app", "batch", "--list", str(names), "--model", net, "--to", str(to)]
        start = time.perf_counter()
        told = json.loads(subprocess.run([*words, "--json"], check=True, capture_output=True).stdout)
        seconds = time.perf_counter() - start
        marks = sorted((to / ".batch" / "done").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        share = json.loads((to / "manifest.json").read_text())["share"]
        # The first share of each process comes with its start.
        first = min(2, len(marks) - 1)
        between = (marks[-1].stat().st_mtime_ns - marks[first - 1].stat().st_mtime_ns) / 1e9
        return (told["pictures"] - first * share) / between, told["pictures"] / seconds


@contextmanager
def listed(paths: Sequence[Path]) -> Iterator[tuple[Path, Path]]:
    """A list of pictures in a file, and a folder for what is made of them."""
    with TemporaryDirectory() as folder:
        names = Path(folder, "pictures.txt")
        names.write_text("\n".join(map(str, paths)))
        yield names, Path(folder, "out")


@contextmanager
def kept_bytecode(folder: Path) -> Iterator[None]:
    """Processes that are started keep it there."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with patch.dict(os.environ, {**kept, "PYTHONPYCACHEPREFIX": str(folder)}, clear=True):
        yield

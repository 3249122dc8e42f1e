"""``batch`` over small pictures, against the engine alone on pictures that are decoded already."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from PIL import Image

from app.batch.model import load_model
from app.batch.share import STACK
from app.services.decode import DecodeLimits, decode
from app.services.entries import enter
from app.services.preprocessing import Preprocessing
from bench.table import Table
from engine.inference.plan import Plan
from engine.types import Array

SIDE_PX = 32
TARGET = "0.9"


class Case(NamedTuple):
    """A network, how many pictures it is given, and how they enter."""

    net: str
    pictures: int
    entry: Preprocessing


CASES = (
    Case("tiny-vgg", 10_000, Preprocessing((64, 64))),
    Case("cifar-net", 10_000, Preprocessing((32, 32))),
    Case("resnet-18", 600, Preprocessing((224, 224))),
)


def table() -> Table:
    """Pictures a second, of the last node's numbers."""
    heads = (
        "network",
        f"pictures, PNG {SIDE_PX} × {SIDE_PX}",
        "engine alone, all cores",
        "batch, once it runs",
        "batch, with its start",
        "decoded and resized, one core",
        "running / engine",
        "all / engine",
        "target",
    )
    with TemporaryDirectory() as folder:
        make_pictures(Path(folder), max(case.pictures for case in CASES))
        return Table(heads, [line(case, Path(folder)) for case in CASES])


def line(case: Case, folder: Path) -> tuple[str, ...]:
    """One network."""
    paths = sorted(folder.iterdir())[: case.pictures]
    x, prepared = entered(paths, case.entry)
    alone = engine(case.net, x, case.pictures)
    running, whole = batch(case.net, paths)
    rates = (f"{rate:.0f}/s" for rate in (alone, running, whole, prepared))
    ratios = (f"{rate / alone:.2f}" for rate in (running, whole))
    return (case.net, str(case.pictures), *rates, *ratios, TARGET)


def make_pictures(folder: Path, count: int) -> None:
    """Smooth noise, always the same."""
    drawn = np.random.default_rng(0)
    for index in range(count):
        small = Image.fromarray(drawn.integers(0, 256, (8, 8, 3), np.uint8))
        small.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC).save(folder / f"{index:05}.png")


def entered(paths: list[Path], entry: Preprocessing) -> tuple[Array, float]:
    """Some pictures as the network takes them, and how many a second one core makes so."""
    some = paths[: 8 * STACK]
    start = time.perf_counter()
    x = np.concatenate([enter(decode(path.read_bytes(), DecodeLimits()).pixels, entry) for path in some])
    return x, len(some) / (time.perf_counter() - start)


def engine(net: str, x: Array, pictures: int) -> float:
    """Pictures a second of a plan that has nothing else to do."""
    with TemporaryDirectory() as empty:
        model, _ = load_model(net, Path(empty))
    plan = Plan(model)
    plan.run(x[:STACK])
    start = time.perf_counter()
    for index in range(0, pictures, STACK):
        first = index % len(x)
        plan.run(x[first : first + min(STACK, pictures - index)])
    return pictures / (time.perf_counter() - start)


def batch(net: str, paths: list[Path]) -> tuple[float, float]:
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
def listed(paths: list[Path]) -> Iterator[tuple[Path, Path]]:
    """A list of pictures in a file, and a folder for what is made of them."""
    with TemporaryDirectory() as folder:
        names = Path(folder, "pictures.txt")
        names.write_text("\n".join(map(str, paths)))
        yield names, Path(folder, "out")

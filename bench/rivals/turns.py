"""Engines taking turns on one case."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from time import perf_counter, sleep

import numpy as np

from bench.rivals import given
from bench.rivals.case import Case
from bench.rivals.engines import ENGINES
from bench.rivals.onnx_file import onnx_file
from bench.rivals.process import WorkerProcess
from bench.rivals.result import Measured, Result

PAUSE_S = 0.07
"""Before every turn: idle threads of BLAS and OpenMP spin for 10 to 30 ms, and spoil what runs next."""

TURN_MS, MOST_CALLS = 80.0, 200
"""A turn is about so long, and has at most so many calls."""

LEAST_TURNS = 5
WARM_S = 0.3
TOLERANCE = 1e-3


def measure(case: Case, engines: Iterable[str], seconds: float) -> Result:
    """Time engines on a case for so many seconds in all, and in five turns each at least.

    Raises:
        RuntimeError: if their answers differ, or one of them fails.
    """
    names = list(engines)
    print(f"{case.label} …", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
        folder = Path(made)
        model = given.write(case, folder)
        if "onnxruntime" in names:
            (folder / given.ONNX).write_bytes(onnx_file(model, case.batch))
        del model
        workers: dict[str, WorkerProcess] = {}
        for name in names:
            workers[name] = WorkerProcess(name, folder)
            stack.callback(workers[name].close)
        built = {name: worker.ask("build", seconds=WARM_S) for name, worker in workers.items()}
        require_agreement({name: np.load(built[name]["answer"]) for name in names}, case.label)
        measured = {name: Measured(built[name]["version"], built[name]["load_ms"]) for name in names}
        calls = {name: calls_in_a_turn(built[name]["call_ms"]) for name in names}
        for name in rounds(names, seconds):
            sleep(PAUSE_S)
            measured[name].turns_ms.append(workers[name].ask("turn", calls=calls[name])["times_ms"])
        for name, worker in workers.items():
            measured[name].memory_mib = worker.ask("memory")
    return Result(case, measured)


def rounds(names: list[str], seconds: float) -> Iterator[str]:
    """Whose turn it is, until the time is over at the end of a round; each round another one begins.

    >>> "".join(islice(rounds(["a", "b", "c"], 0), 9))
    'abcbcacab'
    """
    start = perf_counter()
    for number in count():
        if number >= LEAST_TURNS and perf_counter() - start >= seconds:
            return
        first = number % len(names)
        yield from names[first:] + names[:first]


def calls_in_a_turn(call_ms: float) -> int:
    """One for what is slow; of what is quick, enough for a turn.

    >>> calls_in_a_turn(500.0), calls_in_a_turn(8.0), calls_in_a_turn(0.01)
    (1, 10, 200)
    """
    return max(1, min(MOST_CALLS, round(TURN_MS / call_ms)))


def require_agreement(answers: dict[str, np.ndarray], label: str) -> None:
    """Refuse to compare what does not compute the same.

    Raises:
        RuntimeError: naming two engines whose answers are further apart than a thousandth of their range.
    """
    first, *others = answers
    expected = answers[first]
    extent = max(float(np.ptp(expected)), float(np.abs(expected).max()) if expected.size < 2 else 0.0)
    for name in others:
        answer = answers[name]
        if answer.shape != expected.shape:
            raise RuntimeError(f"{label}: {first} gives {expected.shape}, {name} {answer.shape}")
        apart = float(np.abs(answer - expected).max())
        if not apart <= TOLERANCE * extent:
            raise RuntimeError(
                f"{label}: {ENGINES[first].title} and {ENGINES[name].title} differ by {apart:.3g}, "
                f"of a range of {extent:.3g}"
            )

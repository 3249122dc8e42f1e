"""One engine with one case, in a process of its own: ``python -m bench.rivals.worker ENGINE FOLDER``.

It reads requests as lines of JSON, and answers each with one: ``{"do": "turn", "calls": 3}``.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from bench.rivals import memory
from bench.rivals.engines import ENGINES


class Worker:
    """What is done for each request; a method's keywords are the request's other fields."""

    def __init__(self, engine: str, folder: Path) -> None:
        self._engine, self._folder = engine, folder

    def build(self, seconds: float) -> dict[str, Any]:
        """Load the library, then the case, and run it until it is warm."""
        module = importlib.import_module(f"bench.rivals.engines.{ENGINES[self._engine].module}")
        memory.forget_peak()
        self._before_mib = memory.resident_mib()
        answer = self._folder / f"answer-{self._engine}.npy"
        start = perf_counter()
        self._runner = module.build(self._folder, self._engine)
        loaded_ms = 1000 * (perf_counter() - start)
        times_ms: list[float] = []
        while len(times_ms) < self._runner.warm_calls or sum(times_ms) < 1000 * seconds:
            result, spent_ms = self._timed()
            times_ms.append(spent_ms)
        np.save(answer, self._runner.numbers(result))
        self._loaded_mib = memory.peak_mib() - self._before_mib
        memory.forget_peak()
        return {
            "load_ms": loaded_ms,
            "call_ms": min(times_ms),
            "answer": str(answer),
            "version": module.VERSION,
        }

    def turn(self, calls: int) -> dict[str, Any]:
        """Time calls one by one; the first of several only wakes threads and caches, and is left out."""
        times_ms = [self._timed()[1] for _ in range(calls)]
        return {"times_ms": times_ms[1:] if calls > 1 else times_ms}

    def memory(self) -> dict[str, Any]:
        """What was resident when the library was loaded, and the most above that since then."""
        running_mib = memory.peak_mib() - self._before_mib
        return {
            "library": self._before_mib,
            "running": running_mib,
            "peak": max(self._loaded_mib, running_mib),
        }

    def _timed(self) -> tuple[Any, float]:
        start = perf_counter()
        result = self._runner.step()
        return result, 1000 * (perf_counter() - start)


def main(engine: str, folder: str) -> None:
    """Answer until there are no more requests."""
    # A library that prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker(engine, Path(folder))
    requests: dict[str, Callable[..., dict[str, Any]]] = {
        "build": worker.build,
        "turn": worker.turn,
        "memory": worker.memory,
    }
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(requests[request.pop("do")](**request)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The engine with nothing else to do: ``python -m bench.alone NETWORK THREADS PICTURES FILE.npy``.

It says ``ready`` and waits for a line, so that several such processes begin together.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import numpy as np

from app.batch.model import load_model
from app.batch.process import settle
from app.batch.share import STACK
from engine.inference.plan import Plan
from engine.threads import TEAM


def throughput(net: str, file: Path, pictures: int, *, processes: int, threads: int) -> float:
    """Pictures a second of several processes side by side.

    Args:
        net: a built-in network.
        file: (N, C, H, W) float32 as .npy; each process has them in memory, and takes them in turn.
        pictures: of all processes together.
        processes: how many.
        threads: of each.
    """
    words = [net, str(threads), str(pictures // processes), str(file)]
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "bench.alone", *words],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            for _ in range(processes)
        ]
        for process in started:
            _pipe(process.stdout).readline()
        start = time.perf_counter()
        for process in started:
            _pipe(process.stdin).write(b"go\n")
            _pipe(process.stdin).flush()
        for process in started:
            _pipe(process.stdout).readline()
        return pictures // processes * processes / (time.perf_counter() - start)


def main(net: str, threads: str, pictures: str, file: str) -> None:
    """One such process."""
    settle()
    TEAM.size = int(threads)
    with TemporaryDirectory() as empty:
        model, _ = load_model(net, Path(empty))
    x, plan = np.load(file), Plan(model)
    plan.run(x[:STACK])
    print("ready", flush=True)
    sys.stdin.readline()
    for index in range(0, int(pictures), STACK):
        first = index % len(x)
        plan.run(x[first : first + STACK])
    print("done", flush=True)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EOFError
    return pipe


if __name__ == "__main__":
    main(*sys.argv[1:])

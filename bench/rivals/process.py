"""A worker as its parent sees it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
from pathlib import Path
from typing import IO, Any, cast

from bench.rivals.engines import ENGINES

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 600
THREAD_COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Every engine takes the number of threads that it thinks best."""


class WorkerProcess:
    """One engine with one case; idle unless it is asked."""

    def __init__(self, engine: str, folder: Path) -> None:
        self.engine = engine
        environment = {name: value for name, value in os.environ.items() if name not in THREAD_COUNTS}
        self._process = subprocess.Popen(
            [ENGINES[engine].python, "-m", "bench.rivals.worker", engine, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )
        # Both are there, since both were asked for.
        self._requests = cast(IO[str], self._process.stdin)
        self._answers = cast(IO[str], self._process.stdout)

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        """Send a request and wait for its answer.

        Raises:
            RuntimeError: naming the engine, if it has ended or says nothing for ten minutes; why it has
                ended stands on standard error.
        """
        try:
            self._requests.write(json.dumps({"do": do, **more}) + "\n")
            self._requests.flush()
        except BrokenPipeError:
            raise RuntimeError(f"{self.engine} has ended before {do!r}") from None
        if not select.select([self._answers], [], [], TIMEOUT_S)[0]:
            raise RuntimeError(f"{self.engine} says nothing to {do!r}")
        line = self._answers.readline()
        if not line:
            raise RuntimeError(f"{self.engine} ended in {do!r}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process and wait for it: only then does its CPU time count as ours."""
        with contextlib.suppress(BrokenPipeError):
            self._requests.close()
        self._answers.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

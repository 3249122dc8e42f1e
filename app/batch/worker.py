"""A worker process and what becomes of its death: a picture that kills it twice is given up, no other."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from tempfile import mkdtemp

from app.batch.pictures import Share
from app.batch.watch import NOTHING, Watch
from app.problems import Problem
from app.services.workers import Broken, Header, Late, Worker

PROCESS = "app.batch.process"
"""What is started."""

_UNBOUNDED = 1 << 62
_FOR_EVER_S = 1e8

DEATHS = 2
"""Of a process over one picture, or between pictures: once may have been somebody else's doing."""


class ShareWorker:
    """One process, started when the first share comes; used by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._worker: Worker | None = None
        self._is_stopped = False
        self._state = Path(mkdtemp(prefix="convscope-watch-"))
        self._watch = Watch(self._state / "watch")

    @property
    def done(self) -> int:
        """Pictures of the share at hand that have been decoded."""
        return self._watch.done

    def start(self) -> None:
        """Start the process before it is needed."""
        self._started()

    def run(self, share: Share) -> None:
        """Do a share; it is marked as done then.

        Raises:
            Problem: what concerns the batch as a whole; ``worker-died`` where the process keeps dying.
            Broken: the worker was stopped meanwhile.
        """
        deaths: Counter[int] = Counter()
        given_up: dict[int, str] = {}
        while True:
            try:
                return self._ask(share, given_up)
            except (Broken, Late):
                if self._is_stopped:
                    raise
                position = self._watch.position
                deaths[position] += 1
                if deaths[position] < DEATHS:
                    continue
                if position == NOTHING:
                    allowed = "memory for it: fewer --workers, or a smaller --chunk"
                    raise Problem("worker-died", "share", share.index, allowed) from None
                given_up[position] = "broken-picture"

    def stop(self) -> None:
        """End the process, whatever it is at; from any thread."""
        self._is_stopped = True
        if self._worker is not None:
            self._worker.end()

    def close(self) -> None:
        """End the process, and forget about it; not while another thread waits for it."""
        self.stop()
        self._watch.close()
        shutil.rmtree(self._state, ignore_errors=True)

    def _ask(self, share: Share, given_up: dict[int, str]) -> None:
        asked: Header = {
            "folder": str(self._folder),
            "share": asdict(share),
            "given_up": list(given_up.items()),
            "watch": str(self._state / "watch"),
        }
        answer, _ = self._started().ask(asked, b"", _FOR_EVER_S)
        if "code" in answer:
            raise Problem(answer["code"], answer["argument"], answer["value"], answer["allowed"])

    def _started(self) -> Worker:
        if self._worker is None or not self._worker.alive:
            self._watch.tell(NOTHING, 0)
            self._worker = Worker(PROCESS, _UNBOUNDED)
        if self._is_stopped:
            # Between the end of one process and the start of the next.
            self._worker.end()
            raise Broken
        return self._worker

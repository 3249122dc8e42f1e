"""Shares on one machine: a few worker processes, each with a thread that feeds it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType

from app.batch.pictures import Share
from app.batch.worker import ShareWorker
from app.services.workers import Broken, Late

_EVERY_S = 0.1


class Pool:
    """Processes, which start at once: they need a second, in which the batch can be prepared.

    Args:
        folder: of the batch.
        workers: processes.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        self._processes = [ShareWorker(folder) for _ in range(workers)]
        self._threads: list[threading.Thread] = []
        self._failures: list[BaseException] = []

    def __enter__(self) -> Pool:
        for process in self._processes:
            process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # In this order: nothing new begins, what runs is ended, and only then forgotten.
        self._failures.append(Broken())
        for process in self._processes:
            process.stop()
        for thread in self._threads:
            thread.join()
        for process in self._processes:
            process.close()

    def run(self, shares: Sequence[Share], report: Callable[[int], None]) -> None:
        """Do all shares of a batch that has begun.

        Args:
            shares: in the order in which they are begun.
            report: is called several times a second with the number of pictures done so far.

        Raises:
            Problem: the first that stands in the way of the whole; what is done stays done.
        """
        left: SimpleQueue[Share] = SimpleQueue()
        for share in shares:
            left.put(share)
        finished: list[int] = []

        def feed(process: ShareWorker) -> None:
            try:
                while not self._failures:
                    share = left.get_nowait()
                    process.run(share)
                    finished.append(len(share.names))
            except (Empty, Broken, Late):
                pass
            except BaseException as error:  # whatever it is, the caller is to raise it
                self._failures.append(error)

        self._threads = [
            threading.Thread(target=feed, args=(process,), daemon=True) for process in self._processes
        ]
        for thread in self._threads:
            thread.start()
        while not self._failures and (working := [each for each in self._threads if each.is_alive()]):
            working[0].join(_EVERY_S)
            report(sum(finished) + sum(process.done for process in self._processes))
        if self._failures:
            raise self._failures[0]

"""Decodes pictures in a few worker processes; one that is late or dies over a file is replaced."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from queue import Empty, LifoQueue

import numpy as np

from app.problems import Problem
from app.services.decode import Decoded, DecodeLimits, decode
from app.services.workers import Answer, Broken, Header, Late, Worker, serve

PROCESS = "app.services.decoder"
"""What a worker runs; tests put one in its place that crashes or hangs."""


class Decoder:
    """A few worker processes, started when the first picture comes.

    Args:
        workers: pictures decoded side by side; further ones wait.
        memory_bytes: address space of each, where the system can bound it.
        waiting: pictures that may wait for a worker; further ones are refused at once.
    """

    def __init__(self, workers: int, memory_bytes: int, waiting: int = 16) -> None:
        self._memory_bytes = memory_bytes
        self._places = threading.BoundedSemaphore(workers + waiting)
        self._idle: LifoQueue[Worker | None] = LifoQueue()
        self._count = workers
        for _ in range(workers):
            self._idle.put(None)  # a place without a process yet

    def decode(self, data: bytes, limits: DecodeLimits, deadline_s: float) -> Decoded:
        """Decode a picture.

        Raises:
            Problem: as ``decode.decode``; ``picture-too-slow`` after ``deadline_s`` seconds of work;
                ``busy`` when all workers are taken and so many wait already.
        """
        if not self._places.acquire(blocking=False):
            raise Problem("busy", detail="Many pictures are being decoded already.", retry_after_s=deadline_s)
        try:
            with self._worker(wait_s=deadline_s) as worker:
                return _decoded(worker, data, limits, deadline_s)
        finally:
            self._places.release()

    def warm(self) -> None:
        """Start one worker before it is needed."""
        with self._worker(wait_s=0):
            pass

    def close(self) -> None:
        """End the workers; waits for those at work."""
        for _ in range(self._count):
            worker = self._idle.get()
            if worker is not None:
                worker.end()
        for _ in range(self._count):
            self._idle.put(None)

    @contextmanager
    def _worker(self, wait_s: float) -> Iterator[Worker]:
        try:
            worker = self._idle.get(timeout=wait_s)
        except Empty:
            raise Problem("busy", detail="No decoder became free in time.", retry_after_s=1) from None
        try:
            if worker is None or not worker.alive:
                worker = Worker(PROCESS, self._memory_bytes)
            yield worker
        finally:
            self._idle.put(worker if worker is not None and worker.alive else None)


def _decoded(worker: Worker, data: bytes, limits: DecodeLimits, deadline_s: float) -> Decoded:
    try:
        worker.wait_started()
        header, pixels = worker.ask(asdict(limits), data, deadline_s)
    except Late:
        allowed = f"a picture decoded within {deadline_s:g} s"
        raise Problem("picture-too-slow", "file", allowed=allowed) from None
    except Broken:
        allowed = "a file that does not make the decoder fail"
        raise Problem("broken-picture", "file", allowed=allowed) from None
    if "code" in header:
        raise Problem(header["code"], header["argument"], header["value"], header["allowed"])
    return Decoded(np.frombuffer(pixels, np.uint8).reshape(header["shape"]), header["format"])


def answer(limits: Header, data: bytes) -> Answer:
    """Decode one picture in a worker."""
    try:
        decoded = decode(data, DecodeLimits(**limits))
    except Problem as problem:
        fields = ("code", "argument", "value", "allowed")
        return {name: getattr(problem, name) for name in fields}, b""
    except MemoryError:
        allowed = "a picture that fits the decoder's memory"
        return {"code": "picture-too-large", "argument": "file", "value": None, "allowed": allowed}, b""
    return {"shape": decoded.pixels.shape, "format": decoded.format}, decoded.pixels.reshape(-1).data


if __name__ == "__main__":
    serve(answer)

"""Decodes pictures in processes that can be killed: a hostile file takes five seconds of one, and no more.

The parent writes a frame, a JSON header and the file's bytes; the worker answers with a frame, a JSON
header and the pixels. A worker that is late or dies is replaced.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from queue import Empty, LifoQueue
from typing import IO, Any

import numpy as np

from app.problems import Problem
from app.services.decode import Decoded, DecodeLimits, decode

_ROOT = Path(__file__).resolve().parent.parent.parent
_FRAME = struct.Struct("<QQ")
"""The lengths of the header and of what follows it."""


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
        self._idle: LifoQueue[_Worker | None] = LifoQueue()
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
                return worker.decode(data, limits, deadline_s)
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
    def _worker(self, wait_s: float) -> Iterator[_Worker]:
        try:
            worker = self._idle.get(timeout=wait_s)
        except Empty:
            raise Problem("busy", detail="No decoder became free in time.", retry_after_s=1) from None
        try:
            if worker is None or not worker.alive:
                worker = _Worker(self._memory_bytes)
            yield worker
        finally:
            self._idle.put(worker if worker is not None and worker.alive else None)


class _Worker:
    """One process, used by one thread at a time."""

    def __init__(self, memory_bytes: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app.services.decoder", str(memory_bytes)],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # One thread for NumPy: each thread of BLAS would take address space.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(_ROOT)},
            # Ctrl-C in the terminal is the server's business, which then ends the workers.
            start_new_session=True,
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()

    def decode(self, data: bytes, limits: DecodeLimits, deadline_s: float) -> Decoded:
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(deadline_s, stop)
        timer.daemon = True
        timer.start()
        try:
            header, pixels = self._ask(asdict(limits), data)
        except (EOFError, OSError):
            self.end()
            if late.is_set():
                raise Problem(
                    "picture-too-slow", "file", allowed=f"a picture decoded within {deadline_s:g} s"
                ) from None
            raise Problem(
                "broken-picture", "file", allowed="a file that does not make the decoder fail"
            ) from None
        except BaseException:
            self.end()  # in the middle of an exchange: of no more use
            raise
        finally:
            timer.cancel()
        if late.is_set():
            self.end()  # killed just after its answer
        if "code" in header:
            raise Problem(header["code"], header["argument"], header["value"], header["allowed"])
        shape = tuple(header["shape"])
        return Decoded(np.frombuffer(pixels, np.uint8).reshape(shape), header["format"])

    def _ask(self, header: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        if self._process.stdin is None or self._process.stdout is None:
            raise EOFError
        _send(self._process.stdin, header, data)
        return _receive(self._process.stdout)


def _send(pipe: IO[bytes], header: dict[str, Any], content: bytes | memoryview) -> None:
    text = json.dumps(header).encode()
    pipe.write(_FRAME.pack(len(text), len(content)) + text)
    pipe.write(content)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    header_bytes, content_bytes = _FRAME.unpack(_exactly(pipe, _FRAME.size))
    header: dict[str, Any] = json.loads(_exactly(pipe, header_bytes))
    return header, _exactly(pipe, content_bytes)


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    content = pipe.read(count)
    if len(content) < count:
        raise EOFError
    return content


def _answer(limits: dict[str, int], data: bytes) -> tuple[dict[str, Any], bytes | memoryview]:
    try:
        decoded = decode(data, DecodeLimits(**limits))
    except Problem as problem:
        fields = ("code", "argument", "value", "allowed")
        return {name: getattr(problem, name) for name in fields}, b""
    except MemoryError:
        allowed = "a picture that fits the decoder's memory"
        return {"code": "picture-too-large", "argument": "file", "value": None, "allowed": allowed}, b""
    return {"shape": decoded.pixels.shape, "format": decoded.format}, decoded.pixels.reshape(-1).data


def _bound_memory(count: int) -> None:
    """Not every system has the module, and not every one that has it obeys."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (count, count))


def _work(memory_bytes: int) -> None:
    _bound_memory(memory_bytes)
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing that a library prints may come between the frames
    with suppress(EOFError, BrokenPipeError):
        while True:
            limits, data = _receive(questions)
            _send(answers, *_answer(limits, data))


if __name__ == "__main__":
    _work(int(sys.argv[1]))

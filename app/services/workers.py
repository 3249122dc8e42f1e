"""Processes that can be killed: a hostile file takes a few seconds of one, and no more.

The worker sends an empty frame once it has started. Then the parent writes a frame, a JSON header and
bytes, and the worker answers with a frame of the same kind. A worker that is late or dies is of no more use.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TypeAlias, TypeVar

from app.problems import Problem

T = TypeVar("T")
Header: TypeAlias = dict[str, Any]
Answer: TypeAlias = tuple[Header, bytes | memoryview]

_ROOT = Path(__file__).resolve().parent.parent.parent
_FRAME = struct.Struct("<QQ")
"""The lengths of the header and of what follows it."""

_START_S = 30.0
"""A process starts in a third of a second; on a machine that has much else to do, it may take ten of them."""


class Late(Exception):
    """A worker did not answer in time, and was killed."""


class Broken(Exception):
    """A worker died over its question, or answered with something else than frames."""


class Worker:
    """One process, used by one thread at a time.

    Args:
        module: what it runs, as ``python -m``; it calls ``serve``.
        memory_bytes: of address space, where the system can bound it.

    Raises:
        Problem: ``busy`` where the system starts no more processes.
    """

    def __init__(self, module: str, memory_bytes: int) -> None:
        self._has_started = False
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(memory_bytes)],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # One thread for NumPy: each thread of BLAS would take address space.
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(_ROOT)},
                # Ctrl-C in the terminal is the server's business, which then ends the workers.
                start_new_session=True,
            )
        except OSError as error:
            raise Problem(
                "busy", detail="No further process can be started here.", retry_after_s=1
            ) from error

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._process.wait()

    def ask(self, header: Header, content: bytes | memoryview, deadline_s: float) -> tuple[Header, bytes]:
        """What the worker answers.

        Raises:
            Late: after so many seconds, those included in which the process still starts.
            Broken: where it died.
        """
        return self._within(deadline_s, lambda: self._exchange(header, content))

    def wait_started(self) -> None:
        """Wait for the process, so that its start is not taken for the work of a question.

        Raises:
            Late: on a machine where that takes half a minute.
            Broken: where it died.
        """
        self._within(_START_S, self._start)

    def _start(self) -> None:
        if not self._has_started:
            self._receive()
            self._has_started = True

    def _within(self, seconds: float, work: Callable[[], T]) -> T:
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            answer = work()
        # Of a process whose memory was overwritten, the frames may hold anything.
        except (EOFError, OSError, ValueError, OverflowError, MemoryError):
            self.end()
            raise (Late if late.is_set() else Broken)() from None
        except BaseException:
            self.end()  # in the middle of an exchange: of no more use
            raise
        finally:
            timer.cancel()
        if late.is_set():
            self.end()  # killed just after its answer
        return answer

    def _exchange(self, header: Header, content: bytes | memoryview) -> tuple[Header, bytes]:
        if self._process.stdin is None:
            raise EOFError
        self._start()
        _send(self._process.stdin, header, content)
        return self._receive()

    def _receive(self) -> tuple[Header, bytes]:
        if self._process.stdout is None:
            raise EOFError
        return _receive(self._process.stdout)


def serve(answer: Callable[[Header, bytes], Answer]) -> None:
    """Answer questions until no more come; the first argument bounds the memory."""
    _bound_memory(int(sys.argv[1]))
    questions, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints, in Python or in C, may come between the frames
    with suppress(EOFError, BrokenPipeError):
        _send(answers, {}, b"")
        while True:
            _send(answers, *answer(*_receive(questions)))


def _send(pipe: IO[bytes], header: Header, content: bytes | memoryview) -> None:
    text = json.dumps(header).encode()
    pipe.write(_FRAME.pack(len(text), len(content)) + text)
    pipe.write(content)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> tuple[Header, bytes]:
    header_bytes, content_bytes = _FRAME.unpack(_exactly(pipe, _FRAME.size))
    header: Header = json.loads(_exactly(pipe, header_bytes))
    return header, _exactly(pipe, content_bytes)


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    content = pipe.read(count)
    if len(content) < count:
        raise EOFError
    return content


def _bound_memory(count: int) -> None:
    """Not every system has the module, and not every one that has it obeys."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (count, count))

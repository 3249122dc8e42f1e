"""Threads of the engine: a few, shared by all that is computed, so that cores are never fought over.

BLAS is held to one thread: what is shared out here are whole blocks of work, each of which stays in one
core's cache. An idle core helps whoever computes; where every core computes already, nobody is helped.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from functools import cache
from itertools import count, pairwise
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

import threadpoolctl  # type: ignore[import-untyped]

T = TypeVar("T")

Step: TypeAlias = Callable[[], Any]
"""One call, ready to be made: mostly a NumPy function with its arguments."""

Part: TypeAlias = list[Step]
"""Steps that one thread makes one after the other."""

Program: TypeAlias = list[list[Part]]
"""Phases, each of which waits for the one before; its parts may be made at the same time."""

WORTH_SHARING = 8_000_000
"""Multiply-adds below which a hand-over costs more than a second thread gains: about 200 µs of one core."""


@cache
def hold_blas() -> None:
    """Hold BLAS to one thread, in the whole process, for good: two kinds of threads would fight."""
    threadpoolctl.threadpool_limits(1, user_api="blas")


def cut(length: int, parts: int) -> list[slice]:
    """So many places in parts of about one size, none of them empty.

    >>> cut(5, 2)
    [slice(0, 2, None), slice(2, 5, None)]
    """
    parts = max(1, min(parts, length))
    edges = [length * i // parts for i in range(parts + 1)]
    return [slice(first, last) for first, last in pairwise(edges)]


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Call:
    """One call of ``Team.each``: whoever works on it takes item after item until none is left."""

    def __init__(self, work: Callable[[int], None], items: int, helpers: int) -> None:
        self._work = work
        self._items = items
        self._next = count()
        self._helping = SimpleQueue[BaseException | None]()
        self._helpers = helpers

    def take_part(self) -> None:
        while (index := next(self._next)) < self._items:
            self._work(index)

    def help(self, context: Context) -> None:
        """Take part with the caller's settings, such as ``np.errstate``, and tell it when done."""
        try:
            context.run(self.take_part)
        except BaseException as error:  # whatever it is, the caller is to raise it
            self._items = 0
            self._helping.put(error)
        else:
            self._helping.put(None)

    def finish(self) -> BaseException | None:
        """Let nothing further begin, wait for the helpers, and return what one of them raised."""
        self._items = 0
        errors = [self._helping.get() for _ in range(self._helpers)]
        return next((error for error in errors if error is not None), None)


_Calls: TypeAlias = "SimpleQueue[tuple[_Call, Context]]"


class Team:
    """The callers and up to ``size - 1`` helpers, of which those that are free help.

    Args:
        size: threads that compute at once, at least 1; more callers than that compute alone.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._computing = 0
        self._helping = 0
        self._lock = threading.Lock()
        self._calls: _Calls = SimpleQueue()
        self._started = 0

    def each(self, work: Callable[[T], None], items: Sequence[T]) -> None:
        """Call ``work`` for every item, in any order, on as many threads as are free; wait for all.

        Items should be few and each worth some 100 µs: between them threads wait for each other.
        The first exception is raised, after everything that had begun has ended.

        >>> seen = []
        >>> Team(2).each(seen.append, range(4))
        >>> sorted(seen)
        [0, 1, 2, 3]
        """
        helpers = self._enter(len(items) - 1) if len(items) > 1 < self.size else None
        if not helpers:
            try:
                for item in items:
                    work(item)
            finally:
                self._leave(helpers)
            return
        hold_blas()
        call = _Call(lambda index: work(items[index]), len(items), helpers)
        for _ in range(helpers):
            self._calls.put((call, copy_context()))
        try:
            call.take_part()
        finally:
            error = call.finish()
            self._leave(helpers)
        if error is not None:
            raise error

    def _enter(self, useful: int) -> int:
        """Count the caller in, and as many helpers as are free and useful."""
        with self._lock:
            helpers = min(useful, max(0, self.size - 1 - self._computing))
            self._computing += 1 + helpers
            self._helping += helpers
            # A thread for each: one that waited for another's end would, nested, wait for its own.
            while self._started < self._helping:
                self._started += 1
                name = f"engine-{self._started}"
                threading.Thread(target=_help, args=(self._calls,), name=name, daemon=True).start()
            return helpers

    def _leave(self, helpers: int | None) -> None:
        if helpers is not None:
            with self._lock:
                self._computing -= 1 + helpers
                self._helping -= helpers


def _help(calls: _Calls) -> None:
    while True:
        call, context = calls.get()
        call.help(context)
        # Not to keep alive what the call worked on.
        del call, context


TEAM = Team(cores())
"""The one team of this process."""


def run(program: Program) -> None:
    """Make all steps of a program, as many parts at once as there are threads free."""
    for phase in program:
        if len(phase) == 1:
            _make(phase[0])
        else:
            TEAM.each(_make, phase)


def _make(part: Part) -> None:
    for step in part:
        step()

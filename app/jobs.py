"""The gate before every computation: so many run, so many wait, the rest are told at once to come back.

A computation is known by its key. Callers with one key share one computation, and it is stopped when the
last of them has gone. All bookkeeping happens on the event loop, so there is no lock.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


class Busy(Exception):
    """Everything is running and waiting that may; nothing was started."""

    def __init__(self, retry_after_s: int = 1) -> None:
        super().__init__("the server is busy")
        self.retry_after_s = retry_after_s


class TooSlow(Exception):
    """A computation did not end within its time."""

    def __init__(self, deadline_s: float) -> None:
        super().__init__(f"the computation took longer than {deadline_s:g} s")
        self.deadline_s = deadline_s


class Stopped(Exception):
    """Raised inside a computation that nobody waits for any more, or whose time is up."""


class Ticket:
    """What a computation holds: ``check`` it between steps, and stop when it raises."""

    def __init__(self, deadline_s: float) -> None:
        self._ends = time.monotonic() + deadline_s
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()

    def check(self) -> None:
        """Raise ``Stopped`` if the computation should not go on."""
        if self._stopped.is_set() or time.monotonic() > self._ends:
            raise Stopped


@dataclass
class _Job:
    ticket: Ticket
    thread: Future[Any]
    result: asyncio.Future[Any]
    waiters: int = field(default=0)


class Gate:
    """A lane of ``running`` threads with ``waiting`` places before them.

    Args:
        running: computations at the same time.
        waiting: further ones that may be accepted; beyond, ``run`` raises ``Busy`` at once.
        deadline_s: time from acceptance to the answer.
        name: of the lane, for whoever looks at threads or metrics.

    Attributes:
        places: how many may run or wait; ``accepted`` of them do now.
        refused: how many have been told to come back.
    """

    def __init__(self, running: int, waiting: int, deadline_s: float, name: str = "gate") -> None:
        self.name = name
        self.places = running + waiting
        self._deadline_s = deadline_s
        self._threads = ThreadPoolExecutor(running, thread_name_prefix=name)
        self._jobs: dict[str, _Job] = {}
        self.accepted = 0
        self.refused = 0

    async def run(self, key: str, work: Callable[[Ticket], T]) -> T:
        """The result of ``work``, computed once for all callers that ask with ``key`` meanwhile.

        Raises:
            Busy: when every place is taken.
            TooSlow: when the deadline passes first.
        """
        job = self._jobs.get(key) or self._accept(key, work)
        job.waiters += 1
        try:
            # The shield: one caller's leaving must not cancel what others wait for.
            result: T = await asyncio.wait_for(asyncio.shield(job.result), self._deadline_s)
            return result
        except (TimeoutError, Stopped):
            raise TooSlow(self._deadline_s) from None
        finally:
            job.waiters -= 1
            if not job.waiters and not job.result.done():
                self._abandon(key, job)

    def refusal(self) -> Busy:
        """The error for one that is turned away, who is counted."""
        self.refused += 1
        return Busy()

    def close(self) -> None:
        """Stop what runs and refuse what comes; threads end by themselves."""
        for job in self._jobs.values():
            job.ticket.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _accept(self, key: str, work: Callable[[Ticket], T]) -> _Job:
        if self.accepted >= self.places:
            raise self.refusal()
        ticket = Ticket(self._deadline_s)
        thread = self._threads.submit(_checked, work, ticket)
        job = self._jobs[key] = _Job(ticket, thread, asyncio.wrap_future(thread))
        self.accepted += 1
        job.result.add_done_callback(lambda result: self._release(key, job))
        return job

    def _release(self, key: str, job: _Job) -> None:
        self.accepted -= 1
        if self._jobs.get(key) is job:
            del self._jobs[key]
        if not job.result.cancelled():
            job.result.exception()  # seen: asyncio need not warn where every caller has gone

    def _abandon(self, key: str, job: _Job) -> None:
        job.ticket.stop()
        job.thread.cancel()  # frees the place at once if it has not started
        # Whoever asks next must not join a computation that is stopping.
        if self._jobs.get(key) is job:
            del self._jobs[key]


def _checked(work: Callable[[Ticket], T], ticket: Ticket) -> T:
    ticket.check()
    return work(ticket)


@dataclass(frozen=True)
class Lanes:
    """Several gates, so that long computations never stand before short ones."""

    instant: Gate
    """What a number goes into, or how one of many terms was made: a few milliseconds, and somebody waits."""
    quick: Gate
    heavy: Gate
    building: Gate
    """For large models, whose weights are read or drawn: one at a time, and that may take longer."""
    quick_multiply_adds: int
    """Runs of at most so many multiply-adds are quick."""

    @property
    def gates(self) -> tuple[Gate, ...]:
        """All of them."""
        return (self.instant, self.quick, self.heavy, self.building)

    def for_cost(self, multiply_adds: int) -> Gate:
        return self.quick if multiply_adds <= self.quick_multiply_adds else self.heavy

    def close(self) -> None:
        for gate in self.gates:
            gate.close()

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from app.jobs import Busy, Gate, Lanes, Ticket, TooSlow


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate(running=1, waiting=1, deadline_s=5)
    yield gate
    gate.close()


def until(condition: threading.Event, ticket: Ticket) -> None:
    """Work that goes on until it is told to end, checking its ticket like a run between nodes."""
    while not condition.wait(0.002):
        ticket.check()


def test_callers_with_one_key_share_one_computation(gate: Gate) -> None:
    calls: list[int] = []

    def work(ticket: Ticket) -> str:
        calls.append(1)
        time.sleep(0.02)
        return "done"

    async def main() -> list[str]:
        return await asyncio.gather(*(gate.run("key", work) for _ in range(200)))

    assert asyncio.run(main()) == ["done"] * 200
    assert len(calls) == 1
    assert gate.accepted == 0


def test_an_error_reaches_every_caller(gate: Gate) -> None:
    def work(ticket: Ticket) -> None:
        time.sleep(0.01)
        raise ValueError("wrong")

    async def main() -> list[BaseException | None]:
        return await asyncio.gather(*(gate.run("key", work) for _ in range(3)), return_exceptions=True)

    assert [str(error) for error in asyncio.run(main())] == ["wrong"] * 3


def test_a_full_gate_refuses_at_once_and_recovers(gate: Gate) -> None:
    release = threading.Event()

    async def main() -> None:
        taken = [asyncio.create_task(gate.run(f"{i}", lambda t: until(release, t))) for i in range(2)]
        await asyncio.sleep(0.01)
        assert gate.accepted == gate.places
        start = time.perf_counter()
        with pytest.raises(Busy):
            await gate.run("third", lambda ticket: None)
        assert time.perf_counter() - start < 0.1
        release.set()
        await asyncio.gather(*taken)
        assert await gate.run("fourth", lambda ticket: 4) == 4

    asyncio.run(main())


def test_work_stops_when_the_last_caller_has_gone(gate: Gate) -> None:
    stopped = threading.Event()

    def work(ticket: Ticket) -> None:
        try:
            until(threading.Event(), ticket)
        finally:
            stopped.set()

    async def main() -> None:
        first, second = (asyncio.create_task(gate.run("key", work)) for _ in range(2))
        await asyncio.sleep(0.02)
        first.cancel()
        await asyncio.sleep(0.02)
        assert not stopped.is_set(), "the second still waits"
        second.cancel()
        await asyncio.sleep(0)
        assert await asyncio.to_thread(stopped.wait, 1)
        # A newcomer starts afresh instead of joining what was stopped.
        assert await gate.run("key", lambda ticket: "new") == "new"

    asyncio.run(main())


def test_one_that_never_started_frees_its_place(gate: Gate) -> None:
    release = threading.Event()

    async def main() -> None:
        running = asyncio.create_task(gate.run("running", lambda t: until(release, t)))
        waiting = asyncio.create_task(gate.run("waiting", lambda ticket: None))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.sleep(0.01)
        assert 2 * gate.accepted == gate.places
        release.set()
        await running

    asyncio.run(main())


def test_a_deadline_ends_both_the_waiting_and_the_work() -> None:
    gate = Gate(running=1, waiting=0, deadline_s=0.05)
    ended = threading.Event()

    def work(ticket: Ticket) -> None:
        try:
            until(threading.Event(), ticket)
        finally:
            ended.set()

    async def main() -> None:
        with pytest.raises(TooSlow):
            await gate.run("key", work)
        assert await asyncio.to_thread(ended.wait, 1)

    asyncio.run(main())
    gate.close()


def test_a_long_run_never_stands_before_a_short_one() -> None:
    lanes = Lanes(*(Gate(1, 1, 5) for _ in range(4)), quick_multiply_adds=1000)
    release = threading.Event()

    async def main() -> None:
        long = asyncio.create_task(lanes.for_cost(1001).run("long", lambda t: until(release, t)))
        await asyncio.sleep(0.01)
        assert await lanes.for_cost(1000).run("short", lambda ticket: 1) == 1
        assert not long.done()
        release.set()
        await long

    asyncio.run(main())
    lanes.close()

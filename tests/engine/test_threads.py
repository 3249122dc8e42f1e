"""A team does everything once, never waits for itself, and helps only where a core is free."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from engine.threads import TEAM, Program, Team, cores, run

SIZES = pytest.mark.parametrize("size", [1, 2, 3, 4, 8])
PATIENCE = 20.0
"""Seconds after which what is still running is taken to wait for itself."""


class Counted:
    """Work that notes how many threads are at it, and who they are."""

    def __init__(self, lasting: float = 0.002) -> None:
        self.lasting = lasting
        self.most = self.most_helping = self._now = self._helping = 0
        self.done: Counter[int] = Counter()
        self._lock = threading.Lock()

    def __call__(self, item: int) -> None:
        helps = threading.current_thread().name.startswith("engine-")
        with self._lock:
            self.done[item] += 1
            self._now += 1
            self._helping += helps
            self.most = max(self.most, self._now)
            self.most_helping = max(self.most_helping, self._helping)
        time.sleep(self.lasting)
        with self._lock:
            self._now -= 1
            self._helping -= helps


def finished(*works: Callable[[], object]) -> bool:
    """Whether threads that do these works at the same time come to an end."""
    workers = [threading.Thread(target=work, daemon=True) for work in works]
    for worker in workers:
        worker.start()
    deadline = time.monotonic() + PATIENCE
    for worker in workers:
        worker.join(max(0.0, deadline - time.monotonic()))
    return not any(worker.is_alive() for worker in workers)


@SIZES
@pytest.mark.parametrize("items", [0, 1, 2, 7, 40])
def test_everything_is_done_once(size: int, items: int) -> None:
    work = Counted(lasting=0)
    Team(size).each(work, range(items))
    assert work.done == Counter(range(items))


@SIZES
def test_as_many_threads_as_the_team_has_compute_at_once(size: int) -> None:
    work, team = Counted(), Team(size)
    team.each(work, range(20))
    assert work.most <= size
    assert work.most_helping <= size - 1
    # All of them do: each waits until the others have come.
    barrier = threading.Barrier(size)
    assert finished(lambda: team.each(lambda item: barrier.wait(PATIENCE), range(size)))
    assert not barrier.broken


def test_a_team_of_one_is_the_caller() -> None:
    seen = set()
    Team(1).each(lambda item: seen.add(threading.current_thread()), range(9))
    assert seen == {threading.current_thread()}


@SIZES
def test_where_every_core_computes_nobody_is_helped(size: int) -> None:
    team, all_there = Team(size), threading.Barrier(size)
    foreign: list[int] = []

    def note(caller: int, item: int) -> None:
        if threading.get_ident() != caller:
            foreign.append(item)

    def occupied(item: int) -> None:
        all_there.wait(PATIENCE)
        team.each(partial(note, threading.get_ident()), range(10))
        # Another caller comes while all are busy, and does everything alone.
        alone = threading.Thread(
            target=lambda: team.each(partial(note, threading.get_ident()), range(10)), daemon=True
        )
        alone.start()
        alone.join(PATIENCE)
        all_there.wait(PATIENCE)

    assert finished(lambda: team.each(occupied, range(size)))
    assert not foreign
    assert not all_there.broken


@SIZES
@pytest.mark.parametrize("callers", [2, 5])
def test_several_callers_have_no_more_helpers_than_one(size: int, callers: int) -> None:
    team, work = Team(size), Counted(lasting=0.0005)
    assert finished(*[lambda: team.each(work, range(12))] * callers)
    assert work.done == Counter(dict.fromkeys(range(12), callers))
    # Nobody is refused: a caller always computes itself.
    assert work.most_helping <= size - 1
    assert work.most <= size - 1 + callers


@SIZES
@pytest.mark.parametrize("callers", [1, 3])
def test_calls_within_calls_come_to_an_end(size: int, callers: int) -> None:
    team, work = Team(size), Counted(lasting=0.0005)

    def within(depth: int, item: int) -> None:
        if depth == 0:
            work(item)
        else:
            team.each(partial(within, depth - 1), range(2))

    for items in (2, 3):
        work.done.clear()
        assert finished(*[lambda items=items: team.each(partial(within, 2), range(items))] * callers)  # type: ignore[misc]
        assert work.done == Counter({0: callers * items * 2, 1: callers * items * 2})


def test_helpers_are_as_many_as_are_needed_at_once() -> None:
    # Two callers with one helper each: the second must not wait for the first one's.
    team, all_there = Team(4), threading.Barrier(4)
    assert finished(*[lambda: team.each(lambda item: all_there.wait(PATIENCE), range(2))] * 2)
    assert not all_there.broken


def test_what_waits_for_itself_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.PATIENCE", 0.1)
    never = threading.Event()
    assert not finished(never.wait)
    never.set()


class Broken(Exception):
    pass


class TestExceptions:
    @SIZES
    def test_the_exception_is_the_callers_and_nothing_further_begins(self, size: int) -> None:
        begun: list[int] = []

        def work(item: int) -> None:
            begun.append(item)
            if item == 3:
                raise Broken(item)
            time.sleep(0.001)

        with pytest.raises(Broken, match="3"):
            Team(size).each(work, range(1000))
        assert len(begun) < 500

    @SIZES
    def test_all_that_had_begun_has_ended(self, size: int) -> None:
        team, going = Team(size), []

        def work(item: int) -> None:
            going.append(item)
            try:
                time.sleep(0.001 * item)
                raise Broken(item)
            finally:
                going.remove(item)

        with pytest.raises(Broken):
            team.each(work, range(2 * size))
        assert not going

    @SIZES
    def test_a_helpers_exception_too(self, size: int) -> None:
        caller = threading.get_ident()
        begun: list[int] = []

        def work(item: int) -> None:
            begun.append(item)
            time.sleep(0.001)
            if threading.get_ident() != caller:
                raise Broken(item)

        if size == 1:
            Team(size).each(work, range(50))
            assert len(begun) == 50
        else:
            with pytest.raises(Broken):
                Team(size).each(work, range(5000))
            assert len(begun) < 2500

    @SIZES
    def test_the_team_goes_on(self, size: int) -> None:
        team, work = Team(size), Counted(lasting=0)

        def fail(item: int) -> None:
            raise Broken(item)

        for _ in range(20):
            with pytest.raises(Broken):
                team.each(fail, range(4))
        team.each(work, range(10))
        assert work.done == Counter(range(10))
        assert (team._computing, team._helping) == (0, 0)


class TestPrograms:
    def test_phases_come_one_after_the_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for size in (1, 2, 4):
            monkeypatch.setattr(TEAM, "size", size)
            seen: list[tuple[int, int, int]] = []
            program: Program = [
                [
                    [partial(seen.append, (phase, part, step)) for step in range(3)]
                    for part in range(1 + phase % 3)
                ]
                for phase in range(6)
            ]
            run(program)
            assert [phase for phase, _, _ in seen] == sorted(phase for phase, _, _ in seen)
            for phase in range(6):
                for part in range(1 + phase % 3):
                    assert [step for p, q, step in seen if (p, q) == (phase, part)] == [0, 1, 2]

    def test_nothing_to_do(self) -> None:
        run([])
        run([[]])
        run([[[]]])

    def test_an_exception_ends_it(self) -> None:
        seen: list[int] = []

        def fail() -> None:
            raise Broken

        with pytest.raises(Broken):
            run([[[partial(seen.append, 1)]], [[fail], [fail]], [[partial(seen.append, 2)]]])
        assert seen == [1]


def test_the_team_of_the_process_has_a_thread_for_each_core() -> None:
    assert TEAM.size == cores() >= 1

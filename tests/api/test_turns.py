"""Lines before a door: in order, with an end to patience, and nobody's turn lost."""

from __future__ import annotations

import asyncio

from app.turns import Turns


def test_those_who_wait_come_in_their_order() -> None:
    async def scenario() -> list[int]:
        turns, came = Turns(at_once=1, places=3, patience_s=5), []

        async def visit(number: int) -> None:
            assert await turns.take("a")
            came.append(number)
            await asyncio.sleep(0)
            turns.give_back("a")

        await asyncio.gather(*(visit(number) for number in range(4)))
        return came

    assert asyncio.run(scenario()) == [0, 1, 2, 3]


def test_patience_ends_and_the_place_is_free_again() -> None:
    async def scenario() -> None:
        turns = Turns(at_once=1, places=1, patience_s=0.02)
        assert await turns.take("a")
        assert not await turns.take("a")
        waiting = asyncio.create_task(turns.take("a"))
        await asyncio.sleep(0)
        assert not await turns.take("a")
        turns.give_back("a")
        assert await waiting
        turns.give_back("a")
        assert not turns._lines

    asyncio.run(scenario())


def test_who_leaves_takes_nobodys_turn_along() -> None:
    async def scenario() -> None:
        turns = Turns(at_once=1, places=2, patience_s=5)
        assert await turns.take("a")
        leaving, staying = (asyncio.create_task(turns.take("a")) for _ in range(2))
        await asyncio.sleep(0)
        # Its turn comes, and before it knows of it, it goes.
        turns.give_back("a")
        leaving.cancel()
        assert await staying
        turns.give_back("a")
        assert not turns._lines

    asyncio.run(scenario())

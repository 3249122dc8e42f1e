"""Who tries codes at random is stopped; who sits in a hall where somebody does is not.

An address has so many wrong codes a minute. Behind them its codes are refused before any room is looked up,
right ones too: else a refusal would tell which are wrong. One address may be a whole hall, though, where one
mistypes for fun and three hundred come back from a dead spot. So an address keeps the rooms that were opened
or entered from it, and to these it may always return. Whoever sits there reads that room's code on the wall:
guessing it has no prize.
"""

from __future__ import annotations

import time
from collections import OrderedDict

from app.budgets import Budgets, Clock, network_of
from app.problems import Problem

UNKNOWN = "the code of an open room, six letters and digits that the presenter shows"


class Guesses:
    """What each address has tried.

    Args:
        per_minute: wrong codes of one address.
        clock: seconds; tests give their own.
    """

    KNOWN = 20_000

    def __init__(self, per_minute: int, clock: Clock = time.monotonic) -> None:
        self._wrong = Budgets(per_minute, 60.0, clock)
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def check(self, address: str, code: str | None) -> None:
        """Before a room is looked up.

        Raises:
            Problem: ``too-many-guesses``.
        """
        budget = self._wrong.of(address)
        if budget.left < 1 and (network_of(address), code) not in self._known:
            allowed = f"{self._wrong.capacity} wrong codes per minute from one address"
            raise Problem("too-many-guesses", "code", allowed=allowed, retry_after_s=budget.wait_s())

    def wrong(self, address: str, text: str) -> Problem:
        """There is no such room: one guess less, and what to answer."""
        self._wrong.of(address).take()
        return Problem("unknown-room", "code", text, UNKNOWN)

    def right(self, address: str, code: str) -> None:
        """From this address the room has been opened or entered."""
        key = (network_of(address), code)
        self._known[key] = None
        self._known.move_to_end(key)
        if len(self._known) > self.KNOWN:
            self._known.popitem(last=False)

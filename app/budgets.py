"""So many within a time: messages of a listener, wrong codes and new rooms of an address."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

Clock = Callable[[], float]


class Budget:
    """Tokens that come back evenly, up to ``capacity``.

    >>> now = 0.0
    >>> budget = Budget(2, per_s=1.0, clock=lambda: now)
    >>> budget.take(), budget.take(), budget.take()
    (True, True, False)
    >>> now = 1.0
    >>> budget.take(), budget.take()
    (True, False)
    """

    __slots__ = ("_capacity", "_clock", "_per_s", "_seen", "_tokens")

    def __init__(self, capacity: float, per_s: float, clock: Clock = time.monotonic) -> None:
        self._capacity = self._tokens = float(capacity)
        self._per_s = per_s
        self._clock = clock
        self._seen = clock()

    @property
    def left(self) -> float:
        """The tokens there are now."""
        now = self._clock()
        self._tokens = min(self._capacity, self._tokens + (now - self._seen) * self._per_s)
        self._seen = now
        return self._tokens

    def take(self) -> bool:
        """Take a token, where there is one; whether there was."""
        if self.left < 1:
            return False
        self._tokens -= 1
        return True

    def wait_s(self) -> float:
        """How long until there is a token."""
        return max(0.0, (1 - self.left) / self._per_s)


class Budgets:
    """A budget for each address, of the latest ``ADDRESSES`` of them: nobody can fill the memory.

    Args:
        capacity: tokens of one address.
        period_s: the time in which an empty budget is full again.
        clock: seconds; tests give their own.
    """

    ADDRESSES = 10_000

    def __init__(self, capacity: int, period_s: float, clock: Clock = time.monotonic) -> None:
        self.capacity = capacity
        self._per_s = capacity / period_s
        self._clock = clock
        self._budgets: OrderedDict[str, Budget] = OrderedDict()

    def of(self, address: str) -> Budget:
        """The budget of an address; those of one IPv6 network, which is one household, share theirs."""
        key = network_of(address)
        budget = self._budgets.get(key)
        if budget is None:
            budget = self._budgets[key] = Budget(self.capacity, self._per_s, self._clock)
            if len(self._budgets) > self.ADDRESSES:
                self._budgets.popitem(last=False)
        else:
            self._budgets.move_to_end(key)
        return budget

    def __len__(self) -> int:
        return len(self._budgets)


def network_of(address: str) -> str:
    """What one sender cannot change at will: an IPv4 address, or the first half of an IPv6 address.

    >>> network_of("192.0.2.7"), network_of("2001:db8::1:2:3:4"), network_of("testclient")
    ('192.0.2.7', '2001:db8::', 'testclient')
    """
    if ":" not in address:
        return address
    try:
        whole = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    if whole.ipv4_mapped is not None:
        return str(whole.ipv4_mapped)
    return str(ipaddress.IPv6Address(int(whole) >> 64 << 64))

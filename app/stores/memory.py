"""Values in memory up to a number of bytes; the one not used for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class MemoryStore(Generic[T]):
    """A cache by key with a byte budget, safe to use from many threads.

    Args:
        budget_bytes: the sum of the sizes that is kept; a value larger than it is not kept at all.
        on_drop: called with the key of every value that is no longer kept.

    >>> store = MemoryStore[str](budget_bytes=10)
    >>> store.put("a", "first", 6); store.put("b", "second", 6)
    >>> store.get("a"), store.get("b")
    (None, 'second')
    """

    def __init__(self, budget_bytes: int, on_drop: Callable[[str], None] = lambda key: None) -> None:
        self.budget_bytes = budget_bytes
        self._on_drop = on_drop
        self._entries: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._used = 0
        self._lock = Lock()

    def get(self, key: str) -> T | None:
        """The value, counted as used now; None when it was never put or has been forgotten."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: str, value: T, size_bytes: int) -> None:
        """Keep a value, and forget others until the budget holds."""
        with self._lock:
            self._drop(key)
            if size_bytes > self.budget_bytes:
                return
            self._entries[key] = (value, size_bytes)
            self._used += size_bytes
            while self._used > self.budget_bytes:
                self._drop(next(iter(self._entries)))

    def delete(self, key: str) -> bool:
        """Forget a value; whether it was there."""
        with self._lock:
            return self._drop(key)

    def delete_where(self, chosen: Callable[[T], bool]) -> None:
        """Forget every value that is chosen."""
        with self._lock:
            for key in [key for key, (value, _) in self._entries.items() if chosen(value)]:
                self._drop(key)

    @property
    def used_bytes(self) -> int:
        """The sum of the sizes kept now."""
        with self._lock:
            return self._used

    def __len__(self) -> int:
        with self._lock:
            return len(self._entries)

    def __contains__(self, key: object) -> bool:
        with self._lock:
            return key in self._entries

    def _drop(self, key: str) -> bool:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._used -= entry[1]
            self._on_drop(key)
        return entry is not None

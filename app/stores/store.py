"""What a store of entries is, whatever keeps them: a folder of this machine, or Redis for several of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
PART = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


class Store(Protocol):
    """Entries of a few named parts, each there completely or not at all, up to a number of bytes.

    The entry not used for longest goes first. Keys are digests of what is kept, so under one key there is
    never anything else. All methods may be called from many threads; they wait for a disk or for a network,
    so not from an event loop.
    """

    budget_bytes: int
    """The sum of the sizes that may be kept."""

    def put(self, key: str, parts: Mapping[str, bytes | memoryview]) -> bool:
        """Keep an entry; what is there under the same key already stays as it is.

        Returns:
            Whether it is kept now: not where it is larger than the whole budget.
        """

    def get(self, key: str, part: str) -> bytes | None:
        """One part of an entry, which counts as used now; None when it is not there."""

    def touch(self, key: str) -> bool:
        """Count an entry as used now; whether it is there."""

    def delete(self, key: str) -> bool:
        """Remove an entry; whether it was there."""

    def keys(self) -> list[str]:
        """The keys kept now, the one not used for longest first."""

    @property
    def used_bytes(self) -> int:
        """The sum of the sizes kept now."""

    def __contains__(self, key: str) -> bool: ...


def checked_key(key: str) -> str:
    """The key, if it can name an entry.

    Raises:
        ValueError: so that nothing that a visitor wrote ever becomes a path.

    >>> checked_key("img_1f")
    'img_1f'
    """
    return _checked(KEY, key)


def checked_part(part: str) -> str:
    """The name of a part, if it can be one.

    Raises:
        ValueError: else.
    """
    return _checked(PART, part)


def _checked(form: re.Pattern[str], name: str) -> str:
    if not form.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a stored thing")
    return name

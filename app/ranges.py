"""Parts of an answer, for who fetches a large array piece by piece, or goes on after a cut (RFC 9110, 14)."""

from __future__ import annotations

import re

from app.problems import Problem

_RANGE = re.compile(r"bytes\s*=\s*(\d*)-(\d*)")


def asked_part(header: str | None, if_range: str | None, tag: str, length: int) -> slice | None:
    """The bytes that a client asks for; None means all of them.

    Args:
        header: ``Range``. Several ranges at once, and other units than bytes, are answered by the whole.
        if_range: ``If-Range``: the tag of what the client has the other parts of.
        tag: of the answer now.
        length: bytes of the whole.

    Raises:
        Problem: ``range-not-satisfiable`` for one that begins behind the end.

    >>> asked_part("bytes=2-5", None, "t", 100), asked_part("bytes=-4", None, "t", 100)
    (slice(2, 6, None), slice(96, 100, None))
    >>> asked_part("bytes=2-5", '"older"', "t", 100), asked_part("lines=1-2", None, "t", 100)
    (None, None)
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or if_range not in (None, f'"{tag}"'):
        return None
    first, last = found[1], found[2]
    if not first and not last:
        return None
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(0, length - int(last))
    stop = min(length, int(last) + 1) if first and last else length
    if start >= stop:
        raise Problem("range-not-satisfiable", "Range", header, f"bytes 0 to {length - 1}")
    return slice(start, stop)

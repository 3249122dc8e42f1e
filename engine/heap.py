"""Freed memory kept for what comes next, instead of being given back to the system each time."""

from __future__ import annotations

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Of ``mallopt`` in glibc's malloc.h."""


def keep_freed_memory(limit_bytes: int = 256 << 20) -> bool:
    """Let this process keep up to so many bytes that it has freed.

    Memory fresh from the system has to be cleared, page by page, when it is first written to; for arrays of a
    few megabytes that takes longer than computing them. A step of training frees all that the next one needs.

    Args:
        limit_bytes: more than so much free memory at the end of the heap goes back to the system.

    Returns:
        Whether it could be arranged: only the GNU C library can be asked.

    Source: The GNU C Library Reference Manual, section 3.2.3.6, "Malloc tunable parameters".

    >>> isinstance(keep_freed_memory(), bool)
    True
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(TRIM_THRESHOLD, limit_bytes)) and bool(mallopt(MMAP_THRESHOLD, limit_bytes))

"""Settings written as text, in forms and in addresses."""

from __future__ import annotations

import json
import re
from typing import Any

from app.problems import Problem

_LIST = re.compile(r"[-+.0-9eE\s]+(,[-+.0-9eE\s]+)+")
_LONGEST_INTEGER = 15


def read_text(name: str, text: str) -> Any:
    """The value that a text stands for: JSON where it parses, a list of numbers, else the text itself.

    Raises:
        Problem: ``non-finite`` for NaN, infinity and numbers beyond all use.

    >>> [read_text("x", text) for text in ("2", "[1, 2]", "1,2", "true", "same", "0.5")]
    [2, [1, 2], [1, 2], True, 'same', 0.5]
    """
    stripped = text.strip()
    written = f"[{stripped}]" if _LIST.fullmatch(stripped) else stripped
    try:
        return json.loads(written, parse_constant=_refuse, parse_float=_finite, parse_int=_integer)
    except json.JSONDecodeError:
        return stripped
    except (OverflowError, RecursionError):
        raise Problem("non-finite", name, text, "finite numbers") from None


def read_pair(name: str, text: str) -> tuple[int, int]:
    """``28,28``, ``[28, 28]`` or ``28`` as two integers of at least 1.

    Raises:
        Problem: ``invalid-argument``.

    >>> read_pair("input", "28,20"), read_pair("size", "7")
    ((28, 20), (7, 7))
    """
    value = read_text(name, text)
    both = [value, value] if isinstance(value, int) else value
    if isinstance(both, list) and len(both) == 2 and all(type(n) is int and 1 <= n <= 16_384 for n in both):
        return (both[0], both[1])
    raise Problem("invalid-argument", name, text, "rows,columns: two integers from 1 to 16384")


def read_integer(name: str, text: str, low: int, high: int) -> int:
    """An integer between two bounds.

    Raises:
        Problem: ``invalid-argument``.
    """
    value = read_text(name, text)
    if type(value) is not int or not low <= value <= high:
        raise Problem("invalid-argument", name, text, f"an integer from {low} to {high}")
    return value


def _refuse(text: str) -> Any:
    raise OverflowError(text)


def _finite(text: str) -> float:
    number = float(text)
    if abs(number) > 1e30:
        raise OverflowError(text)
    return number


def _integer(text: str) -> int:
    if len(text) > _LONGEST_INTEGER:
        raise OverflowError(text)
    return int(text)

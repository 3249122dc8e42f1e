"""A question to the room, from asking to the answers told; as values, which JSON can carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from app.problems import Problem

Question = Mapping[str, Any]
"""``{"id", "kind", "place", "options", "answer", "revealed"}``."""

TOLD = 200
"""Different values that a tally lists; a screen shows fewer."""

GREATEST = 1e30
"""Of a number; as everywhere in the API."""

LONGEST_SIDE = 1_000_000
"""Of a size that somebody may guess."""


def is_open(question: Question | None) -> bool:
    """Whether it may be answered."""
    return question is not None and question["revealed"] is None


def without_answer(question: Question | None) -> Question | None:
    """What followers see of it.

    >>> without_answer({"id": "q1", "answer": 3, "revealed": None})
    {'id': 'q1', 'revealed': None}
    """
    return question and {name: value for name, value in question.items() if name != "answer"}


def revealed(question: Question, answers: Iterable[Any]) -> Question:
    """The question with its answer told to all, and what all have answered."""
    values = list(answers)
    told = {"answer": question["answer"], "answered": len(values), "tally": tally(values)}
    return {**question, "revealed": told}


def tally(answers: Iterable[Any]) -> list[dict[str, Any]]:
    """How often each value was answered, the most frequent first, the rest of the different ones as null.

    >>> tally([3, 1, 3, [2, 2]])
    [{'value': 3, 'count': 2}, {'value': 1, 'count': 1}, {'value': [2, 2], 'count': 1}]
    """
    # As tuples, sizes can be counted, and all can be put in order.
    counts = Counter((True, *value) if isinstance(value, list) else (False, value) for value in answers)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0][1:]))
    rows = [{"value": list(of) if is_list else of[0], "count": n} for (is_list, *of), n in ranked[:TOLD]]
    rest = sum(count for _, count in ranked[TOLD:])
    return [*rows, {"value": None, "count": rest}] if rest else rows


def checked(kind: str, options: list[Any] | None, value: Any, argument: str = "value") -> Any:
    """A value in the one form that answers of this kind have.

    Raises:
        Problem: ``invalid-argument`` where it is none.

    >>> checked("cell", None, 3), checked("size", None, [4, 5]), checked("class", ["cat", "dog"], 1)
    (3.0, [4, 5], 1)
    """
    if kind == "cell":
        if _is_number(value) and abs(value) <= GREATEST:
            return float(value) + 0.0  # one zero, not two
        allowed = "a number"
    elif kind == "size":
        pair = isinstance(value, list) and len(value) == 2
        if pair and all(_is_index(side, LONGEST_SIDE) for side in value):
            return value
        allowed = "[rows, columns]"
    else:
        last = len(options or []) - 1
        if _is_index(value, last):
            return value
        allowed = f"an index from 0 to {last}"
    raise Problem("invalid-argument", argument, value, allowed)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_index(value: Any, last: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= last

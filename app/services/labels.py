"""What the classes of a model are called, and which of them a run finds likeliest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from app.problems import Problem
from app.services.descriptions import Json
from engine.graph import Model
from engine.trace import Trace
from engine.types import Array, map_shape

TOP = 10
"""So many classes are named, the likeliest first."""

MOST_LABELS = 100_000
_LONGEST = 200


@dataclass(frozen=True)
class Label:
    """A class by name, in the languages of the page."""

    en: str
    ja: str


Labels = tuple[Label, ...]


def read_labels(value: Any) -> Labels | None:
    r"""Labels as JSON gives them: texts, or objects of ``en`` and ``ja``; or one text with a label a line.

    A label in one language serves both.

    Raises:
        Problem: ``invalid-argument``.

    >>> read_labels(["cat", {"en": "dog", "ja": "犬"}])[1].ja
    '犬'
    >>> read_labels("cat\ndog\n")[1]
    Label(en='dog', ja='dog')
    """
    if value is None:
        return None
    if isinstance(value, str):
        value = value.splitlines()
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_LABELS:
        raise Problem("invalid-argument", "labels", value, f"a list of 1 to {MOST_LABELS} labels")
    return tuple(_label(each) for each in value)


def _label(value: Any) -> Label:
    texts = {"en": value} if isinstance(value, str) else value
    given = list(texts.values()) if isinstance(texts, Mapping) and set(texts) <= {"en", "ja"} else []
    if not given or not all(isinstance(text, str) and len(text) <= _LONGEST for text in given):
        allowed = f'texts of up to {_LONGEST} characters, or {{"en": …, "ja": …}}'
        raise Problem("invalid-argument", "labels", value, allowed)
    return Label(str(texts.get("en", given[0])), str(texts.get("ja", given[0])))


def describe_labels(labels: Labels | None) -> list[Json] | None:
    """As JSON tells them."""
    return None if labels is None else [asdict(label) for label in labels]


def top(trace: Trace, labels: Labels | None) -> Json:
    """The likeliest classes of a run, where its model tells classes apart; else nothing.

    That is where its last node is a softmax of a vector, or a vector of as many numbers as there are
    labels, of which the softmax is then taken here: ``top_from.softmax`` says so.

    Returns:
        ``{"top": [{"index", "label", "probability"}], "top_from": {"node", "softmax"}}``, or ``{}``.
    """
    if not classifies(trace.model, labels):
        return {}
    last = trace.model.nodes[-1]
    vector = trace.output(last.name)[0].reshape(-1).astype(np.float64)
    taken_here = last.op.name != "softmax"
    probabilities = _softmax(vector) if taken_here else vector
    # Stable: among equals the first index comes first.
    best = np.argsort(-probabilities, kind="stable")[:TOP]
    return {
        "top": [
            {"index": int(i), "label": _named(labels, int(i)), "probability": float(probabilities[i])}
            for i in best
        ],
        "top_from": {"node": last.name, "softmax": taken_here},
    }


def classifies(model: Model, labels: Labels | None) -> bool:
    """Whether the last node of a model tells classes apart, for pictures of the model's own size."""
    last = model.nodes[-1]
    classes, *sides = map_shape(model.shapes[last.name])
    if sides != [1, 1]:
        return False
    return last.op.name == "softmax" if labels is None else len(labels) == classes


def _named(labels: Sequence[Label] | None, index: int) -> Json | None:
    return None if labels is None else asdict(labels[index])


def _softmax(scores: Array) -> Array:
    grown = np.exp(scores - scores.max())
    return np.asarray(grown / grown.sum())

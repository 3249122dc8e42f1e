"""The explanations of many cells in scan order, as parallel lists: for stepping and animation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from app.limits import Limits
from app.problems import Problem
from app.representations import Numbers
from app.services.descriptions import Json
from engine.explanation import Explanation, Terms
from engine.trace import Trace, explain_each
from engine.types import as_map, map_shape


def explain_steps(trace: Trace, node: str, start: int, count: int, positions: bool, limits: Limits) -> Json:
    """The explanations of ``count`` cells from number ``start`` on, in scan order: channel, row, column.

    Raises:
        EngineError: ``unknown-node``.
        Problem: ``invalid-argument`` for a start that is not there or too many steps.
    """
    output = as_map(trace.output(node))
    shape = map_shape(output.shape)
    total = int(np.prod(shape))
    if not 0 <= start < total:
        raise Problem("invalid-argument", "start", start, f"0 to {total - 1}")
    if not 1 <= count <= limits.steps:
        raise Problem("invalid-argument", "count", count, f"1 to {limits.steps}")
    places = np.arange(start, min(start + count, total))
    cells = list(zip(*(index.tolist() for index in np.unravel_index(places, shape)), strict=True))
    (first,) = explain_each(trace, node, cells[:1])
    _check_terms(len(first.terms.values), len(cells), limits)
    explanations = [first, *explain_each(trace, node, cells[1:])]
    return {
        "op": first.op,
        "node": node,
        "shape": list(shape),
        "start": start,
        "count": len(cells),
        "combine": first.combine,
        "grid": _shared([list(e.terms.grid) for e in explanations]),
        "formula": {"id": first.formula.id},
        "formula_params": _formula_params(explanations),
        "cells": cells,
        "value": [e.value for e in explanations],
        "total": [e.total for e in explanations],
        "bias": None if first.bias is None else [e.bias for e in explanations],
        "window": _windows(explanations),
        "terms": _terms(explanations, positions),
    }


def _check_terms(terms: int, count: int, limits: Limits) -> None:
    if terms * count > limits.step_terms:
        allowed = f"1 to {max(1, limits.step_terms // terms)}, since each has {terms} terms"
        raise Problem("invalid-argument", "count", count, allowed)


def _shared(each: list[Any]) -> Any:
    """The one thing that all steps have, or None."""
    return each[0] if all(one == each[0] for one in each) else None


def _formula_params(explanations: Sequence[Explanation]) -> list[Json] | None:
    each = [dict(e.formula.params) for e in explanations]
    return each if any(each) else None


def _windows(explanations: Sequence[Explanation]) -> Json | None:
    windows = [e.window for e in explanations if e.window is not None]
    if len(windows) < len(explanations):
        return None
    return {
        "size": list(windows[0].size),
        "dilation": list(windows[0].dilation),
        "starts": [list(window.start) for window in windows],
    }


def _terms(explanations: Sequence[Explanation], positions: bool) -> Json:
    each = [e.terms for e in explanations]
    joined = _joined(each)
    steps = [slice(*ends) for ends in pairwise(accumulate((len(t.values) for t in each), initial=0))]

    def by_step(column: Numbers | None) -> list[Any] | None:
        if column is None:
            return None
        listed = column.tolist()
        return [listed[step] for step in steps]

    answer: Json = {
        "values": by_step(joined.values),
        "padding": by_step(joined.padding.view(np.int8)),
        "weights": _weights(each),
        "products": by_step(joined.products),
        "inputs": by_step(joined.inputs),
        "selected": None
        if joined.selected is None
        else [int(joined.selected[step].argmax()) for step in steps],
    }
    if positions:
        answer["positions"] = by_step(joined.positions)
    return answer


def _joined(each: Sequence[Terms]) -> Terms:
    """The terms of all steps one after another: what is computed of terms is computed for all at once."""

    def column(name: str) -> Any:
        parts = [getattr(terms, name) for terms in each]
        return None if parts[0] is None else np.concatenate(parts)

    values = column("values")
    others = {name: column(name) for name in ("positions", "sources", "inputs", "weights", "selected")}
    return Terms(grid=(len(values), 1, 1), values=values, **others)


def _weights(each: Sequence[Terms]) -> list[list[float]] | None:
    """One row where all steps have the same weights in the same order, else one for each."""
    rows = [terms.weights for terms in each if terms.weights is not None]
    if not rows:
        return None
    if all(row is before or np.array_equal(row, before) for before, row in pairwise(rows)):
        return [rows[0].tolist()]
    return [row.tolist() for row in rows]

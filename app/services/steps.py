"""The explanations of many cells in scan order, as parallel lists: for stepping and animation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.limits import Limits
from app.problems import Problem
from app.services.descriptions import Json
from engine.explanation import Explanation
from engine.trace import Trace, explain
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
    cells: list[list[int]] = np.stack(np.unravel_index(places, shape), axis=1).tolist()
    explanations = []
    for channel, row, column in cells:
        explanations.append(explain(trace, node, (channel, row, column)))
        _check_terms(len(explanations[0].terms.values), len(cells), limits)
    first = explanations[0]
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
    terms = [e.terms for e in explanations]
    selected = [None if t.selected is None else int(np.argmax(t.selected)) for t in terms]
    answer: Json = {
        "values": [t.values.tolist() for t in terms],
        "padding": [t.padding.astype(np.int8).tolist() for t in terms],
        "weights": _weights(explanations),
        "products": None
        if terms[0].products is None
        else [t.products.tolist() for t in terms if t.products is not None],
        "inputs": None
        if terms[0].inputs is None
        else [t.inputs.tolist() for t in terms if t.inputs is not None],
        "selected": None if terms[0].selected is None else selected,
    }
    if positions:
        answer["positions"] = [t.positions.tolist() for t in terms]
    return answer


def _weights(explanations: Sequence[Explanation]) -> list[list[float]] | None:
    """One row where all steps have the same weights in the same order, else one for each."""
    rows = [e.terms.weights for e in explanations if e.terms.weights is not None]
    if not rows:
        return None
    if all(np.array_equal(row, rows[0]) for row in rows[1:]):
        return [rows[0].tolist()]
    return [row.tolist() for row in rows]

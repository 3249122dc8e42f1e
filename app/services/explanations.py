"""How one number of a run was made, as JSON; and which numbers it goes into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.limits import Limits
from app.problems import Problem
from app.services.descriptions import Json
from app.services.runs import Run
from engine.explanation import OWN, Explanation
from engine.graph import INPUT
from engine.trace import check_cell, explain, receptive_field, terms_about, uses
from engine.types import Cell, Integers, as_map


@dataclass(frozen=True)
class Page:
    """Which terms are listed: all in the order of the grid, or some of the ranked ones."""

    limit: int | None = None
    offset: int = 0


FEW_TERMS = 256
"""Up to so many are explained in half a millisecond."""

SMALL_INPUTS = 1 << 18
"""Numbers that are gone through in as long, where an explanation needs all of them, such as their mean."""


def is_brief(run: Run, node: str, cell: Cell) -> bool:
    """Whether a number is explained sooner than a thread is woken to do it, on a busy server."""
    if node == INPUT or node not in run.trace.outputs:
        return True  # a number of the picture, or none at all
    inputs = run.trace.model.node(node).inputs
    if sum(run.trace.outputs[source].size for source in inputs) > SMALL_INPUTS:
        return False
    return terms_about(run.trace, node, cell) <= FEW_TERMS


def explain_cell(run: Run, node: str, cell: Cell, page: Page, limits: Limits) -> Json:
    """The explanation of one number.

    Raises:
        EngineError: ``unknown-node``, ``cell-out-of-range``.
    """
    if node == INPUT:
        return _picture_cell(run, cell)
    explanation = explain(run.trace, node, cell)
    region = receptive_field(run.trace, explanation, node)
    window = explanation.window
    order, by_rank = _order(explanation, page, limits.terms)
    answer: Json = {
        "op": explanation.op,
        "node": node,
        "cell": list(cell),
        "value": explanation.value,
        "combine": explanation.combine,
        "grid": list(explanation.terms.grid),
        "terms": _terms(explanation, order, run.trace.model.node(node).inputs),
        "term_count": len(explanation.terms.values),
        "term_order": "rank" if by_rank else "grid",
        "total": explanation.total,
        "formula": {"id": explanation.formula.id, "params": dict(explanation.formula.params)},
        "window": None
        if window is None
        else {"start": list(window.start), "size": list(window.size), "dilation": list(window.dilation)},
        "receptive_field": {"start": list(region.start), "size": list(region.size)},
    }
    if explanation.bias is not None:
        answer["bias"] = explanation.bias
    if len(order) < len(explanation.terms.values):
        answer["remainder"] = _remainder(explanation, order)
    return answer


def cell_uses(run: Run, node: str, cell: Cell, limits: Limits) -> list[Json]:
    """The output cells that a cell feeds directly, by consuming node.

    Raises:
        EngineError: ``unknown-node``, ``cell-out-of-range``.
    """
    return [
        {"node": name, "count": len(cells), "cells": cells[: limits.terms].tolist()}
        for name, cells in uses(run.trace, node, cell).items()
    ]


def _picture_cell(run: Run, cell: Cell) -> Json:
    """The end of every path: a number of the picture, made of nothing further."""
    x = as_map(run.trace.output(INPUT))
    check_cell(x, cell)
    value = float(x[0, *cell])
    return {
        "op": INPUT,
        "node": INPUT,
        "cell": list(cell),
        "value": value,
        "combine": "copy",
        "grid": [0, 0, 0],
        "terms": [],
        "term_count": 0,
        "term_order": "grid",
        "total": value,
        "formula": {"id": INPUT, "params": {}},
        "window": None,
        "receptive_field": {"start": list(cell[1:]), "size": [1, 1]},
    }


def _weighing(explanation: Explanation) -> np.typing.NDArray[np.float64]:
    products = explanation.terms.products
    return explanation.terms.values if products is None else products


def _order(explanation: Explanation, page: Page, most: int) -> tuple[Integers, bool]:
    """The indices of the terms to list, and whether they are ranked by size."""
    count = len(explanation.terms.values)
    if page.limit is None and page.offset == 0 and count <= most:
        return np.arange(count), False
    if page.offset >= max(count, 1):
        raise Problem("invalid-argument", "offset", page.offset, f"0 to {count - 1}")
    weighing = np.nan_to_num(np.abs(_weighing(explanation)), nan=-1.0)
    # Stable: equal terms stay in the order of the grid, so pages never overlap.
    ranked = np.argsort(-weighing, kind="stable")
    return ranked[page.offset : page.offset + min(page.limit or most, most)], True


def _remainder(explanation: Explanation, listed: Integers) -> Json:
    left = np.ones(len(explanation.terms.values), dtype=bool)
    left[listed] = False
    return {"count": int(left.sum()), "sum": float(np.nansum(_weighing(explanation)[left]))}


def _terms(explanation: Explanation, order: Integers, names: tuple[str, ...]) -> list[Json]:
    terms = explanation.terms
    positions, sources = terms.positions[order].tolist(), terms.sources[order].tolist()
    values, padding = terms.values[order].tolist(), terms.padding[order].tolist()
    listed: list[Json] = [
        {
            "input": names[0],
            "cell": None if is_padding else position,
            "padding": is_padding,
            "value": value,
            "position": position,
        }
        for position, value, is_padding in zip(positions, values, padding, strict=True)
    ]
    if terms.inputs is not None:
        for term, which in zip(listed, terms.inputs[order].tolist(), strict=True):
            term["input"] = None if which == OWN else names[which]
            if which == OWN:
                term["cell"] = None
    for term, source in zip(listed, sources, strict=True):
        # Reflected, repeated and wrapped padding shows a cell that lies elsewhere.
        if term["padding"] and source[0] >= 0:
            term["source"] = source
    optional = {
        "weight": terms.weights,
        "product": terms.products,
        "weight_index": terms.weight_indices,
        "weight_source": terms.weight_sources,
        "selected": terms.selected,
    }
    for name, column in optional.items():
        if column is not None:
            for term, value in zip(listed, column[order].tolist(), strict=True):
                term[name] = value
    return listed

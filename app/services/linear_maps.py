"""Window operations as matrices: the unrolled windows (im2col), and the sparse map from inputs to outputs."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from app.limits import Limits
from app.problems import Problem
from app.representations import Numbers, read_range
from app.services.descriptions import Json
from app.services.runs import Run
from engine.explanation import Explanation
from engine.ops.ranges import sliding_axes
from engine.ops.windows import pad, window_view
from engine.trace import explain
from engine.types import as_map, map_shape


def window_columns(run: Run, node: str, rows: str | None, limits: Limits) -> Numbers:
    """Windows of a node's input as rows of a matrix, (windows, C * KH * KW), in scan order. Book: im2col.

    Args:
        rows: ``start:stop``, or None for all.

    Raises:
        EngineError: ``unknown-node``.
        Problem: ``no-windows`` for an operation that slides none; ``run-too-large``.
    """
    known = run.trace.model.node(node)
    x = run.trace.outputs[known.inputs[0]]
    axes = sliding_axes(known.op, x.shape)
    if axes is None:
        raise Problem("no-windows", "node", node, "a node whose operation slides a window over its input")
    windows = window_view(pad(x, axes), axes)[0]
    channels, height, width, out_rows, out_columns = windows.shape
    part = (
        slice(0, out_rows * out_columns) if rows is None else read_range("rows", rows, out_rows * out_columns)
    )
    numbers = (part.stop - part.start) * channels * height * width
    if numbers > limits.activation_numbers:
        raise Problem(
            "run-too-large", "rows", numbers, f"up to {limits.activation_numbers} numbers; fewer rows="
        )
    places = np.unravel_index(np.arange(part.start, part.stop), (out_rows, out_columns))
    return np.ascontiguousarray(windows[:, :, :, places[0], places[1]].reshape(-1, part.stop - part.start).T)


def sparse_rows(run: Run, node: str, rows: str, limits: Limits) -> Json:
    """Rows of the matrix that maps a node's input, in scan order, to its output; the bias apart.

    Args:
        rows: ``start:stop`` of output cells in scan order.

    Raises:
        EngineError: ``unknown-node``.
        Problem: ``not-linear``; ``invalid-argument``.
    """
    known = run.trace.model.node(node)
    output = as_map(run.trace.output(node))
    source = run.trace.outputs[known.inputs[0]]
    shape, input_shape = map_shape(output.shape), map_shape(source.shape)
    part = read_range("rows", rows, prod(shape))
    if part.stop - part.start > limits.steps:
        raise Problem("invalid-argument", "rows", rows, f"up to {limits.steps} rows at once")
    listed: list[Json] = []
    for row in range(part.start, part.stop):
        channel, r, q = (int(index) for index in np.unravel_index(row, shape))
        explanation = explain(run.trace, node, (channel, r, q))
        entries = _entries(explanation, input_shape)
        listed.append(
            {"row": row, "cell": [channel, r, q], "bias": explanation.bias or 0.0, "entries": entries}
        )
        if len(listed[0]["entries"]) * (part.stop - part.start) > limits.step_terms:
            raise Problem(
                "invalid-argument", "rows", rows, f"up to {limits.step_terms} entries in all; fewer rows"
            )
    return {"shape": [prod(shape), prod(input_shape)], "rows": listed}


def _entries(explanation: Explanation, input_shape: tuple[int, int, int]) -> list[Json]:
    """What an input cell is multiplied by; twice in the list where padding repeats the cell."""
    terms = explanation.terms
    weights: np.typing.NDArray[np.float64]
    if explanation.combine == "sum" and terms.weights is not None and terms.weight_sources is None:
        weights = terms.weights
    elif explanation.combine == "mean":
        weights = np.full(len(terms.values), 1 / float(explanation.formula.params["divisor"]))
    else:
        raise Problem(
            "not-linear", "node", explanation.op, "a node that multiplies and adds: a convolution, linear, …"
        )
    inside = np.flatnonzero(terms.sources[:, 0] >= 0)
    columns = np.ravel_multi_index(tuple(terms.sources[inside].T), input_shape).tolist()
    indices: list[Any] = [None] * len(inside)
    if terms.weight_indices is not None:
        indices = terms.weight_indices[inside].tolist()
    return [
        {"column": column, "weight": weight, "weight_index": index}
        for column, weight, index in zip(columns, weights[inside].tolist(), indices, strict=True)
    ]

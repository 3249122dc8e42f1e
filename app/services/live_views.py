"""What of a run is shown live: some maps of some nodes, small or large, as numbers in one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.limits import Limits
from app.negotiation import Dtype
from app.overviews import Overview, numbers_in
from app.representations import Numbers, convert, read_range
from app.services.answers import check_answer
from app.services.descriptions import Extents, Json
from app.services.running import shown
from app.services.steps import explain_steps
from engine.graph import INPUT, Model
from engine.trace import Trace, check_cell
from engine.types import Cell, Shape, map_shape


@dataclass(frozen=True)
class OutputChoice:
    """Which maps of a node are wanted, and how small.

    Args:
        channels: ``start:stop``; None means all.
        fold: of more channels than these, the first ``fold - 1`` and the last.
        max_px: maps with a longer side are averaged over blocks.
    """

    node: str
    channels: str | None = None
    fold: int | None = None
    max_px: int | None = None


@dataclass(frozen=True)
class View:
    """Maps of a node that is there."""

    node: str
    channels: slice
    overview: Overview
    shape: Shape
    """Of what is shown."""

    def of(self, output: Numbers) -> Numbers:
        """What is shown of the node's output."""
        return self.overview.of(output[self.channels])


def views_of(outputs: Sequence[OutputChoice], model: Model, limits: Limits) -> list[View]:
    """The choices for a model.

    Raises:
        EngineError: ``unknown-node``.
        Problem: ``invalid-argument`` for channels that are not there, ``answer-too-large``.
    """
    views = [_view(output, model, limits) for output in outputs]
    numbers = numbers_in([view.shape for view in views])
    check_answer("outputs", numbers, limits, "ask for fewer outputs, fold or max_px")
    return views


def _view(output: OutputChoice, model: Model, limits: Limits) -> View:
    if output.node != INPUT:
        model.node(output.node)
    _, channels, *sides = model.shapes[output.node]
    some = slice(0, channels)
    if output.channels is not None:
        some = read_range("outputs.channels", output.channels, channels)
    overview = Overview(output.fold, output.max_px, limits.vector_numbers)
    return View(output.node, some, overview, overview.shape((len(range(channels)[some]), *sides)))


def shown_arrays(
    views: Sequence[View], trace: Trace, extents: Extents, dtype: Dtype
) -> tuple[list[Json], list[Numbers]]:
    """What is shown of a run, each array with what is told of it."""
    told, arrays = [], []
    for view in views:
        stored = convert(view.of(shown(trace.output(view.node))), dtype)
        low, high = extents[view.node]
        told.append(
            {
                "node": view.node,
                "shape": list(stored.numbers.shape),
                "dtype": dtype,
                "scale": stored.scale,
                "offset": stored.offset,
                "min": low,
                "max": high,
            }
        )
        arrays.append(stored.numbers)
    return told, arrays


def explain_place(trace: Trace, node: str, cell: Cell, limits: Limits) -> Json:
    """How one number was made, as the answers for many numbers tell it.

    Raises:
        EngineError: ``unknown-node``, ``cell-out-of-range``.
    """
    output = trace.output(node)
    check_cell(output, cell)
    place = int(np.ravel_multi_index(cell, map_shape(output.shape)))
    return explain_steps(trace, node, place, 1, True, limits)

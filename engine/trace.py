"""A recorded run, and the questions one can ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import EngineError
from engine.explanation import Explanation
from engine.geometry.receptive_field import Region
from engine.types import Array, Cell, Integers, as_map, map_shape

if TYPE_CHECKING:
    from engine.graph import Model


@dataclass(frozen=True)
class Trace:
    """The output of every node of one run, the picture's included. It belongs to the caller."""

    model: Model
    outputs: Mapping[str, Array]

    def output(self, name: str) -> Array:
        """(N, C, H, W) or (N, F) output of a node, or of ``input``.

        Raises:
            EngineError: ``unknown-node``.
        """
        if name not in self.outputs:
            raise EngineError("unknown-node", "node", name, ", ".join(self.outputs))
        return self.outputs[name]


def explain(trace: Trace, name: str, cell: Cell) -> Explanation:
    """How one number of the first picture of a run was made.

    Raises:
        EngineError: ``unknown-node``, ``cell-out-of-range``.
    """
    output = trace.output(name)
    node = trace.model.node(name)
    check_cell(output, cell)
    return node.op.explain([trace.outputs[source] for source in node.inputs], node.weights, output, cell)


def uses(trace: Trace, name: str, cell: Cell) -> dict[str, Integers]:
    """By consuming node, the (U, 3) output cells that a cell feeds directly."""
    check_cell(trace.output(name), cell)
    found: dict[str, Integers] = {}
    for node, index in trace.model.consumers(name):
        shapes = [trace.outputs[source].shape for source in node.inputs]
        found[node.name] = node.op.uses(shapes, index, cell)
    return found


def receptive_field(trace: Trace, explanation: Explanation, name: str) -> Region:
    """The part of the picture behind an explained cell, padding included.

    The first step back goes by the cell's own terms: a flattened cell comes from one cell of a map,
    which the rectangle rules of ``Operation.input_region`` cannot know.
    """
    node = trace.model.node(name)
    _, row, column = explanation.cell
    shapes = [trace.outputs[source].shape for source in node.inputs]
    terms = explanation.terms
    region: Region | None = None
    for index, source in enumerate(node.inputs):
        here = terms.positions if terms.inputs is None else terms.positions[terms.inputs == index]
        if not len(here):
            continue
        low, high = here[:, 1:].min(axis=0), here[:, 1:].max(axis=0) + 1
        box = Region((int(low[0]), int(low[1])), (int(high[0]), int(high[1])))
        rule = node.op.input_region(shapes, index, Region((row, column), (row + 1, column + 1)))
        part = trace.model.receptive_field(source, box.intersection(rule))
        region = part if region is None else region.union(part)
    return region or trace.model.receptive_field(name, Region((row, column), (row + 1, column + 1)))


def check_cell(output: Array, cell: Cell) -> None:
    """Refuse a cell that the output does not have.

    Raises:
        EngineError: ``cell-out-of-range``.
    """
    shape = map_shape(as_map(output).shape)
    if any(not 0 <= index < size for index, size in zip(cell, shape, strict=True)):
        channels, rows, columns = shape
        allowed = f"channel 0–{channels - 1}, row 0–{rows - 1}, column 0–{columns - 1}"
        raise EngineError("cell-out-of-range", "cell", list(cell), allowed)

"""A recorded run, and the questions one can ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import EngineError
from engine.explanation import Explanation
from engine.geometry.receptive_field import NOWHERE, Region
from engine.types import Array, Cell, Integers, Shape, map_shape

if TYPE_CHECKING:
    from engine.graph import Model


_WHOLE = (int, np.integer)


@dataclass(frozen=True)
class Trace:
    """The output of every node of one run, the picture's included. It belongs to the caller.

    Args:
        model: what was run.
        outputs: by node, and under ``input``, (N, C, H, W) or (N, F) in the dtype of the picture.
    """

    model: Model
    outputs: Mapping[str, Array]

    @property
    def shapes(self) -> dict[str, Shape]:
        """Shape of every output, batch included."""
        return {name: output.shape for name, output in self.outputs.items()}

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

    Args:
        trace: the run.
        name: of a node; the picture itself was not made.
        cell: (channel, row, column) of its output; a vector's feature f is (f, 0, 0).

    Raises:
        EngineError: ``unknown-node``, ``cell-out-of-range``.

    >>> from engine.specification import build_model
    >>> spec = {"input": {"channels": 1, "size": [2, 2]}, "nodes": [{"op": "conv2d", "weight": [[1, 10]]}]}
    >>> trace = build_model(spec).run(np.array([[[[1, 2], [3, 4]]]], dtype=np.float32))
    >>> made = explain(trace, "conv2d", (0, 1, 0))
    >>> made.terms.products, made.total, made.value
    (array([ 3., 40.]), 43.0, 43.0)
    """
    return explain_each(trace, name, [cell])[0]


def explain_each(trace: Trace, name: str, cells: Sequence[Cell]) -> list[Explanation]:
    """How several numbers of one node were made: what ``explain`` says of each, for less than as many calls.

    Args:
        trace: the run.
        name: of a node.
        cells: (channel, row, column) each; those of one channel should come one after another.

    Raises:
        EngineError: ``unknown-node``, ``cell-out-of-range``.

    >>> from engine.specification import build_model
    >>> nodes = [{"op": "max_pool2d", "kernel_size": [1, 2]}]
    >>> model = build_model({"input": {"channels": 1, "size": [1, 4]}, "nodes": nodes})
    >>> trace = model.run(np.array([[[[1, 2, 3, 4]]]], dtype=np.float32))
    >>> [made.terms.values.tolist() for made in explain_each(trace, "max_pool2d", [(0, 0, 0), (0, 0, 1)])]
    [[1.0, 2.0], [3.0, 4.0]]
    """
    output = trace.output(name)
    node = trace.model.node(name)
    for cell in cells:
        check_cell(output, cell)
    inputs = [trace.outputs[source] for source in node.inputs]
    return node.op.explain_each(inputs, node.weights, output, cells)


def terms_about(trace: Trace, name: str, cell: Cell) -> int:
    """About how many terms an explanation has, known without explaining: rather too many than too few.

    Args:
        trace: the run.
        name: of a node.
        cell: (channel, row, column) of its output.

    Returns:
        The numbers of all channels of the inputs that the cell sees, or those of a kernel if they are more:
        a transposed convolution has terms that it reads nowhere.

    Raises:
        EngineError: ``unknown-node``.

    >>> from engine.specification import build_model
    >>> model = build_model({"input": {"channels": 3, "size": [4, 4]}, "nodes": [{"op": "max_pool2d"}]})
    >>> terms_about(model.run(np.zeros((1, 3, 4, 4), dtype=np.float32)), "max_pool2d", (0, 1, 1))
    12
    """
    node = trace.model.node(name)
    _, row, column = cell
    here = Region((row, column), (row + 1, column + 1))
    shapes = [trace.outputs[source].shape for source in node.inputs]
    seen = 0
    for index, shape in enumerate(shapes):
        rows, columns = node.op.input_region(shapes, index, here).size
        seen += map_shape(shape)[0] * rows * columns
    if node.op.output_axis is None:
        return seen
    weight = node.weights["weight"]
    kernel: int = weight.size // weight.shape[node.op.output_axis]
    return max(seen, kernel)


def uses(trace: Trace, name: str, cell: Cell) -> dict[str, Integers]:
    """The cells that a cell feeds directly.

    Args:
        trace: the run.
        name: of a node, or ``input``.
        cell: (channel, row, column) of its output.

    Returns:
        By consuming node, (U, 3) integers: cells of its output, in scan order.

    Raises:
        EngineError: ``unknown-node``, ``cell-out-of-range``.
    """
    check_cell(trace.output(name), cell)
    found: dict[str, Integers] = {}
    for node, index in trace.model.consumers(name):
        shapes = [trace.outputs[source].shape for source in node.inputs]
        fed = node.op.uses(shapes, index, cell)
        # A node may take the same output twice.
        before = found.get(node.name)
        found[node.name] = fed if before is None else np.unique(np.concatenate([before, fed]), axis=0)
    return found


def receptive_field(trace: Trace, explanation: Explanation, name: str) -> Region:
    """The part of the picture behind an explained cell, padding included.

    The first step back goes by the cell's own terms: a flattened cell comes from one cell of a map,
    which the rectangle rules of ``Operation.input_region`` cannot know.

    Args:
        trace: the run.
        explanation: what ``explain`` said of the cell.
        name: of the node that was explained.

    Returns:
        Half-open, in (row, column) of the picture; empty for a cell of a transposed convolution that
        no input reaches.

    Raises:
        EngineError: ``unknown-node``.
    """
    node = trace.model.node(name)
    _, row, column = explanation.cell
    shapes = [trace.outputs[source].shape for source in node.inputs]
    terms = explanation.terms
    region: Region | None = None
    for index, source in enumerate(node.inputs):
        here = terms.positions_in(index)
        if not len(here):
            continue
        low, high = here[:, 1:].min(axis=0), here[:, 1:].max(axis=0) + 1
        box = Region((int(low[0]), int(low[1])), (int(high[0]), int(high[1])))
        rule = node.op.input_region(shapes, index, Region((row, column), (row + 1, column + 1)))
        read = box.intersection(rule)
        part = NOWHERE if read.empty else trace.model.receptive_field(source, read, trace.shapes)
        if not part.empty:
            region = part if region is None else region.union(part)
    return region or NOWHERE


def check_cell(output: Array, cell: Sequence[int]) -> None:
    """Refuse a cell that an output, (N, C, H, W) or (N, F), does not have; none count from the end.

    Raises:
        EngineError: ``cell-out-of-range``.
    """
    shape = channels, rows, columns = map_shape(output.shape)
    if len(cell) != 3 or not all(map(_counts, cell, shape)):
        allowed = f"channel 0–{channels - 1}, row 0–{rows - 1}, column 0–{columns - 1}"
        raise EngineError("cell-out-of-range", "cell", list(cell), allowed)


def _counts(index: object, size: int) -> bool:
    """Whether an index is a whole number of so many, from 0 on."""
    return isinstance(index, _WHOLE) and 0 <= int(index) < size

"""Running a model on a picture: at its size, at what cost, and from which node on."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from math import prod

from app.services.preprocessing import Preprocessing
from engine.graph import INPUT, Model, Node, run_nodes
from engine.trace import Trace
from engine.types import Array, Shape, as_map, map_shape


def run_after(
    model: Model, x: Array, before: Mapping[str, Array], before_node: Callable[[Node], None]
) -> Trace:
    """Run a model of which some outputs on the same picture are known: only the other nodes are computed.

    Args:
        model: what runs.
        x: the picture, (1, C, H, W).
        before: outputs by node; empty where none are known.
        before_node: as for ``Model.run``.

    Raises:
        EngineError: as ``Model.run``.
    """
    if not before:
        return model.run(x, before_node)
    left = [node for node in model if node.name not in before]
    read = {source for node in left for source in node.inputs}
    made = run_nodes(left, {name: y for name, y in before.items() if name in read}, before_node)
    known = {**before, **made}
    return Trace(model, {name: known[name] for name in (INPUT, *(node.name for node in model))})


def sized_for(model: Model, entry: Preprocessing) -> Model:
    """The model for pictures of the size in which they enter."""
    shape = (model.input_shape[0], *(entry.size or model.input_shape[1:]))
    return model if shape == model.input_shape else Model(shape, model.nodes)


def shown(y: Array) -> Array:
    """The first picture of an output: (channels, rows, columns) or (features,); others as maps."""
    first: Array = (y if y.ndim == 2 else as_map(y))[0]
    return first.reshape(-1) if y.ndim < 2 else first


def shown_shape(shape: Shape) -> Shape:
    """The shape of what ``shown`` makes of an output.

    >>> shown_shape((1, 3, 4, 5)), shown_shape((1, 10)), shown_shape((1, 49, 96)), shown_shape(())
    ((3, 4, 5), (10,), (1, 49, 96), (1,))
    """
    if len(shape) < 2:
        return (prod(shape),)
    return shape[1:] if len(shape) == 2 else map_shape(shape)


def extent_of(y: Array) -> tuple[float, float]:
    """(least, largest) number of an output."""
    return float(y.min()), float(y.max())


def cost_of(model: Model, before: Container[str] = ()) -> int:
    """A measure of a run's work: its multiply-adds, and one for every number that is written.

    Args:
        model: what runs.
        before: names of nodes whose outputs are there already.
    """
    total = 0
    for node in model:
        if node.name in before:
            continue
        _, *shape = model.shapes[node.name]
        written = 1
        for size in shape:
            written *= size
        total += node.op.multiply_adds(*(model.shapes[source] for source in node.inputs)) + written
    return total

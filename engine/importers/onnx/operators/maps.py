"""Operators of maps, given something with fewer axes: it is made a map and back again."""

from __future__ import annotations

from typing import Any

from engine.errors import EngineError
from engine.importers.onnx.call import Call, Flow, Weights
from engine.ops.operation import Operation
from engine.ops.reshape import Squeeze, Unsqueeze

ADDED: dict[int, tuple[int, ...]] = {2: (2, 3), 3: (2,), 4: ()}
"""By number of axes, those put in: a sequence becomes a map of one row, a vector one of one cell."""


def emit_on_map(
    call: Call, operation: type[Operation], x: Flow, weights: Weights | None = None, **settings: Any
) -> Flow:
    """Emit an operation that takes maps only, with what makes a map of its input around it.

    Args:
        call: the node.
        operation: takes one input (N, C, H, W).
        x: (N, C), (N, C, L) or (N, C, H, W).
        weights, settings: of the operation.

    Returns:
        With the axes that x has.

    Raises:
        EngineError: ``shape-mismatch`` for more axes.
    """
    axes = added_axes(call, x)
    if not axes:
        return call.emit(operation, x, weights=weights, **settings)
    as_map = call.emit(Unsqueeze, x, part="as_map", axes=axes)
    whole = call.emit(operation, as_map, weights=weights, part=operation.name, **settings)
    return call.emit(Squeeze, whole, axes=axes)


def added_axes(call: Call, x: Flow) -> tuple[int, ...]:
    """The axes to be put in to make a map.

    Raises:
        EngineError: ``shape-mismatch``.
    """
    if len(x.shape) not in ADDED:
        raise EngineError(
            "shape-mismatch",
            f"input of {call.node.name}",
            list(x.shape),
            "two to four axes, batch and channels first",
        )
    return ADDED[len(x.shape)]

"""Shapes that nodes ask for: read in one way for tensors known at import and for others."""

from __future__ import annotations

from math import prod

from engine.errors import EngineError
from engine.importers.onnx.call import Call
from engine.ops.axes import axes_of, axis_of
from engine.types import Shape


def reshaped(call: Call) -> Shape:
    """The shape that a Reshape makes of its input's: 0 keeps an axis, -1 takes what is left.

    Raises:
        EngineError: ``shape-mismatch`` if the numbers do not fit it.
    """
    shape = call.value(0).shape
    wanted = call.integers(1) or ()
    allow_zero = call.settings.flag("allowzero")
    sizes = [
        shape[i] if size == 0 and not allow_zero and i < len(shape) else size for i, size in enumerate(wanted)
    ]
    if sizes.count(-1) == 1:
        rest = prod(size for size in sizes if size != -1)
        sizes[sizes.index(-1)] = prod(shape) // rest if rest else 0
    if min(sizes, default=0) < 0 or prod(sizes) != prod(shape):
        raise EngineError(
            "shape-mismatch",
            f"shape of {call.node.name}",
            list(wanted),
            f"a shape for numbers of {list(shape)}",
        )
    return tuple(sizes)


def squeezed(call: Call) -> Shape:
    """The shape that a Squeeze makes of its input's: axes of size 1 go, those named or all."""
    shape = call.value(0).shape
    axes = call.listed("axes", 1, input_since=13)
    gone = (
        [i for i, size in enumerate(shape) if size == 1]
        if axes is None
        else axes_of("axes", axes, len(shape))
    )
    for axis in gone:
        if shape[axis] != 1:
            raise EngineError("shape-mismatch", f"axes of {call.node.name}", list(gone), "axes of size 1")
    return tuple(size for i, size in enumerate(shape) if i not in gone)


def unsqueezed(call: Call) -> Shape:
    """The shape that an Unsqueeze makes of its input's: axes of size 1 come in between."""
    shape = call.value(0).shape
    axes = call.listed("axes", 1, input_since=13) or ()
    rank = len(shape) + len(axes)
    new = axes_of("axes", axes, rank)
    sizes = iter(shape)
    return tuple(1 if i in new else next(sizes) for i in range(rank))


def slices(call: Call, shape: Shape) -> dict[int, slice]:
    """By axis, what a Slice takes, with bounds as Python's slices understand them.

    Args:
        call: a Slice; its bounds are attributes before opset 10, and inputs from it on.
        shape: of what is sliced.
    """
    if call.opset < 10:
        starts, ends = call.settings.integers("starts"), call.settings.integers("ends")
        axes, steps = call.settings.integers("axes"), None
    else:
        starts, ends, axes, steps = (call.integers(i) for i in range(1, 5))
    starts, ends = starts or (), ends or ()
    axes = tuple(range(len(starts))) if axes is None else axes_of("axes", axes, len(shape))
    steps = (1,) * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps) or 0 in steps or len(axes) > len(shape):
        raise EngineError(
            "malformed-model", f"starts of {call.node.name}", list(starts), "one for every axis"
        )
    found: dict[int, slice] = {}
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        first, last, by = slice(start, end, step).indices(shape[axis])
        # A stop before the first number can only be written as none.
        found[axis] = slice(first, last if last >= 0 else None, by)
    return found


def split_sizes(call: Call, size: int) -> tuple[int, ...]:
    """Sizes of the parts that a Split makes of an axis, equal ones if it names none.

    Raises:
        EngineError: ``malformed-model`` if they do not fill the axis.
    """
    sizes = call.listed("split", 1, input_since=13)
    parts = len(call.node.outputs)
    if call.opset >= 18:
        parts = call.settings.integer("num_outputs", parts)
    if sizes is None:
        each = -(-size // max(parts, 1))
        # The last part may be smaller.
        sizes = tuple(max(0, min(each, size - i * each)) for i in range(parts))
    if min(sizes, default=-1) < 0 or sum(sizes) != size or len(sizes) < len(call.node.outputs):
        raise EngineError("malformed-model", f"split of {call.node.name}", list(sizes), f"parts of {size}")
    return sizes


def flattened(call: Call) -> Shape:
    """The shape that a Flatten makes of its input's: two axes, cut before ``axis``."""
    shape = call.value(0).shape
    axis = call.settings.integer("axis", 1)
    at = axis if axis == len(shape) else axis_of("axis", axis, len(shape))
    return (prod(shape[:at]), prod(shape[at:]))

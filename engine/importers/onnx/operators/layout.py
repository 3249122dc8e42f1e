"""Axes and places: reshaping, cutting, joining, padding, repeating."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np

from engine.importers.onnx.call import Call, Converter, Flow, Value
from engine.importers.onnx.shapes import flattened, reshaped, slices, split_sizes, squeezed, unsqueezed
from engine.importers.onnx.tensors import FLOATS
from engine.ops.axes import axes_of, axis_of
from engine.ops.merge import Concat
from engine.ops.operation import Operation
from engine.ops.pad import Pad
from engine.ops.parameters import LARGEST_LENGTH
from engine.ops.reorder import DepthToSpace, SpaceToDepth, Transpose
from engine.ops.repeat import Expand, Tile
from engine.ops.reshape import Flatten, Reshape, Squeeze, Unsqueeze
from engine.ops.slicing import Gather, Slice
from engine.types import Shape


def with_any_batch(old: Shape, new: Shape) -> Shape:
    """A target for Reshape that keeps a leading axis as it is, whatever its length: usually the batch."""
    return (0, *new[1:]) if old[:1] == new[:1] else new


def _reshape(call: Call) -> Flow:
    x, shape = call.flow(0), reshaped(call)
    return x if shape == x.shape else call.emit(Reshape, x, shape=with_any_batch(x.shape, shape))


def _flatten(call: Call) -> Flow:
    x, axis = call.flow(0), call.settings.integer("axis", 1)
    at = axis + len(x.shape) if axis < 0 else axis
    return x if flattened(call) == x.shape else call.emit(Flatten, x, axis=at)


def _squeeze(call: Call) -> Flow:
    x = call.flow(0)
    axes = call.listed("axes", 1, input_since=13)
    if axes is None:
        axes = tuple(axis for axis, size in enumerate(x.shape) if size == 1)
    return x if squeezed(call) == x.shape else call.emit(Squeeze, x, axes=axes)


def _unsqueeze(call: Call) -> Flow:
    x = call.flow(0)
    return x if unsqueezed(call) == x.shape else call.emit(Unsqueeze, x, axes=call.listed("axes", 1, 13))


def _transpose(call: Call) -> Flow:
    x = call.flow(0)
    perm = call.settings.integers("perm") or tuple(range(len(x.shape)))[::-1]
    return x if perm == tuple(range(len(x.shape))) else call.emit(Transpose, x, perm=perm)


def _slice(call: Call) -> Flow:
    x = call.flow(0)
    every = slices(call, x.shape).items()
    parts = {axis: part for axis, part in every if part != slice(0, x.shape[axis], 1)}
    if not parts:
        return x
    return call.emit(
        Slice,
        x,
        starts=tuple(part.start for part in parts.values()),
        # Before the first index nothing is written as far below it.
        ends=tuple(-LARGEST_LENGTH if part.stop is None else part.stop for part in parts.values()),
        axes=tuple(parts),
        steps=tuple(part.step for part in parts.values()),
    )


def _split(call: Call) -> list[Flow | None]:
    x = call.flow(0)
    axis = axis_of("axis", call.settings.integer("axis", 0), len(x.shape))
    ends = list(accumulate(split_sizes(call, x.shape[axis])))

    def part(i: int, start: int, end: int) -> Flow | None:
        if not call.wants(i):
            return None
        return call.emit(Slice, x, part=str(i), starts=(start,), ends=(end,), axes=(axis,))

    return [part(i, start, end) for i, (start, end) in enumerate(zip([0, *ends], ends, strict=False))]


def _gather(call: Call) -> Flow:
    x, indices = call.flow(0), call.known(1)
    axis = axis_of("axis", call.settings.integer("axis", 0), len(x.shape))
    settings: dict[str, Any] = {"indices": tuple(int(each) for each in indices.reshape(-1)), "axis": axis}
    if indices.ndim == 1:
        return call.emit(Gather, x, **settings)
    listed = call.emit(Gather, x, part="gather", **settings)
    shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
    return call.emit(Reshape, listed, shape=with_any_batch(x.shape, shape))


def _concat(call: Call) -> Flow:
    parts = [call.flow(i) for i in range(len(call.inputs))]
    axis = axis_of("axis", call.settings.integer("axis", 1), len(parts[0].shape))
    return parts[0] if len(parts) == 1 else call.emit(Concat, *parts, axis=axis)


def _pad(call: Call) -> Flow:
    x, rank = call.flow(0), len(call.flow(0).shape)
    pads = call.listed("pads", 1, input_since=11) or ()
    value = call.number(2) if call.opset >= 11 else call.settings.number("value", 0.0)
    named = call.integers(3)
    axes = tuple(range(rank)) if named is None else axes_of("axes", named, rank)
    if len(pads) != 2 * len(axes):
        raise call.settings.refusal("pads", list(pads), f"{2 * len(axes)} integers")
    padded = [i for i in range(len(axes)) if pads[i] or pads[i + len(axes)]]
    mode = call.settings.choice("mode", "constant", ("constant", "reflect", "edge", "wrap"))
    if not padded:
        return x
    return call.emit(
        Pad,
        x,
        pads=tuple(pads[i + half] for half in (0, len(axes)) for i in padded),
        mode=mode,
        value=value or 0.0,
        axes=tuple(axes[i] for i in padded),
    )


def _expand(call: Call) -> Flow:
    x, shape = call.flow(0), call.integers(1) or ()
    return x if np.broadcast_shapes(x.shape, shape) == x.shape else call.emit(Expand, x, shape=shape)


def _tile(call: Call) -> Flow:
    x, repeats = call.flow(0), call.integers(1) or ()
    return x if set(repeats) == {1} else call.emit(Tile, x, repeats=repeats)


def _blocks(operation: type[Operation]) -> Converter:
    def convert(call: Call) -> Flow:
        settings: dict[str, Any] = {"blocksize": call.settings.integer("blocksize", 1)}
        if operation is DepthToSpace or call.settings.has("mode"):
            settings["mode"] = call.settings.choice("mode", "DCR", ("DCR", "CRD"))
        return call.emit(operation, call.flow(0), **settings)

    return convert


def _identity(call: Call) -> Value:
    return call.value(0)


def _cast(call: Call) -> Flow:
    """Whatever floating-point number a value becomes, it stays in the precision of the run."""
    call.settings.integer("saturate", 1)
    call.settings.text("round_mode", "up")
    target = call.settings.integer("to", 0)
    if target not in FLOATS:
        raise call.settings.refusal("to", target, "a floating-point type")
    return call.flow(0)


def _dropout(call: Call) -> list[Value | None]:
    """Once a network is trained, nothing drops out."""
    call.settings.number("ratio", 0.5)
    call.settings.integer("seed", 0)
    training = call.known_or_none(2)
    if training is not None and training.any():
        raise call.settings.refusal("training_mode", True, "false: a trained network")
    x = call.value(0)
    return [x, np.ones(x.shape, dtype=np.bool_) if call.wants(1) else None]


LAYOUT: dict[str, Converter] = {
    "Cast": _cast,
    "Concat": _concat,
    "DepthToSpace": _blocks(DepthToSpace),
    "Dropout": _dropout,
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "Identity": _identity,
    "Pad": _pad,
    "Reshape": _reshape,
    "Slice": _slice,
    "SpaceToDepth": _blocks(SpaceToDepth),
    "Split": _split,
    "Squeeze": _squeeze,
    "Tile": _tile,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}

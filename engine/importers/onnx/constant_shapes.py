"""Tensors known at import cut, joined and laid out anew: most of what surrounds a Reshape in a file."""

from __future__ import annotations

from itertools import accumulate
from math import ceil, prod

import numpy as np

from engine.errors import EngineError
from engine.importers.onnx.call import Call, Converter
from engine.importers.onnx.limits import ImportLimits
from engine.importers.onnx.shapes import flattened, reshaped, slices, split_sizes, squeezed, unsqueezed
from engine.importers.onnx.tensors import Tensor
from engine.ops.axes import axis_of
from engine.types import Shape


def layout(limits: ImportLimits) -> dict[str, Converter]:
    """By ONNX's name, what makes, cuts, joins and moves tensors.

    Args:
        limits: checked against the shape of a result before it is made.
    """

    def check(call: Call, shape: Shape) -> Shape:
        if min(shape, default=0) < 0:
            raise EngineError(
                "malformed-model", f"shape of {call.node.name}", list(shape), "no negative sizes"
            )
        limits.check_shape(f"node {call.node.name}", shape)
        return shape

    def constant_of_shape(call: Call) -> Tensor:
        value = call.settings.tensor("value")
        fill = np.zeros(1, np.float32) if value is None else value
        return np.full(check(call, call.integers(0) or ()), fill.reshape(()))

    def expand(call: Call) -> Tensor:
        x = call.known(0)
        shape = np.broadcast_shapes(x.shape, check(call, call.integers(1) or ()))
        return np.broadcast_to(x, check(call, shape))

    def tile(call: Call) -> Tensor:
        x, repeats = call.known(0), call.integers(1) or ()
        check(call, tuple(size * times for size, times in zip(x.shape, repeats, strict=True)))
        return np.tile(x, repeats)

    def number_range(call: Call) -> Tensor:
        start, limit, delta = (call.known(i).item() for i in range(3))
        check(call, (max(0, ceil((limit - start) / delta)),))
        numbers: Tensor = np.arange(start, limit, delta, dtype=call.known(0).dtype)
        return numbers

    def gather(call: Call) -> Tensor:
        x, indices = call.known(0), call.known(1)
        axis = axis_of("axis", call.settings.integer("axis", 0), x.ndim)
        check(call, (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))
        return np.take(x, indices, axis=axis)

    def concat(call: Call) -> Tensor:
        parts = [call.known(i) for i in range(len(call.inputs))]
        check(call, (sum(part.size for part in parts),))
        return np.concatenate(parts, axis=call.settings.integer("axis", 1))

    return {
        "Concat": concat,
        "Constant": _constant,
        "ConstantOfShape": constant_of_shape,
        "Expand": expand,
        "Flatten": lambda call: call.known(0).reshape(flattened(call)),
        "Gather": gather,
        "Range": number_range,
        "Reshape": lambda call: call.known(0).reshape(reshaped(call)),
        "Shape": shape_of,
        "Size": lambda call: np.array(prod(call.value(0).shape), np.int64),
        "Slice": _slice,
        "Split": _split,
        "Squeeze": lambda call: call.known(0).reshape(squeezed(call)),
        "Tile": tile,
        "Transpose": _transpose,
        "Unsqueeze": lambda call: call.known(0).reshape(unsqueezed(call)),
    }


def shape_of(call: Call) -> Tensor:
    """The shape of a value, which is known also where the value is not; one picture is a batch."""
    shape = call.value(0).shape
    start, end = call.settings.integer("start", 0), call.settings.integer("end", len(shape))
    return np.array(shape[start:end], dtype=np.int64)


def _constant(call: Call) -> Tensor:
    settings = call.settings
    if settings.has("value_float"):
        return np.array(settings.number("value_float", 0), np.float32)
    if settings.has("value_int"):
        return np.array(settings.integer("value_int", 0), np.int64)
    if settings.has("value_floats"):
        return np.array(settings.numbers("value_floats"), np.float32)
    if settings.has("value_ints"):
        return np.array(settings.integers("value_ints"), np.int64)
    value = settings.tensor("value")
    if value is None:
        raise settings.refusal("value", None, "a tensor, numbers or integers")
    return value


def _slice(call: Call) -> Tensor:
    x = call.known(0)
    index = [slice(None)] * x.ndim
    for axis, part in slices(call, x.shape).items():
        index[axis] = part
    return x[tuple(index)]


def _split(call: Call) -> list[Tensor]:
    x = call.known(0)
    axis = axis_of("axis", call.settings.integer("axis", 0), x.ndim)
    ends = list(accumulate(split_sizes(call, x.shape[axis])))
    return list(np.split(x, ends[:-1], axis=axis))


def _transpose(call: Call) -> Tensor:
    return np.transpose(call.known(0), call.settings.integers("perm"))

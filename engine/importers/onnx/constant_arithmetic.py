"""Arithmetic on tensors known at import: what exporters write to compute shapes, scales and bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.errors import EngineError
from engine.importers.onnx.call import Call, Converter
from engine.importers.onnx.limits import ImportLimits
from engine.importers.onnx.tensors import Tensor, numpy_type


def _divide(a: Tensor, b: Tensor) -> Tensor:
    if a.dtype.kind == "f":
        return np.true_divide(a, b)
    # Integers are cut towards 0, as in C; NumPy's // goes down.
    signs = np.sign(a) * np.sign(b) if a.dtype.kind == "i" else 1
    return (np.abs(a) // np.abs(b)) * signs


def _power(a: Tensor, b: Tensor) -> Tensor:
    return np.power(a, b).astype(a.dtype)


UNARY: dict[str, Callable[[Tensor], Tensor]] = {
    "Abs": np.abs,
    "Ceil": np.ceil,
    "Exp": np.exp,
    "Floor": np.floor,
    "Log": np.log,
    "Neg": np.negative,
    "Not": np.logical_not,
    "Reciprocal": np.reciprocal,
    "Relu": lambda x: np.maximum(x, 0),
    "Round": np.rint,
    "Sign": np.sign,
    "Sqrt": np.sqrt,
}

BINARY: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "Add": np.add,
    "And": np.logical_and,
    "Div": _divide,
    "Equal": np.equal,
    "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal,
    "Less": np.less,
    "LessOrEqual": np.less_equal,
    "Mul": np.multiply,
    "Or": np.logical_or,
    "Pow": _power,
    "Sub": np.subtract,
    "Xor": np.logical_xor,
}

VARIADIC: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "Max": np.maximum,
    "Min": np.minimum,
    "Sum": np.add,
}

REDUCTIONS: dict[str, tuple[Callable[..., Tensor], int]] = {
    "ReduceMax": (np.max, 18),
    "ReduceMean": (np.mean, 18),
    "ReduceMin": (np.min, 18),
    "ReduceProd": (np.prod, 18),
    "ReduceSum": (np.sum, 13),
}
"""With the opset since which the axes are an input."""


def elementwise(limits: ImportLimits) -> dict[str, Converter]:
    """By ONNX's name, arithmetic on every number.

    Args:
        limits: checked against the shape of a result before it is computed, since broadcasting makes
            large tensors of small ones.
    """

    def broadcast(call: Call, *operands: Tensor) -> None:
        limits.check_shape(f"node {call.node.name}", np.broadcast_shapes(*(each.shape for each in operands)))

    def unary(function: Callable[[Tensor], Tensor]) -> Converter:
        return lambda call: function(call.known(0))

    def binary(function: Callable[[Tensor, Tensor], Tensor]) -> Converter:
        def convert(call: Call) -> Tensor:
            a, b = call.known(0), call.known(1)
            broadcast(call, a, b)
            return function(a, b)

        return convert

    def variadic(function: Callable[[Tensor, Tensor], Tensor]) -> Converter:
        def convert(call: Call) -> Tensor:
            total = call.known(0)
            for i in range(1, len(call.inputs)):
                broadcast(call, total, call.known(i))
                total = function(total, call.known(i))
            return total

        return convert

    def where(call: Call) -> Tensor:
        condition, a, b = (call.known(i) for i in range(3))
        broadcast(call, condition, a, b)
        return np.where(condition, a, b)

    return {
        **{name: unary(function) for name, function in UNARY.items()},
        **{name: binary(function) for name, function in BINARY.items()},
        **{name: variadic(function) for name, function in VARIADIC.items()},
        **{name: _reduction(*each) for name, each in REDUCTIONS.items()},
        "Where": where,
        "Mod": _modulo,
        "Cast": _cast,
    }


def _modulo(call: Call) -> Tensor:
    a, b = call.known(0), call.known(1)
    # With the sign of the dividend as in C, or of the divisor as in Python.
    return np.fmod(a, b) if call.settings.flag("fmod") else np.mod(a, b)


def _cast(call: Call) -> Tensor:
    call.settings.integer("saturate", 1)
    call.settings.text("round_mode", "up")
    dtype = numpy_type(call.settings.integer("to", 0), f"output of {call.node.name}")
    return call.known(0).astype(dtype)


def _reduction(function: Callable[..., Tensor], input_since: int) -> Converter:
    def convert(call: Call) -> Tensor:
        axes = call.listed("axes", 1, input_since)
        nothing = call.settings.flag("noop_with_empty_axes") if call.opset >= input_since else False
        keepdims = call.settings.flag("keepdims", True)
        x = call.known(0)
        if not axes and nothing:
            return x
        if x.size == 0 and function not in (np.sum, np.prod):
            raise EngineError(
                "shape-mismatch", f"input of {call.node.name}", list(x.shape), "at least one number"
            )
        reduced = function(x, axis=tuple(axes) if axes else None, keepdims=keepdims)
        return np.asarray(reduced, dtype=x.dtype)

    return convert

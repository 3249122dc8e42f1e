"""Arithmetic of tensors, number by number; one known at import becomes the operation's own operand."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from engine.importers.onnx.call import Call, Converter, Flow
from engine.importers.onnx.tensors import Tensor
from engine.ops.arithmetic import Add, Div, Mul, Ordered, Pow, Sub
from engine.ops.elementwise import Elementwise
from engine.ops.extremes import Max, Mean, Min


def emit_with_operand(
    call: Call, operation: type[Elementwise], x: Flow, operand: Tensor, **settings: Any
) -> Flow:
    """Emit an operation of a flow and a tensor known at import."""
    return call.emit(operation, x, weights={"operand": operand}, operand_shape=operand.shape, **settings)


def _of_two(operation: type[Elementwise]) -> Converter:
    def convert(call: Call) -> Flow:
        a, b = call.value(0), call.value(1)
        if isinstance(a, Flow):
            if isinstance(b, Flow):
                return call.emit(operation, a, b)
            return emit_with_operand(call, operation, a, b)
        order = {"reverse": True} if issubclass(operation, Ordered) else {}
        return emit_with_operand(call, operation, call.flow(1), a, **order)

    return convert


def _power(call: Call) -> Flow:
    """The exponent may be of another type than the base."""
    base, exponent = call.value(0), call.value(1)
    if not isinstance(exponent, Flow):
        return emit_with_operand(call, Pow, call.flow(0), exponent.astype(np.float64))
    if not isinstance(base, Flow):
        return emit_with_operand(call, Pow, exponent, base, reverse=True)
    return call.emit(Pow, base, exponent)


def _of_several(
    operation: type[Elementwise], function: Callable[[Tensor, Tensor], Tensor] | None
) -> Converter:
    """Tensors known at import are combined by ``function`` first; None where that would change the result."""

    def convert(call: Call) -> Flow:
        values = [call.value(i) for i in range(len(call.inputs))]
        flows = [value for value in values if isinstance(value, Flow)]
        known = [value for value in values if not isinstance(value, Flow)]
        if not known:
            return flows[0] if len(flows) == 1 else call.emit(operation, *flows)
        if function is None and len(values) > 2:
            raise call.refused_input(len(values) - 1, "constant", "two inputs, or none known before the run")
        operand = known[0] if function is None else reduce(function, known)
        x = flows[0] if len(flows) == 1 else call.emit(operation, *flows, part="flows")
        return emit_with_operand(call, operation, x, operand)

    return convert


ARITHMETIC: dict[str, Converter] = {
    "Add": _of_two(Add),
    "Div": _of_two(Div),
    "Max": _of_several(Max, np.maximum),
    "Mean": _of_several(Mean, None),
    "Min": _of_several(Min, np.minimum),
    "Mul": _of_two(Mul),
    "Pow": _power,
    "Sub": _of_two(Sub),
    "Sum": _of_several(Add, np.add),
}

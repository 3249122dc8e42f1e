"""Functions of one number: activations, and the elementary ones they are made of."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from engine.importers.onnx.call import Call, Converter, Flow
from engine.importers.onnx.operators.arithmetic import emit_with_operand
from engine.ops.activations import Gelu, LeakyRelu, Relu, Sigmoid, Tanh
from engine.ops.arithmetic import Mul
from engine.ops.functions import Abs, Ceil, Erf, Exp, Floor, Log, Neg, Reciprocal, Sign, Sqrt
from engine.ops.gates import HardSigmoid, HardSwish, Mish, Silu, Softsign
from engine.ops.operation import Operation
from engine.ops.rectifiers import Celu, Clip, Elu, Selu, Softplus, ThresholdedRelu

LARGEST_FLOAT = float(np.finfo(np.float32).max)
"""What Clip has for no bound at all before opset 11."""


def _plain(operation: type[Operation]) -> Converter:
    return lambda call: call.emit(operation, call.flow(0))


def _with(operation: type[Operation], defaults: dict[str, float], **renamed: str) -> Converter:
    """An activation of numbers that are attributes, by ONNX's name and default; ours may differ."""

    def convert(call: Call) -> Flow:
        settings: dict[str, Any] = {
            renamed.get(name, name): call.settings.number(name, default) for name, default in defaults.items()
        }
        return call.emit(operation, call.flow(0), **settings)

    return convert


def _gelu(call: Call) -> Flow:
    approximate = call.settings.choice("approximate", "none", ("none", "tanh"))
    return call.emit(Gelu, call.flow(0), approximate=approximate)


def _swish(call: Call) -> Flow:
    """X · sigmoid(alpha · x)."""
    x, alpha = call.flow(0), call.settings.number("alpha", 1.0)
    if alpha == 1:
        return call.emit(Silu, x)
    scaled = emit_with_operand(call, Mul, x, np.array(alpha), part="scaled")
    return call.emit(Mul, x, call.emit(Sigmoid, scaled, part="sigmoid"))


def _clip(call: Call) -> Flow:
    if call.opset < 11:
        low: float | None = call.settings.number("min", -LARGEST_FLOAT)
        high: float | None = call.settings.number("max", LARGEST_FLOAT)
    else:
        low, high = call.number(1), call.number(2)
    if low != low or high != high:
        raise call.settings.refusal("bounds", [low, high], "numbers")
    x, low, high = call.flow(0), _bound(low), _bound(high)
    return x if low is None and high is None else call.emit(Clip, x, min=low, max=high)


def _bound(value: float | None) -> float | None:
    """None for what no number reaches."""
    return None if value is None or not isfinite(value) or abs(value) >= LARGEST_FLOAT else value


ACTIVATIONS: dict[str, Converter] = {
    "Abs": _plain(Abs),
    "Ceil": _plain(Ceil),
    "Celu": _with(Celu, {"alpha": 1.0}),
    "Clip": _clip,
    "Elu": _with(Elu, {"alpha": 1.0}),
    "Erf": _plain(Erf),
    "Exp": _plain(Exp),
    "Floor": _plain(Floor),
    "Gelu": _gelu,
    "HardSigmoid": _with(HardSigmoid, {"alpha": 0.2, "beta": 0.5}),
    "HardSwish": _plain(HardSwish),
    "LeakyRelu": _with(LeakyRelu, {"alpha": 0.01}, alpha="negative_slope"),
    "Log": _plain(Log),
    "Mish": _plain(Mish),
    "Neg": _plain(Neg),
    "Reciprocal": _plain(Reciprocal),
    "Relu": _plain(Relu),
    "Selu": _with(Selu, {"alpha": 1.6732631921768188, "gamma": 1.0507010221481323}),
    "Sigmoid": _plain(Sigmoid),
    "Sign": _plain(Sign),
    "Softplus": _plain(Softplus),
    "Softsign": _plain(Softsign),
    "Sqrt": _plain(Sqrt),
    "Swish": _swish,
    "Tanh": _plain(Tanh),
    "ThresholdedRelu": _with(ThresholdedRelu, {"alpha": 1.0}),
}

"""The activation functions against their definitions in the books, one number at a time."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from engine.ops.activations import Activation, Gelu, LeakyRelu, Relu, Sigmoid, Step, Tanh
from engine.ops.functions import Abs, Ceil, Erf, Exp, Floor, Neg, Sign
from engine.ops.gates import HardSigmoid, HardSwish, Mish, Silu, Softsign
from engine.ops.rectifiers import Celu, Clip, Elu, Selu, Softplus, ThresholdedRelu

FORMULAS: list[tuple[Activation, Callable[[float], float]]] = [
    (Step(), lambda x: 1.0 if x > 0 else 0.0),
    (Sigmoid(), lambda x: 1 / (1 + math.exp(-x))),
    (Tanh(), math.tanh),
    (Relu(), lambda x: max(x, 0.0)),
    (LeakyRelu(negative_slope=0.2), lambda x: x if x > 0 else 0.2 * x),
    (Gelu(), lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2)))),
    (
        Gelu(approximate="tanh"),
        lambda x: 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    ),
    (Elu(alpha=0.7), lambda x: x if x > 0 else 0.7 * math.expm1(x)),
    (Celu(alpha=0.7), lambda x: max(x, 0.0) + min(0.0, 0.7 * math.expm1(x / 0.7))),
    (
        Selu(),
        lambda x: 1.0507009873554804934 * (x if x > 0 else 1.6732632423543772848 * math.expm1(x)),
    ),
    (Softplus(), lambda x: math.log1p(math.exp(x))),
    (Clip(min=-2, max=0.7), lambda x: max(-2.0, min(x, 0.7))),
    (ThresholdedRelu(alpha=0.7), lambda x: x if x > 0.7 else 0.0),
    (HardSigmoid(), lambda x: min(max(x / 6 + 0.5, 0.0), 1.0)),
    (HardSwish(), lambda x: x * min(max(x / 6 + 0.5, 0.0), 1.0)),
    (Silu(), lambda x: x / (1 + math.exp(-x))),
    (Mish(), lambda x: x * math.tanh(math.log1p(math.exp(x)))),
    (Softsign(), lambda x: x / (1 + abs(x))),
    (Exp(), math.exp),
    (Neg(), lambda x: -x),
    (Abs(), abs),
    (Floor(), math.floor),
    (Ceil(), math.ceil),
    (Sign(), lambda x: (x > 0) - (x < 0)),
    (Erf(), math.erf),
]


@pytest.mark.parametrize(("activation", "formula"), FORMULAS, ids=lambda each: getattr(each, "name", ""))
@pytest.mark.parametrize("x", [-30.0, -3.2, -1.0, -1e-9, 0.0, 1e-9, 0.5, 1.0, 3.2, 30.0])
def test_a_value_is_what_the_formula_says(
    activation: Activation, formula: Callable[[float], float], x: float
) -> None:
    assert activation.at(x) == pytest.approx(formula(x), rel=1e-12, abs=1e-15)

"""The activation functions against their definitions in the books, one number at a time."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from engine.ops.activations import Activation, Gelu, LeakyRelu, Relu, Sigmoid, Step, Tanh

FORMULAS: list[tuple[Activation, Callable[[float], float]]] = [
    (Step(), lambda x: 1.0 if x > 0 else 0.0),
    (Sigmoid(), lambda x: 1 / (1 + math.exp(-x))),
    (Tanh(), math.tanh),
    (Relu(), lambda x: max(x, 0.0)),
    (LeakyRelu(negative_slope=0.2), lambda x: x if x > 0 else 0.2 * x),
    (Gelu(), lambda x: 0.5 * x * (1 + math.erf(x / math.sqrt(2)))),
]


@pytest.mark.parametrize(("activation", "formula"), FORMULAS, ids=lambda each: getattr(each, "name", ""))
@pytest.mark.parametrize("x", [-30.0, -3.2, -1.0, -1e-9, 0.0, 1e-9, 0.5, 1.0, 3.2, 30.0])
def test_a_value_is_what_the_formula_says(
    activation: Activation, formula: Callable[[float], float], x: float
) -> None:
    assert activation.at(x) == pytest.approx(formula(x), rel=1e-12, abs=1e-15)

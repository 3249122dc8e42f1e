"""Elementary functions and the activations beyond the textbooks', number by number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (the name that PyTorch's own manual gives it)

from tools.references.case import Case, Draw

Function = Callable[[torch.Tensor], torch.Tensor]

ACTIVATIONS: tuple[tuple[str, dict[str, Any], Function], ...] = (
    ("gelu", {"approximate": "tanh"}, lambda t: F.gelu(t, approximate="tanh")),
    ("elu", {}, F.elu),
    ("elu", {"alpha": 0.3}, lambda t: F.elu(t, 0.3)),
    ("celu", {"alpha": 0.3}, lambda t: F.celu(t, 0.3)),
    ("selu", {}, F.selu),
    ("softplus", {}, lambda t: F.softplus(t, threshold=1000)),
    ("clip", {"min": 0, "max": 6}, lambda t: t.clamp(0, 6)),
    ("clip", {"min": -0.5}, lambda t: t.clamp(min=-0.5)),
    ("clip", {"max": 1}, lambda t: t.clamp(max=1)),
    ("thresholded_relu", {"alpha": 0.5}, lambda t: F.threshold(t, 0.5, 0)),
    ("hard_sigmoid", {}, F.hardsigmoid),
    ("hard_swish", {}, F.hardswish),
    ("silu", {}, F.silu),
    ("mish", {}, F.mish),
    ("softsign", {}, F.softsign),
)

ELEMENTARY: dict[str, Function] = {
    "exp": torch.exp,
    "neg": torch.neg,
    "abs": torch.abs,
    "floor": torch.floor,
    "ceil": torch.ceil,
    "sign": torch.sign,
    "erf": torch.erf,
}

OF_POSITIVES: dict[str, Function] = {"log": torch.log, "sqrt": torch.sqrt, "reciprocal": torch.reciprocal}


def cases(draw: Draw) -> Iterator[Case]:
    """Each on maps and vectors, the bounded ones also on the numbers at which formulas break."""
    edges = np.array([[-100, -20, -5, -1, -1e-3, 0, 1e-3, 1.5, 5, 20, 100]], dtype=np.float32)
    for x in (draw.normal(2, 2, 3, 4) * 2, draw.normal(1, 7) * 3, edges):
        for name, config, function in ACTIVATIONS:
            yield _of_one(name, config, x, function)
    for shape in ((2, 2, 3, 4), (1, 7), (2, 3, 5)):
        for name, function in ELEMENTARY.items():
            yield _of_one(name, {}, draw.normal(*shape) * 2, function)
        for name, function in OF_POSITIVES.items():
            yield _of_one(name, {}, draw.positive(*shape), function)
    for shape, weight in (((2, 3, 2, 4), (3, 1, 1)), ((2, 3, 2, 4), (1,)), ((3, 5), (5,))):
        case = Case(
            "prelu",
            {"weight_shape": list(weight)},
            [draw.normal(*shape)],
            # PyTorch's own takes one slope or one for every channel; what it does is this.
            lambda inputs, given: torch.where(inputs[0] > 0, inputs[0], inputs[0] * given["weight"]),
            {"weight": draw.normal(*weight)},
        )
        case.differentiate = case.all_arguments()
        yield case


def _of_one(op: str, config: dict[str, Any], x: np.ndarray, function: Function) -> Case:
    return Case(op, config, [x], lambda inputs, _: function(inputs[0]), differentiate=("input0",))

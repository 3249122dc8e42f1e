"""Activations, softmax and normalisations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (the name that PyTorch's own manual gives it)

from tools.references.case import Case, Draw

ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "gelu": F.gelu,
}


def activation_cases(draw: Draw) -> Iterator[Case]:
    """Activations on maps and vectors, on the numbers at which formulas break, and softmax."""
    edges = np.array([[-100, -20, -5, -1, -1e-3, 0, 1e-3, 1, 5, 20, 100]], dtype=np.float32)
    for x in (draw.normal(2, 2, 3, 4), draw.normal(1, 7) * 3, edges):
        for name, function in ACTIVATIONS.items():
            yield _pointwise(name, {}, x, function)
        for slope in (0.01, 0.2, 0.0, -0.5):
            yield _pointwise(
                "leaky_relu", {"negative_slope": slope}, x, lambda t, s=slope: F.leaky_relu(t, s)
            )
        step = _pointwise("step", {}, x, lambda t: torch.heaviside(t, torch.zeros_like(t)))
        step.differentiate = ()  # PyTorch refuses
        yield step
    for x in (draw.normal(2, 5), draw.normal(1, 3, 2, 4), draw.normal(1, 10) * 4, draw.normal(2, 1)):
        yield _pointwise("softmax", {}, x, lambda t: F.softmax(t, 1))
    saturated = _pointwise("softmax", {}, draw.normal(1, 10) * 30, lambda t: F.softmax(t, 1))
    saturated.differentiate = ()  # its gradient is what float32 has rounded away
    yield saturated


def _pointwise(op: str, config: dict[str, Any], x: np.ndarray, function: Any) -> Case:
    return Case(op, config, [x], lambda inputs, _: function(inputs[0]), differentiate=("input0",))


def normalisation_cases(draw: Draw) -> Iterator[Case]:
    """Batch normalisation with the batch's and with running statistics; local response normalisation."""
    for shape, eps in (((2, 3, 4, 3), 1e-5), ((1, 2, 3, 5), 1e-5), ((3, 1, 2, 4), 0.1), ((2, 4, 1, 3), 1e-3)):
        channels = shape[1]
        for affine in (True, False):
            weights = {"weight": draw.normal(channels), "bias": draw.normal(channels)} if affine else {}
            running = {"running_mean": draw.normal(channels), "running_var": draw.positive(channels)}
            for statistics in ({}, running):
                yield _batch_norm({"eps": eps}, draw.normal(*shape) * 2 + 1, weights | statistics)
    for size, alpha, beta, k in (
        (5, 1e-4, 0.75, 1.0),
        (3, 2.0, 0.5, 2.0),
        (2, 1.0, 0.75, 1.0),
        (4, 0.5, 1.0, 0.1),
    ):
        config = {"size": size, "alpha": alpha, "beta": beta, "k": k}
        for shape in ((2, 6, 2, 3), (1, 3, 4, 2), (1, 1, 2, 3)):
            yield _pointwise(
                "local_response_norm",
                config,
                draw.normal(*shape),
                lambda t, c=config: F.local_response_norm(t, **c),
            )


def _batch_norm(config: dict[str, Any], x: np.ndarray, weights: dict[str, np.ndarray]) -> Case:
    def function(inputs: Any, given: dict[str, torch.Tensor]) -> torch.Tensor:
        return F.batch_norm(
            inputs[0],
            given.get("running_mean"),
            given.get("running_var"),
            given.get("weight"),
            given.get("bias"),
            training="running_mean" not in given,
            eps=config["eps"],
        )

    case = Case("batch_norm2d", config, [x], function, weights)
    case.differentiate = tuple(name for name in case.all_arguments() if "running" not in name)
    return case

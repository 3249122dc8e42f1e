"""Optimisers on gradients that are given, and a few steps of training of a whole network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from tools.references.case import Case, Draw, Function

Parameters = list[torch.Tensor]
MakeOptimiser = Callable[[Parameters], torch.optim.Optimizer]

STEPS = 4
OPTIMISERS: list[tuple[str, dict[str, float], MakeOptimiser]] = [
    ("sgd", {"learning_rate": 0.1}, lambda p: torch.optim.SGD(p, lr=0.1)),
    (
        "sgd",
        {"learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0.01},
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01),
    ),
    ("adam", {"learning_rate": 0.02}, lambda p: torch.optim.Adam(p, lr=0.02)),
    (
        "adam",
        {"learning_rate": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "weight_decay": 0.1},
        lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1),
    ),
]

NODES: list[dict[str, Any]] = [
    {"name": "conv", "op": "conv2d", "out_channels": 4, "kernel_size": 3, "padding": 1},
    {"name": "bn", "op": "batch_norm2d", "weight": 1, "bias": 0, "running_mean": 0, "running_var": 1},
    {"name": "relu", "op": "relu"},
    {"name": "pool", "op": "max_pool2d", "kernel_size": 2},
    {"name": "flatten", "op": "flatten"},
    {"name": "out", "op": "linear", "out_features": 3, "bias": 0},
    {"name": "softmax", "op": "softmax"},
]
SHAPES: dict[str, tuple[int, ...]] = {
    "conv.weight": (4, 2, 3, 3),
    "bn.weight": (4,),
    "bn.bias": (4,),
    "bn.running_mean": (4,),
    "bn.running_var": (4,),
    "out.weight": (3, 24),
    "out.bias": (3,),
}


def cases(draw: Draw) -> Iterator[Case]:
    """Each optimiser alone, and on the network."""
    for op, config, make in OPTIMISERS:
        yield Case(op, config, [draw.normal(STEPS, 3, 2)], _moved(make), {"w": draw.normal(3, 2)})
        weights = {
            name: draw.positive(*shape) if name.endswith("running_var") else draw.normal(*shape)
            for name, shape in SHAPES.items()
        }
        pictures, target = draw.normal(STEPS, 5, 2, 4, 7), draw.rng.integers(0, 3, (STEPS, 5))
        specification = {"input": {"channels": 2, "size": [4, 7]}, "nodes": NODES}
        about = {"specification": specification, "optimiser": op, "settings": config}
        yield Case("training", about, [pictures, target.astype(np.float32)], _trained(make), weights)


def _moved(make: MakeOptimiser) -> Function:
    """The weight after every step, (steps, …)."""

    def function(inputs: Sequence[torch.Tensor], given: dict[str, torch.Tensor]) -> torch.Tensor:
        weight = given["w"].requires_grad_()
        optimiser, after = make([weight]), []
        for gradient in inputs[0]:
            weight.grad = gradient
            optimiser.step()
            after.append(weight.detach().clone())
        return torch.stack(after)

    return function


def _trained(make: MakeOptimiser) -> Function:
    """The loss of every step, then all weights and running statistics after the last."""

    def function(inputs: Sequence[torch.Tensor], given: dict[str, torch.Tensor]) -> torch.Tensor:
        optimiser = make([w.requires_grad_() for name, w in given.items() if "running" not in name])
        losses = []
        for x, target in zip(inputs[0], inputs[1].long(), strict=True):
            optimiser.zero_grad()
            y = functional.conv2d(x, given["conv.weight"], padding=1)
            mean, variance = given["bn.running_mean"], given["bn.running_var"]
            y = functional.batch_norm(y, mean, variance, given["bn.weight"], given["bn.bias"], training=True)
            y = functional.max_pool2d(torch.relu(y), 2).flatten(1)
            loss = functional.cross_entropy(
                functional.linear(y, given["out.weight"], given["out.bias"]), target
            )
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        return torch.cat([torch.stack(losses), *(w.detach().flatten() for w in given.values())])

    return function

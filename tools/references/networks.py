"""Small whole networks: branches, shared weights and normalisation, forward and backward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from tools.references.case import Case, Draw

Nodes = list[dict[str, Any]]
Tensors = Mapping[str, torch.Tensor]

NETWORK = "network"
"""Stands in a case for the name of an operation; the case's config is a specification."""

RESIDUAL: Nodes = [
    {"name": "conv1", "op": "conv2d", "out_channels": 3, "padding": 1, "stride": 2},
    {"name": "bn1", "op": "batch_norm2d", "weight": 1, "bias": 0, "running_mean": 0, "running_var": 1},
    {"name": "relu1", "op": "relu"},
    {"name": "conv2", "op": "conv2d", "out_channels": 3, "padding": 1, "bias": 0},
    {"name": "down", "op": "conv2d", "out_channels": 3, "kernel_size": 1, "stride": 2, "inputs": ["input"]},
    {"name": "add", "op": "add", "inputs": ["conv2", "down"]},
    {"name": "out", "op": "relu"},
]

INCEPTION: Nodes = [
    {"name": "one", "op": "conv2d", "out_channels": 2, "kernel_size": 1, "bias": 0},
    {"name": "reduce", "op": "conv2d", "out_channels": 2, "kernel_size": 1, "inputs": ["input"]},
    {"name": "five", "op": "conv2d", "out_channels": 3, "kernel_size": 5, "padding": 2},
    {"name": "pool", "op": "max_pool2d", "kernel_size": 3, "stride": 1, "padding": 1, "inputs": ["input"]},
    {"name": "joined", "op": "concat", "inputs": ["one", "five", "pool", "one"]},
    {"name": "bent", "op": "tanh"},
]

SHARED: Nodes = [
    {"name": "first", "op": "conv2d", "out_channels": 2, "padding": 1, "bias": 0},
    {"name": "bent", "op": "tanh"},
    {"name": "again", "op": "conv2d", "padding": 1, "weight": {"node": "first"}, "bias": {"node": "first"}},
    {"name": "skip", "op": "add", "inputs": ["again", "bent"]},
    {"name": "third", "op": "conv2d", "padding": 1, "weight": {"node": "again"}},
]

TABLE: Nodes = [
    {"name": "conv", "op": "conv2d", "out_channels": 3, "connections": [[1, 0], [0, 1], [1, 1]], "bias": 0},
    {"name": "bent", "op": "tanh"},
    {"name": "flatten", "op": "flatten"},
    {"name": "out", "op": "linear", "out_features": 4, "bias": 0},
]


def cases(draw: Draw) -> Iterator[Case]:
    """One case a network, all for two pictures of 2×5×7."""
    kernels = {"conv1.weight": (3, 2, 3, 3), "conv2.weight": (3, 3, 3, 3), "down.weight": (3, 2, 1, 1)}
    norm = dict.fromkeys(("bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"), (3,))
    yield _case(draw, RESIDUAL, {**kernels, **norm, "conv2.bias": (3,)})
    yield _case(
        draw,
        INCEPTION,
        {
            "one.weight": (2, 2, 1, 1),
            "one.bias": (2,),
            "reduce.weight": (2, 2, 1, 1),
            "five.weight": (3, 2, 5, 5),
        },
    )
    yield _case(draw, SHARED, {"first.weight": (2, 2, 3, 3), "first.bias": (2,)})
    table = {"conv.weight": (3, 2, 3, 3), "conv.bias": (3,), "out.weight": (4, 45), "out.bias": (4,)}
    yield _case(draw, TABLE, table)


def _case(draw: Draw, nodes: Nodes, shapes: Mapping[str, tuple[int, ...]]) -> Case:
    weights = {
        name: draw.positive(*shape) if name.endswith("running_var") else draw.normal(*shape)
        for name, shape in shapes.items()
    }
    learned = [f"weight.{name}" for name in weights if "running" not in name]

    def function(inputs: Sequence[torch.Tensor], given: dict[str, torch.Tensor]) -> torch.Tensor:
        return _run(nodes, inputs[0], given)

    return Case(
        NETWORK,
        {"input": {"channels": 2, "size": [5, 7]}, "nodes": nodes},
        [draw.normal(2, 2, 5, 7)],
        function,
        weights,
        ("input0", *learned),
    )


def _run(nodes: Nodes, x: torch.Tensor, given: Tensors) -> torch.Tensor:
    outputs = {"input": x}
    known: dict[str, torch.Tensor] = dict(given)
    latest = "input"
    for node in nodes:
        name = node["name"]
        for weight in ("weight", "bias"):
            if isinstance(node.get(weight), dict):
                known[f"{name}.{weight}"] = known[f"{node[weight]['node']}.{weight}"]
        own = {
            key.removeprefix(f"{name}."): tensor
            for key, tensor in known.items()
            if key.startswith(f"{name}.")
        }
        inputs = [outputs[source] for source in node.get("inputs", [latest])]
        outputs[name] = _apply(node, inputs, own)
        latest = name
    return outputs[latest]


def _apply(node: dict[str, Any], inputs: list[torch.Tensor], own: Tensors) -> torch.Tensor:
    x, stride, padding = inputs[0], node.get("stride", 1), node.get("padding", 0)
    match node["op"]:
        case "conv2d":
            table = torch.tensor(np.array(node.get("connections", 1), dtype=np.float64))
            weight = own["weight"] * (table[:, :, None, None] if table.ndim else table)
            return functional.conv2d(x, weight, own.get("bias"), stride, padding)
        case "batch_norm2d":
            mean, variance = own["running_mean"], own["running_var"]
            return functional.batch_norm(x, mean, variance, own["weight"], own["bias"])
        case "linear":
            return functional.linear(x, own["weight"], own["bias"])
        case "max_pool2d":
            return functional.max_pool2d(x, node["kernel_size"], stride, padding)
        case "add":
            return inputs[0] + inputs[1]
        case "concat":
            return torch.cat(inputs, dim=1)
        case "flatten":
            return x.flatten(1)
        case "tanh":
            return torch.tanh(x)
    return torch.relu(x)

"""A specification of ours as a PyTorch model to be trained, and its weights back again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from engine.types import Array

Config = Mapping[str, Any]


def _conv2d(node: Config, channels: int) -> nn.Conv2d:
    layer = nn.Conv2d(
        channels,
        node["out_channels"],
        node["kernel_size"],
        padding=node.get("padding", 0),
        groups=node.get("groups", 1),
        bias=node.get("bias") is not None,
    )
    if "connections" in node:
        # Where there is no connection the weight starts at 0 and, having no gradient, stays there.
        mask = torch.tensor(node["connections"])[:, :, None, None]
        with torch.no_grad():
            layer.weight *= mask
        layer.weight.register_hook(lambda gradient: gradient * mask)
    return layer


MAKERS: dict[str, Callable[[Config, int], nn.Module]] = {
    "conv2d": _conv2d,
    "batch_norm2d": lambda node, channels: nn.BatchNorm2d(channels),
    "relu": lambda node, channels: nn.ReLU(),
    "tanh": lambda node, channels: nn.Tanh(),
    "max_pool2d": lambda node, channels: nn.MaxPool2d(node["kernel_size"]),
    "avg_pool2d": lambda node, channels: nn.AvgPool2d(node["kernel_size"]),
    "global_avg_pool2d": lambda node, channels: nn.AdaptiveAvgPool2d(1),
    "flatten": lambda node, channels: nn.Flatten(),
    "linear": lambda node, channels: nn.Linear(channels, node["out_features"]),
}


def to_torch(specification: Config) -> nn.Sequential:
    """The same network in PyTorch, drawn at random, without the softmax: its losses want the scores.

    Args:
        specification: of a plain sequence of named nodes, as the zoo gives it.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    x = torch.zeros(1, specification["input"]["channels"], *specification["input"]["size"])
    for node in specification["nodes"]:
        if node["op"] == "softmax":
            continue
        layer = MAKERS[node["op"]](node, x.shape[1])
        layers[node["name"]] = layer
        x = layer.eval()(x)
    return nn.Sequential(layers)


def weights_of(model: nn.Module) -> dict[str, Array]:
    """The weights as the engine names them, ``"<node>.<weight>"``, float32."""
    return {
        name: tensor.detach().contiguous().numpy()
        for name, tensor in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }

"""Small models for tests: chains written as configurations, and pictures for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.graph import Model
from engine.specification import build_model
from engine.types import Array


def net(*nodes: dict[str, Any], size: tuple[int, int] = (9, 11), channels: int = 1) -> Model:
    return build_model({"input": {"channels": channels, "size": list(size)}, "nodes": list(nodes)})


def picture(model: Model, pictures: int = 1, seed: int = 0) -> Array:
    shape = (pictures, *model.input_shape)
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(np.float32)


def random_weight(*shape: int, seed: int = 0) -> list[Any]:
    drawn: list[Any] = np.random.default_rng([seed, *shape]).standard_normal(shape).round(2).tolist()
    return drawn


RESIDUAL = (
    {"op": "conv2d", "name": "first", "out_channels": 4, "kernel_size": 3, "padding": 1},
    {"op": "relu", "name": "bent"},
    {"op": "conv2d", "name": "second", "out_channels": 4, "kernel_size": 3, "padding": 1},
    {"op": "conv2d", "name": "shortcut", "out_channels": 4, "kernel_size": 1, "inputs": ["input"]},
    {"op": "add", "name": "sum", "inputs": ["second", "shortcut"]},
    {"op": "relu", "name": "out"},
)
"""A residual block whose skip connection is a 1×1 convolution."""

INCEPTION = (
    {"op": "conv2d", "name": "one", "out_channels": 2, "kernel_size": 1, "inputs": ["input"]},
    {"op": "conv2d", "name": "squeeze", "out_channels": 1, "kernel_size": 1, "inputs": ["input"]},
    {"op": "conv2d", "name": "three", "out_channels": 3, "kernel_size": 3, "padding": "same"},
    {
        "op": "conv2d",
        "name": "five",
        "out_channels": 1,
        "kernel_size": 5,
        "padding": "same",
        "inputs": ["squeeze"],
    },
    {
        "op": "max_pool2d",
        "name": "pool",
        "kernel_size": 3,
        "stride": 1,
        "padding": 1,
        "inputs": ["input"],
    },
    {"op": "concat", "name": "joined", "inputs": ["one", "three", "five", "pool"]},
)
"""Parallel kernels on one input, their channels one after the other."""

LENET_5 = (
    {"op": "conv2d", "out_channels": 6, "kernel_size": 5, "padding": 2, "bias": 0},
    {"op": "sigmoid"},
    {"op": "avg_pool2d", "kernel_size": 2},
    {"op": "conv2d", "name": "conv_3", "out_channels": 16, "kernel_size": 5, "bias": 0},
    {"op": "sigmoid"},
    {"op": "avg_pool2d", "kernel_size": 2},
    {"op": "flatten"},
    {"op": "linear", "name": "fc_5", "out_features": 120, "bias": 0},
    {"op": "sigmoid"},
    {"op": "linear", "name": "fc_6", "out_features": 84, "bias": 0},
    {"op": "sigmoid"},
    {"op": "linear", "name": "fc_7", "out_features": 10, "bias": 0},
    {"op": "softmax"},
)
"""LeNet-5 with full connections between the maps, for 28 × 28 cells."""

SMALLEST = {
    "lenet-1989": 16,
    "lenet-5": 28,
    "tiny-vgg": 16,
    "alexnet": 67,
    "vgg-16": 32,
    "vgg-19": 32,
    "googlenet": 47,
    "resnet-18": 17,
    "resnet-34": 17,
    "resnet-50": 17,
    "squeezenet-1.1": 17,
    "mobilenet-v1": 17,
    "efficientnet-lite0": 17,
    "cifar-net": 8,
}
"""Sides at which the networks are tried: as small as what they were made for allows, or nearly so."""

"""SqueezeNet 1.1, which reaches AlexNet's accuracy with a fiftieth of its parameters."""

from __future__ import annotations

from typing import Any

from engine.types import Pair
from engine.zoo.architecture import Architecture, Published
from engine.zoo.layers import Node, Specification, conv, max_pool, node, specification

FIRES = ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))
"""Of the fire modules 2 to 9, the channels of the squeeze layer and of each half of the expand layer."""

POOLED = (3, 5)
"""The fire modules after which, as after the first layer, rows and columns are halved."""


def squeezenet_1_1(*, size: Pair = (224, 224), classes: int = 1000) -> Specification:
    """Fire modules: few channels are squeezed out by 1×1 kernels, and expanded by 1×1 and 3×3 side by side.

    There is no fully connected layer: the last convolution has a map for every class, and their means are
    the scores. Version 1.1 pools earlier than the paper's and needs 2.4 times fewer multiplications.

    Args:
        size: (rows, columns) of the picture, three channels; at least 17 each.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> [node["name"] for node in squeezenet_1_1()["nodes"] if node["op"] == "concat"][:2]
    ['fire2_concat', 'fire3_concat']
    """
    nodes = [*_conv_relu("conv1", 64, 3, stride=2), _pool("pool1")]
    for number, (squeezed, expanded) in enumerate(FIRES, start=2):
        nodes += _fire(f"fire{number}", squeezed, expanded)
        if number in POOLED:
            nodes.append(_pool(f"pool{number}"))
    nodes += [
        *_conv_relu("conv10", classes, 1),
        node("global_avg_pool", "global_avg_pool2d"),
        node("flatten", "flatten"),
        node("softmax", "softmax"),
    ]
    return specification(3, size, nodes)


def _fire(name: str, squeezed: int, expanded: int) -> list[Node]:
    source = f"{name}_squeeze_relu"
    return [
        *_conv_relu(f"{name}_squeeze", squeezed, 1),
        *_conv_relu(f"{name}_expand1x1", expanded, 1, source),
        *_conv_relu(f"{name}_expand3x3", expanded, 3, source, padding=1),
        node(f"{name}_concat", "concat", f"{name}_expand1x1_relu", f"{name}_expand3x3_relu"),
    ]


def _conv_relu(name: str, out_channels: int, kernel_size: int, *inputs: str, **settings: Any) -> list[Node]:
    return [conv(name, out_channels, kernel_size, *inputs, **settings), node(f"{name}_relu", "relu")]


def _pool(name: str) -> Node:
    return max_pool(name, 3, 2, ceil_mode=True)


SQUEEZENET_1_1 = Architecture(
    name="squeezenet-1.1",
    title="SqueezeNet 1.1",
    paper="Iandola, Han, Moskewicz, Ashraf, Dally & Keutzer, SqueezeNet: AlexNet-level accuracy with 50x "
    "fewer parameters and <0.5MB model size, arXiv:1602.07360",
    year=2016,
    build=squeezenet_1_1,
    channels=3,
    size=(224, 224),
    classes=1000,
    published=(
        Published("parameters", 1_235_496, "torchvision, for version 1.1"),
        Published("multiply_adds", 350_000_000, "torchvision, for version 1.1", unit=10_000_000),
    ),
)

"""MobileNet: every convolution parted in two, one kernel for each channel and then a mixing of channels."""

from __future__ import annotations

from engine.types import Pair
from engine.zoo.architecture import Architecture, Published
from engine.zoo.layers import Node, Specification, batch_norm, conv, linear, node, specification

LAYERS = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1),) * 5,
    *((1024, 2), (1024, 1)),
)
"""(channels after, stride) of the thirteen separable layers: the paper's table 1.

The table prints stride 2 for the last one, but the same 7×7 maps before and after it: stride 1.
"""


def mobilenet_v1(*, size: Pair = (224, 224), classes: int = 1000) -> Specification:
    """MobileNet with multipliers of 1: a 3×3 convolution of every channel by itself (dw), then 1×1 (pw).

    Args:
        size: (rows, columns) of the picture, three channels.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> [(node["name"], node["groups"]) for node in mobilenet_v1()["nodes"] if "groups" in node][:2]
    [('dw1', 32), ('dw2', 64)]
    """
    nodes = _conv_norm_relu("conv1", 32, 3, stride=2)
    channels = 32
    for i, (after, stride) in enumerate(LAYERS, start=1):
        nodes += _conv_norm_relu(f"dw{i}", channels, 3, stride=stride, groups=channels)
        nodes += _conv_norm_relu(f"pw{i}", after, 1)
        channels = after
    nodes += [
        node("avgpool", "global_avg_pool2d"),
        node("flatten", "flatten"),
        linear("fc", classes),
        node("softmax", "softmax"),
    ]
    return specification(3, size, nodes)


def _conv_norm_relu(name: str, out_channels: int, kernel_size: int, **settings: int) -> list[Node]:
    return [
        conv(name, out_channels, kernel_size, padding=kernel_size // 2, bias=False, **settings),
        batch_norm(f"{name}_bn"),
        node(f"{name}_relu", "relu"),
    ]


MOBILENET_V1 = Architecture(
    name="mobilenet-v1",
    title="MobileNet",
    paper="Howard et al., MobileNets: efficient convolutional neural networks for mobile vision "
    "applications, arXiv:1704.04861",
    year=2017,
    build=mobilenet_v1,
    channels=3,
    size=(224, 224),
    classes=1000,
    published=(
        Published("parameters", 4_200_000, "table 4", unit=100_000),
        Published("multiply_adds", 569_000_000, "table 4", unit=1_000_000),
    ),
)

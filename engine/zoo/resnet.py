"""Residual networks: every block adds what it has found to what it was given."""

from __future__ import annotations

from engine.types import Pair
from engine.zoo.architecture import Architecture, Published
from engine.zoo.layers import Node, Specification, batch_norm, conv, linear, max_pool, node, specification

CHANNELS = (64, 128, 256, 512)
"""Of the four stages; a bottleneck block gives four times as many."""

PAPER = "He, Zhang, Ren & Sun, Deep residual learning for image recognition, CVPR"


def resnet_18(*, size: Pair = (224, 224), classes: int = 1000) -> Specification:
    """ResNet-18: two blocks of two 3×3 convolutions in every stage.

    Args:
        size: (rows, columns) of the picture, three channels.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> [node["name"] for node in resnet_18()["nodes"]][4:9]
    ['layer1_0_conv1', 'layer1_0_bn1', 'layer1_0_relu1', 'layer1_0_conv2', 'layer1_0_bn2']
    """
    return _resnet((2, 2, 2, 2), (3, 3), size, classes)


def resnet_34(*, size: Pair = (224, 224), classes: int = 1000) -> Specification:
    """ResNet-34: 3, 4, 6 and 3 blocks of two 3×3 convolutions.

    Args:
        size: (rows, columns) of the picture, three channels.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> sum(node["op"] == "add" for node in resnet_34()["nodes"])
    16
    """
    return _resnet((3, 4, 6, 3), (3, 3), size, classes)


def resnet_50(*, size: Pair = (224, 224), classes: int = 1000) -> Specification:
    """ResNet-50: 3, 4, 6 and 3 bottlenecks, a 3×3 convolution between two of 1×1.

    Args:
        size: (rows, columns) of the picture, three channels.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> [node["kernel_size"] for node in resnet_50()["nodes"] if node["name"].startswith("layer1_1_conv")]
    [1, 3, 1]
    """
    return _resnet((3, 4, 6, 3), (1, 3, 1), size, classes)


def _resnet(blocks: tuple[int, ...], kernels: tuple[int, ...], size: Pair, classes: int) -> Specification:
    nodes = [
        conv("conv1", 64, 7, stride=2, padding=3, bias=False),
        batch_norm("bn1"),
        node("relu1", "relu"),
        max_pool("pool1", 3, 2, padding=1),
    ]
    width = 64
    for stage, (channels, count) in enumerate(zip(CHANNELS, blocks, strict=True), start=1):
        outputs = [channels] * (len(kernels) - 1) + [channels * (4 if len(kernels) == 3 else 1)]
        for index in range(count):
            stride = 2 if stage > 1 and index == 0 else 1
            shortcut = stride > 1 or width != outputs[-1]
            nodes += _block(f"layer{stage}_{index}", nodes[-1]["name"], outputs, kernels, stride, shortcut)
            width = outputs[-1]
    nodes += [
        node("avgpool", "global_avg_pool2d"),
        node("flatten", "flatten"),
        linear("fc", classes),
        node("softmax", "softmax"),
    ]
    return specification(3, size, nodes)


def _block(
    name: str, source: str, outputs: list[int], kernels: tuple[int, ...], stride: int, shortcut: bool
) -> list[Node]:
    """Convolutions in a row, the first one with the stride, and the input added to what comes out.

    Where the input has another shape, a 1×1 convolution brings it to that of the output (the paper's
    option B).
    """
    nodes: list[Node] = []
    for i, (out_channels, kernel) in enumerate(zip(outputs, kernels, strict=True), start=1):
        inputs, step = ((source,), stride) if i == 1 else ((), 1)
        padding = kernel // 2
        nodes += [
            conv(f"{name}_conv{i}", out_channels, kernel, *inputs, stride=step, padding=padding, bias=False),
            batch_norm(f"{name}_bn{i}"),
        ]
        if i < len(kernels):
            nodes.append(node(f"{name}_relu{i}", "relu"))
    added = source
    if shortcut:
        added = f"{name}_downsample_bn"
        nodes += [
            conv(f"{name}_downsample_conv", outputs[-1], 1, source, stride=stride, bias=False),
            batch_norm(added),
        ]
    nodes += [
        node(f"{name}_add", "add", f"{name}_bn{len(kernels)}", added),
        node(f"{name}_relu{len(kernels)}", "relu"),
    ]
    return nodes


RESNET_18 = Architecture(
    name="resnet-18",
    title="ResNet-18",
    paper=PAPER,
    year=2016,
    build=resnet_18,
    channels=3,
    size=(224, 224),
    classes=1000,
    published=(
        Published("multiply_adds", 1_800_000_000, "table 1, without the shortcuts", unit=100_000_000),
    ),
)

RESNET_34 = Architecture(
    name="resnet-34",
    title="ResNet-34",
    paper=PAPER,
    year=2016,
    build=resnet_34,
    channels=3,
    size=(224, 224),
    classes=1000,
    published=(
        Published("multiply_adds", 3_600_000_000, "table 1, without the shortcuts", unit=100_000_000),
    ),
)

RESNET_50 = Architecture(
    name="resnet-50",
    title="ResNet-50",
    paper=PAPER,
    year=2016,
    build=resnet_50,
    channels=3,
    size=(224, 224),
    classes=1000,
    published=(Published("multiply_adds", 3_800_000_000, "table 1", unit=100_000_000),),
)

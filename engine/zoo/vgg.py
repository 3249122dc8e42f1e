"""The VGG networks: nothing but 3×3 convolutions, in stages halved by pooling."""

from __future__ import annotations

from engine.types import Pair
from engine.zoo.architecture import Architecture, Published
from engine.zoo.layers import Specification, conv, linear, max_pool, node, specification

CHANNELS = (64, 128, 256, 512, 512)
"""Of the five stages."""

PAPER = "Simonyan & Zisserman, Very deep convolutional networks for large-scale image recognition, ICLR"


def vgg_16(*, size: Pair = (224, 224), classes: int = 1000) -> Specification:
    """Configuration D: 2, 2, 3, 3 and 3 convolutions.

    Args:
        size: (rows, columns) of the picture, three channels; at least 32 each.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> [node["name"] for node in vgg_16()["nodes"]][:5]
    ['conv1_1', 'relu1_1', 'conv1_2', 'relu1_2', 'pool1']
    """
    return _vgg((2, 2, 3, 3, 3), size, classes)


def vgg_19(*, size: Pair = (224, 224), classes: int = 1000) -> Specification:
    """Configuration E: 2, 2, 4, 4 and 4 convolutions.

    Args:
        size: (rows, columns) of the picture, three channels; at least 32 each.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> sum(node["op"] == "conv2d" for node in vgg_19()["nodes"])
    16
    """
    return _vgg((2, 2, 4, 4, 4), size, classes)


def _vgg(convolutions: tuple[int, ...], size: Pair, classes: int) -> Specification:
    nodes = []
    for stage, (channels, count) in enumerate(zip(CHANNELS, convolutions, strict=True), start=1):
        for layer in range(1, count + 1):
            nodes.append(conv(f"conv{stage}_{layer}", channels, 3, padding=1))
            nodes.append(node(f"relu{stage}_{layer}", "relu"))
        nodes.append(max_pool(f"pool{stage}", 2, 2))
    nodes.append(node("flatten", "flatten"))
    for name in ("6", "7"):
        nodes += [linear(f"fc{name}", 4096), node(f"relu{name}", "relu")]
    nodes += [linear("fc8", classes), node("softmax", "softmax")]
    return specification(3, size, nodes)


VGG_16 = Architecture(
    name="vgg-16",
    title="VGG-16",
    paper=PAPER,
    year=2015,
    build=vgg_16,
    channels=3,
    size=(224, 224),
    classes=1000,
    published=(
        Published("parameters", 138_000_000, "table 2, configuration D", unit=1_000_000),
        Published(
            "multiply_adds",
            15_300_000_000,
            "He et al. (2015), section 4.1, convolutions only",
            unit=100_000_000,
        ),
    ),
)

VGG_19 = Architecture(
    name="vgg-19",
    title="VGG-19",
    paper=PAPER,
    year=2015,
    build=vgg_19,
    channels=3,
    size=(224, 224),
    classes=1000,
    published=(
        Published("parameters", 144_000_000, "table 2, configuration E", unit=1_000_000),
        Published("multiply_adds", 19_600_000_000, "He et al. (2015), figure 3", unit=100_000_000),
    ),
)

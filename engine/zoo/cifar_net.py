"""A small network for colour photographs, with first-layer filters large enough to be looked at."""

from __future__ import annotations

from engine.types import Pair
from engine.zoo.architecture import Architecture
from engine.zoo.layers import Node, Specification, batch_norm, conv, linear, max_pool, node, specification

WIDTHS = (40, 64, 128, 128, 192)
"""Output channels of the five convolutions."""

POOLED = (1, 2, 4)
"""The convolutions after which rows and columns are halved: 32, 16, 8, 4."""


def cifar_net(*, size: Pair = (32, 32), classes: int = 10) -> Specification:
    """Five convolutions, each followed by batch normalisation and ReLU, and one linear layer.

    The first has 40 filters of 7×7, so that edges, stripes and colours can be seen in them; the others
    are 3×3. All keep the rows and columns, and leave the bias to the batch normalisation.

    Args:
        size: (rows, columns) of the picture, three channels; at least 8 each.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> [node["name"] for node in cifar_net()["nodes"]][:5]
    ['conv1', 'bn1', 'relu1', 'pool1', 'conv2']
    """
    nodes: list[Node] = []
    for i, width in enumerate(WIDTHS, start=1):
        kernel_size = 7 if i == 1 else 3
        nodes += [
            conv(f"conv{i}", width, kernel_size, padding=kernel_size // 2, bias=False),
            batch_norm(f"bn{i}"),
            node(f"relu{i}", "relu"),
        ]
        if i in POOLED:
            nodes.append(max_pool(f"pool{i}", 2, 2))
    nodes += [
        node("global_avg_pool", "global_avg_pool2d"),
        node("flatten", "flatten"),
        linear("output", classes),
        node("softmax", "softmax"),
    ]
    return specification(3, size, nodes)


CIFAR_NET = Architecture(
    name="cifar-net",
    title="CIFAR net",
    paper="of this project, after VGG (Simonyan & Zisserman 2015), with batch normalisation (Ioffe & Szegedy "
    "2015) and global average pooling (Lin, Chen & Yan 2014)",
    year=2026,
    build=cifar_net,
    channels=3,
    size=(32, 32),
    classes=10,
)

"""LeNet-5, which read the digits on cheques."""

from __future__ import annotations

from engine.types import Pair
from engine.zoo.architecture import Architecture, Published
from engine.zoo.layers import Specification, conv, linear, node, specification

MAPS_READ_BY_C3 = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)
"""The paper's Table I: the maps of S2 that each map of C3 combines."""


def lenet_5(*, size: Pair = (28, 28), classes: int = 10) -> Specification:
    """LeNet-5 as LeCun et al. describe it, but for four things.

    The 28×28 digits are padded by 2 in the first layer, where the paper pads the pictures to 32×32; the
    activation is tanh instead of 1.7159 tanh(2/3 a); a pooling takes the mean where the paper's adds, and
    its trainable coefficient absorbs the factor; the classes come from a linear layer and softmax instead
    of fixed radial basis functions.

    Args:
        size: (rows, columns) of the picture, one channel; at least 28 each.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> [node["name"] for node in lenet_5()["nodes"]][:5]
    ['c1', 'c1_tanh', 's2', 's2_scale', 's2_tanh']
    """
    connections = [[int(c in maps) for c in range(6)] for maps in MAPS_READ_BY_C3]
    return specification(
        1,
        size,
        [
            conv("c1", 6, 5, padding=2),
            node("c1_tanh", "tanh"),
            node("s2", "avg_pool2d", kernel_size=2),
            conv("s2_scale", 6, 1, groups=6),
            node("s2_tanh", "tanh"),
            conv("c3", 16, 5, connections=connections),
            node("c3_tanh", "tanh"),
            node("s4", "avg_pool2d", kernel_size=2),
            conv("s4_scale", 16, 1, groups=16),
            node("s4_tanh", "tanh"),
            conv("c5", 120, 5),
            node("c5_tanh", "tanh"),
            node("flatten", "flatten"),
            linear("f6", 84),
            node("f6_tanh", "tanh"),
            linear("output", classes),
            node("softmax", "softmax"),
        ],
    )


LENET_5 = Architecture(
    name="lenet-5",
    title="LeNet-5",
    paper="LeCun, Bottou, Bengio & Haffner, Gradient-based learning applied to document recognition, "
    "Proceedings of the IEEE 86",
    year=1998,
    build=lenet_5,
    channels=1,
    size=(28, 28),
    classes=10,
    published=(
        Published("parameters", 60_000, "section II.B, without the output layer"),
        Published("connections", 340_908, "section II.B, the output layer's 840 included"),
    ),
)

"""AlexNet, with which deep convolutional networks won over recognition by hand-made features."""

from __future__ import annotations

from engine.types import Pair
from engine.zoo.architecture import Architecture, Published
from engine.zoo.layers import Node, Specification, conv, linear, max_pool, node, specification


def alexnet(*, size: Pair = (227, 227), classes: int = 1000) -> Specification:
    """AlexNet as trained on two GPUs: conv2, conv4 and conv5 see only the maps of their own one (groups).

    The paper says 224×224, which its layers do not fit; with 227×227 they do, without padding. Dropout
    has no part in a trained network.

    Args:
        size: (rows, columns) of the picture, three channels; at least 67 each.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> alexnet()["nodes"][4]["groups"]
    2
    """
    return specification(
        3,
        size,
        [
            *(conv("conv1", 96, 11, stride=4), node("relu1", "relu"), _norm("norm1")),
            max_pool("pool1", 3, 2),
            *(conv("conv2", 256, 5, padding=2, groups=2), node("relu2", "relu"), _norm("norm2")),
            max_pool("pool2", 3, 2),
            *(conv("conv3", 384, 3, padding=1), node("relu3", "relu")),
            *(conv("conv4", 384, 3, padding=1, groups=2), node("relu4", "relu")),
            *(conv("conv5", 256, 3, padding=1, groups=2), node("relu5", "relu")),
            max_pool("pool5", 3, 2),
            node("flatten", "flatten"),
            *(linear("fc6", 4096), node("relu6", "relu")),
            *(linear("fc7", 4096), node("relu7", "relu")),
            linear("fc8", classes),
            node("softmax", "softmax"),
        ],
    )


def _norm(name: str) -> Node:
    # The paper's alpha is 1e-4 for the sum; local_response_norm takes the mean of its five squares.
    return node(name, "local_response_norm", size=5, alpha=5e-4, beta=0.75, k=2.0)


ALEXNET = Architecture(
    name="alexnet",
    title="AlexNet",
    paper="Krizhevsky, Sutskever & Hinton, ImageNet classification with deep convolutional neural networks, "
    "NIPS",
    year=2012,
    build=alexnet,
    channels=3,
    size=(227, 227),
    classes=1000,
    published=(Published("parameters", 60_000_000, "abstract", unit=10_000_000),),
)

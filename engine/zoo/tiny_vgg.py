"""Tiny VGG, the small network of CNN Explainer."""

from __future__ import annotations

from engine.types import Pair
from engine.zoo.architecture import Architecture
from engine.zoo.layers import Specification, conv, linear, max_pool, node, specification


def tiny_vgg(*, size: Pair = (64, 64), classes: int = 10) -> Specification:
    """Two blocks of two 3×3 convolutions without padding, ten channels each, and one linear layer.

    Args:
        size: (rows, columns) of the picture, three channels; at least 16 each.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> [node["name"] for node in tiny_vgg()["nodes"]][:5]
    ['conv_1_1', 'relu_1_1', 'conv_1_2', 'relu_1_2', 'max_pool_1']
    """
    nodes = []
    for block in (1, 2):
        for layer in (1, 2):
            nodes += [conv(f"conv_{block}_{layer}", 10, 3), node(f"relu_{block}_{layer}", "relu")]
        nodes.append(max_pool(f"max_pool_{block}", 2, 2))
    nodes += [node("flatten", "flatten"), linear("output", classes), node("softmax", "softmax")]
    return specification(3, size, nodes)


TINY_VGG = Architecture(
    name="tiny-vgg",
    title="Tiny VGG",
    paper="Wang et al., CNN Explainer: learning convolutional neural networks with interactive "
    "visualization, IEEE Transactions on Visualization and Computer Graphics 27",
    year=2020,
    build=tiny_vgg,
    channels=3,
    size=(64, 64),
    classes=10,
)

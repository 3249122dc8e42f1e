"""GoogLeNet: Inception modules, in which kernels of several sizes read the same maps side by side."""

from __future__ import annotations

from typing import NamedTuple

from engine.types import Pair
from engine.zoo.architecture import Architecture, Published
from engine.zoo.layers import Node, Specification, conv, linear, max_pool, node, specification


class Inception(NamedTuple):
    """Channels of one module, in the paper's words; "reduce" is the 1×1 convolution before a larger one."""

    one: int
    three_reduce: int
    three: int
    five_reduce: int
    five: int
    pool_proj: int


STAGES: dict[str, dict[str, Inception]] = {
    "3": {
        "a": Inception(64, 96, 128, 16, 32, 32),
        "b": Inception(128, 128, 192, 32, 96, 64),
    },
    "4": {
        "a": Inception(192, 96, 208, 16, 48, 64),
        "b": Inception(160, 112, 224, 24, 64, 64),
        "c": Inception(128, 128, 256, 24, 64, 64),
        "d": Inception(112, 144, 288, 32, 64, 64),
        "e": Inception(256, 160, 320, 32, 128, 128),
    },
    "5": {
        "a": Inception(256, 160, 320, 32, 128, 128),
        "b": Inception(384, 192, 384, 48, 128, 128),
    },
}
"""The paper's table 1, by stage and module."""


def googlenet(*, size: Pair = (224, 224), classes: int = 1000) -> Specification:
    """GoogLeNet as it is used: without the two side classifiers and the dropout, which serve training only.

    Args:
        size: (rows, columns) of the picture, three channels.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> [node["name"] for node in googlenet()["nodes"] if node["op"] == "concat"][:2]
    ['inception_3a_output', 'inception_3b_output']
    """
    nodes = [
        *_conv_relu("conv1", 64, 7, stride=2, padding=3),
        _halving("pool1"),
        _norm("norm1"),
        *_conv_relu("conv2_reduce", 64, 1),
        *_conv_relu("conv2", 192, 3, padding=1),
        _norm("norm2"),
        _halving("pool2"),
    ]
    for stage, modules in STAGES.items():
        for letter, module in modules.items():
            nodes += _inception(f"inception_{stage}{letter}", module, nodes[-1]["name"])
        nodes.append(node("pool5", "global_avg_pool2d") if stage == "5" else _halving(f"pool{stage}"))
    nodes += [node("flatten", "flatten"), linear("classifier", classes), node("softmax", "softmax")]
    return specification(3, size, nodes)


def _inception(name: str, module: Inception, source: str) -> list[Node]:
    return [
        *_conv_relu(f"{name}_1x1", module.one, 1, source),
        *_conv_relu(f"{name}_3x3_reduce", module.three_reduce, 1, source),
        *_conv_relu(f"{name}_3x3", module.three, 3, padding=1),
        *_conv_relu(f"{name}_5x5_reduce", module.five_reduce, 1, source),
        *_conv_relu(f"{name}_5x5", module.five, 5, padding=2),
        max_pool(f"{name}_pool", 3, 1, source, padding=1),
        *_conv_relu(f"{name}_pool_proj", module.pool_proj, 1),
        node(
            f"{name}_output",
            "concat",
            *(f"{name}_{branch}_relu" for branch in ("1x1", "3x3", "5x5", "pool_proj")),
        ),
    ]


def _conv_relu(
    name: str, out_channels: int, kernel_size: int, *inputs: str, stride: int = 1, padding: int = 0
) -> list[Node]:
    return [
        conv(name, out_channels, kernel_size, *inputs, stride=stride, padding=padding),
        node(f"{name}_relu", "relu"),
    ]


def _halving(name: str) -> Node:
    return max_pool(name, 3, 2, ceil_mode=True)


def _norm(name: str) -> Node:
    # As in AlexNet, whose layer the paper's figure 3 names, but for k = 1 in the authors' own settings.
    return node(name, "local_response_norm", size=5, alpha=1e-4, beta=0.75)


GOOGLENET = Architecture(
    name="googlenet",
    title="GoogLeNet",
    paper="Szegedy et al., Going deeper with convolutions, CVPR",
    year=2015,
    build=googlenet,
    channels=3,
    size=(224, 224),
    classes=1000,
    published=(Published("multiply_adds", 1_500_000_000, "section 1, a budget", unit=100_000_000),),
)

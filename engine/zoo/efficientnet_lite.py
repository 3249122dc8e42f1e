"""EfficientNet-Lite0, which tells a thousand kinds of things apart with few multiplications."""

from __future__ import annotations

from typing import NamedTuple

from engine.types import Pair
from engine.zoo.architecture import Architecture, Published
from engine.zoo.layers import Node, Specification, batch_norm, conv, linear, node, specification

STEM_CHANNELS, HEAD_CHANNELS = 32, 1280
EPS = 1e-3
"""Of batch normalisation, as it was trained with; with the usual 1e-5 every number would be another."""


class Stage(NamedTuple):
    """Blocks of one kind, of which the first may stride and change the channels."""

    blocks: int
    kernel_size: int
    stride: int
    expansion: int
    channels: int


STAGES = (
    Stage(blocks=1, kernel_size=3, stride=1, expansion=1, channels=16),
    Stage(blocks=2, kernel_size=3, stride=2, expansion=6, channels=24),
    Stage(blocks=2, kernel_size=5, stride=2, expansion=6, channels=40),
    Stage(blocks=3, kernel_size=3, stride=2, expansion=6, channels=80),
    Stage(blocks=3, kernel_size=5, stride=1, expansion=6, channels=112),
    Stage(blocks=4, kernel_size=5, stride=2, expansion=6, channels=192),
    Stage(blocks=1, kernel_size=3, stride=1, expansion=6, channels=320),
)
"""The paper's Table 1, stages 2 to 8."""


def efficientnet_lite0(*, size: Pair = (224, 224), classes: int = 1000) -> Specification:
    """EfficientNet-B0 without squeeze-and-excitation, and with ReLU6 in the place of swish.

    Padding is TensorFlow's ``same``: where a cell is left over it goes to the end, so that a window of
    stride 2 lies a cell further on than with PyTorch's usual padding.

    Args:
        size: (rows, columns) of the picture, three channels.
        classes: outputs.

    Returns:
        A specification, with random weights; the trained ones expect (pixel - 127) / 128, RGB.

    >>> nodes = efficientnet_lite0()["nodes"]
    >>> [node["inputs"] for node in nodes if node["op"] == "add"][:2]
    [['block3_project_bn', 'block2_project_bn'], ['block5_project_bn', 'block4_project_bn']]
    """
    nodes = _convolution("stem", STEM_CHANNELS, 3, stride=2)
    number, channels = 1, STEM_CHANNELS
    for stage in STAGES:
        for repeat in range(stage.blocks):
            entered = nodes[-1]["name"]
            nodes += _block(f"block{number}", stage, channels, stage.stride if repeat == 0 else 1)
            if repeat > 0:
                nodes.append(node(f"block{number}_add", "add", nodes[-1]["name"], entered))
            number, channels = number + 1, stage.channels
    nodes += [
        *_convolution("head", HEAD_CHANNELS, 1),
        node("global_avg_pool", "global_avg_pool2d"),
        node("flatten", "flatten"),
        linear("output", classes),
        node("softmax", "softmax"),
    ]
    return specification(3, size, nodes)


def _block(name: str, stage: Stage, channels: int, stride: int) -> list[Node]:
    """To more channels, each filtered by itself, and back to few without an activation."""
    wide, size = channels * stage.expansion, stage.kernel_size
    expand = _convolution(f"{name}_expand", wide, 1) if stage.expansion > 1 else []
    return [
        *expand,
        *_convolution(f"{name}_depthwise", wide, size, stride=stride, groups=wide),
        *_convolution(f"{name}_project", stage.channels, 1)[:2],
    ]


def _convolution(name: str, out_channels: int, kernel_size: int, **settings: int) -> list[Node]:
    """Convolution, batch normalisation (whose bias serves both) and ReLU6."""
    padding = {"padding": "same"} if kernel_size > 1 else {}
    return [
        conv(f"{name}_conv", out_channels, kernel_size, bias=False, **padding, **settings),
        batch_norm(f"{name}_bn") | {"eps": EPS},
        node(f"{name}_relu6", "clip", min=0, max=6),
    ]


EFFICIENTNET_LITE0 = Architecture(
    name="efficientnet-lite0",
    title="EfficientNet-Lite0",
    paper="Tan & Le, EfficientNet: rethinking model scaling for convolutional neural networks, ICML; "
    "Lite variant: Liu, Higher accuracy on vision models with EfficientNet-Lite, TensorFlow blog (2020)",
    year=2019,
    build=efficientnet_lite0,
    channels=3,
    size=(224, 224),
    classes=1000,
    published=(Published("parameters", 4_652_008, "the authors' checkpoint, without running statistics"),),
)

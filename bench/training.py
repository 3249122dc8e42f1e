"""A step of training, against PyTorch: forward, loss, backward, update."""

from __future__ import annotations

from bench.rivals.case import Case
from bench.rivals.comparison import Comparison
from engine.zoo.layers import Node, Specification, conv, linear, max_pool, node, specification
from engine.zoo.registry import ARCHITECTURES

BATCH = 128


def small_vgg() -> Specification:
    """Two pairs of 3×3 convolutions, a pooling after each, and two linear layers, for 32×32 pictures."""
    nodes: list[Node] = []
    for stage, channels in enumerate((32, 64), start=1):
        for index in (1, 2):
            name = f"{stage}_{index}"
            nodes += [conv(f"conv{name}", channels, 3, padding=1), node(f"relu{name}", "relu")]
        nodes.append(max_pool(f"pool{stage}", 2, 2))
    nodes += [node("flatten", "flatten"), linear("fc1", 128), node("fc1_relu", "relu"), linear("fc2", 10)]
    return specification(3, (32, 32), nodes)


def scores_of(network: str) -> Specification:
    """A known network without its softmax, which is part of the loss here."""
    whole = ARCHITECTURES[network].build()
    return {**whole, "nodes": [each for each in whole["nodes"] if each["op"] != "softmax"]}


COMPARISON = Comparison(
    name="training",
    title="A step of training",
    about="Forward, cross-entropy, backward and plain stochastic gradient descent. The losses of the first "
    "three steps were compared before anything was timed.",
    cases=(
        Case("lenet-5", scores_of("lenet-5"), BATCH, "training"),
        Case("small-vgg", small_vgg(), BATCH, "training"),
    ),
    engines=("ours", "pytorch-nchw", "pytorch-channels-last"),
    seconds=20,
    targets={("lenet-5", BATCH, "PyTorch"): 1.5, ("small-vgg", BATCH, "PyTorch"): 1.7},
)

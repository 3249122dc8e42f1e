"""The network of 1989 that read zip codes: the first convolutional network trained by backpropagation."""

from __future__ import annotations

from engine.types import Pair
from engine.zoo.architecture import Architecture, Published
from engine.zoo.layers import ZEROS, Node, Specification, conv, linear, node, specification

MAPS, MAPS_READ = 12, 8
"""Maps in H1 and in H2, and how many of H1 each one of H2 combines."""


def lenet_1989(*, size: Pair = (16, 16), classes: int = 10) -> Specification:
    """The network of LeCun et al. (1989): kernels are shared, but every unit has a bias of its own.

    What the paper leaves open or does otherwise: which eight maps of H1 a map of H2 combines is not
    printed; here they are neighbours in a circle, so that all are read equally often. Beyond its border
    the picture goes on with 0 instead of -1, the activation is tanh instead of 1.7159 tanh(2/3 a), and
    the classes end in softmax instead of ten more hyperbolic tangents.

    Args:
        size: (rows, columns) of the picture, one channel.
        classes: outputs.

    Returns:
        A specification, with random weights.

    >>> [node["name"] for node in lenet_1989()["nodes"]][:4]
    ['h1', 'h1_bias', 'h1_tanh', 'h2']
    """
    connections = [[int((c - o) % MAPS < MAPS_READ) for c in range(MAPS)] for o in range(MAPS)]
    return specification(
        1,
        size,
        [
            *_shared_kernels("h1", _halved(size)),
            *_shared_kernels("h2", _halved(_halved(size)), connections=connections),
            node("flatten", "flatten"),
            linear("h3", 30),
            node("h3_tanh", "tanh"),
            linear("output", classes),
            node("softmax", "softmax"),
        ],
    )


def _halved(size: Pair) -> Pair:
    return ((size[0] + 1) // 2, (size[1] + 1) // 2)


def _shared_kernels(name: str, size: Pair, **settings: list[list[int]]) -> list[Node]:
    """Kernels at every second place, and as many biases as there are places: ``size`` in every map."""
    return [
        conv(name, MAPS, 5, stride=2, padding=2, bias=False, **settings),
        node(f"{name}_bias", "add", operand_shape=[MAPS, *size], operand=ZEROS),
        node(f"{name}_tanh", "tanh"),
    ]


LENET_1989 = Architecture(
    name="lenet-1989",
    title="LeNet (1989)",
    paper="LeCun, Boser, Denker, Henderson, Howard, Hubbard & Jackel, Backpropagation applied to handwritten "
    "zip code recognition, Neural Computation 1",
    year=1989,
    build=lenet_1989,
    channels=1,
    size=(16, 16),
    classes=10,
    published=(
        Published("parameters", 9_760, "section 5.1"),
        Published("connections", 64_660, "section 5.1"),
        Published("units", 1_256, "section 5.1, the picture's 256 included"),
    ),
)

"""Which route layers of known networks take, and asking for one by its name."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from engine.geometry.axis import Axis
from engine.graph import Model
from engine.ops.conv2d import Conv2d, conv2d
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.dispatch import ALGORITHMS, AUTOMATIC, algorithm, choose
from engine.presets import make_kernel
from engine.specification import build_model
from engine.types import Array, Pair
from engine.zoo.registry import ARCHITECTURES
from tests.engine.compare import assert_close
from tests.engine.kernels.layers import draw
from tests.engine.refusals import refusal

BY_NETWORK = {
    "vgg-16": {
        "im2col-nhwc": "conv1_1",  # three channels in
        "winograd-4": "conv1_2 conv2_1 conv2_2 conv3_1 conv3_2 conv3_3 conv4_1 conv4_2 conv4_3",
        "winograd-2": "conv5_1 conv5_2 conv5_3",  # 14×14
    },
    "resnet-18": {
        "im2col-nhwc": "conv1 layer2_0_conv1 layer2_0_downsample_conv layer3_0_conv1 "
        "layer3_0_downsample_conv layer4_0_conv1 layer4_0_conv2 layer4_0_downsample_conv layer4_1_conv1 "
        "layer4_1_conv2",  # 7×7, in steps of 2, 1×1; the last maps have 7×7
        "winograd-4": "layer1_0_conv1 layer1_0_conv2 layer1_1_conv1 layer1_1_conv2 layer2_0_conv2 "
        "layer2_1_conv1 layer2_1_conv2",
        "winograd-2": "layer3_0_conv2 layer3_1_conv1 layer3_1_conv2",
    },
    "mobilenet-v1": {
        "im2col-nhwc": " ".join(["conv1", *(f"pw{i}" for i in range(1, 14))]),
        "depthwise": " ".join(f"dw{i}" for i in range(1, 14)),
    },
    "alexnet": {"im2col-nhwc": "conv1 conv2 conv4 conv5", "winograd-2": "conv3"},
    "lenet-5": {"im2col": "c1", "im2col-nhwc": "c3 c5", "depthwise": "s2_scale s4_scale"},
}
"""For one picture of the size that the network was made for."""


@cache
def maps_of(network: str) -> Model:
    """The network up to its linear layers, with weights of 0: no number of them is read here."""
    specification = ARCHITECTURES[network].build()
    nodes = []
    for node in specification["nodes"]:
        if node["op"] == "flatten":
            break
        nodes.append({**node, "weight": {"init": "zeros"}} if node["op"] == "conv2d" else node)
    return build_model({**specification, "nodes": nodes})


def routes(network: str, pictures: int = 1) -> dict[str, str]:
    model, found = maps_of(network), {}
    for node in model:
        if isinstance(node.op, Conv2d):
            shape = model.shapes[node.inputs[0]]
            task = Convolution(pictures, shape[1], node.op.out_channels, *node.op.axes(shape), node.op.groups)
            found[node.name] = choose(task, node.weights["weight"])
    return found


@pytest.mark.parametrize("network", BY_NETWORK)
def test_layers_of_known_networks(network: str) -> None:
    expected = {layer: route for route, layers in BY_NETWORK[network].items() for layer in layers.split()}
    assert routes(network) == expected


def test_more_pictures_are_more_tiles() -> None:
    assert routes("vgg-16", pictures=16)["conv5_1"] == "winograd-4"
    assert routes("resnet-18", pictures=16)["layer4_1_conv2"] == "winograd-4"
    assert routes("mobilenet-v1", pictures=16) == routes("mobilenet-v1")


@pytest.mark.parametrize(
    ("channels", "outputs", "route"),
    [
        ((32, 32), (24, 24), "winograd-4"),  # 6×6 tiles of 4×4
        ((32, 32), (21, 21), "winograd-4"),
        ((32, 32), (20, 28), "winograd-2"),  # 5×7
        ((32, 32), (12, 12), "winograd-2"),
        ((32, 32), (10, 14), "im2col-nhwc"),
        ((31, 32), (24, 24), "im2col-nhwc"),
        ((32, 31), (24, 24), "im2col-nhwc"),
        ((32, 16), (24, 24), "im2col-nhwc"),
        ((32, 15), (24, 24), "im2col"),
    ],
)
def test_where_the_rule_turns(channels: Pair, outputs: Pair, route: str) -> None:
    rows, columns = (Axis(cells, 3, before=1, after=1) for cells in outputs)
    assert choose(Convolution(1, *channels, rows, columns), drawn(*channels[::-1], 3, 3)) == route


@pytest.mark.parametrize("network", BY_NETWORK)
def test_whoever_asks_for_float64_gets_the_definition(network: str) -> None:
    for node in maps_of(network):
        if isinstance(node.op, Conv2d):
            shape = maps_of(network).shapes[node.inputs[0]]
            task = Convolution(1, shape[1], node.op.out_channels, *node.op.axes(shape), node.op.groups)
            assert choose(task, node.weights["weight"].astype(np.float64)) == "im2col"


def test_float64_of_a_large_picture_too() -> None:
    assert chosen(np.ones((1, 1, 15, 15))) == "im2col"


def chosen(weight: Array, size: Pair = (1000, 1000), groups: int = 1) -> str:
    axes = [Axis(cells, taps) for cells, taps in zip(size, weight.shape[2:], strict=True)]
    return choose(Convolution(1, weight.shape[1] * groups, len(weight), *axes, groups), weight)


def drawn(*shape: int) -> Array:
    return draw(*shape, dtype=np.float32)


@pytest.mark.parametrize(
    ("weight", "route"),
    [
        (drawn(1, 1, 3, 3), "compact-lowering"),
        (drawn(1, 1, 4, 9), "compact-lowering"),
        (make_kernel("sobel_x")[None, None], "compact-lowering"),
        (make_kernel("gaussian", (5, 5))[None, None], "separable"),
        (drawn(1, 1, 5, 5), "compact-lowering"),
        (drawn(1, 1, 12, 12), "compact-lowering"),
        (drawn(1, 1, 13, 13), "fft"),
        (make_kernel("gaussian", (31, 31))[None, None], "separable"),
        (drawn(2, 2, 21, 17), "fft"),
        (drawn(4, 1, 7, 7), "compact-lowering"),
    ],
    ids=lambda value: "x".join(map(str, value.shape)) if isinstance(value, np.ndarray) else value,
)
def test_few_kernels_over_a_large_picture(weight: Array, route: str) -> None:
    assert chosen(weight) == route


def test_what_is_no_large_picture_or_has_many_kernels() -> None:
    assert chosen(drawn(1, 1, 15, 15), size=(300, 300)) == "im2col"
    assert chosen(drawn(8, 1, 15, 15)) == "im2col"
    assert chosen(drawn(16, 1, 15, 15)) == "im2col-nhwc"
    # Each of the three colours by itself, on a large picture and on a small one.
    assert chosen(drawn(3, 1, 3, 3), groups=3) == "compact-lowering"
    assert chosen(drawn(3, 1, 3, 3), size=(100, 100), groups=3) == "depthwise"
    apart = Axis(2000, 3, stride=2)
    assert choose(Convolution(1, 1, 1, apart, apart), drawn(1, 1, 3, 3)) == "im2col"


def test_whatever_is_chosen_suits() -> None:
    for network in BY_NETWORK:
        model = maps_of(network)
        for name, route in routes(network).items():
            op, shape = model.node(name).op, model.shapes[model.node(name).inputs[0]]
            assert isinstance(op, Conv2d)
            task = Convolution(1, shape[1], op.out_channels, *op.axes(shape), op.groups)
            assert algorithm(route, task) is ALGORITHMS[route]


SETTINGS = {
    "3x3": ((2, 6, 11, 13), (9, 6, 3, 3), {"padding": 1}),
    "5x5": ((1, 3, 11, 13), (4, 3, 5, 5), {"padding": (0, 2)}),
    "stride": ((1, 3, 11, 13), (4, 3, 5, 5), {"stride": (2, 3)}),
    "depthwise": ((2, 6, 11, 13), (12, 1, 3, 3), {"groups": 6, "padding": "same"}),
    "flipped": ((1, 6, 11, 13), (4, 6, 3, 3), {"flip": True, "padding_mode": "reflect", "padding": 1}),
}


class TestByName:
    @pytest.mark.parametrize("case", SETTINGS)
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_every_route_agrees(self, case: str, dtype: type) -> None:
        x_shape, weight_shape, settings = SETTINGS[case]
        numbers = [draw(*shape, dtype=dtype) for shape in (x_shape, weight_shape, weight_shape[:1])]
        expected, _ = conv2d(*(array.astype(np.float64) for array in numbers), **settings)
        allowed = refusal(conv2d, *numbers, **settings, algorithm="fastest").allowed.split(", ")
        taken = 0
        for name in (AUTOMATIC, *ALGORITHMS):
            if name not in allowed:
                assert refusal(conv2d, *numbers, **settings, algorithm=name).argument == "algorithm"
                continue
            taken += 1
            y, _ = conv2d(*numbers, **settings, algorithm=name)
            assert y.dtype == dtype
            assert_close(y, expected, 5e-6 if dtype is np.float32 else 1e-13, name)
        assert taken >= 3

    @pytest.mark.parametrize("name", ["winograd", "", "IM2COL", "winograd-2", "fft"])
    def test_none_of_that_name_or_none_that_suits(self, name: str) -> None:
        x, weight = draw(1, 2, 9, 9), draw(3, 2, 3, 3)
        error = refusal(conv2d, x, weight, stride=(2, 1), algorithm=name)
        assert (error.code, error.argument, error.value) == ("invalid-argument", "algorithm", name)
        assert error.allowed == "automatic, im2col, im2col-nhwc"

    def test_all_that_suit_are_named(self) -> None:
        error = refusal(conv2d, draw(1, 1, 9, 9), draw(3, 1, 3, 3), algorithm="fastest")
        assert error.allowed == ", ".join([AUTOMATIC, *ALGORITHMS])

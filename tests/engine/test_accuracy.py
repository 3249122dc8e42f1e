"""Whole networks in float32, by whatever routes are quickest, against the definition in float64."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine.graph import Model
from engine.importers.safetensors import read_safetensors
from engine.inference.plan import Plan
from engine.ops.conv2d import Conv2d
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.dispatch import choose
from engine.specification import build_model
from engine.trace import Trace
from engine.types import Array
from engine.zoo.registry import ARCHITECTURES
from tests.engine.compare import assert_close, extent
from tests.engine.nets import picture
from tests.engine.photographs import PHOTOGRAPHS, card, photograph

WEIGHTS = Path(__file__).parents[2] / "weights"

LAYER = 5e-6
"""Of a convolution's range, given the same input; 1e-4 is what is asked for."""
NETWORK = 2e-5
"""Of the scores' range, after all layers; 1e-3 is what is asked for."""

TRAINED = ("lenet-5", "cifar-net", "tiny-vgg")
DRAWN = ("resnet-18", "vgg-16", "mobilenet-v1")
EACH = pytest.mark.parametrize("name", [*TRAINED, *DRAWN])


@cache
def network(name: str) -> Model:
    architecture = ARCHITECTURES[name]
    if name in TRAINED:
        weights = read_safetensors(WEIGHTS / f"{name}.safetensors")
        return build_model(architecture.build(), weights=weights)
    return build_model(architecture.build(size=(64, 64), classes=50))


@cache
def pictures(name: str) -> Array:
    """The sample photographs as a trained network wants them, or noise."""
    model = network(name)
    if name not in TRAINED:
        return picture(model, 2)
    size = card(name)["preprocessing"]["size"]
    seen = [photograph(each, {"size": size, "mean": [0] * 3, "std": [255] * 3}) for each in PHOTOGRAPHS]
    colour = np.concatenate(seen)
    return colour if model.input_shape[0] == 3 else colour.mean(axis=1, keepdims=True)


@cache
def definition(name: str) -> Trace:
    """A run in float64, where every convolution is im2col."""
    return network(name).run(pictures(name).astype(np.float64))


def scores(name: str) -> str:
    return network(name).nodes[-1].inputs[0]


@EACH
def test_every_convolution_given_the_same_input(name: str) -> None:
    model, trace = network(name), definition(name)
    for node in model:
        if isinstance(node.op, Conv2d):
            x = trace.output(node.inputs[0]).astype(np.float32)
            y, _ = node.op.forward([x], node.weights)
            exact, _ = node.op.forward([x.astype(np.float64)], node.weights)
            assert (y.dtype, exact.dtype) == (np.float32, np.float64)
            assert_close(y, exact, LAYER, f"output of {node.name}")


@EACH
def test_the_scores(name: str) -> None:
    expected = definition(name).output(scores(name))
    for found in (
        network(name).run(pictures(name)).output(scores(name)),
        Plan(network(name), [scores(name)]).run(pictures(name))[scores(name)],
    ):
        assert found.dtype == np.float32
        assert_close(found, expected, NETWORK, "scores")


@EACH
def test_the_five_likeliest_classes(name: str) -> None:
    expected = definition(name).output(scores(name))
    found = Plan(network(name)).run(pictures(name))[network(name).nodes[-1].name]
    assert np.array_equal(best(found), best(expected))


def best(likely: Array) -> Array:
    return np.argsort(-likely, axis=1)[:, :5]


@EACH
def test_one_picture_at_a_time(name: str) -> None:
    plan, expected = Plan(network(name), [scores(name)]), definition(name).output(scores(name))
    for x, wanted in zip(pictures(name), expected, strict=True):
        error = np.abs(plan.run(x[np.newaxis])[scores(name)][0] - wanted).max()
        assert error <= NETWORK * extent(expected)


def test_routes_that_round_otherwise_are_among_those_taken() -> None:
    taken = set()
    for name in (*TRAINED, *DRAWN):
        model = network(name)
        for node in model:
            if isinstance(node.op, Conv2d):
                _, channels, *_ = shape = model.shapes[node.inputs[0]]
                task = Convolution(1, channels, node.op.out_channels, *node.op.axes(shape), node.op.groups)
                taken.add(choose(task, node.weights["weight"]))
    assert taken >= {"winograd-4", "winograd-2", "im2col", "im2col-nhwc", "depthwise"}


def test_a_layer_that_is_less_exact_is_noticed() -> None:
    trace = definition("cifar-net")
    y = trace.output("conv3")
    # As if it had been computed in float16.
    with pytest.raises(AssertionError):
        assert_close(y.astype(np.float16), y, LAYER)
    with pytest.raises(AssertionError):
        assert_close(y.astype(np.float16), y, 1e-4)

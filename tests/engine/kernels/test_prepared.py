"""What routes make of weights is kept while a weight lives that cannot change, and no longer."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np
import pytest

from engine.ops.conv2d import conv2d
from engine.ops.kernels import prepared as prepared_module
from engine.ops.kernels.dispatch import ALGORITHMS
from engine.ops.kernels.prepared import WORTH_KEEPING, prepared
from engine.types import Array
from tests.engine.compare import assert_close
from tests.engine.kernels.layers import Layer, draw

LAYER = Layer((24, 20), (9, 8), sides=(1, 1, 1, 1))
DEPTHWISE = Layer((512, 512), (6, 6), groups=512)

EACH_ROUTE = pytest.mark.parametrize("route", ALGORITHMS)


def layer_of(route: str) -> Layer:
    return DEPTHWISE if route == "depthwise" else LAYER


def fixed(array: Array) -> Array:
    array.flags.writeable = False
    return array


@contextmanager
def counted(route: str) -> Iterator[list[int]]:
    """How often a route prepares weights: a list that grows by one each time."""
    calls: list[int] = []
    own = type(ALGORITHMS[route])
    genuine = own.prepare

    def prepare(*args: object) -> object:
        calls.append(1)
        return genuine(*args)  # type: ignore[arg-type]

    with patch.object(own, "prepare", prepare):
        yield calls


def convolved(layer: Layer, weight: Array, bias: Array | None, route: str) -> Array:
    y, _ = conv2d(
        layer.picture(np.float32),
        weight,
        bias,
        padding=layer.sides,
        groups=layer.groups,
        algorithm=route,
    )
    return y


@EACH_ROUTE
def test_a_weight_that_cannot_change_is_prepared_once(route: str) -> None:
    layer = layer_of(route)
    weight, bias = fixed(layer.weight(np.float32)), fixed(layer.bias(np.float32))
    assert weight.size >= WORTH_KEEPING
    with counted(route) as calls:
        answers = [convolved(layer, weight, bias, route) for _ in range(3)]
    assert len(calls) == 1
    assert all(np.array_equal(answer, answers[0]) for answer in answers)


@EACH_ROUTE
def test_a_weight_that_can_is_prepared_each_time(route: str) -> None:
    layer = layer_of(route)
    weight = layer.weight(np.float32)
    with counted(route) as calls:
        first = convolved(layer, weight, None, route)
        weight *= 2
        second = convolved(layer, weight, None, route)
    assert len(calls) == 2
    assert_close(second, 2 * first, 1e-6)


@EACH_ROUTE
def test_another_bias_is_another_preparation(route: str) -> None:
    layer = layer_of(route)
    weight = fixed(layer.weight(np.float32))
    biases = [None, *(fixed(draw(layer.channels[1], dtype=np.float32, seed=seed)) for seed in (1, 2))]
    plain = convolved(layer, weight, None, route)
    for bias in (*biases, *biases):
        expected = plain if bias is None else plain + bias[:, None, None]
        assert_close(convolved(layer, weight, bias, route), expected, 1e-6)


@EACH_ROUTE
def test_a_bias_that_can_change_is_read_each_time(route: str) -> None:
    layer = layer_of(route)
    weight, bias = fixed(layer.weight(np.float32)), layer.bias(np.float32)
    first = convolved(layer, weight, bias, route)
    bias += 1
    assert_close(convolved(layer, weight, bias, route), first + 1, 1e-6)


@EACH_ROUTE
def test_it_is_freed_with_the_weight(route: str) -> None:
    layer = layer_of(route)
    weight = fixed(layer.weight(np.float32))
    alive, key = weakref.ref(weight), id(weight)
    convolved(layer, weight, None, route)
    assert key in prepared_module._held
    del weight
    gc.collect()
    assert alive() is None
    assert key not in prepared_module._held


def test_a_small_weight_is_not_worth_keeping() -> None:
    small = Layer((3, 5), (9, 8))
    weight = fixed(small.weight(np.float32))
    with counted("im2col") as calls:
        for _ in range(2):
            convolved(small, weight, None, "im2col")
    assert len(calls) == 2
    assert id(weight) not in prepared_module._held


def test_routes_and_shapes_do_not_take_one_anothers() -> None:
    weight = fixed(LAYER.weight(np.float32))
    found = {
        name: prepared(name, weight, None, LAYER.task) for name in ("im2col", "winograd-2", "winograd-4")
    }
    assert len({id(one) for one in found.values()}) == 3
    assert prepared("winograd-2", weight, None, LAYER.task) is found["winograd-2"]
    larger = Layer(LAYER.channels, (40, 41), sides=LAYER.sides).task
    # Tiles of a Fourier transform depend on the size of the map; those of Winograd do not.
    assert prepared("winograd-2", weight, None, larger) is found["winograd-2"]
    assert prepared("fft", weight, None, larger) is not prepared("fft", weight, None, LAYER.task)

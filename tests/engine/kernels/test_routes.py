"""Every route against the seven loops and against columns in float64, on all that it takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import product
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ops.kernels import depthwise, im2col, pieces, winograd
from engine.ops.kernels.algorithm import NOTHING_MORE, Algorithm, Finish
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.dispatch import ALGORITHMS
from engine.ops.kernels.memory import Scratch
from engine.threads import TEAM, run
from engine.types import Array
from tests.engine.compare import assert_close
from tests.engine.kernels.layers import (
    Layer,
    Outputs,
    bound,
    by_columns,
    computed,
    draw,
    laid_out,
    set_picture,
)
from tests.engine.oracle import conv2d_oracle

ROUNDING = {"winograd-4": 5e-6, "winograd-2": 2e-6}
"""Of the outputs' range in float32, where it is more than of sums of products: 1e-6."""

LAYERS = {
    "odd-size": Layer((3, 5), (7, 9), sides=(1, 1, 1, 1)),
    "three-pictures-uneven-padding": Layer((4, 3), (6, 11), sides=(0, 2, 1, 3), pictures=3),
    "smaller-than-a-tile": Layer((2, 3), (2, 1), sides=(1, 1, 1, 1)),
    "one-output": Layer((5, 4), (3, 3)),
    "one-row": Layer((2, 2), (1, 13), sides=(1, 1, 1, 1)),
    "one-column-of-all-padding-windows": Layer((2, 2), (3, 1), sides=(3, 3, 4, 3)),
    "1x1": Layer((8, 6), (5, 7), (1, 1)),
    "1x1-padded": Layer((2, 3), (4, 3), (1, 1), sides=(1, 0, 2, 1)),
    "1x1-stride-2": Layer((4, 6), (7, 8), (1, 1), stride=(2, 2), pictures=3),
    "2x5": Layer((3, 4), (6, 8), (2, 5), sides=(1, 0, 2, 2)),
    "13x1": Layer((1, 2), (15, 4), (13, 1), sides=(6, 6, 0, 0)),
    "one-kernel-one-channel": Layer((1, 1), (12, 17), (7, 7), sides=(3, 3, 3, 3)),
    "kernel-of-the-map": Layer((3, 7), (4, 5), (4, 5), pictures=3),
    "stride-2-3": Layer((3, 4), (10, 12), (5, 3), sides=(2, 2, 1, 1), stride=(2, 3)),
    "stride-beyond-the-kernel": Layer((2, 3), (9, 10), (2, 2), stride=(3, 4)),
    "dilation-2-1": Layer((2, 3), (9, 8), sides=(2, 2, 1, 1), dilation=(2, 1)),
    "dilation-3-2-stride-2": Layer((3, 2), (11, 9), sides=(3, 0, 0, 2), dilation=(3, 2), stride=(2, 1)),
    "two-groups": Layer((4, 6), (6, 5), sides=(1, 1, 1, 1), groups=2, pictures=3),
    "three-groups-stride-2": Layer((6, 3), (8, 7), (3, 2), stride=(2, 2), groups=3),
    "depthwise": Layer((5, 5), (8, 7), sides=(1, 1, 1, 1), groups=5),
    "depthwise-two-kernels-stride-2": Layer((3, 6), (9, 8), sides=(0, 1, 0, 1), stride=(2, 2), groups=3),
    "depthwise-dilated": Layer((4, 4), (9, 10), sides=(2, 2, 2, 2), dilation=(2, 2), groups=4, pictures=3),
}
"""What routes could stumble over."""

LARGE = {
    "many-channels": Layer((48, 37), (19, 30), sides=(1, 1, 1, 1), pictures=2),
    "few-positions": Layer((96, 130), (7, 7), sides=(1, 1, 1, 1)),
    "many-pictures": Layer((16, 24), (10, 9), sides=(1, 1, 1, 1), pictures=9),
    "1x1": Layer((24, 40), (25, 27), (1, 1)),
    "7x7-stride-2": Layer((3, 32), (80, 77), (7, 7), sides=(3, 3, 3, 3), stride=(2, 2)),
    "two-groups": Layer((48, 64), (27, 27), (5, 5), sides=(2, 2, 2, 2), groups=2),
    "depthwise": Layer((64, 64), (57, 56), sides=(1, 1, 1, 1), groups=64),
    "one-picture": Layer((1, 1), (201, 303), (5, 5), sides=(2, 2, 2, 2)),
}
"""Layers such as networks have: as many multiply-adds as threads share."""


def suited(layers: dict[str, Layer]) -> pytest.MarkDecorator:
    pairs = [(name, layer) for name, layer in product(ALGORITHMS, layers) if _suits(name, layers[layer])]
    return pytest.mark.parametrize(("route", "layer"), pairs, ids=map("-".join, pairs))


def _suits(route: str, layer: Layer) -> bool:
    return ALGORITHMS[route].suits(layer.task)


@contextmanager
def threads(size: int) -> Iterator[None]:
    """So many threads for all that follows, however small the layer is."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(TEAM, "size", size))
        for module in (im2col, winograd):
            stack.enter_context(patch.object(module, "WORTH_SHARING", 0))
        yield


@cache
def by_loops(layer: str) -> Array:
    one = LAYERS[layer]
    return conv2d_oracle(
        one.picture(),
        one.weight(),
        one.bias(),
        stride=one.stride,
        sides=one.sides,
        dilation=one.dilation,
        groups=one.groups,
    )


@cache
def large_by_columns(layer: str) -> Array:
    one = LARGE[layer]
    return by_columns(one.picture(np.float32), one.weight(np.float32), one.bias(np.float32), one.task)


@suited(LAYERS)
def test_what_routes_could_stumble_over(route: str, layer: str) -> None:
    one = LAYERS[layer]
    # float64 says that nothing but rounding is between the definition and the route.
    for dtype, tolerance in ((np.float64, 1e-13), (np.float32, ROUNDING.get(route, 1e-6))):
        numbers = one.picture(dtype), one.weight(dtype), one.bias(dtype)
        found = computed(ALGORITHMS[route], *numbers, one.task)
        assert found.dtype == dtype
        assert_close(found, by_loops(layer), tolerance, f"{dtype.__name__} output")


@suited(LARGE)
def test_layers_of_networks_in_float32(route: str, layer: str) -> None:
    one = LARGE[layer]
    numbers = one.picture(np.float32), one.weight(np.float32), one.bias(np.float32)
    assert_close(
        computed(ALGORITHMS[route], *numbers, one.task), large_by_columns(layer), ROUNDING.get(route, 1e-6)
    )


@suited(LARGE)
def test_threads_change_nothing_but_rounding(route: str, layer: str) -> None:
    one = LARGE[layer]
    numbers = one.picture(np.float32), one.weight(np.float32), one.bias(np.float32)
    for size in (1, 2, 3):
        with threads(size):
            found = computed(ALGORITHMS[route], *numbers, one.task)
        assert_close(found, large_by_columns(layer), ROUNDING.get(route, 1e-6), f"output of {size} threads")


def test_what_is_written_beside_the_outputs_is_noticed() -> None:
    task = LAYERS["two-groups"].task
    outputs = Outputs(ALGORITHMS["im2col"], task, np.float64)
    outputs.y[...] = 1
    assert np.all(outputs.read() == 1)
    outputs.around[0, 0, 0, 0] = 3
    with pytest.raises(AssertionError, match="beside"):
        outputs.read()


def test_a_route_that_writes_to_its_input_is_noticed() -> None:
    class Careless(im2col.Im2col):
        def run(self, x: Array, *rest: object) -> None:  # type: ignore[override]
            super().run(x, *rest)  # type: ignore[arg-type]
            x[0, 0, 0, 0] += 1

    layer = LAYERS["1x1"]
    with pytest.raises(AssertionError, match="input was written to"):
        computed(Careless("nchw"), layer.picture(), layer.weight(), None, layer.task)


FINISHES = {
    "nothing": Finish(),
    "low": Finish(low=0.0),
    "high": Finish(high=0.5),
    "both": Finish(low=-0.25, high=0.5),
}


class TestFinish:
    @pytest.mark.parametrize("has_residual", [False, True], ids=["plain", "residual"])
    @pytest.mark.parametrize("bounds", FINISHES)
    @suited({name: LAYERS[name] for name in ("three-pictures-uneven-padding", "two-groups", "depthwise")})
    def test_outputs_are_finished(self, route: str, layer: str, bounds: str, has_residual: bool) -> None:
        one, finish = LAYERS[layer], FINISHES[bounds]
        shape = by_loops(layer).shape
        residual = draw(*shape, seed=1) if has_residual else None
        expected = by_loops(layer) + (0 if residual is None else residual)
        expected = np.clip(expected, finish.low, finish.high) if finish.is_bounded else expected
        # In any memory order, and also if blocks and bands are many.
        for lying in (residual,) if residual is None else (residual, _channels_last(residual)):
            with threads(3), small_cuts(1 << 10):
                found = computed(
                    ALGORITHMS[route],
                    one.picture(),
                    one.weight(),
                    one.bias(),
                    one.task,
                    Finish(lying, finish.low, finish.high),
                )
            assert_close(found, expected, 1e-13)

    @suited(LARGE)
    def test_of_large_layers_too(self, route: str, layer: str) -> None:
        one, expected = LARGE[layer], large_by_columns(layer)
        residual = draw(*expected.shape, dtype=np.float32, seed=1)
        numbers = one.picture(np.float32), one.weight(np.float32), one.bias(np.float32)
        with threads(2):
            found = computed(ALGORITHMS[route], *numbers, one.task, Finish(residual, 0.0, 6.0))
        # Bounds make the range smaller than that of the sums, which round.
        tolerance = ROUNDING.get(route, 1e-6) * np.ptp(expected) / 6
        assert_close(found, np.clip(expected + residual, 0, 6), tolerance)


def _channels_last(x: Array) -> Array:
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


@contextmanager
def small_cuts(size: int) -> Iterator[None]:
    """Blocks, bands and pieces of about so many bytes or numbers, so that there are many."""
    with ExitStack() as stack:
        for module, name in (
            (winograd, "BLOCK_BYTES"),
            (winograd, "LARGE_KERNELS_BYTES"),
            (im2col, "BAND_BYTES"),
            (depthwise, "BLOCK"),
            (depthwise, "RUN"),
            (pieces, "SMALLEST"),
        ):
            stack.enter_context(patch.object(module, name, size))
        yield


@st.composite
def convolutions(draw_from: st.DrawFn) -> Layer:
    groups, ins, outs = (draw_from(st.integers(1, most)) for most in (3, 3, 3))
    kernel_size, stride, dilation, sides, size = [], [], [], [], []
    dense = draw_from(st.booleans())
    for _ in range(2):
        taps = 3 if dense else draw_from(st.integers(1, 5))
        apart = 1 if dense else draw_from(st.integers(1, 3))
        around = [draw_from(st.integers(0, 3)) for _ in range(2)]
        kernel_size.append(taps)
        stride.append(1 if dense else draw_from(st.integers(1, 3)))
        dilation.append(apart)
        sides += around
        least = max(1, apart * (taps - 1) + 1 - sum(around))
        size.append(draw_from(st.integers(least, least + 8)))
    groups = 1 if dense else groups
    return Layer(
        (groups * ins, groups * outs),
        (size[0], size[1]),
        (kernel_size[0], kernel_size[1]),
        (sides[0], sides[1], sides[2], sides[3]),
        (stride[0], stride[1]),
        (dilation[0], dilation[1]),
        groups,
        draw_from(st.integers(1, 4)),
    )


@given(convolutions(), st.booleans(), st.integers(1, 4), st.sampled_from([64, 1 << 10, 1 << 14, 1 << 21]))
@settings(max_examples=80, deadline=None)
def test_any_convolution_however_it_is_cut(layer: Layer, has_bias: bool, size: int, cut: int) -> None:
    x, weight, bias = layer.picture(), layer.weight(), layer.bias() if has_bias else None
    expected = by_columns(x, weight, bias, layer.task)
    for name, route in ALGORITHMS.items():
        if route.suits(layer.task):
            with threads(size), small_cuts(cut):
                assert_close(computed(route, x, weight, bias, layer.task), expected, 1e-13, name)


@given(convolutions())
@settings(max_examples=25, deadline=None)
def test_columns_are_the_seven_loops(layer: Layer) -> None:
    x, weight, bias = layer.picture(), layer.weight(), layer.bias()
    if layer.task.multiply_adds < 50_000:
        expected = conv2d_oracle(
            x,
            weight,
            bias,
            stride=layer.stride,
            sides=layer.sides,
            dilation=layer.dilation,
            groups=layer.groups,
        )
        assert_close(by_columns(x, weight, bias, layer.task), expected, 1e-13)


class TestBoundOnceRunOften:
    @suited({name: LAYERS[name] for name in ("odd-size", "two-groups", "depthwise", "stride-2-3")})
    def test_another_picture_gives_its_own_outputs(self, route: str, layer: str) -> None:
        one = LAYERS[layer]
        x, other, weight = one.picture(), one.picture(seed=1), one.weight()
        with threads(2):
            padded, outputs, program = bound(ALGORITHMS[route], x, weight, one.bias(), one.task)
            run(program)
            first = outputs.read()
            set_picture(padded, other, one.task)
            run(program)
            second = outputs.read()
            set_picture(padded, x, one.task)
            run(program)
        assert_close(first, by_loops(layer), 1e-13)
        assert_close(second, by_columns(other, weight, one.bias(), one.task), 1e-13)
        assert np.array_equal(outputs.read(), first)

    @suited({name: LARGE[name] for name in ("many-channels", "few-positions", "depthwise")})
    def test_threads_at_once_share_what_was_prepared(self, route: str, layer: str) -> None:
        one, chosen = LARGE[layer], ALGORITHMS[route]
        task, prepared = one.task, chosen.prepare(one.weight(np.float32), one.bias(np.float32), one.task)
        pictures = [one.picture(np.float32, seed) for seed in range(3)]
        expected = [_alone(chosen, x, prepared, task) for x in pictures]
        found: list[list[Array]] = [[] for _ in pictures]
        start = threading.Barrier(len(pictures))

        def work(number: int) -> None:
            outputs, padded = Outputs(chosen, task, np.float32), laid_out(chosen, pictures[number], task)
            program = chosen.bind(padded, prepared, task, outputs.y, NOTHING_MORE, Scratch())
            start.wait()
            for _ in range(3):
                run(program)
                found[number].append(outputs.read())

        workers = [threading.Thread(target=work, args=(number,)) for number in range(len(pictures))]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        for answers, wanted in zip(found, expected, strict=True):
            assert len(answers) == 3
            for answer in answers:
                assert_close(answer, wanted, 1e-6)


def _alone(route: Algorithm, x: Array, prepared: object, task: Convolution) -> Array:
    outputs = Outputs(route, task, x.dtype.type)
    route.run(laid_out(route, x, task), prepared, task, outputs.y)
    return outputs.read()

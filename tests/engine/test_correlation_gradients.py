"""The gradients of sliding kernels: in every direction what the seven loops say, by whatever route."""

from __future__ import annotations

import numpy as np
import pytest

from engine.geometry.padding import window_axes
from engine.ops.correlation_gradients import bias_gradient, input_gradient, weight_gradient
from engine.ops.kernels.memory import Order, empty
from engine.types import Array
from tests.engine.compare import assert_close
from tests.engine.oracle import conv2d_oracle

CASES = {
    "plain": {},
    "one picture of one channel": {"pictures": 1, "channels": (1, 1)},
    "few channels, their windows multiplied together": {"channels": (1, 6), "size": (5, 8), "kernel": (2, 3)},
    "as many windows together as divide the columns": {"channels": (2, 5), "size": (4, 11), "kernel": (2, 3)},
    "more outputs than inputs": {"channels": (8, 40)},
    "more inputs than outputs": {"channels": (9, 2)},
    "one tap": {"kernel": (1, 1), "channels": (9, 3)},
    "one tap with a stride": {"kernel": (1, 1), "stride": (2, 3), "channels": (20, 3)},
    "one column of taps": {"kernel": (3, 1)},
    "the whole map under one kernel": {"kernel": (6, 7), "sides": (0, 0, 0, 0)},
    "stride": {"stride": (2, 3)},
    "stride, many channels": {"stride": (2, 2), "channels": (17, 3)},
    "stride longer than the kernel": {"stride": (4, 3), "kernel": (2, 2), "size": (9, 8)},
    "dilation": {"dilation": (2, 1), "channels": (8, 2)},
    "dilation and stride without a common divisor": {"dilation": (2, 3), "stride": (3, 2), "size": (9, 11)},
    "padding beyond what the kernel reaches": {"sides": (3, 0, 1, 4), "kernel": (2, 2), "channels": (8, 2)},
    "windows that see padding alone": {"stride": (4, 9), "sides": (4, 4, 5, 4), "kernel": (2, 2)},
    "padding that no window reaches": {"stride": (5, 5), "sides": (0, 3, 0, 4)},
    "groups": {"groups": 2, "channels": (4, 6)},
    "groups of many channels": {"groups": 2, "channels": (16, 2)},
    "depthwise": {"groups": 4, "channels": (4, 4)},
    "depthwise with a stride": {"groups": 4, "channels": (4, 4), "stride": (2, 3)},
    "depthwise, three outputs of each channel": {"groups": 2, "channels": (2, 6), "dilation": (1, 2)},
    "reflected": {"mode": "reflect", "sides": (2, 1, 1, 3)},
    "repeated, with a stride": {"mode": "replicate", "stride": (2, 2), "sides": (2, 1, 1, 3)},
    "wrapped, in groups": {"mode": "circular", "groups": 2, "sides": (1, 1, 2, 2)},
}

ORDERS: tuple[Order, ...] = ("nchw", "nhwc", "nhcw")


class Case:
    """Arguments of a convolution and a random gradient of its output, in float64."""

    def __init__(
        self,
        pictures: int = 3,
        channels: tuple[int, int] = (4, 6),
        size: tuple[int, int] = (6, 7),
        kernel: tuple[int, int] = (3, 2),
        stride: tuple[int, int] = (1, 1),
        sides: tuple[int, int, int, int] = (1, 1, 1, 0),
        mode: str = "zeros",
        dilation: tuple[int, int] = (1, 1),
        groups: int = 1,
    ) -> None:
        rng = np.random.default_rng([*size, *kernel])
        self.groups = groups
        self.settings = {
            "stride": stride,
            "sides": sides,
            "mode": mode,
            "dilation": dilation,
            "groups": groups,
        }
        self.axes = window_axes(size, kernel, stride, sides, dilation, mode)
        self.x = rng.standard_normal((pictures, channels[0], *size))
        self.weight = rng.standard_normal((channels[1], channels[0] // groups, *kernel))
        outputs = (pictures, channels[1], *(axis.outputs for axis in self.axes))
        self.upstream = rng.standard_normal(outputs)

    def found(self, order: Order = "nchw", upstream_order: Order | None = None) -> tuple[Array, Array]:
        """Gradients by x and by weight; what is given is locked, and lies as asked."""
        x, upstream = lying(self.x, order), lying(self.upstream, upstream_order or order)
        weight = self.weight.copy()
        for array in (x, upstream, weight):
            array.flags.writeable = False
        return (
            input_gradient(upstream, weight, self.axes, self.groups),
            weight_gradient(upstream, x, self.axes, self.groups),
        )

    def check(self, grad_x: Array, grad_weight: Array) -> None:
        """Along random directions, each gradient is what the loops make of a step there."""
        rng = np.random.default_rng(7)
        for _ in range(3):
            step = rng.standard_normal(self.x.shape)
            expected = np.vdot(self.upstream, conv2d_oracle(step, self.weight, **self.settings))
            assert np.vdot(grad_x, step) == pytest.approx(expected, rel=1e-10, abs=1e-10), "by x"
            step = rng.standard_normal(self.weight.shape)
            expected = np.vdot(self.upstream, conv2d_oracle(self.x, step, **self.settings))
            assert np.vdot(grad_weight, step) == pytest.approx(expected, rel=1e-10, abs=1e-10), "by weight"


def lying(array: Array, order: Order) -> Array:
    made = empty(array.shape, order, array.dtype)
    made[...] = array
    return made


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", CASES)
def test_they_are_those_of_the_loops(name: str, order: Order) -> None:
    case = Case(**CASES[name])
    grad_x, grad_weight = case.found(order)
    assert grad_x.shape == case.x.shape
    assert grad_weight.shape == case.weight.shape
    case.check(grad_x, grad_weight)


@pytest.mark.parametrize(
    "spoil", [lambda g: 1.001 * g, lambda g: g[:, ::-1], lambda g: np.roll(g, 1, axis=3)]
)
def test_a_spoiled_gradient_is_noticed(spoil) -> None:  # type: ignore[no-untyped-def]
    case = Case()
    grad_x, grad_weight = case.found()
    with pytest.raises(AssertionError, match="by x"):
        case.check(spoil(grad_x), grad_weight)
    with pytest.raises(AssertionError, match="by weight"):
        case.check(grad_x, spoil(grad_weight))


@pytest.mark.parametrize("name", CASES)
def test_maps_that_lie_differently_may_meet(name: str) -> None:
    case = Case(**CASES[name])
    for order in ORDERS[:2]:
        for expected, actual in zip(case.found(), case.found(order, "nhwc"), strict=True):
            assert_close(actual, expected, 1e-13)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("size", [1, 3000])
def test_small_parts_on_several_threads_are_all_at_once(
    name: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = Case(**CASES[name])
    expected = {order: case.found(order) for order in ORDERS}
    monkeypatch.setattr("engine.ops.kernels.shares.LEAST_WORK", 0)
    monkeypatch.setattr("engine.ops.kernels.weight_gradient.COLUMNS_BYTES", size)
    monkeypatch.setattr("engine.ops.kernels.depthwise_gradient.CELLS_BYTES", size)
    monkeypatch.setattr("engine.ops.kernels.stamps.STAMPS_BYTES", size)
    for order, (grad_x, grad_weight) in expected.items():
        again_x, again_weight = case.found(order)
        assert_close(again_x, grad_x, 1e-13)
        assert_close(again_weight, grad_weight, 1e-13)


@pytest.mark.parametrize("name", CASES)
def test_float32_stays(name: str) -> None:
    case = Case(**CASES[name])
    expected = case.found()
    case.x, case.weight, case.upstream = (
        array.astype(np.float32) for array in (case.x, case.weight, case.upstream)
    )
    for actual, exact in zip(case.found(), expected, strict=True):
        assert actual.dtype == np.float32
        assert_close(actual, exact, 1e-5)


@pytest.mark.parametrize("order", ORDERS)
def test_a_bias_collects_its_whole_channel(order: Order) -> None:
    upstream = np.random.default_rng(0).standard_normal((3, 4, 5, 6))
    assert_close(bias_gradient(lying(upstream, order)), upstream.sum(axis=(0, 2, 3)), 1e-14)

"""Pools of any map in any memory order, and their gradients, against loops over windows."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.ops import parts
from engine.ops.avg_pool2d import avg_pool2d, avg_pool2d_backward
from engine.ops.max_pool2d import max_pool2d, max_pool2d_backward
from engine.types import Array, Pair, Sides
from tests.engine.oracle import pool_oracle

ORDERS = ((0, 1, 2, 3), (0, 2, 3, 1), (0, 2, 1, 3), (1, 0, 2, 3))
"""Which axis runs slowest, which fastest."""


def lying(x: Array, order: tuple[int, ...]) -> Array:
    """The same map, its numbers in another order in memory."""
    return np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))


@st.composite
def pools(draw: st.DrawFn) -> tuple[Array, dict]:
    """A map of few different numbers, so that windows have several largest, and settings that fit it."""
    shape = (
        draw(st.integers(1, 3)),
        draw(st.integers(1, 3)),
        draw(st.integers(3, 9)),
        draw(st.integers(3, 9)),
    )
    x = np.random.default_rng(draw(st.integers(0, 99))).integers(-2, 3, shape).astype(np.float32)
    pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
    kernel_size = draw(pair)
    sides = st.tuples(*(st.integers(0, kernel_size[i // 2] // 2) for i in range(4)))
    config = {"kernel_size": kernel_size, "stride": draw(pair), "padding": draw(sides)}
    return lying(x, draw(st.sampled_from(ORDERS))), config


def shared() -> AbstractContextManager:
    """Even small maps are taken apart and computed by all threads."""
    return patch.multiple(parts, SHARED_BYTES=1, PART_BYTES=64)


@given(pools(), st.booleans())
@settings(max_examples=80, deadline=None)
def test_max_pool2d_is_its_loops(pool: tuple[Array, dict], in_parts: bool) -> None:
    x, config = pool
    with shared() if in_parts else nullcontext():
        y, _ = max_pool2d(x, **config)
    assert y.dtype == x.dtype
    assert np.array_equal(y, pool_oracle(x, config["kernel_size"], config["stride"], max, config["padding"]))


@given(pools())
@settings(max_examples=60, deadline=None)
def test_avg_pool2d_is_its_loops(pool: tuple[Array, dict]) -> None:
    x, config = pool
    with shared():
        y, _ = avg_pool2d(x, **config, count_include_pad=False)
    mean = pool_oracle(
        x, config["kernel_size"], config["stride"], lambda v: sum(v) / len(v), config["padding"]
    )
    assert np.allclose(y, mean, rtol=0, atol=1e-6)


def first_winners(
    grad: Array, x: Array, kernel_size: Pair, stride: Pair, sides: Sides, dilation: Pair
) -> Array:
    """Every output's gradient at the first of the window's largest, or the first NaN: five loops."""
    found = np.zeros_like(x)
    for n, c, i, j in np.ndindex(grad.shape):
        best: tuple[int, int] | None = None
        for u, v in np.ndindex(*kernel_size):
            row = i * stride[0] - sides[0] + u * dilation[0]
            column = j * stride[1] - sides[2] + v * dilation[1]
            if not (0 <= row < x.shape[2] and 0 <= column < x.shape[3]):
                continue
            cell = x[n, c, row, column]
            if best is None or (not np.isnan(x[n, c, *best]) and (np.isnan(cell) or cell > x[n, c, *best])):
                best = row, column
        assert best is not None
        found[n, c, *best] += grad[n, c, i, j]
    return found


@given(pools(), st.booleans(), st.sampled_from([(1, 1), (2, 1)]))
@settings(max_examples=80, deadline=None)
def test_the_gradient_goes_to_the_first_winner(
    pool: tuple[Array, dict], has_nan: bool, dilation: Pair
) -> None:
    x, config = pool
    if has_nan:
        x[x == 1] = np.nan
    try:
        with shared():
            y, cache = max_pool2d(x, **config, dilation=dilation)
    except EngineError:
        return  # a dilated window may not fit, or find nothing but padding
    grad = np.random.default_rng(0).integers(1, 9, y.shape).astype(np.float32)
    with shared():
        found = max_pool2d_backward(grad, cache)
    expected = first_winners(grad, x, config["kernel_size"], config["stride"], config["padding"], dilation)
    assert np.array_equal(found, expected)


@given(pools(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_gradient_of_means_is_their_adjoint(pool: tuple[Array, dict], counted: bool) -> None:
    x, config = pool
    y, cache = avg_pool2d(x.astype(np.float64), **config, count_include_pad=counted)
    other = np.random.default_rng(0).standard_normal(y.shape)
    grad = avg_pool2d_backward(other, cache)
    assert grad.shape == x.shape
    assert np.vdot(y, other) == pytest.approx(np.vdot(x, grad), abs=1e-12)


@pytest.mark.parametrize("order", ORDERS[:2], ids=str)
def test_a_pool_keeps_the_memory_order(order: tuple[int, ...]) -> None:
    x = lying(np.random.default_rng(0).standard_normal((2, 3, 8, 6)), order)
    y, cache = max_pool2d(x, (2, 2))
    grad = max_pool2d_backward(y, cache)
    for numbers in (y, grad):
        assert numbers.transpose(order).flags.c_contiguous

"""Arrays taken apart: every number once, whatever the order in memory; and selections that are exact."""

from __future__ import annotations

import math
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ops import parts
from engine.ops.activations import gelu, relu, relu_backward, sigmoid
from engine.ops.erf import normal_tail
from engine.ops.masks import bounded, gated
from engine.ops.normalisation import batch_norm2d
from engine.ops.parts import in_parts
from engine.threads import cut
from engine.types import Array
from tests.engine.compare import assert_close


@given(st.integers(1, 50), st.integers(1, 60))
def test_cut_covers_every_place_once(length: int, number: int) -> None:
    slices = cut(length, number)
    assert [place for part in slices for place in range(length)[part]] == list(range(length))
    sizes = [part.stop - part.start for part in slices]
    assert min(sizes) >= 1
    assert max(sizes) - min(sizes) <= 1


@given(
    shape=st.lists(st.integers(1, 6), min_size=0, max_size=4),
    turned=st.booleans(),
    part_bytes=st.integers(8, 512),
)
@settings(max_examples=50, deadline=None)
def test_every_number_is_computed_once(shape: list[int], turned: bool, part_bytes: int) -> None:
    x = np.arange(math.prod(shape), dtype=np.float64).reshape(shape)
    x = x.T if turned else x
    seen = np.zeros_like(x)

    def add(x: Array, y: Array) -> None:
        y += x + 1

    with patch.multiple(parts, SHARED_BYTES=1, PART_BYTES=part_bytes):
        in_parts(add, x, seen)
    assert np.array_equal(seen, x + 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_selections_are_exact(dtype: type) -> None:
    x = np.array([-np.inf, -1.5, -0.0, 0.0, 2.5, np.inf, np.nan], dtype=dtype)
    assert np.array_equal(bounded(x, low=0), [0, 0, 0, 0, 2.5, np.inf, np.nan], equal_nan=True)
    assert np.array_equal(bounded(x, -1, 1), [-1, -1, 0, 0, 1, 1, np.nan], equal_nan=True)
    closed = gated(x, np.zeros(7, dtype=np.bool_))
    assert closed.dtype == dtype
    assert closed.tobytes() == bytes(closed.nbytes)  # +0 each, no -0 and no NaN
    assert gated(x, np.ones(7, dtype=np.bool_)).tobytes() == x.tobytes()
    assert relu(x)[0].dtype == dtype
    assert np.array_equal(relu_backward(np.ones_like(x), x), [0, 0, 0, 0, 1, 1, 0])


def test_the_tail_of_the_normal_distribution_in_float32() -> None:
    x = np.linspace(0, 5, 4001, dtype=np.float32)
    expected = np.array([math.erfc(float(value) / math.sqrt(2)) / 2 for value in x])
    tail = normal_tail(x)
    assert tail.dtype == np.float32
    assert np.abs(tail / expected - 1).max() < 1.5e-6
    assert np.abs(tail - expected).max() < 4e-7
    assert normal_tail(np.array([40.0], dtype=np.float32))[0] == 0


def test_gelu_of_numbers_that_are_no_longer_numbers() -> None:
    x = np.array([-np.inf, np.inf, np.nan], dtype=np.float32)
    for approximate in ("none", "tanh"):
        y, _ = gelu(x, approximate)
        assert np.array_equal(y, np.array([0, np.inf, np.nan], dtype=np.float32), equal_nan=True)


def test_threads_compute_what_one_computes() -> None:
    x = np.random.default_rng(0).standard_normal((3, 5, 70, 80)).astype(np.float32)
    channels = np.random.default_rng(1).random((4, 5)).astype(np.float32)
    for numbers in (x, np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)):
        for function in (sigmoid, gelu, relu, batch_norm2d, lambda x: batch_norm2d(x, *channels)):
            with patch.multiple(parts, SHARED_BYTES=1 << 60):
                alone = function(numbers)[0]
            with patch.multiple(parts, SHARED_BYTES=1, PART_BYTES=1 << 12):
                together = function(numbers)[0]
            assert_close(together, alone, 1e-6)
            assert together.strides == numbers.strides


def test_an_even_channel_is_normalised_to_zero() -> None:
    # Its variance is nothing but rounding, which eps must outweigh.
    x = np.full((8, 2, 31, 33), 1000.1, dtype=np.float32)
    y, cache = batch_norm2d(x)
    assert np.abs(y).max() < 1e-3
    assert cache.variance.max() < 1e-12

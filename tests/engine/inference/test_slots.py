"""Maps with margins of zeros, in every order."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.inference.slots import Margin, Placed, Slot
from engine.ops.kernels.memory import Order, in_order
from engine.types import Shape

FLOAT32 = np.dtype(np.float32)

pairs = st.tuples(st.integers(0, 3), st.integers(0, 3))
margins = st.builds(Margin, pairs, pairs)
orders = st.sampled_from(get_args(Order))
shapes = st.tuples(*(st.integers(1, 4) for _ in range(4)))


def placed(slot: Slot, spare: int = 0) -> Placed:
    """In memory that held something else before."""
    memory = np.full(slot.nbytes(FLOAT32) + spare, 0xC1, np.uint8)
    return Placed(slot, memory, FLOAT32)


def numbers(shape: Shape) -> np.ndarray:
    return 1 + np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


@given(margins, margins, margins)
def test_a_margin_for_all_is_as_wide_as_the_widest(a: Margin, b: Margin, c: Margin) -> None:
    both = a | b
    assert both == b | a
    assert (a | b) | c == a | (b | c)
    assert a | a == a | Margin() == a
    for side in ("before", "after"):
        assert getattr(both, side) == tuple(np.maximum(getattr(a, side), getattr(b, side)))


@given(shapes, orders, margins, margins, st.sampled_from([0, 64]))
def test_every_reader_finds_the_map_in_the_zeros_that_it_wants(
    shape: Shape, order: Order, wanted: Margin, others: Margin, spare: int
) -> None:
    slot = Slot(shape, order, wanted | others)
    output = placed(slot, spare)
    for step in output.clear_margin():
        step()
    output.inside[...] = numbers(shape)
    (top, left), (bottom, right) = wanted.before, wanted.after
    expected = np.pad(numbers(shape), ((0, 0), (0, 0), (top, bottom), (left, right)))
    assert np.array_equal(output.with_margin(wanted), expected)
    assert np.array_equal(output.inside, numbers(shape))
    assert np.shares_memory(output.inside, output.padded)
    assert in_order(output.padded, order).flags.c_contiguous


@given(shapes, orders, margins)
def test_clearing_the_margin_leaves_the_map(shape: Shape, order: Order, margin: Margin) -> None:
    output = placed(Slot(shape, order, margin))
    output.inside[...] = numbers(shape)
    for step in output.clear_margin():
        step()
    assert np.array_equal(output.inside, numbers(shape))
    assert output.padded.sum(dtype=np.float64) == numbers(shape).sum(dtype=np.float64)


@given(shapes, orders, margins)
def test_bytes_are_those_of_the_padded_map(shape: Shape, order: Order, margin: Margin) -> None:
    slot = Slot(shape, order, margin)
    assert slot.nbytes(FLOAT32) == 4 * np.prod(slot.padded) == placed(slot).padded.nbytes
    assert slot.padded[:2] == shape[:2]


def test_without_a_margin_there_is_nothing_to_clear() -> None:
    assert placed(Slot((1, 2, 3, 4), "nhwc")).clear_margin() == []


@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 3, 4), (1, 2, 3, 4, 5)])
def test_what_is_no_map_lies_as_it_is(shape: Shape) -> None:
    slot = Slot(shape)
    output = placed(slot)
    assert output.inside.shape == slot.padded == shape
    assert output.inside.flags.c_contiguous
    assert output.clear_margin() == []

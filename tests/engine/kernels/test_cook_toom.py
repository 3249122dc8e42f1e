"""Minimal filtering is exact: F(m, r) in fractions gives the sums of the definition to the last digit."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ops.kernels.cook_toom import Transforms, transforms
from engine.ops.kernels.winograd import POINTS, TAPS
from engine.types import Array

Exact = list[Fraction]

fractions = st.fractions(min_value=-9, max_value=9, max_denominator=8)


def times(matrix: Array, numbers: Exact) -> Exact:
    return [
        sum((exact(entry) * number for entry, number in zip(row, numbers, strict=True)), Fraction(0))
        for row in matrix
    ]


def exact(entry: float) -> Fraction:
    """What a double was rounded from: the points are simple, and so are the entries."""
    return Fraction(float(entry)).limit_denominator(10**6)


def filtered(matrices: Transforms, numbers: Exact, taps: Exact) -> Exact:
    pairs = zip(times(matrices.kernel, taps), times(matrices.input, numbers), strict=True)
    return times(matrices.output, [a * b for a, b in pairs])


def by_definition(numbers: Exact, taps: Exact) -> Exact:
    places = range(len(numbers) - len(taps) + 1)
    return [sum((numbers[i + k] * tap for k, tap in enumerate(taps)), Fraction(0)) for i in places]


@given(st.data(), st.integers(1, 5), st.integers(1, 4))
@settings(max_examples=50, deadline=None)
def test_any_size_with_any_points(data: st.DataObject, outputs: int, taps: int) -> None:
    count = outputs + taps - 2
    simple = st.fractions(min_value=-4, max_value=4, max_denominator=2)
    points = tuple(data.draw(st.lists(simple, min_size=count, max_size=count, unique=True)))
    matrices = transforms(outputs, taps, points)
    numbers = data.draw(st.lists(fractions, min_size=count + 1, max_size=count + 1))
    weights = data.draw(st.lists(fractions, min_size=taps, max_size=taps))
    assert filtered(matrices, numbers, weights) == by_definition(numbers, weights)


@pytest.mark.parametrize("outputs", POINTS)
@given(st.data())
@settings(max_examples=20, deadline=None)
def test_the_points_in_use(outputs: int, data: st.DataObject) -> None:
    matrices = transforms(outputs, TAPS, POINTS[outputs])
    numbers = data.draw(st.lists(fractions, min_size=outputs + 2, max_size=outputs + 2))
    weights = data.draw(st.lists(fractions, min_size=TAPS, max_size=TAPS))
    assert filtered(matrices, numbers, weights) == by_definition(numbers, weights)


def test_a_wrong_entry_is_noticed() -> None:
    matrices = transforms(2, 3, POINTS[2])
    changed = matrices._replace(input=matrices.input + np.eye(4))
    numbers, weights = [Fraction(n) for n in (1, 2, 3, 4)], [Fraction(w) for w in (1, 10, 100)]
    assert filtered(changed, numbers, weights) != by_definition(numbers, weights)


def test_the_matrices_of_the_paper() -> None:
    # Lavin & Gray (2016), equation 7, of F(2, 3); there rows of G and of Bᵀ have their signs the other way.
    output, kernel, taken = transforms(2, 3, (Fraction(0), Fraction(1), Fraction(-1)))
    assert output.tolist() == [[1, 1, 1, 0], [0, 1, -1, 1]]
    assert np.abs(kernel).tolist() == [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [0, 0, 1]]
    assert np.abs(taken).tolist() == [[1, 0, 1, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 1, 0, 1]]


@pytest.mark.parametrize(("outputs", "taps"), [(1, 1), (1, 3), (4, 1), (4, 3), (2, 5)])
def test_as_many_products_as_are_needed(outputs: int, taps: int) -> None:
    points = tuple(map(Fraction, range(outputs + taps - 2)))
    output, kernel, taken = transforms(outputs, taps, points)
    products = outputs + taps - 1
    assert (output.shape, kernel.shape, taken.shape) == (
        (outputs, products),
        (products, taps),
        (products, products),
    )


def test_of_one_output_and_one_tap_nothing_is_left_but_the_product() -> None:
    assert [matrix.tolist() for matrix in transforms(1, 1, ())] == [[[1]]] * 3


def test_in_two_dimensions_rows_and_columns_are_transformed_in_turn() -> None:
    output, kernel, taken = transforms(4, 3, POINTS[4])
    rng = np.random.default_rng(0)
    tile, weight = rng.integers(-9, 10, (6, 6)).astype(float), rng.integers(-9, 10, (3, 3)).astype(float)
    products = (kernel @ weight @ kernel.T) * (taken @ tile @ taken.T)
    windows = np.lib.stride_tricks.sliding_window_view(tile, (3, 3))
    assert np.allclose(output @ products @ output.T, (windows * weight).sum(axis=(2, 3)), atol=1e-11)

"""The ways of writing a weight, and the arrays that they stand for."""

from __future__ import annotations

from fractions import Fraction
from math import prod, sqrt
from typing import Any

import numpy as np
import pytest

from engine.presets import make_kernel
from engine.types import Shape
from engine.weights import (
    BLOCK,
    FINITE,
    FORMS,
    INITIALISATIONS,
    is_finite,
    known_values,
    materialise,
    taken,
)
from tests.engine.memory import measured
from tests.engine.refusals import refusal


def drawn(shape: Shape, **source: Any) -> Any:
    return materialise("weight", None, source, shape)


class TestNumbers:
    @pytest.mark.parametrize(
        ("source", "shape"),
        [
            (2, ()),
            (-0.5, ()),
            ([1, 2.5], (2,)),
            ((1, 2), (2,)),
            ([[1, 2, 3]], (1, 3)),
            ([[[1]], [[2]]], (2, 1, 1)),
            ([[[[[[1]]]]]], (1,) * 6),
            (10**30, ()),
            ([np.float32(1), np.int64(2), Fraction(1, 2)], (3,)),
            (np.ones((2, 3), np.uint8), (2, 3)),
            ([np.ones(3), np.zeros(3)], (2, 3)),
        ],
    )
    def test_nested_as_deep_as_they_have_axes(self, source: Any, shape: Shape) -> None:
        values = known_values("weight", source, None)
        assert values is not None
        assert values.shape == shape
        assert values.dtype == np.float32
        assert np.array_equal(values, np.array(source, dtype=np.float64).astype(np.float32))

    @pytest.mark.parametrize(
        "source",
        [
            True,
            [True, False],
            [[1, True]],
            ["1"],
            [["1", "2"]],
            [None],
            [[1, None]],
            [1, [2]],
            [[1], [2, 3]],
            [{"preset": "box"}],
            [1j],
            [[[]], 1],
            np.array([True]),
            np.array(["1"]),
        ],
    )
    def test_what_is_no_array_of_numbers(self, source: Any) -> None:
        error = refusal(known_values, "weight", source, None)
        assert (error.code, error.argument, error.allowed) == ("invalid-weight", "weight", FORMS)
        assert error.value is source

    @pytest.mark.parametrize("source", [[], [[], []], [[[]]]])
    def test_none_at_all(self, source: Any) -> None:
        error = refusal(known_values, "bias", source, None)
        assert (error.code, error.argument, error.allowed) == (
            "invalid-weight",
            "bias",
            "at least one number",
        )

    @pytest.mark.parametrize(
        "source", [float("nan"), [1, float("inf")], [[-float("inf")]], 1e39, [-1e308], 10**400, [[10**5000]]]
    )
    def test_numbers_that_float32_cannot_hold(self, source: Any) -> None:
        error = refusal(known_values, "weight", source, None)
        assert (error.code, error.argument, error.allowed) == ("non-finite", "weight", FINITE)

    def test_the_largest_that_it_can(self) -> None:
        largest = float(np.finfo(np.float32).max)
        assert known_values("weight", [largest, -largest], None) is not None

    @pytest.mark.parametrize("depth", [64, 65, 5000])
    def test_nested_too_deep(self, depth: int) -> None:
        source: Any = 1
        for _ in range(depth):
            source = [source]
        if depth == 64:  # as many axes as NumPy has
            values = known_values("weight", source, None)
            assert refusal(materialise, "weight", values, source, (1, 1)).code == "shape-mismatch"
        else:
            assert refusal(known_values, "weight", source, None).code == "invalid-weight"


class TestNamedSources:
    @pytest.mark.parametrize("source", ["gaussian", {"preset": "gaussian"}])
    def test_a_preset_takes_the_size_asked_for(self, source: Any) -> None:
        assert np.array_equal(known_values("weight", source, (2, 5)), make_kernel("gaussian", (2, 5)))
        assert np.array_equal(known_values("weight", source, None), make_kernel("gaussian"))

    @pytest.mark.parametrize(("size", "shape"), [(5, (5, 5)), ([1, 4], (1, 4)), ((1, 4), (1, 4))])
    def test_its_own_size_comes_first(self, size: Any, shape: Shape) -> None:
        values = known_values("weight", {"preset": "box", "size": size}, (3, 3))
        assert values is not None
        assert values.shape == shape

    def test_its_settings_stand_beside_it(self) -> None:
        values = known_values("weight", {"preset": "gaussian", "sigma_px": 3}, (5, 5))
        assert np.array_equal(values, make_kernel("gaussian", (5, 5), {"sigma_px": 3}))

    @pytest.mark.parametrize(
        "size", [0, -1, True, 2.5, "3", [3], [3, 3, 3], [3, 0], [3, True], {"a": 3}, 10**9]
    )
    def test_sizes_that_are_none(self, size: Any) -> None:
        error = refusal(known_values, "weight", {"preset": "box", "size": size}, None)
        assert (error.code, error.argument, error.value) == ("invalid-argument", "size", size)

    @pytest.mark.parametrize("preset", [None, 3, ["box"], {"preset": "box"}])
    def test_a_preset_without_a_name(self, preset: Any) -> None:
        error = refusal(known_values, "weight", {"preset": preset}, None)
        assert (error.code, error.argument, error.value, error.allowed) == (
            "invalid-weight",
            "weight",
            preset,
            "a preset's name",
        )

    @pytest.mark.parametrize("source", [{}, {"seed": 1}, {"model": "lenet", "node": "conv1"}])
    def test_an_object_that_names_nothing(self, source: dict[str, Any]) -> None:
        error = refusal(known_values, "weight", source, None)
        assert (error.code, error.value, error.allowed) == ("invalid-weight", source, FORMS)

    def test_a_trained_weight_is_asked_of_the_lookup(self) -> None:
        weight = np.ones((2, 2), np.float32)
        source = {"model": "lenet", "node": "conv1", "channel": 3}
        assert known_values("weight", source, None, lambda asked: weight * asked["channel"])[0, 0] == 3  # type: ignore[index]

    def test_an_initialisation_waits_for_its_shape(self) -> None:
        assert known_values("weight", {"init": "he"}, (3, 3)) is None


class TestTaken:
    def test_float32_is_a_view_and_the_rest_a_copy(self) -> None:
        for dtype in (np.float32, np.float64, np.float16, np.uint8):
            array = np.array([1, 2], dtype)
            found = taken("bias", array, (2,))
            assert found.dtype == np.float32
            assert found.tolist() == [1, 2]
            assert found is not array
            assert np.shares_memory(found, array) == (dtype is np.float32)

    def test_what_is_finite(self) -> None:
        for wrong in (np.nan, np.inf, -np.inf):
            assert not is_finite(np.array([[1, 2], [wrong, 3]], np.float32))
        assert is_finite(np.array([np.finfo(np.float32).max, -1], np.float32))
        assert is_finite(np.zeros((0, 3)))


class TestFilling:
    def test_a_kernel_serves_every_channel(self) -> None:
        kernel = np.float32([[1, 2], [3, 4]])
        weight = materialise("weight", kernel, None, (3, 2, 2, 2))
        assert all(np.array_equal(each, kernel) for each in weight.reshape(-1, 2, 2))

    def test_the_array_is_new(self) -> None:
        values = np.ones((2, 2), np.float32)
        weight = materialise("weight", values, None, (2, 2))
        weight[...] = 7
        assert values.tolist() == [[1, 1], [1, 1]]
        materialise("weight", np.float32(1), None, (2, 2))[0, 0] = 5  # writeable, though repeated

    @pytest.mark.parametrize("shape", [(3,), (1, 2), (2, 1), (2, 3, 1), (1, 2, 3), (2, 2, 3)])
    def test_values_that_do_not_fit(self, shape: Shape) -> None:
        error = refusal(materialise, "weight", np.ones(shape, np.float32), None, (3, 2))
        assert (error.code, error.argument, error.value) == ("shape-mismatch", "weight", list(shape))
        assert error.allowed == "[3, 2] or its last axes"


class TestInitialisations:
    @pytest.mark.parametrize("init", INITIALISATIONS)
    @pytest.mark.parametrize("shape", [(5,), (4, 7), (3, 2, 1, 4), (2, 3, 4, 1, 2, 2)])
    def test_shape_and_dtype(self, init: str, shape: Shape) -> None:
        weight = drawn(shape, init=init)
        assert (weight.shape, weight.dtype) == (shape, np.float32)
        assert np.isfinite(weight).all()

    def test_zeros_and_ones(self) -> None:
        assert not drawn((2, 3), init="zeros").any()
        assert np.array_equal(drawn((2, 3), init="ones"), np.ones((2, 3)))

    @pytest.mark.parametrize("shape", [(200, 300), (64, 32, 5, 5), (60, 50, 3, 7)])
    def test_the_deviations_of_he_and_xavier(self, shape: Shape) -> None:
        taps = prod(shape[2:])
        inputs, outputs = shape[1] * taps, shape[0] * taps
        for init, deviation in (("he", sqrt(2 / inputs)), ("xavier", sqrt(2 / (inputs + outputs)))):
            weight = drawn(shape, init=init, seed=3)
            assert weight.std() == pytest.approx(deviation, rel=0.02)
            assert weight.mean() == pytest.approx(0, abs=0.02 * deviation)

    def test_kernels_of_other_places_are_no_inputs(self) -> None:
        # Each output of a locally connected layer reads its own 5 · 3 · 3 numbers.
        weight = drawn((8, 20, 20, 5, 3, 3), init="he")
        assert weight.std() == pytest.approx(sqrt(2 / 45), rel=0.02)
        weight = drawn((8, 20, 20, 5, 3, 3), init="xavier")
        assert weight.std() == pytest.approx(sqrt(2 / (5 * 9 + 8 * 9)), rel=0.02)

    def test_he_keeps_the_size_of_numbers_through_relu(self) -> None:
        rng = np.random.default_rng(0)
        x = rng.standard_normal((200, 256))
        for layer in range(10):
            x = np.maximum(x @ drawn((256, 256), init="he", seed=layer).T, 0)
        assert 0.3 < np.square(x).mean() < 3

    def test_the_same_seed_gives_the_same_numbers(self) -> None:
        one, same, default, other = (
            drawn((3, 4), init="he", **seed) for seed in ({"seed": 0}, {"seed": 0}, {}, {"seed": 1})
        )
        assert np.array_equal(one, same)
        assert np.array_equal(one, default)
        assert not np.array_equal(one, other)
        assert np.isfinite(drawn((3, 4), init="he", seed=10**400)).all()

    def test_large_weights_are_drawn_in_blocks_without_repetition(self) -> None:
        weight = drawn((3, BLOCK), init="he", seed=5)
        assert np.array_equal(weight, drawn((3, BLOCK), init="he", seed=5))
        assert len({row[:8].tobytes() for row in weight}) == 3
        assert np.abs(np.corrcoef(weight) - np.eye(3)).max() < 0.01
        assert weight.std() == pytest.approx(sqrt(2 / BLOCK), rel=0.01)

    def test_one_is_drawn_without_a_second_array(self) -> None:
        weight, memory = measured(lambda: drawn((1000, 3000), init="he"))
        assert memory.most < 1.1 * weight.nbytes

    @pytest.mark.parametrize("seed", [-1, True, 1.0, "1", None, [1]])
    def test_seeds_that_are_none(self, seed: Any) -> None:
        error = refusal(drawn, (3, 4), init="he", seed=seed)
        assert (error.code, error.argument, error.value) == ("invalid-argument", "seed", seed)
        assert error.allowed == "an integer of at least 0"

    @pytest.mark.parametrize(
        "source", [{"init": "orthogonal"}, {"init": None}, {"init": ["he"]}, {"init": "he", "gain": 2}]
    )
    def test_rules_that_are_none(self, source: dict[str, Any]) -> None:
        error = refusal(materialise, "weight", None, source, (3, 4))
        assert (error.code, error.argument, error.value) == ("invalid-weight", "weight", source)
        assert error.allowed == "init he, xavier, zeros, ones, with a seed"

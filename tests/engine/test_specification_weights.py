"""Weights given beside a specification, in the place of those that it names."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from engine.specification import build_model
from tests.engine.memory import measured
from tests.engine.refusals import refusal
from tests.engine.specifications import INPUT_3


class TestWeightsGiven:
    SPEC: ClassVar[dict[str, Any]] = {
        "input": INPUT_3,
        "nodes": [
            {"op": "conv2d", "name": "conv", "out_channels": 2, "bias": 1},
            {"op": "conv2d", "name": "tied", "weight": {"node": "conv"}, "inputs": ["input"]},
        ],
    }

    def test_they_take_the_place_of_their_sources(self) -> None:
        weight = np.arange(54, dtype=np.float32).reshape(2, 3, 3, 3)
        model = build_model(self.SPEC, weights={"conv.weight": weight, "conv.bias": np.array([3, 4])})
        found = model.node("conv").weights
        assert np.array_equal(found["weight"], weight)
        assert np.shares_memory(found["weight"], weight)
        assert found["bias"].tolist() == [3, 4]
        assert found["bias"].dtype == np.float32
        assert model.node("tied").weights["weight"] is found["weight"]

    def test_an_initialisation_in_their_place_is_not_drawn(self) -> None:
        spec = {"input": INPUT_3, "nodes": [{"op": "flatten"}, {"op": "linear", "out_features": 2**16}]}
        weight = np.broadcast_to(np.float32(0), (2**16, 126))
        _, memory = measured(lambda: build_model(spec, weights={"linear.weight": weight}))
        assert memory.most < 0.1 * weight.nbytes

    def test_one_array_given_twice_is_not_shared(self) -> None:
        zeros = np.zeros(3, np.float32)
        norm = {"op": "batch_norm2d", "weight": 1, "bias": 1}
        model = build_model(
            {"input": INPUT_3, "nodes": [norm]},
            weights={"batch_norm2d.weight": zeros, "batch_norm2d.bias": zeros},
        )
        assert set(model.weights) == {"batch_norm2d.weight", "batch_norm2d.bias"}

    def test_what_a_table_leaves_out_becomes_0(self) -> None:
        spec = {"input": INPUT_3, "nodes": [{"op": "conv2d", "connections": [[1, 0, 1]]}]}
        given = np.ones((1, 3, 3, 3), np.float32)
        weight = build_model(spec, weights={"conv2d.weight": given}).node("conv2d").weights["weight"]
        assert weight.sum(axis=(0, 2, 3)).tolist() == [9, 0, 9]
        assert given.all()

    @pytest.mark.parametrize("name", ["conv", "conv.scale", "other.weight", "tied.weight", "tied.bias", ""])
    def test_names_that_the_model_does_not_have(self, name: str) -> None:
        error = refusal(build_model, self.SPEC, weights={name: np.ones((2, 3, 3, 3))})
        assert (error.code, error.argument, error.value) == ("unknown-weight", "weights", name)
        assert error.allowed == "conv.weight, conv.bias"

    def test_another_shape(self) -> None:
        error = refusal(build_model, self.SPEC, weights={"conv.weight": np.ones((2, 3, 5, 5))})
        assert (error.code, error.argument, error.value) == ("shape-mismatch", "conv.weight", [2, 3, 5, 5])
        assert error.allowed == "the shape [2, 3, 3, 3]"

    @pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e39])
    def test_numbers_that_are_not_finite(self, wrong: float) -> None:
        error = refusal(build_model, self.SPEC, weights={"conv.bias": np.array([0, wrong])})
        assert (error.code, error.argument) == ("non-finite", "conv.bias")

    @pytest.mark.parametrize(
        "wrong", [np.array(["1", "2"]), np.array([True, False]), np.array([1j, 2]), None]
    )
    def test_what_is_no_array_of_numbers(self, wrong: Any) -> None:
        error = refusal(build_model, self.SPEC, weights={"conv.bias": wrong})
        assert (error.code, error.argument) == ("invalid-weight", "conv.bias")

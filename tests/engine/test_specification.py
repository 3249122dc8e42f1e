"""From configurations to models: what may be left out, and what follows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.graph import Model
from engine.ops.conv2d import Conv2d
from engine.presets import make_kernel
from engine.specification import build_model, configure
from tests.engine.nets import random_weight
from tests.engine.refusals import refusal
from tests.engine.specifications import INPUT_3, built, refused


def layer(model: Model, name: str = "conv2d") -> Conv2d:
    op = model.node(name).op
    assert isinstance(op, Conv2d)
    return op


class TestSequences:
    def test_names_and_inputs_follow_from_the_order(self) -> None:
        model = built({"op": "conv2d"}, {"op": "relu"}, {"op": "conv2d"}, {"op": "relu"}, {"op": "relu"})
        assert [(node.name, node.inputs) for node in model] == [
            ("conv2d", ("input",)),
            ("relu", ("conv2d",)),
            ("conv2d_2", ("relu",)),
            ("relu_2", ("conv2d_2",)),
            ("relu_3", ("relu_2",)),
        ]

    def test_a_name_that_is_taken_is_passed_over(self) -> None:
        model = built({"op": "tanh", "name": "relu"}, {"op": "relu"}, {"op": "relu", "name": None})
        assert [node.name for node in model] == ["relu", "relu_2", "relu_3"]

    def test_names_and_inputs_of_ones_own(self) -> None:
        model = built(
            {"op": "relu", "name": "a"},
            {"op": "relu", "name": "b", "inputs": ["input"]},
            {"op": "add", "name": "c", "inputs": ["a", "b"]},
        )
        assert model.node("b").inputs == ("input",)
        assert model.node("c").inputs == ("a", "b")

    def test_the_specification_stays_as_it_is(self) -> None:
        nodes = [{"op": "conv2d", "weight": {"preset": "gabor", "size": 5}, "stride": [1, 2]}, {"op": "relu"}]
        written = repr(nodes)
        build_model({"input": INPUT_3, "nodes": nodes})
        assert repr(nodes) == written


class TestWeights:
    def test_a_number_serves_everywhere(self) -> None:
        model = built({"op": "conv2d", "weight": 0.5, "kernel_size": [2, 3], "bias": 2})
        assert np.array_equal(model.node("conv2d").weights["weight"], np.full((1, 3, 2, 3), 0.5))
        assert model.node("conv2d").weights["bias"].tolist() == [2]

    def test_a_kernel_serves_every_channel(self) -> None:
        model = built({"op": "conv2d", "weight": [[1, 2, 3], [4, 5, 6]]})
        weight = model.node("conv2d").weights["weight"]
        assert layer(model).kernel_size == (2, 3)
        assert weight.tolist() == [[[[1, 2, 3], [4, 5, 6]]] * 3]
        assert weight.dtype == np.float32

    def test_a_kernel_per_channel_serves_every_output(self) -> None:
        numbers = random_weight(3, 2, 2)
        weight = (
            built({"op": "conv2d", "weight": numbers, "out_channels": 2}).node("conv2d").weights["weight"]
        )
        assert np.array_equal(weight, np.float32([numbers, numbers]))

    def test_all_four_axes(self) -> None:
        numbers = random_weight(5, 3, 1, 2)
        model = built({"op": "conv2d", "weight": numbers})
        assert (layer(model).out_channels, layer(model).kernel_size) == (5, (1, 2))
        assert np.array_equal(model.node("conv2d").weights["weight"], np.float32(numbers))

    def test_a_preset(self) -> None:
        for source in ("sobel_x", {"preset": "sobel_x"}, {"preset": "sobel_x", "size": 3}):
            weight = built({"op": "conv2d", "weight": source}).node("conv2d").weights["weight"]
            assert np.array_equal(weight[0, 2], make_kernel("sobel_x"))

    def test_a_preset_takes_the_kernels_size(self) -> None:
        assert layer(built({"op": "conv2d", "weight": "box", "kernel_size": [1, 4]})).kernel_size == (1, 4)
        assert layer(built({"op": "conv2d", "weight": "difference_x"})).kernel_size == (1, 2)

    def test_a_preset_with_settings(self) -> None:
        source = {"preset": "gabor", "size": [5, 3], "orientation_deg": 30, "sigma_px": 1.5}
        model = built({"op": "conv2d", "weight": source, "groups": 3})
        expected = make_kernel("gabor", (5, 3), {"orientation_deg": 30, "sigma_px": 1.5})
        assert layer(model).kernel_size == (5, 3)
        assert all(np.array_equal(each[0], expected) for each in model.node("conv2d").weights["weight"])

    def test_arrays_of_numpy(self) -> None:
        kernel = np.arange(6.0).reshape(2, 3)
        weight = built({"op": "conv2d", "weight": kernel}).node("conv2d").weights["weight"]
        assert np.array_equal(weight[0, 0], kernel)
        kernel[...] = 7
        assert weight[0, 0, 0, 0] == 0

    def test_weights_cannot_be_written_to(self) -> None:
        weights = built({"op": "conv2d", "weight": [[1.0]], "bias": [2.0]}).node("conv2d").weights
        for weight in weights.values():
            with pytest.raises(ValueError, match="read-only"):
                weight[...] = 7

    def test_an_initialisation(self) -> None:
        first, second, third = (
            built({"op": "conv2d", "weight": {"init": "xavier", "seed": seed}})
            .node("conv2d")
            .weights["weight"]
            for seed in (1, 1, 2)
        )
        assert np.array_equal(first, second)
        assert not np.array_equal(first, third)

    def test_weights_left_out_are_drawn_alike_every_time_and_differ_by_node(self) -> None:
        nodes = [{"op": "conv2d", "out_channels": 3, "padding": 1}] * 2
        one, other = (built(*nodes) for _ in range(2))
        for name in ("conv2d", "conv2d_2"):
            assert np.array_equal(one.node(name).weights["weight"], other.node(name).weights["weight"])
            assert "bias" not in one.node(name).weights
        assert not np.array_equal(
            one.node("conv2d").weights["weight"], one.node("conv2d_2").weights["weight"]
        )

    def test_null_means_left_out(self) -> None:
        model = built({"op": "conv2d", "bias": None, "weight": None, "stride": None, "inputs": None})
        assert list(model.node("conv2d").weights) == ["weight"]

    def test_trained_weights_are_looked_up(self) -> None:
        asked = []

        def lookup(source: Any) -> Any:
            asked.append(source)
            return np.ones((2, 3, 1, 1), np.float32)

        source = {"model": "lenet", "node": "conv1"}
        spec = {"input": INPUT_3, "nodes": [{"op": "conv2d", "weight": source}]}
        assert build_model(spec, lookup).node("conv2d").weights["weight"].shape == (2, 3, 1, 1)
        assert asked == [source]
        assert refusal(build_model, spec).code == "invalid-weight"

    def test_linear_features_follow_from_the_weight(self) -> None:
        weight = random_weight(4, 126)
        model = built({"op": "flatten"}, {"op": "linear", "weight": weight, "bias": [1, 2, 3, 4]})
        assert model.shapes["linear"] == (1, 4)

    def test_unshared_weights_in_full(self) -> None:
        numbers = random_weight(2, 5, 6, 3, 2, 2)
        model = built({"op": "local2d", "weight": numbers})
        assert model.shapes["local2d"] == (1, 2, 5, 6)

    def test_transposed_weights_count_outputs_on_their_second_axis(self) -> None:
        weight = random_weight(4, 3, 2, 2)
        model = built({"op": "conv_transpose2d", "weight": weight, "groups": 2}, channels=4)
        assert model.shapes["conv_transpose2d"] == (1, 6, 7, 8)


class TestSharedWeights:
    def test_it_is_the_same_array(self) -> None:
        shared = {"op": "conv2d", "name": "second", "weight": {"node": "first"}, "inputs": ["input"]}
        model = built({"op": "conv2d", "name": "first", "weight": random_weight(2, 3, 3, 1)}, shared)
        first, second = model.node("first"), model.node("second")
        assert second.weights["weight"] is first.weights["weight"]
        assert layer(model, "second").kernel_size == (3, 1)
        assert layer(model, "second").out_channels == 2
        assert list(model.weights) == ["first.weight"]
        assert model.owners == {"first.weight": "first.weight", "second.weight": "first.weight"}

    @pytest.mark.parametrize("source", ["second", "third", "input", "relu", 3, None])
    def test_only_a_node_before_has_one_to_share(self, source: Any) -> None:
        nodes = [{"op": "conv2d", "name": "first"}, {"op": "relu"}]
        wrong = {"op": "conv2d", "name": "second", "weight": {"node": source}}
        assert refused(*nodes, wrong, {"op": "conv2d", "name": "third"}) == (
            "unknown-node",
            "weight of second",
            source,
            "first",
        )

    def test_a_first_node_has_nobody_to_share_with(self) -> None:
        code, argument, value, _ = refused({"op": "conv2d", "weight": {"node": "conv2d"}})
        assert (code, argument, value) == ("unknown-node", "weight of conv2d", "conv2d")

    def test_another_shape(self) -> None:
        first = {"op": "conv2d", "name": "first", "out_channels": 2, "padding": 1}
        code, argument, value, _ = refused(first, {"op": "conv2d", "weight": {"node": "first"}})
        assert (code, argument, value) == ("shape-mismatch", "weight", [2, 3, 3, 3])


class TestGroups:
    def test_by_default_one_output_each(self) -> None:
        assert layer(built({"op": "conv2d", "groups": 3})).out_channels == 3
        assert layer(built({"op": "conv2d", "groups": 3, "weight": "box"})).out_channels == 3
        assert layer(built({"op": "conv2d"})).out_channels == 1

    def test_outputs_asked_for_come_first(self) -> None:
        model = built({"op": "conv2d", "groups": 3, "out_channels": 6})
        assert model.node("conv2d").weights["weight"].shape == (6, 1, 3, 3)

    @pytest.mark.parametrize(("groups", "outputs"), [(2, 2), (3, 4)])
    def test_they_must_divide_both_sides(self, groups: int, outputs: int) -> None:
        expected = f"a divisor of in_channels 3 and of out_channels {outputs}"
        assert refused({"op": "conv2d", "groups": groups, "out_channels": outputs}) == (
            "groups-do-not-divide",
            "groups",
            groups,
            expected,
        )


def test_configure_takes_a_seed() -> None:
    drawn = [configure(Conv2d, {}, [(1, 3, 6, 7)], seed)[1]["weight"] for seed in (0, 0, 1)]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])

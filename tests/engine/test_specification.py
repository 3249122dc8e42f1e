"""From configurations to models: what may be left out, what follows, and what is refused by name."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.graph import Model
from engine.ops.conv2d import Conv2d
from engine.ops.registry import OPERATIONS
from engine.presets import PRESETS, make_kernel
from engine.specification import LARGEST_ARRAY, build_model, configure
from tests.engine.memory import measured
from tests.engine.nets import net, random_weight
from tests.engine.refusals import refusal

INPUT_3 = {"channels": 3, "size": [6, 7]}


def built(*nodes: Any, channels: int = 3) -> Model:
    return net(*nodes, size=(6, 7), channels=channels)


def refused(*nodes: Any) -> tuple[Any, ...]:
    error = refusal(build_model, {"input": INPUT_3, "nodes": list(nodes)})
    return error.code, error.argument, error.value, error.allowed


def layer(model: Model, name: str = "conv2d") -> Conv2d:
    op = model.node(name).op
    assert isinstance(op, Conv2d)
    return op


def nested(depth: int) -> list[Any]:
    value: list[Any] = [1]
    for _ in range(depth):
        value = [value]
    return value


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


class TestConflicts:
    def test_a_kernel_size_against_the_weights_own(self) -> None:
        wrong = {"op": "conv2d", "weight": [[1, 2, 3]], "kernel_size": 3}
        assert refused(wrong) == ("shape-mismatch", "weight", [1, 3], "[1, 3, 3, 3] or its last axes")

    def test_output_channels_against_the_weights_own(self) -> None:
        wrong = {"op": "conv2d", "weight": random_weight(2, 3, 1, 1), "out_channels": 4}
        assert refused(wrong)[:3] == ("shape-mismatch", "weight", [2, 3, 1, 1])

    def test_a_presets_size_against_the_kernels(self) -> None:
        wrong = {"op": "conv2d", "weight": {"preset": "box", "size": 5}, "kernel_size": 3}
        assert refused(wrong)[:3] == ("shape-mismatch", "weight", [5, 5])

    def test_a_size_that_a_preset_does_not_come_in(self) -> None:
        wrong = {"op": "conv2d", "weight": "sobel_x", "kernel_size": 5}
        expected = ("invalid-argument", "kernel_size", [5, 5], "[3, 3] for preset 'sobel_x'")
        assert refused(wrong) == expected

    def test_a_weight_for_other_channels(self) -> None:
        assert refused({"op": "conv2d", "weight": random_weight(1, 2, 3, 3)})[:3] == (
            "shape-mismatch",
            "weight",
            [1, 2, 3, 3],
        )

    def test_a_bias_of_another_length(self) -> None:
        wrong = {"op": "conv2d", "bias": [1, 2], "out_channels": 3}
        assert refused(wrong) == ("shape-mismatch", "bias", [2], "[3] or its last axes")

    def test_a_weight_with_too_many_axes(self) -> None:
        assert refused({"op": "conv2d", "weight": random_weight(1, 1, 3, 2, 2)})[0] == "shape-mismatch"


EXAMPLE = '{"channels": 3, "size": [rows, columns]}, integers of at least 1'
ONE_NODE = "a list of at least one node"

WRONG_TOPS = [
    ({"nodes": [{"op": "relu"}]}, "invalid-argument", "input", None, EXAMPLE),
    ({"input": 3, "nodes": []}, "invalid-argument", "input", 3, EXAMPLE),
    ({"input": {"channels": 3}}, "invalid-argument", "input", {"channels": 3}, EXAMPLE),
    ({"input": {**INPUT_3, "depth": 1}}, "unknown-parameter", "input.depth", 1, "channels, size"),
    ({"input": INPUT_3}, "invalid-argument", "nodes", None, ONE_NODE),
    ({"input": INPUT_3, "nodes": []}, "invalid-argument", "nodes", [], ONE_NODE),
    ({"input": INPUT_3, "nodes": {"op": "relu"}}, "invalid-argument", "nodes", {"op": "relu"}, ONE_NODE),
    ({"input": INPUT_3, "layers": []}, "unknown-parameter", "specification.layers", [], "input, nodes"),
    (None, "invalid-argument", "specification", None, "an object with input and nodes"),
    ([1], "invalid-argument", "specification", [1], "an object with input and nodes"),
]


@pytest.mark.parametrize(("spec", "code", "argument", "value", "allowed"), WRONG_TOPS)
def test_what_is_no_specification(spec: Any, code: str, argument: str, value: Any, allowed: str) -> None:
    error = refusal(build_model, spec)
    assert (error.code, error.argument, error.value, error.allowed) == (code, argument, value, allowed)


@pytest.mark.parametrize(
    ("channels", "size"),
    [
        (0, [6, 7]),
        (-1, [6, 7]),
        (True, [6, 7]),
        (1.0, [6, 7]),
        ("3", [6, 7]),
        (3, [0, 7]),
        (3, [6, True]),
        (3, [6]),
        (3, [6, 7, 8]),
        (3, 6),
        (3, None),
        (3, "67"),
    ],
)
def test_inputs_that_are_no_sizes(channels: Any, size: Any) -> None:
    spec = {"input": {"channels": channels, "size": size}, "nodes": [{"op": "relu"}]}
    error = refusal(build_model, spec)
    assert (error.code, error.argument) == ("invalid-argument", "input")
    assert error.value == {"channels": channels, "size": size}


OPS = ", ".join(OPERATIONS)

WRONG_NODES = [
    ("relu", "invalid-argument", "nodes", "relu", 'objects such as {"op": "relu"}'),
    ({}, "unknown-operation", "op", None, OPS),
    ({"op": "conv3d"}, "unknown-operation", "op", "conv3d", OPS),
    ({"op": ["relu"]}, "unknown-operation", "op", ["relu"], OPS),
    ({"op": "relu", "name": 5}, "invalid-argument", "name", 5, "a text"),
    ({"op": "relu", "name": ""}, "invalid-argument", "name", "", "a text"),
    (
        {"op": "relu", "name": "input"},
        "duplicate-node",
        "name",
        "input",
        "a name of its own for every node",
    ),
    (
        {"op": "relu", "inputs": "input"},
        "invalid-argument",
        "inputs of relu",
        "input",
        "a list of node names",
    ),
    ({"op": "relu", "inputs": [0]}, "invalid-argument", "inputs of relu", [0], "a list of node names"),
    ({"op": "relu", "inputs": ["x"]}, "unknown-node", "inputs of relu", "x", "input"),
    ({"op": "relu", "inputs": []}, "wrong-inputs", "inputs of relu", [], "1 input"),
    ({"op": "add"}, "wrong-inputs", "inputs of add", ["input"], "two or more inputs"),
    (
        {"op": "squared_error"},
        "wrong-inputs",
        "inputs of squared_error",
        ["input"],
        "2 inputs",
    ),
    ({"op": "relu", "slope": 1}, "unknown-parameter", "slope", 1, ""),
    (
        {"op": "avg_pool2d", "dilation": 2},
        "unknown-parameter",
        "dilation",
        2,
        "kernel_size, stride, padding, ceil_mode, count_include_pad",
    ),
    ({"op": "conv2d", "stride": 0}, "invalid-argument", "stride", 0, None),
    ({"op": "conv2d", "stride": 65537}, "invalid-argument", "stride", 65537, "at most 65536"),
    ({"op": "conv2d", "kernel_size": 7}, "kernel-too-large", "kernel_size", 7, None),
    (
        {"op": "conv2d", "padding_mode": "mirror"},
        "invalid-argument",
        "padding_mode",
        "mirror",
        "one of zeros, reflect, replicate, circular",
    ),
    ({"op": "conv2d", "weight": "nobody"}, "unknown-preset", "preset", "nobody", ", ".join(PRESETS)),
    (
        {"op": "conv2d", "weight": {"preset": "box", "sigma": 1}},
        "unknown-parameter",
        "sigma",
        1,
        "none",
    ),
]


@pytest.mark.parametrize(("config", "code", "argument", "value", "allowed"), WRONG_NODES)
def test_what_is_no_node(config: Any, code: str, argument: str, value: Any, allowed: str | None) -> None:
    found = refused(config)
    assert found[:3] == (code, argument, value)
    assert allowed is None or found[3] == allowed


def test_a_name_twice() -> None:
    assert refused({"op": "relu", "name": "a"}, {"op": "tanh", "name": "a"})[:3] == (
        "duplicate-node",
        "name",
        "a",
    )


class TestTooLarge:
    """Refused from shapes alone: none of these arrays is made."""

    def test_an_input(self) -> None:
        spec = {"input": {"channels": 1, "size": [10**400, 10]}, "nodes": [{"op": "relu"}]}
        error = refusal(build_model, spec)
        assert (error.code, error.argument) == ("model-too-large", "input")

    def test_one_cell_too_many(self) -> None:
        spec = {"input": {"channels": 1, "size": [LARGEST_ARRAY, 1]}, "nodes": [{"op": "relu"}]}
        assert build_model(spec).shapes["relu"] == (1, 1, LARGEST_ARRAY, 1)
        spec["input"] = {"channels": 1, "size": [LARGEST_ARRAY + 1, 1]}
        assert refusal(build_model, spec).code == "model-too-large"

    def test_a_weight(self) -> None:
        wrong = {"op": "conv2d", "out_channels": 65536, "kernel_size": 50, "padding": 25}
        assert refused(wrong) == (
            "model-too-large",
            "weight",
            [65536, 3, 50, 50],
            f"up to {LARGEST_ARRAY} numbers",
        )

    def test_an_output(self) -> None:
        wrong = {"op": "conv2d", "padding": 20_000}
        assert refused(wrong)[:2] == ("model-too-large", "output of conv2d")

    def test_windows_are_counted_without_being_laid_out(self) -> None:
        # 2 · 30,000 padding cells for a window of 60,000: a table of taps would take gigabytes.
        model = net({"op": "avg_pool2d", "kernel_size": [60_000, 1], "stride": 1, "padding": [30_000, 0]})
        assert model.shapes["avg_pool2d"] == (1, 1, 10, 11)

    @pytest.mark.parametrize("source", ["box", {"preset": "gabor", "size": [1025, 1]}])
    def test_a_preset(self, source: Any) -> None:
        code, _, _, allowed = refused({"op": "conv2d", "weight": source, "kernel_size": 1025})
        assert (code, allowed) == ("invalid-argument", "an integer from 1 to 1024, or [rows, columns]")


@pytest.mark.parametrize(
    "value",
    [10**400, -(10**400), 10**5000, nested(5000), {"a": nested(5000)}],
    ids=["large", "small", "larger", "deep", "deep object"],
)
@pytest.mark.parametrize(
    "place", ["input", "channels", "nodes", "op", "name", "inputs", "stride", "padding", "weight", "preset"]
)
def test_beyond_printing_is_refused_all_the_same(place: str, value: Any) -> None:
    node: dict[str, Any] = {"op": "conv2d"}
    spec: dict[str, Any] = {"input": dict(INPUT_3), "nodes": [node]}
    if place in ("input", "nodes"):
        spec[place] = value
    elif place == "channels":
        spec["input"]["channels"] = value
    elif place == "preset":
        node["weight"] = {"preset": value}
    else:
        node[place] = value
    refusal(build_model, spec)


def test_configure_takes_a_seed() -> None:
    drawn = [configure(Conv2d, {}, [(1, 3, 6, 7)], seed)[1]["weight"] for seed in (0, 0, 1)]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


# Values such as JSON makes them, drawn from what might nearly be right.
WORDS = [
    *OPERATIONS,
    *PRESETS,
    *("input", "a", "he", "xavier", "same", "full", "valid", "reflect", "circular", "mean", "1", "", "ä"),
]
FIELDS = [
    *("op", "name", "inputs", "preset", "init", "seed", "model", "node", "size", "channels", "nodes"),
    *sorted({name for op in OPERATIONS.values() for name in op.__dataclass_fields__}),
    *("weight", "bias", "running_mean", "running_var", "orientation_deg", "sigma_px", "depth"),
]
INTEGERS = st.integers(-2, 9) | st.sampled_from([65_537, 2**31, 2**63, 10**400, -(10**400)])
NUMBERS = INTEGERS | st.floats() | st.sampled_from([1e39, 1e308, 0.5, -1.0])
LEAVES = st.none() | st.booleans() | NUMBERS | st.sampled_from(WORDS) | st.text(max_size=3)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3),
    max_leaves=12,
)
KERNELS = st.lists(st.lists(NUMBERS, min_size=2, max_size=2), min_size=1, max_size=3)
LIKELY = {
    "kernel_size": st.integers(1, 4) | st.lists(st.integers(1, 4), min_size=2, max_size=2),
    "out_channels": st.integers(1, 5),
    "padding": st.integers(0, 3) | st.sampled_from(["same", "full"]),
    "stride": st.integers(1, 3),
    "weight": KERNELS | st.sampled_from([*PRESETS]) | st.just({"init": "xavier", "seed": 3}),
    "inputs": st.lists(st.sampled_from(["input", "a", "relu", "conv2d"]), min_size=1, max_size=3),
}


@st.composite
def nodes(draw: st.DrawFn) -> Any:
    op = draw(st.sampled_from([*OPERATIONS]))
    operation = OPERATIONS[op]
    known = [*operation.__dataclass_fields__, *operation.weight_names, "inputs", "name"]
    chosen = draw(st.lists(st.sampled_from(known), max_size=4, unique=True))
    return {"op": op, **{field: draw(LIKELY.get(field, VALUES) | VALUES) for field in chosen}}


SPECIFICATIONS = st.fixed_dictionaries(
    {
        "input": st.fixed_dictionaries(
            {
                "channels": st.integers(1, 4),
                "size": st.lists(st.integers(1, 9), min_size=2, max_size=2),
            }
        )
        | VALUES,
        "nodes": st.lists(nodes(), min_size=1, max_size=4) | st.lists(nodes() | VALUES, max_size=3) | VALUES,
    }
)

FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(VALUES | SPECIFICATIONS)
@FUZZ
def test_whatever_is_given_becomes_a_model_or_an_engine_error(spec: Any) -> None:
    try:
        model = build_model(spec)
    except EngineError:
        return
    for node in model:
        assert all(np.isfinite(weight).all() for weight in node.weights.values())
        assert all(weight.dtype == np.float32 for weight in node.weights.values())


@given(SPECIFICATIONS)
@FUZZ
def test_what_becomes_a_model_runs_or_names_a_node(spec: Any) -> None:
    try:
        model = build_model(spec)
    except EngineError:
        return
    assert [each.node.name for each in model.describe()] == [node.name for node in model]
    if sum(np.prod(shape) for shape in model.shapes.values()) > 1e6:
        return
    x = np.ones((1, *model.input_shape), np.float32)
    try:
        trace = model.run(x)
    except EngineError:
        assert refusal(model.run, x).code == "non-finite"
        return
    assert {name: y.shape for name, y in trace.outputs.items()} == model.shapes

"""Specifications that no model can be made of, each refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from engine.ops.registry import OPERATIONS
from engine.presets import PRESETS
from engine.specification import LARGEST_ARRAY, build_model
from tests.engine.nets import net, random_weight
from tests.engine.refusals import refusal
from tests.engine.specifications import INPUT_3, refused


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


def nested(depth: int) -> list[Any]:
    value: list[Any] = [1]
    for _ in range(depth):
        value = [value]
    return value


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

"""Models: what cannot be one, and what is known of one before it runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.graph import INPUT, Model, Node
from engine.ops.activations import Relu
from engine.ops.arithmetic import Add
from engine.ops.conv2d import Conv2d
from engine.ops.linear import Linear
from engine.ops.losses import SquaredError
from engine.ops.merge import Concat
from engine.ops.operation import Operation
from engine.ops.reshape import Flatten
from engine.types import Array
from tests.engine.nets import INCEPTION, LENET_5, RESIDUAL, net
from tests.engine.refusals import refusal

SHAPE = (1, 4, 5)


def node(name: str, op: Operation, *inputs: str, **weights: Array) -> Node:
    return Node(name, op, inputs or (INPUT,), weights)


def relu(name: str, *inputs: str) -> Node:
    return node(name, Relu(), *inputs)


def refused(*nodes: Node) -> tuple[Any, ...]:
    error = refusal(Model, SHAPE, nodes)
    return error.code, error.argument, error.value, error.allowed


class TestGraphsThatCannotBe:
    def test_an_input_that_is_not_there(self) -> None:
        expected = ("unknown-node", "inputs of b", "c", "input, a")
        assert refused(relu("a"), relu("b", "c")) == expected

    def test_a_node_before_its_input(self) -> None:
        expected = ("unknown-node", "inputs of a", "b", "input")
        assert refused(relu("a", "b"), relu("b")) == expected

    def test_a_node_that_feeds_itself(self) -> None:
        assert refused(relu("a", "a")) == ("unknown-node", "inputs of a", "a", "input")

    @pytest.mark.parametrize("name", ["a", INPUT])
    def test_a_name_twice(self, name: str) -> None:
        assert refused(relu("a"), relu(name)) == (
            "duplicate-node",
            "name",
            name,
            "a name of its own for every node",
        )

    @pytest.mark.parametrize(
        ("op", "inputs", "allowed"),
        [
            (Relu(), [INPUT, INPUT], "1 input"),
            (Add(), [INPUT], "two or more inputs"),
            (Concat(), [INPUT], "two or more inputs"),
            (SquaredError(), [INPUT], "2 inputs"),
            (SquaredError(), [INPUT, INPUT, INPUT], "2 inputs"),
        ],
    )
    def test_a_wrong_number_of_inputs(self, op: Operation, inputs: list[str], allowed: str) -> None:
        assert refused(node("a", op, *inputs)) == ("wrong-inputs", "inputs of a", inputs, allowed)

    def test_shapes_that_do_not_meet(self) -> None:
        conv = node("conv", Conv2d(kernel_size=(2, 2)), weight=np.ones((1, 1, 2, 2), np.float32))
        expected = ("shape-mismatch", "input of add", [1, 3, 4], "[1, 4, 5], or 1 in the place of some of it")
        assert refused(conv, node("sum", Add(), INPUT, "conv")) == expected

    def test_a_vector_that_should_be_a_map(self) -> None:
        code, argument, value, _ = refused(node("flat", Flatten()), node("conv", Conv2d(), "flat"))
        assert (code, argument, value) == ("shape-mismatch", "input of conv2d", [20])


class TestWeightsThatCannotBe:
    def test_one_is_missing(self) -> None:
        expected = ("invalid-weight", "weight of conv", None, "numbers of shape [1, 1, 3, 3]")
        assert refused(node("conv", Conv2d())) == expected

    def test_one_is_unknown(self) -> None:
        wrong = node("bent", Relu(), weight=np.ones(3))
        assert refused(wrong) == ("invalid-weight", "weight of bent", [3], "none")

    def test_one_has_another_shape(self) -> None:
        wrong = node("conv", Conv2d(), weight=np.ones((1, 2, 3, 3)))
        expected = ("shape-mismatch", "weight of conv", [1, 2, 3, 3])
        assert refused(wrong) == (*expected, "[1, 1, 3, 3] for an input of [1, 4, 5]")

    def test_an_optional_one_may_be_left_out(self) -> None:
        Model(SHAPE, (node("conv", Conv2d(), weight=np.ones((1, 1, 3, 3))),))


def test_weights_of_linear_layers_are_checked() -> None:
    flat = node("flat", Flatten())
    linear = node("fc", Linear(out_features=2), "flat", weight=np.ones((2, 19), np.float32))
    assert refused(flat, linear)[:3] == ("shape-mismatch", "weight of fc", [2, 19])


class TestOtherWeights:
    def test_they_take_the_place_of_those_named(self) -> None:
        model = net(*RESIDUAL)
        weight = np.ones((4, 1, 3, 3))
        other = model.with_weights({"first.weight": weight})
        assert other.node("first").weights["weight"] is weight
        assert other.node("second").weights["weight"] is model.node("second").weights["weight"]
        assert other.node("second").op is model.node("second").op
        assert not np.array_equal(model.node("first").weights["weight"], weight)

    def test_what_is_shared_stays_so(self) -> None:
        tied = {"op": "conv2d", "name": "tied", "weight": {"node": "conv2d"}}
        model = net({"op": "conv2d"}, tied, size=(9, 11))
        other = model.with_weights({"conv2d.weight": np.ones((1, 1, 3, 3))})
        assert other.node("tied").weights["weight"] is other.node("conv2d").weights["weight"]

    def test_names_and_shapes_that_cannot_be(self) -> None:
        model = net(*RESIDUAL)
        error = refusal(model.with_weights, {"third.weight": np.ones(3)})
        assert (error.code, error.argument, error.value) == ("unknown-weight", "weights", "third.weight")
        error = refusal(model.with_weights, {"first.weight": np.ones(3)})
        assert (error.code, error.argument) == ("shape-mismatch", "weight of first")


class TestLookingAround:
    def test_nodes_come_in_order_and_by_name(self) -> None:
        model = net(*RESIDUAL)
        assert [each.name for each in model] == ["first", "bent", "second", "shortcut", "sum", "out"]
        assert model.node("sum").inputs == ("second", "shortcut")

    def test_an_unknown_node(self) -> None:
        error = refusal(Model(SHAPE, (relu("a"), relu("b"))).node, "c")
        assert (error.code, error.argument, error.value, error.allowed) == (
            "unknown-node",
            "node",
            "c",
            "a, b",
        )

    def test_consumers(self) -> None:
        model = net(*INCEPTION)
        assert [each.name for each, _ in model.consumers(INPUT)] == ["one", "squeeze", "pool"]
        assert [(each.name, i) for each, i in model.consumers("five")] == [("joined", 2)]
        assert model.consumers("joined") == []
        twice = Model(SHAPE, (node("sum", Add(), INPUT, INPUT),))
        assert [i for _, i in twice.consumers(INPUT)] == [0, 1]

    def test_shapes(self) -> None:
        model = net(*INCEPTION, size=(6, 7), channels=2)
        assert model.shapes["joined"] == (1, 2 + 3 + 1 + 2, 6, 7)
        assert model.shapes_for((2, 20, 10))["joined"] == (1, 8, 20, 10)


class TestDescriptions:
    def test_the_edge_detector(self) -> None:
        # Goodfellow et al., section 9.2: 267,960 operations, of which every third is the addition.
        (edges,) = net({"op": "conv2d", "weight": "difference_x"}, size=(280, 320)).describe()
        assert edges.output_shape == (1, 280, 319)
        assert edges.parameters == 2
        assert edges.multiply_adds // 2 * 3 == 267_960

    def test_lenet_5(self) -> None:
        described = {each.node.name: each for each in net(*LENET_5, size=(28, 28)).describe()}
        counts = {name: each.parameters for name, each in described.items() if each.parameters}
        assert counts == {"conv2d": 156, "conv_3": 2_416, "fc_5": 48_120, "fc_6": 10_164, "fc_7": 850}
        assert sum(counts.values()) == 61_706
        costs = {name: each.multiply_adds for name, each in described.items() if name in counts}
        assert costs == {
            "conv2d": 25 * 6 * 28 * 28,
            "conv_3": 25 * 6 * 16 * 10 * 10,
            "fc_5": 400 * 120,
            "fc_6": 120 * 84,
            "fc_7": 84 * 10,
        }
        assert described["flatten"].output_shape == (400, 1, 1)
        assert described["softmax"].output_shape == (10, 1, 1)

    def test_running_statistics_are_no_parameters(self) -> None:
        settings = {"weight": 1, "bias": 0, "running_mean": 0, "running_var": 1}
        (described,) = net({"op": "batch_norm2d", **settings}, channels=3).describe()
        assert described.parameters == 2 * 3

    def test_shared_parameters_are_counted_once(self) -> None:
        tied = {"op": "conv2d", "name": "tied", "weight": {"node": "conv2d"}, "bias": 1}
        first, second = net({"op": "conv2d", "bias": 1}, tied, size=(9, 11)).describe()
        assert (first.parameters, second.parameters) == (10, 1)
        assert second.multiply_adds == 9 * 5 * 7

    def test_a_separable_convolution_costs_one_part_in_outputs_plus_one_in_taps(self) -> None:
        channels, outputs, size = 4, 8, (10, 12)
        (whole,) = net(
            {"op": "conv2d", "out_channels": outputs, "padding": 1}, size=size, channels=channels
        ).describe()
        parts = net(
            {"op": "conv2d", "groups": channels, "padding": 1},
            {"op": "conv2d", "out_channels": outputs, "kernel_size": 1},
            size=size,
            channels=channels,
        ).describe()
        share = sum(each.multiply_adds for each in parts) / whole.multiply_adds
        assert share == pytest.approx(1 / outputs + 1 / 9)
        assert sum(each.parameters for each in parts) / whole.parameters == pytest.approx(share)

    def test_branches(self) -> None:
        described = {each.node.name: each for each in net(*INCEPTION, channels=2).describe()}
        assert described["joined"].output_shape == (8, 9, 11)
        assert described["joined"].field_size == (5, 5)
        assert described["joined"].field_start == (-2, -2)
        assert (described["pool"].parameters, described["joined"].multiply_adds) == (0, 0)

    def test_the_fields_of_published_networks(self) -> None:
        # Araujo, Norris & Sim (2019), table 1.
        vgg_16 = [layer for convs in (2, 2, 3, 3, 3) for layer in [(3, 1, 1)] * convs + [(2, 2, 0)]]
        alexnet = [(11, 4, 2), (3, 2, 0), (5, 1, 2), (3, 2, 0), (3, 1, 1), (3, 1, 1), (3, 1, 1), (3, 2, 0)]
        for layers, size, stride in ((vgg_16, 212, 32), (alexnet, 195, 32)):
            nodes = [
                {"op": "conv2d" if k % 2 else "avg_pool2d", "kernel_size": k, "stride": s, "padding": p}
                for k, s, p in layers
            ]
            last = net(*nodes, size=(224, 225)).describe()[-1]
            assert (last.field_size, last.field_stride) == ((size, size), (stride, stride))

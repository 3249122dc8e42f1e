"""Arithmetic between tensors: what broadcasts, what an operand of its own is, how both are explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from engine.explanation import OWN
from engine.graph import INPUT, Model
from engine.ops.arithmetic import Add, Div, Sub
from engine.ops.broadcasting import broadcast_shape, place_read, summed_to
from engine.ops.functions import Log, Sqrt
from engine.ops.matmul import Matmul, matmul_shape
from engine.specification import build_model
from engine.trace import explain, receptive_field
from engine.types import Array
from tests.engine.refusals import refusal

X = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4)


def net(*nodes: Mapping[str, Any], **arrays: Array) -> Model:
    spec = {"input": {"channels": 2, "size": [3, 4]}, "nodes": list(nodes)}
    return build_model(spec, weights={name.replace("__", "."): array for name, array in arrays.items()})


class TestAnOperandOfItsOwn:
    def test_its_shape_follows_from_its_numbers(self) -> None:
        model = net({"op": "mul", "operand": [[[2]], [[3]]]})
        assert model.node("mul").weights["operand"].shape == (2, 1, 1)
        expected = X * np.float32([[[2]], [[3]]])
        assert np.array_equal(model.run(X).output("mul"), expected)

    def test_it_may_be_a_single_number(self) -> None:
        model = net({"op": "sub", "operand": 0.5})
        assert model.node("sub").weights["operand"].shape == ()
        assert np.array_equal(model.run(X).output("sub"), X - np.float32(0.5))

    def test_in_reverse_it_comes_first(self) -> None:
        trace = net({"op": "div", "operand": 12, "reverse": True}, {"op": "sub", "operand": 1}).run(X + 1)
        assert np.array_equal(trace.output("div"), 12 / (X + 1))
        made = explain(trace, "div", (0, 0, 3))
        assert made.terms.values.tolist() == [12, 4]
        assert made.terms.inputs is not None
        assert made.terms.inputs.tolist() == [OWN, 0]
        assert made.terms.sources.tolist() == [[-1, -1, -1], [0, 0, 3]]
        assert (made.combine, made.total) == ("divide", 3)

    def test_a_bias_for_every_place_counts_as_parameters(self) -> None:
        bias = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
        model = net({"op": "add", "operand_shape": [2, 3, 4]}, add__operand=bias)
        assert model.describe()[0].parameters == 24
        assert np.array_equal(model.run(X).output("add"), X + bias)

    def test_it_may_make_the_output_larger(self) -> None:
        model = build_model(
            {
                "input": {"channels": 1, "size": [3, 1]},
                "nodes": [{"op": "add", "operand": [[[1, 2]], [[3, 4]]]}],
            }
        )
        assert model.shapes["add"] == (1, 2, 3, 2)

    def test_nodes_may_share_it(self) -> None:
        model = net({"op": "mul", "operand": 2}, {"op": "mul", "name": "again", "operand": {"node": "mul"}})
        assert np.array_equal(model.run(X).output("again"), 4 * X)
        assert sum(each.parameters for each in model.describe()) == 1

    def test_it_takes_the_place_of_the_second_input(self) -> None:
        error = refusal(net, {"op": "add", "operand": 1, "inputs": [INPUT, INPUT]})
        assert (error.code, error.allowed) == ("wrong-inputs", "1 input")

    def test_without_it_there_are_two_inputs(self) -> None:
        assert refusal(net, {"op": "sub"}).allowed == "2 inputs"
        assert refusal(Sub().output_shape, (1, 2)).code == "wrong-inputs"
        assert refusal(Div(operand_shape=()).output_shape, (1, 2), (1, 2)).code == "wrong-inputs"
        assert refusal(Matmul().output_shape, (1, 2)).code == "wrong-inputs"

    def test_it_must_broadcast(self) -> None:
        error = refusal(net, {"op": "add", "operand": [1, 2, 3]})
        assert (error.code, error.argument) == ("shape-mismatch", "operand of add")

    def test_prelu_is_not_made_larger_by_its_slopes(self) -> None:
        assert refusal(net, {"op": "prelu", "weight": [[[[1]], [[1]]]] * 2}).argument == "weight of prelu"

    def test_drawn_at_random_it_needs_its_shape(self) -> None:
        for shape in ([], [4]):
            node = {"op": "add", "operand_shape": shape, "operand": {"init": "he", "seed": 3}}
            assert net(node).node("add").weights["operand"].shape == tuple(shape)


class TestBroadcasting:
    def test_shapes_meet_at_their_last_axes(self) -> None:
        assert broadcast_shape("x", (2, 1, 4), (3, 1), ()) == (2, 3, 4)

    def test_a_refusal_names_the_shape_that_does_not_fit(self) -> None:
        error = refusal(broadcast_shape, "input of add", (1, 2, 3), (1, 1, 3), (1, 2, 4))
        assert (error.argument, error.value) == ("input of add", [2, 4])

    @pytest.mark.parametrize("shape", [(), (1,), (4,), (3, 1), (2, 1, 4), (1, 1, 1), (2, 3, 4)])
    def test_summing_is_the_adjoint_of_repeating(self, shape: tuple[int, ...]) -> None:
        rng = np.random.default_rng(0)
        x, grad = rng.standard_normal(shape), rng.standard_normal((2, 3, 4))
        repeated = np.vdot(np.broadcast_to(x, grad.shape), grad)
        assert np.vdot(x, summed_to(grad, shape)) == pytest.approx(repeated)

    def test_the_place_read_is_where_numpy_reads(self) -> None:
        x = np.arange(6).reshape(2, 1, 3, 1)
        repeated = np.broadcast_to(x, (2, 5, 3, 4))
        for cell in np.ndindex(5, 3, 4):
            assert place_read(x.shape, repeated.shape, cell) == repeated[0, *cell]  # type: ignore[arg-type]

    def test_a_receptive_field_follows_the_input_that_is_repeated(self) -> None:
        pool = {"op": "avg_pool2d", "name": "column", "kernel_size": [1, 4]}
        trace = net(pool, {"op": "add", "inputs": ["column", INPUT]}).run(X)
        made = explain(trace, "add", (1, 2, 3))
        assert made.terms.sources.tolist() == [[1, 2, 0], [1, 2, 3]]
        region = receptive_field(trace, made, "add")
        assert (region.start, region.stop) == ((2, 0), (3, 4))


class TestProductsOfMatrices:
    def test_the_second_inputs_numbers_stand_where_weights_would(self) -> None:
        turned = {"op": "transpose", "name": "turned"}
        trace = net(turned, {"op": "matmul", "inputs": [INPUT, "turned"]}).run(X)
        made = explain(trace, "matmul", (1, 2, 0))
        assert made.terms.values.tolist() == [20, 21, 22, 23]
        assert made.terms.weights is not None
        assert made.terms.weights.tolist() == [12, 13, 14, 15]
        assert made.terms.weight_sources is not None
        assert made.terms.weight_sources.tolist() == [[1, k, 0] for k in range(4)]
        assert made.total == made.value == 20 * 12 + 21 * 13 + 22 * 14 + 23 * 15
        # Through the second input the row that was turned is read too.
        region = receptive_field(trace, made, "matmul")
        assert (region.start[0], region.stop[0]) == (0, 3)

    def test_a_weight_may_stand_on_the_left(self) -> None:
        model = net({"op": "matmul", "weight": [[1, 0, -1]], "side": "left"})
        assert model.shapes["matmul"] == (1, 2, 1, 4)
        assert model.run(X).output("matmul").tolist() == [[[[-8] * 4], [[-8] * 4]]]
        assert model.describe()[0].multiply_adds == 2 * 1 * 4 * 3

    def test_what_does_not_fit_is_refused(self) -> None:
        for a, b in (((2, 3), (4, 3)), ((2, 3, 4), (3, 4, 5)), ((3,), (3, 4))):
            assert refusal(matmul_shape, a, b).code == "shape-mismatch"


def test_a_function_that_is_not_finite_stops_the_run_by_name() -> None:
    error = refusal(net({"op": "log", "name": "logarithm"}).run, X)
    assert (error.code, error.value) == ("non-finite", "logarithm")
    error = refusal(net({"op": "div", "name": "quotient", "inputs": [INPUT, INPUT]}).run, X)
    assert (error.code, error.value) == ("non-finite", "quotient")


def test_an_infinite_slope_is_left_out_of_an_explanation() -> None:
    output = np.zeros((1, 1, 1, 1))
    assert "slope" not in Sqrt().explain([output], {}, output, (0, 0, 0)).formula.params
    ones = np.ones((1, 1, 1, 1))
    assert Log().explain([ones], {}, 0 * ones, (0, 0, 0)).formula.params["slope"] == 1


def test_every_branch_has_a_gradient_of_its_own() -> None:
    a = np.ones((1, 2))
    _, cache = Add().forward([a, a], {})
    (first, second), _ = Add().backward(a, cache)
    first += 1
    assert second.tolist() == a.tolist() == [[1, 1]]

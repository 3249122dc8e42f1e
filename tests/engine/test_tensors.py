"""Tensors of any axes: how they are shown, how their numbers move, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.explanation import Explanation
from engine.geometry.receptive_field import Region
from engine.graph import INPUT, Model, Node, run_nodes
from engine.ops.operation import Operation, cell_index, count
from engine.ops.pad import Pad
from engine.ops.parameters import read_parameters
from engine.ops.places import cells_at, place_of
from engine.ops.reduce import ReduceMax
from engine.ops.registry import OPERATIONS
from engine.ops.reorder import Transpose
from engine.ops.resize import Resize
from engine.ops.slicing import Slice
from engine.specification import build_model
from engine.trace import explain, receptive_field, uses
from engine.types import Array, Cell, Shape, as_map, map_shape
from tests.engine import battery
from tests.engine.refusals import refusal

SHAPES = arrays.array_shapes(min_dims=0, max_dims=6, max_side=4)


def numbered(shape: Shape) -> Array:
    return np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)


def built(op: str, config: dict[str, Any]) -> Operation:
    return OPERATIONS[op](**read_parameters(OPERATIONS[op], config))


def explained(op: Operation, x: Array, cell: Cell) -> Explanation:
    return op.explain([x], {}, op.forward([x], {})[0], cell)


class TestLayout:
    @given(SHAPES)
    def test_a_cell_is_the_same_number_in_the_array_and_in_the_map(self, shape: Shape) -> None:
        x = numbered(shape)
        for cell in np.ndindex(*map_shape(shape)):
            assert x[cell_index(shape, cell)] == as_map(x)[0, *cell] == place_of(shape, cell)

    @given(SHAPES)
    def test_places_of_the_first_picture_are_its_cells(self, shape: Shape) -> None:
        found = cells_at(shape, np.arange(-1, np.prod(shape, dtype=int)))
        assert found[1 : count(shape) + 1].tolist() == list(map(list, np.ndindex(*map_shape(shape))))
        assert (found[0] == -1).all()
        assert (found[count(shape) + 1 :] == -1).all()

    def test_a_map_is_not_copied(self) -> None:
        for shape in ((2, 3, 4, 5), (2, 3), (2, 3, 4), (2, 3, 4, 5, 6)):
            x = numbered(shape)
            assert np.shares_memory(as_map(x), x)


class TestLikeNumPy:
    @given(st.data(), SHAPES)
    def test_slices(self, data: st.DataObject, shape: Shape) -> None:
        x = numbered(shape)
        parts = []
        for size in shape:
            start, step = data.draw(st.integers(-size, size - 1)), data.draw(st.sampled_from([-2, -1, 1, 3]))
            first = start % size
            # As far as an index from which the part is not empty.
            stop = data.draw(st.integers(first + 1, 9) if step > 0 else st.integers(-9, first - size - 1))
            parts.append((start, stop, step))
        starts, ends, steps = zip(*parts, strict=True) if parts else ((), (), ())
        expected = x[tuple(slice(*part) for part in parts)]
        op = Slice(starts=starts, ends=ends, steps=steps)
        assert np.array_equal(op.forward([x], {})[0], expected)

    @given(st.data(), SHAPES, st.sampled_from(["constant", "reflect", "edge", "wrap"]))
    def test_borders(self, data: st.DataObject, shape: Shape, mode: str) -> None:
        x = numbered(shape)
        most = [size - 1 if mode == "reflect" else 5 for size in shape]
        widths = [(data.draw(st.integers(0, n)), data.draw(st.integers(0, n))) for n in most]
        before, after = zip(*widths, strict=True) if widths else ((), ())
        op = Pad(pads=(*before, *after), mode=mode, value=7.0)  # type: ignore[arg-type]
        settings = {"constant_values": 7} if mode == "constant" else {}
        expected = np.pad(x, widths, mode, **settings) if widths else x  # type: ignore[call-overload]
        assert np.array_equal(op.forward([x], {})[0], expected)

    @given(st.data(), SHAPES)
    def test_axes_in_any_order(self, data: st.DataObject, shape: Shape) -> None:
        x = numbered(shape)
        order = tuple(data.draw(st.permutations(range(len(shape)))))
        if order:
            assert np.array_equal(Transpose(perm=order).forward([x], {})[0], x.transpose(order))


ACROSS: list[tuple[str, dict[str, Any], Shape]] = [
    ("transpose", {"perm": [1, 0]}, (3, 4)),
    ("transpose", {"perm": [2, 0, 1, 3]}, (2, 3, 4, 5)),
    ("reshape", {"shape": [-1]}, (2, 3, 4)),
    ("reshape", {"shape": [6, 2, 2]}, (2, 3, 4)),
    ("flatten", {"axis": 0}, (2, 3)),
    ("flatten", {"axis": 3}, (2, 3, 4)),
    ("squeeze", {"axes": 0}, (1, 3, 4)),
    ("unsqueeze", {"axes": 0}, (3, 4)),
    ("slice", {"starts": -1, "ends": 0, "steps": -1}, (3, 4)),
    ("gather", {"indices": [1, 0], "axis": 0}, (2, 3)),
    ("pad", {"pads": [1, 0, 0, 1]}, (2, 3)),
    ("expand", {"shape": [2, 1, 3]}, (4, 3)),
    ("tile", {"repeats": [2, 1, 1]}, (4, 3)),
    ("resize", {"mode": "linear", "scales": [2, 1], "axes": [0, 1]}, (3, 2)),
    ("reduce_sum", {"axes": [0, 1]}, (2, 3)),
    ("reduce_max", {"axes": 0, "keepdims": False}, (3, 4)),
    ("reduce_sum", {"axes": 0, "keepdims": False}, (4,)),
    ("identity", {}, ()),
]


@pytest.mark.parametrize(("op", "config", "shape"), ACROSS, ids=lambda value: str(value).replace(" ", ""))
def test_numbers_that_go_from_picture_to_picture(op: str, config: dict[str, Any], shape: Shape) -> None:
    """The batch is an axis like others: all that can be said of the first picture still holds."""
    operation = built(op, config)
    rng = np.random.default_rng(0)
    inputs: list[Array] = [np.asarray(rng.standard_normal(shape), dtype=np.float64)]
    battery.check_arguments_unchanged(operation, inputs, {})
    battery.check_dtype_kept(operation, inputs, {})
    battery.check_shapes(operation, inputs, {})
    battery.check_explanations(operation, inputs, {})
    battery.check_uses(operation, inputs, {})
    battery.check_gradients(operation, inputs, {})


def test_a_number_of_another_picture_has_a_value_and_no_cell() -> None:
    x = numbered((3, 2))
    found = explained(Transpose(perm=(1, 0)), x, (2, 0, 0))
    assert (found.value, found.total) == (4, 4)
    assert found.terms.sources.tolist() == [[-1, -1, -1]]
    assert found.terms.padding.tolist() == [True]


class TestTerms:
    def test_a_border_of_copies_names_its_source(self) -> None:
        op = Pad(pads=(1, 2, 0, 0), mode="reflect")
        found = explained(op, numbered((1, 1, 3, 4)), (0, 0, 0))
        assert found.terms.positions.tolist() == [[0, -1, -2]]
        assert found.terms.sources.tolist() == [[0, 1, 2]]
        assert found.terms.padding.tolist() == [True]
        assert found.value == 6

    def test_a_border_of_a_constant_has_no_source(self) -> None:
        op = Pad(pads=(1, 1, 1, 0, 0, 0), value=5.0)
        found = explained(op, numbered((1, 2, 3, 4)), (0, 0, 0))
        assert found.terms.positions.tolist() == [[-1, -1, -1]]
        assert found.terms.padding.tolist() == [True]
        assert (found.terms.values.tolist(), found.value) == ([5], 5)

    def test_the_weights_of_a_bilinear_number(self) -> None:
        found = explained(Resize(mode="linear"), numbered((1, 1, 2, 2)), (0, 1, 1))
        assert found.combine == "sum"
        assert found.terms.grid == (1, 2, 2)
        assert found.terms.weights is not None
        assert found.terms.weights.tolist() == [0.5625, 0.1875, 0.1875, 0.0625]
        assert found.total == 0.75

    def test_a_nearest_number_is_a_copy(self) -> None:
        found = explained(Resize(), numbered((1, 1, 2, 2)), (0, 3, 0))
        assert (found.combine, found.terms.weights) == ("copy", None)
        assert found.terms.sources.tolist() == [[0, 1, 0]]

    def test_the_first_of_equals_wins(self) -> None:
        x = np.array([[1.0, 3.0, 3.0]])
        found = explained(ReduceMax(), x, (0, 0, 0))
        assert found.terms.selected is not None
        assert found.terms.selected.tolist() == [False, True, False]
        _, cache = ReduceMax().forward([x], {})
        assert ReduceMax().backward(np.ones((1, 1)), cache)[0][0].tolist() == [[0, 1, 0]]

    def test_the_terms_lie_as_they_lie_in_the_input(self) -> None:
        op = ReduceMax(axes=(1, 3))
        assert explained(op, numbered((1, 2, 3, 4)), (0, 1, 0)).terms.grid == (2, 1, 4)


class TestGradientsWhereTheyAreDelicate:
    def test_a_product_with_zeros(self) -> None:
        op = built("reduce_prod", {})
        for row, slopes in (([2.0, 0, 5], [0, 10, 0]), ([0.0, 0, 5], [0, 0, 0])):
            _, cache = op.forward([np.array([row])], {})
            assert op.backward(np.ones((1, 1)), cache)[0][0].tolist() == [slopes]

    def test_a_length_of_zero(self) -> None:
        op = built("reduce_l2", {})
        _, cache = op.forward([np.zeros((1, 2))], {})
        assert op.backward(np.ones((1, 1)), cache)[0][0].tolist() == [[0, 0]]


def field(nodes: list[dict[str, Any]], region: Region, size: tuple[int, int] = (8, 12)) -> Region:
    model = build_model({"input": {"channels": 4, "size": list(size)}, "nodes": nodes})
    return model.receptive_field(model.nodes[-1].name, region)


CONV = {"op": "conv2d", "kernel_size": 3, "padding": 1}
FIELDS = [
    ([{"op": "identity"}], (2, 3, 5, 7), (2, 3, 5, 7)),
    ([{"op": "unsqueeze"}, {"op": "squeeze"}], (2, 3, 5, 7), (2, 3, 5, 7)),
    ([{"op": "transpose"}], (2, 3, 5, 7), (3, 2, 7, 5)),
    ([{"op": "transpose", "perm": [0, 2, 3, 1]}], (2, 1, 3, 2), (0, 2, 8, 3)),
    ([{"op": "flatten"}], (0, 0, 1, 1), (0, 0, 8, 12)),
    ([{"op": "reshape", "shape": [0, -1, 16]}], (2, 3, 3, 4), (0, 0, 8, 12)),
    ([{"op": "depth_to_space", "blocksize": 2}], (3, 4, 6, 5), (1, 2, 3, 3)),
    ([{"op": "space_to_depth", "blocksize": 2}], (1, 2, 2, 4), (2, 4, 4, 8)),
    (
        [{"op": "slice", "starts": [2, 1], "ends": [8, 12], "axes": [2, 3], "steps": [2, 3]}],
        (1, 1, 3, 2),
        (4, 4, 7, 5),
    ),
    ([{"op": "slice", "starts": -1, "ends": -9, "axes": 3, "steps": -1}], (2, 0, 3, 2), (2, 10, 3, 12)),
    ([{"op": "gather", "axis": 3, "indices": [7, 2, 9]}], (1, 1, 2, 3), (1, 2, 2, 10)),
    ([{"op": "pad", "pads": [1, 2, 0, 0], "mode": "edge"}], (0, 0, 2, 3), (-1, -2, 1, 1)),
    ([{"op": "pad", "pads": [1, 1, 1, 1]}, {"op": "conv2d", "kernel_size": 3}], (0, 0, 1, 1), (-1, -1, 2, 2)),
    ([{"op": "slice", "starts": 1, "ends": 7, "axes": 2}, CONV], (0, 3, 1, 4), (0, 2, 3, 5)),
    ([{"op": "tile", "repeats": [1, 2]}], (2, 11, 3, 13), (2, 0, 3, 12)),
    ([{"op": "resize"}], (3, 4, 6, 5), (1, 2, 3, 3)),
    ([{"op": "resize", "mode": "linear", "axes": 3, "scales": 2}], (3, 4, 4, 5), (3, 1, 4, 3)),
    ([{"op": "reduce_mean", "axes": [2, 3]}], (0, 0, 1, 1), (0, 0, 8, 12)),
    ([{"op": "reduce_mean", "axes": 1}], (2, 3, 4, 5), (2, 3, 4, 5)),
    ([{"op": "reduce_mean", "axes": 2}], (0, 3, 1, 5), (0, 3, 8, 5)),
    ([{"op": "reduce_mean", "axes": 1, "keepdims": False}], (2, 3, 4, 5), (2, 3, 4, 5)),
    ([{"op": "reduce_mean", "axes": 2, "keepdims": False}], (0, 3, 4, 5), (0, 3, 8, 5)),
]


@pytest.mark.parametrize(("nodes", "region", "expected"), FIELDS, ids=str)
def test_what_a_rectangle_is_made_from(
    nodes: list[dict[str, Any]], region: tuple[int, int, int, int], expected: tuple[int, int, int, int]
) -> None:
    found = field(nodes, Region(region[:2], region[2:]))
    assert (*found.start, *found.stop) == expected


def test_a_cell_of_a_sequence_of_tokens_opens_down_to_the_picture() -> None:
    """Channels last, one token for every place: as vision transformers begin."""
    nodes = [
        {"op": "conv2d", "out_channels": 4, "kernel_size": 2, "stride": 2},
        {"op": "reshape", "shape": [0, 4, -1]},
        {"op": "transpose", "perm": [0, 2, 1]},
        {"op": "reduce_mean", "axes": 1, "keepdims": False},
    ]
    model = build_model({"input": {"channels": 1, "size": [4, 6]}, "nodes": nodes})
    trace = model.run(np.random.default_rng(0).standard_normal((1, 1, 4, 6)).astype(np.float32))
    assert trace.shapes["transpose"] == (1, 6, 4)
    token = explain(trace, "transpose", (0, 4, 3))
    assert token.terms.sources.tolist() == [[0, 3, 4]]
    assert explain(trace, "reshape", (0, 3, 4)).terms.sources.tolist() == [[3, 1, 1]]
    assert {name: found.tolist() for name, found in uses(trace, "conv2d", (3, 1, 1)).items()} == {
        "reshape": [[0, 3, 4]]
    }
    mean = explain(trace, "reduce_mean", (3, 0, 0))
    assert mean.terms.positions.tolist() == [[0, t, 3] for t in range(6)]
    assert receptive_field(trace, mean, "reduce_mean") == Region((0, 0), (4, 6))


class TestRunningNodes:
    def test_on_inputs_of_any_number_and_shape(self) -> None:
        nodes = [
            Node("wide", OPERATIONS["expand"](shape=(2, 3)), ("row",), {}),
            Node("sum", OPERATIONS["add"](), ("wide", "table"), {}),
        ]
        inputs = {"row": np.array([1.0, 2, 3]), "table": np.array([[10.0], [20.0]]) + np.zeros(3)}
        found = run_nodes(nodes, inputs)
        assert list(found) == ["row", "table", "wide", "sum"]
        assert found["sum"].tolist() == [[11, 12, 13], [21, 22, 23]]

    @pytest.mark.parametrize("name", ["a", "b"])
    def test_names_what_is_not_finite(self, name: str) -> None:
        inputs = {each: np.array([np.inf if each == name else 1.0]) for each in ("a", "b")}
        error = refusal(run_nodes, [], inputs)
        assert (error.code, error.value) == ("non-finite", name)

    def test_is_what_a_model_does(self) -> None:
        model = Model((1, 2, 3), (Node("it", Transpose(), (INPUT,), {}),))
        x = numbered((1, 1, 2, 3))
        assert np.array_equal(model.run(x).output("it"), run_nodes(model.nodes, {INPUT: x})["it"])


REFUSED: list[tuple[str, dict[str, Any], Shape, str, str]] = [
    ("flatten", {"axis": 4}, (1, 2, 3), "invalid-argument", "axis"),
    ("reshape", {"shape": [7]}, (1, 2, 3), "shape-mismatch", "shape"),
    ("reshape", {"shape": [-1, -1]}, (1, 2, 3), "shape-mismatch", "shape"),
    ("reshape", {"shape": [-1, 4]}, (1, 2, 3), "shape-mismatch", "shape"),
    ("reshape", {"shape": [1, 2, 3, 0]}, (1, 2, 3), "shape-mismatch", "shape"),
    ("squeeze", {"axes": 1}, (1, 2, 3), "shape-mismatch", "axes"),
    ("squeeze", {"axes": 3}, (1, 2, 3), "invalid-argument", "axes"),
    ("unsqueeze", {"axes": [1, -3]}, (2, 3), "invalid-argument", "axes"),
    ("transpose", {"perm": [0, 1]}, (1, 2, 3), "invalid-argument", "perm"),
    ("transpose", {"perm": [0, 1, 1]}, (1, 2, 3), "invalid-argument", "perm"),
    ("depth_to_space", {"blocksize": 2}, (1, 6, 2, 3), "shape-mismatch", "blocksize"),
    ("depth_to_space", {}, (1, 6), "shape-mismatch", "input of depth_to_space"),
    ("space_to_depth", {"blocksize": 2}, (1, 1, 4, 3), "shape-mismatch", "blocksize"),
    ("slice", {"starts": 0}, (1, 2), "invalid-argument", "ends"),
    ("slice", {"starts": 0, "ends": 1, "axes": [0, 1]}, (1, 2), "invalid-argument", "starts"),
    ("slice", {"starts": 0, "ends": 1, "steps": 0}, (1, 2), "invalid-argument", "steps"),
    ("slice", {"starts": 2, "ends": 2, "axes": 1}, (1, 4), "shape-mismatch", "ends"),
    ("gather", {"indices": []}, (1, 4), "invalid-argument", "indices"),
    ("gather", {"indices": [4]}, (1, 4), "invalid-argument", "indices"),
    ("gather", {"axis": 2}, (1, 4), "invalid-argument", "axis"),
    ("pad", {"pads": [1, 2, 3]}, (1, 4), "invalid-argument", "pads"),
    ("pad", {"pads": [-2, -2]}, (1, 4), "invalid-argument", "pads"),
    ("pad", {"pads": [4, 0], "mode": "reflect"}, (1, 4), "padding-too-large", "pads"),
    ("expand", {"shape": [3]}, (1, 4), "shape-mismatch", "shape"),
    ("resize", {"scales": [2, 2], "axes": 1}, (1, 4), "invalid-argument", "scales"),
    ("resize", {"sizes": [2, 2], "axes": 1}, (1, 4), "invalid-argument", "sizes"),
    ("resize", {"scales": 0.2}, (1, 4), "invalid-argument", "scales"),
    ("resize", {"scales": 2, "sizes": 10}, (1, 4), "invalid-argument", "sizes"),
    (
        "resize",
        {"scales": 2, "roi": 1, "coordinate_transformation_mode": "tf_crop_and_resize"},
        (1, 4),
        "invalid-argument",
        "roi",
    ),
    ("reduce_sum", {"axes": 2}, (1, 4), "invalid-argument", "axes"),
    ("reduce_sum", {"axes": [1, -1]}, (1, 4), "invalid-argument", "axes"),
]


@pytest.mark.parametrize(("op", "config", "shape", "code", "argument"), REFUSED)
def test_what_does_not_fit_is_named(
    op: str, config: dict[str, Any], shape: Shape, code: str, argument: str
) -> None:
    error = refusal(built(op, config).output_shape, shape)
    assert (error.code, error.argument) == (code, argument)
    assert error.allowed


def test_too_many_axes_are_refused_before_anything_is_made() -> None:
    nodes = [{"op": "unsqueeze", "axes": list(range(1, 40))}, {"op": "relu"}]
    error = refusal(build_model, {"input": {"channels": 1, "size": [2, 3]}, "nodes": nodes})
    assert (error.code, error.argument) == ("model-too-large", "output of unsqueeze")
    assert error.allowed == "up to 16 axes"


@pytest.mark.parametrize(
    "node",
    [
        {"op": "tile", "repeats": [2**31 - 1, 2**31 - 1]},
        {"op": "pad", "pads": [2**31 - 1, 0, 0, 0]},
        {"op": "expand", "shape": [2**20, 1, 1, 1]},
        {"op": "resize", "sizes": [2**31 - 1, 2]},
        {"op": "resize", "scales": [1e30, 2]},
    ],
    ids=lambda node: node["op"],
)
def test_too_large_outputs_are_refused_before_anything_is_made(node: dict[str, Any]) -> None:
    error = refusal(build_model, {"input": {"channels": 1, "size": [20, 30]}, "nodes": [node]})
    assert error.code == "model-too-large"

"""ONNX files that cannot be imported: operators, bytes, graphs and weights, each refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from engine.importers.onnx import ImportLimits, import_onnx
from engine.importers.onnx.reader import NEWEST_OPSET, OLDEST_OPSET
from tests.engine.onnx_files import onnx_file, onnx_model, step
from tests.engine.onnx_imports import field, refused, weights_file
from tests.engine.refusals import refusal


class TestOperators:
    def test_all_that_lack_are_named_at_once(self) -> None:
        nodes = [
            step("Einsum", "x", "a", "first", equation="ij"),
            step("Relu", "a", "b"),
            step("If", "b", "c", "choice", then_branch=helper.make_graph([], "g", [], [])),
            helper.make_node("FusedConv", ["c"], ["y"], name="fused", domain="com.microsoft"),
        ]
        code, argument, value = refused(onnx_file(nodes))
        assert (code, argument) == ("unsupported-operator", "operators")
        assert value == "Einsum (first), If (choice), com.microsoft.FusedConv (fused)"

    def test_functions(self) -> None:
        model = onnx_model([step("Relu", "x", "y")])
        relu = helper.make_function(
            "own", "Twice", ["x"], ["y"], [step("Relu", "x", "y")], [helper.make_opsetid("", 17)]
        )
        model.functions.append(relu)
        assert refused(model.SerializeToString()) == ("unsupported-model", "functions", ["Twice"])

    @pytest.mark.parametrize("opset", [1, OLDEST_OPSET - 1, NEWEST_OPSET + 1, 2**40, -3])
    def test_versions(self, opset: int) -> None:
        data = onnx_file([step("Relu", "x", "y")], opset=opset)
        assert refused(data) == ("unsupported-opset", "opset", [opset])

    def test_the_newest_version_is_that_of_the_library(self) -> None:
        # A newer library brings operators that mean something else: read what changed, then raise both.
        assert onnx.defs.onnx_opset_version() == NEWEST_OPSET

    @pytest.mark.parametrize("opsets", [[], [9, 9]])
    def test_not_one_version(self, opsets: list[int]) -> None:
        model = onnx_model([step("Relu", "x", "y")])
        del model.opset_import[:]
        model.opset_import.extend(helper.make_opsetid("", opset) for opset in opsets)
        assert refused(model.SerializeToString()) == ("unsupported-opset", "opset", opsets)

    @pytest.mark.parametrize(
        ("node", "code", "argument"),
        [
            (step("MaxPool", "x", "y", kernel_shape=[2, 2], p=3), "unsupported-attribute", "attributes of n"),
            (step("MaxPool", "x", "y", kernel_shape=[2, 2, 2]), "malformed-model", "kernel_shape of n"),
            (step("MaxPool", "x", "y", kernel_shape=2), "malformed-model", "kernel_shape of n"),
            (step("MaxPool", "x", "y", kernel_shape=[0, 2]), "invalid-argument", "kernel_size of n"),
            (step("MaxPool", "x", "y", kernel_shape=[9, 9]), "kernel-too-large", "kernel_size of n"),
            (
                step("MaxPool", "x", "y", kernel_shape=[2, 2], auto_pad="x"),
                "unsupported-attribute",
                "auto_pad of n",
            ),
            (step("MaxPool", "x", "z y", kernel_shape=[2, 2]), "unsupported-output", "outputs of n"),
            (step("AveragePool", "x", "y"), "malformed-model", "kernel_shape of n"),
            (step("Conv", "x", "y"), "malformed-model", "input 1 of n"),
            (step("Conv", "x x", "y"), "unsupported-input", "input 1 of n"),
            (step("Conv", "x four", "y"), "shape-mismatch", "weight of n"),
            (step("Reshape", "x five", "y"), "shape-mismatch", "shape of n"),
            (step("Reshape", "x four", "y"), "unsupported-input", "input 1 of n"),
            (step("Transpose", "x", "y", perm=[0, 1, 1, 2]), "invalid-argument", "perm of n"),
            (step("Transpose", "x", "y", perm=[0.5]), "malformed-model", "perm of n"),
            (step("Concat", "x x", "y", axis=7), "invalid-argument", "axis of n"),
            (step("Cast", "x", "y", to=TensorProto.INT64), "unsupported-attribute", "to of n"),
        ],
    )
    def test_settings_that_cannot_be(self, node: Any, code: str, argument: str) -> None:
        node.name = "n"
        data = onnx_file([node], {"five": np.array([5]), "four": np.ones((2, 2), np.float32)})
        found = refused(data)
        assert found[0] == code
        assert found[1].startswith(argument)


class TestFilesThatAreNone:
    @pytest.mark.parametrize(
        "data",
        [b"", b"\x00", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"\xff" * 64, b"\x3a\xff\xff\xff\xff\x0f", b"{}"],
    )
    def test_bytes_of_something_else(self, data: bytes) -> None:
        assert refused(data)[0] == "malformed-model"

    def test_a_model_without_a_graph(self) -> None:
        assert refused(helper.ModelProto(ir_version=8).SerializeToString())[:2] == (
            "malformed-model",
            "graph",
        )

    def test_a_graph_without_nodes_or_outputs(self) -> None:
        assert refused(onnx_file([], outputs=("x",)))[:2] == ("unsupported-model", "nodes")
        assert refused(onnx_file([step("Identity", "x", "y")]))[:2] == ("unsupported-model", "nodes")
        assert refused(onnx_file([step("Relu", "x", "y")], outputs=()))[:2] == ("malformed-model", "outputs")
        assert refused(onnx_file([step("Relu", "x", "y")], outputs=("z",)))[:2] == (
            "malformed-model",
            "outputs",
        )

    def test_cut_off_anywhere(self) -> None:
        data = weights_file()
        for end in range(len(data)):
            assert refusal(import_onnx, data[:end]).code in ("malformed-model", "unsupported-opset")

    def test_names_that_are_no_text(self) -> None:
        data = weights_file().replace(b"conv", b"\xff\xfe\xfd\xfc")
        assert refused(data)[0] == "malformed-model"

    def test_messages_within_messages(self) -> None:
        # A graph (field 7 of a model) of a node (1) of an attribute (5) of a graph (6), and so on.
        data = b""
        for i in range(40):
            data = field((1, 6, 5)[i % 3], data)
        assert refused(field(7, data)) == ("malformed-model", "file", "nested 33 deep")


class TestGraphsThatAreNone:
    def test_a_circle(self) -> None:
        nodes = [
            step("Add", "x c", "a", "one"),
            step("Relu", "a", "b", "two"),
            step("Relu", "b", "c", "three"),
        ]
        code, argument, value = refused(onnx_file(nodes, outputs=("c",)))
        assert (code, argument) == ("cyclic-graph", "nodes")
        assert sorted(value.split(" → ")) == ["one", "three", "two"]

    def test_a_node_that_feeds_itself(self) -> None:
        assert refused(onnx_file([step("Add", "x y", "y", "self")])) == ("cyclic-graph", "nodes", "self")

    def test_nodes_out_of_order(self) -> None:
        nodes = [step("Relu", "a", "y", "late"), step("Relu", "x", "a", "early")]
        assert refused(onnx_file(nodes)) == ("unsorted-graph", "input of late", "a")

    def test_an_input_that_nothing_makes(self) -> None:
        assert refused(onnx_file([step("Relu", "z", "y", "r")])) == ("malformed-model", "input of r", "z")

    def test_a_value_made_twice(self) -> None:
        nodes = [step("Relu", "x", "y", "one"), step("Relu", "x", "y", "two")]
        assert refused(onnx_file(nodes)) == ("malformed-model", "output of two", "y")
        assert refused(onnx_file([step("Relu", "x", "x", "one")], outputs=("x",)))[0] == "malformed-model"

    def test_a_thousand_nodes_in_a_row(self) -> None:
        nodes = [step("Relu", f"v{i}" if i else "x", f"v{i + 1}") for i in range(1000)]
        data = onnx_file(nodes, outputs=("v1000",))
        assert len(import_onnx(data).model.nodes) == 1000
        error = refused(data, ImportLimits(nodes=999))
        assert error == ("model-too-large", "graph", "1000 nodes")


class TestWeightsThatCannotBe:
    @pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
    def test_numbers_that_are_not_finite(self, wrong: float) -> None:
        bias = np.array([1, wrong, 2], dtype=np.float32)
        assert refused(weights_file(b=bias)) == ("non-finite", "bias of conv", [3])

    def test_integers(self) -> None:
        assert refused(weights_file(b=np.arange(3)))[:2] == ("malformed-model", "bias of conv")

    def test_shapes_that_do_not_fit(self) -> None:
        wide = np.ones((3, 4, 3, 3), np.float32)
        assert refused(weights_file(w=wide))[:2] == ("shape-mismatch", "weight of conv")
        assert refused(weights_file(b=np.ones(4, np.float32)))[:2] == ("shape-mismatch", "bias of conv")

    def test_numbers_in_another_file(self) -> None:
        model = onnx.load_model_from_string(weights_file())
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="/etc/passwd")
        assert refused(model.SerializeToString()) == ("external-data", "tensor w", "in another file")

    def test_sparse_weights(self) -> None:
        model = onnx.load_model_from_string(weights_file())
        model.graph.sparse_initializer.add()
        assert refused(model.SerializeToString())[:2] == ("unsupported-model", "sparse_initializer")

    @pytest.mark.parametrize(
        ("dims", "code"),
        [
            ([2**40, 2**40], "model-too-large"),
            ([2**27], "model-too-large"),
            ([1] * 9, "model-too-large"),
            ([0, 2**62], "malformed-model"),
            ([3, -1], "malformed-model"),
            ([3, 2, 3, 2], "malformed-model"),
        ],
    )
    def test_shapes_that_the_numbers_do_not_fill(self, dims: list[int], code: str) -> None:
        model = onnx.load_model_from_string(weights_file())
        model.graph.initializer[0].ClearField("dims")
        model.graph.initializer[0].dims.extend(dims)
        assert refused(model.SerializeToString())[:2] == (code, "tensor w")

    @pytest.mark.parametrize("data_type", [0, 8, 14, 17, 99])
    def test_types_that_no_weight_has(self, data_type: int) -> None:
        model = onnx.load_model_from_string(weights_file())
        model.graph.initializer[0].data_type = data_type
        assert refused(model.SerializeToString()) == ("unknown-type", "type of tensor w", data_type)

    def test_two_of_one_name(self) -> None:
        model = onnx.load_model_from_string(weights_file())
        model.graph.initializer.append(model.graph.initializer[0])
        assert refused(model.SerializeToString()) == ("malformed-model", "initializer", "w")

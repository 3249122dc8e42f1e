"""Importing ONNX files: whole networks, what is said of them, and everything that cannot be imported."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from time import process_time
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from engine.errors import EngineError
from engine.graph import INPUT
from engine.importers.onnx import Imported, ImportLimits, import_onnx
from engine.importers.onnx.reader import NEWEST_OPSET, OLDEST_OPSET
from engine.trace import explain
from engine.types import Array, map_shape
from tests.engine.compare import assert_close
from tests.engine.onnx_files import Weights, evaluated, onnx_file, onnx_model, step
from tests.engine.onnx_nets import NETS
from tests.engine.refusals import refusal


def picture(imported: Imported, pictures: int = 1) -> Array:
    shape = (pictures, *imported.report.input_shape)
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def as_the_file_wants(name: str, x: Array) -> Array:
    return x.transpose(0, 2, 3, 1) if name == "channels_last" else x


def weights_file(**weights: Any) -> bytes:
    """A convolution of 2 to 3 channels, with other weights if some are given."""
    w = Weights()
    nodes = [step("Conv", f"x {w('w', 3, 2, 3, 3)} {w('b', 3)}", "y", "conv")]
    return onnx_file(nodes, {**w.made, **weights})


def field(number: int, content: bytes) -> bytes:
    """A field as it lies in a file: key, length, content."""
    size, length = len(content), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def refused(*args: Any, **kwargs: Any) -> tuple[str, str, Any]:
    error = refusal(import_onnx, *args, **kwargs)
    return error.code, error.argument, error.value


class TestWholeNetworks:
    @pytest.mark.parametrize("name", NETS)
    def test_the_output_is_that_of_the_reference(self, name: str) -> None:
        data = NETS[name]()
        imported = import_onnx(data)
        x = picture(imported)
        outputs = imported.model.run(x).outputs
        for output, expected in evaluated(data, as_the_file_wants(name, x)).items():
            assert_close(outputs[imported.report.outputs[output]], expected, 1e-5)

    @pytest.mark.parametrize("name", ["residual_classifier", "mobile", "channels_last"])
    def test_any_number_of_pictures(self, name: str) -> None:
        data = NETS[name]()
        imported = import_onnx(data)
        x = picture(imported, pictures=3)
        (expected,) = evaluated(data, as_the_file_wants(name, x)).values()
        assert_close(imported.model.run(x).output(imported.model.nodes[-1].name), expected, 1e-5)

    @pytest.mark.parametrize("name", NETS)
    def test_every_number_can_be_explained(self, name: str) -> None:
        imported = import_onnx(NETS[name]())
        trace = imported.model.run(picture(imported))
        draw = np.random.default_rng(2)
        for node in imported.model:
            y = trace.output(node.name)
            shape = map_shape(y.shape)
            for _ in range(5):
                cell = tuple(int(draw.integers(size)) for size in shape)
                made = explain(trace, node.name, cell)
                assert made.value == y.reshape(-1, *shape)[0][cell]
                assert made.total == pytest.approx(made.value, rel=1e-4, abs=1e-5), node.name

    @pytest.mark.parametrize("name", NETS)
    def test_the_same_bytes_make_the_same_model(self, name: str) -> None:
        one, other = (import_onnx(NETS[name]()) for _ in range(2))
        assert asdict(one.report) == asdict(other.report)
        assert [(each.name, each.op, each.inputs) for each in one.model] == [
            (each.name, each.op, each.inputs) for each in other.model
        ]

    def test_a_weight_that_two_nodes_share_stays_one(self) -> None:
        w = Weights()
        nodes = [step("Conv", f"x {w('w', 2, 2, 3, 3)}", "a"), step("Conv", "a w", "y")]
        model = import_onnx(onnx_file(nodes, w.made)).model
        assert list(model.weights) == ["Conv_0.weight"]


class TestTheReport:
    def test_names_are_those_of_the_modules(self) -> None:
        model = import_onnx(NETS["residual_classifier"]()).model
        assert [node.name for node in model] == [
            "conv1",
            "relu",
            "maxpool",
            "layer1.0.conv1",
            "layer1.0.bn1",
            "layer1.0.Add",
            "layer1.0.relu",
            "avgpool",
            "Flatten",
            "fc",
        ]

    def test_what_all_names_begin_with_is_left_out(self) -> None:
        model = import_onnx(NETS["channels_last"]()).model
        names = [node.name for node in model]
        assert names == ["channels_last", "conv.Transpose", "conv.Conv2D", "pool.Transpose", "pool.Max", "fc"]

    def test_names_are_unique_and_never_that_of_the_picture(self) -> None:
        nodes = [step("Relu", "x", "a", "input"), step("Relu", "a", "b", "r"), step("Relu", "b", "y", "r")]
        model = import_onnx(onnx_file(nodes)).model
        assert [node.name for node in model] == ["input_2", "r", "r_2"]

    def test_what_became_of_every_node(self) -> None:
        report = import_onnx(NETS["mobile"]()).report
        fates = {each.op: each.fate for each in report.nodes}
        assert (fates["Dropout"], fates["Identity"], fates["Conv"]) == ("removed", "removed", "kept")
        folded = [each for each in import_onnx(NETS["shuffle_block"]()).report.nodes if each.fate == "folded"]
        assert [each.op for each in folded] == ["Shape", "Gather", "Unsqueeze", "Slice", "Concat", "Concat"]

    def test_a_node_may_become_several(self) -> None:
        report = import_onnx(NETS["shuffle_block"]()).report
        (split,) = [each.nodes for each in report.nodes if each.op == "Split"]
        assert split == ("Split_6.0", "Split_6.1")

    def test_outputs_that_nobody_needs(self) -> None:
        nodes = [step("Relu", "x", "y"), step("Unheard", "x", "z"), step("Split", "y", "l r", axis=1)]
        imported = import_onnx(onnx_file(nodes, outputs=("y", "r"), opset=13))
        assert [each.fate for each in imported.report.nodes] == ["kept", "unused", "kept"]
        assert imported.report.outputs == {"y": "Relu_0", "r": "Split_2.1"}
        assert [node.name for node in imported.model] == ["Relu_0", "Split_2.1"]

    def test_who_wrote_the_file_and_what_it_wants(self) -> None:
        report = import_onnx(NETS["segmenter"]()).report
        assert (report.opset, report.producer, report.input_name) == (13, "tests", "x")
        assert (report.input_shape, report.dynamic, report.warnings) == ((2, 8, 10), (), ())


class TestPictures:
    def pool(self, *axes: int | str | None, **kwargs: Any) -> Imported:
        nodes = [step("GlobalMaxPool", "x", "y")]
        return import_onnx(onnx_file(nodes, inputs={"x": axes}), **kwargs)

    def test_a_size_that_the_file_leaves_open(self) -> None:
        imported = self.pool("n", 3, "h", None)
        assert imported.report.input_shape == (3, 224, 224)
        assert imported.report.dynamic == ("rows", "columns")
        assert imported.report.warnings == ("The file leaves the picture's size open; 224 × 224 was taken.",)
        asked = self.pool("n", 3, "h", 20, size=(10, 20)).report
        assert (asked.input_shape, asked.warnings) == ((3, 10, 20), ())

    @pytest.mark.parametrize("size", [(10, 21), (0, 20), (-1, 20), (1.5, 20), (True, 20), (10,), ("a", 20)])
    def test_a_size_that_the_file_does_not_allow(self, size: Any) -> None:
        data = onnx_file([step("Relu", "x", "y")], inputs={"x": (1, 3, "h", 20)})
        assert refused(data, size=size) == ("invalid-argument", "size", list(size))

    def test_channels_that_the_file_leaves_open(self) -> None:
        w = Weights()
        nodes = [step("Conv", f"x {w('w', 8, 1, 3, 3)}", "y", group=4)]
        report = import_onnx(onnx_file(nodes, w.made, inputs={"x": (None, None, 9, 9)})).report
        assert (report.input_shape, report.dynamic) == ((4, 9, 9), ("channels",))
        assert self.pool(None, None, 9, 9).report.input_shape == (3, 9, 9)

    def test_a_batch_that_the_file_fixes(self) -> None:
        report = self.pool(8, 3, 5, 6).report
        assert report.warnings == ("The file asks for 8 pictures at once; it was read for one.",)

    @pytest.mark.parametrize(
        ("axes", "shape"),
        [((1, 9, 8, 3), (3, 9, 8)), ((1, None, None, 1), (1, 224, 224)), ((1, 3, 4, 3), (3, 4, 3))],
    )
    def test_channels_that_stand_last(self, axes: Any, shape: tuple[int, ...]) -> None:
        assert self.pool(*axes).report.input_shape == shape

    @pytest.mark.parametrize("elem_type", [TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE])
    def test_other_floating_point_numbers(self, elem_type: int) -> None:
        w = Weights()
        w("w", 3, 2, 3, 3)
        kept = {TensorProto.FLOAT16: np.float16, TensorProto.DOUBLE: np.float64}.get(elem_type)
        model = onnx_model([step("Conv", "x w", "y")], elem_type=elem_type)
        values = w.made["w"].astype(kept) if kept else w.made["w"]
        shape = list(values.shape)
        model.graph.initializer.append(helper.make_tensor("w", elem_type, shape, values.reshape(-1)))
        imported = import_onnx(model.SerializeToString())
        weight = imported.model.nodes[0].weights["weight"]
        assert weight.dtype == np.float32
        assert np.allclose(weight, w.made["w"], rtol=1e-2)
        assert imported.model.run(picture(imported)).output("Conv_0").dtype == np.float32
        (warning,) = imported.report.warnings
        assert warning.endswith("here it is computed in float32.")

    def test_graphs_that_take_something_else(self) -> None:
        relu = [step("Relu", "x", "y")]
        for axes in [(), (1, 784), (3, 8, 9), (1, 1, 3, 8, 9)]:
            assert refused(onnx_file(relu, inputs={"x": axes})) == (
                "unsupported-model",
                "shape of x",
                list(axes),
            )
        assert refused(onnx_file(relu, inputs={"x": (3, 8, 9), "z": (1,)})) == (
            "unsupported-model",
            "inputs",
            ["x", "z"],
        )
        assert refused(onnx_file(relu, elem_type=TensorProto.UINT8))[:2] == ("unsupported-model", "type of x")
        assert refused(onnx_file(relu, elem_type=TensorProto.STRING))[0] == "unknown-type"


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

    def test_the_norm_of_a_whole_map(self) -> None:
        # ONNX has neither a case nor a reference of it.
        imported = import_onnx(onnx_file([step("GlobalLpPool", "x", "y", p=3)]))
        x = picture(imported)
        y = imported.model.run(x).output("GlobalLpPool_0")
        assert_close(y, (np.abs(x) ** 3).sum(axis=(2, 3), keepdims=True) ** (1 / 3), 1e-5)

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


class TestLimits:
    """Each at the number that just passes, and at one less."""

    def check(self, data: bytes, name: str, enough: int) -> EngineError:
        import_onnx(data, ImportLimits(**{name: enough}))
        error = refusal(import_onnx, data, ImportLimits(**{name: enough - 1}))
        assert error.code == "model-too-large"
        return error

    def test_bytes(self) -> None:
        data = weights_file()
        assert self.check(data, "file_bytes", len(data)).value == f"{len(data)} bytes"

    def test_numbers(self) -> None:
        # One picture of 2 × 8 × 9, one convolution of 3 × 2 × 3 × 3 weights and 3 biases.
        data = weights_file()
        self.check(data, "array_numbers", 2 * 8 * 9)
        self.check(data, "constant_numbers", 54 + 3)
        self.check(data, "output_numbers", 3 * 6 * 7)
        self.check(data, "multiply_adds", 54 * 6 * 7)
        self.check(data, "axes", 4)

    def test_many_small_things(self) -> None:
        # Two bytes each in the file, hundreds in memory.
        start = process_time()
        assert refused(field(7, field(1, b"") * 1_000_000))[2] == "250001 fields"
        assert process_time() - start < 2

    @pytest.mark.parametrize(
        ("op", "shape"),
        [("ConstantOfShape", [2**20, 2**20]), ("Expand", [2**40]), ("Tile", [2**40]), ("Range", [])],
    )
    def test_large_tensors_made_of_small_ones(self, op: str, shape: list[int]) -> None:
        inputs = {"ConstantOfShape": "shape", "Range": "zero end one"}.get(op, "one1 shape")
        weights = {
            "shape": np.array(shape, np.int64),
            "one1": np.ones(1, np.float32),
            "zero": np.float32(0),
            "one": np.float32(1),
            "end": np.float32(1e12),
        }
        nodes = [step(op, inputs, "big", "big"), step("Add", "x big", "y")]
        assert refused(onnx_file(nodes, weights))[:2] == ("model-too-large", "node big")

    def test_broadcasting_counts(self) -> None:
        weights = {"a": np.ones((1 << 14, 1), np.float32), "b": np.ones((1, 1 << 14), np.float32)}
        nodes = [step("Mul", "a b", "c", "big"), step("Add", "x c", "y")]
        assert refused(onnx_file(nodes, weights))[:2] == ("model-too-large", "node big")

    def test_outputs_that_grow(self) -> None:
        nodes = [step("Tile", f"v{i}" if i else "x", f"v{i + 1}") for i in range(6)]
        for node in nodes:
            node.input.append("times")
        data = onnx_file(nodes, {"times": np.array([1, 1, 32, 32])}, outputs=("v6",))
        assert refused(data)[0] == "model-too-large"


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_bytes_are_refused_or_harmless(data: st.DataObject) -> None:
    damaged = bytearray(data.draw(st.sampled_from(FILES)))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    refused_or_imported(bytes(damaged))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_damaged_settings_are_refused_or_harmless(data: st.DataObject) -> None:
    """The file stays one: what is damaged are numbers and links within it."""
    model = onnx.load_model_from_string(data.draw(st.sampled_from(FILES)))
    nodes = model.graph.node
    for _ in range(data.draw(st.integers(1, 3))):
        node = data.draw(st.sampled_from(list(nodes)))
        numbers = st.sampled_from([-(2**63), -(2**31), -2, -1, 0, 1, 2, 3, 7, 65_536, 2**31, 2**63 - 1])
        match data.draw(st.integers(0, 3)):
            case 0 if node.attribute:
                attribute = data.draw(st.sampled_from(list(node.attribute)))
                for i in range(len(attribute.ints)):
                    attribute.ints[i] = data.draw(numbers)
                if attribute.type == onnx.AttributeProto.INT:
                    attribute.i = data.draw(numbers)
            case 1 if node.input:
                known = [name for each in nodes for name in (*each.input, *each.output)]
                node.input[data.draw(st.integers(0, len(node.input) - 1))] = data.draw(st.sampled_from(known))
            case 2:
                node.op_type = data.draw(st.sampled_from([each.op_type for each in nodes]))
            case 3:
                tensor = data.draw(st.sampled_from(list(model.graph.initializer)))
                if tensor.data_type == TensorProto.INT64:
                    size = len(tensor.raw_data) // 8
                    wrong = [data.draw(numbers) for _ in range(size)]
                    tensor.raw_data = np.array(wrong, dtype="<i8").tobytes()
    refused_or_imported(model.SerializeToString())


FILES = [make() for make in NETS.values()]
SMALL = ImportLimits(array_numbers=1 << 20, constant_numbers=1 << 21, output_numbers=1 << 22)


def refused_or_imported(data: bytes) -> None:
    start = process_time()
    try:
        imported = import_onnx(data, SMALL)
    except EngineError:
        return
    finally:
        assert process_time() - start < 5
    assert imported.model.shapes[INPUT] == (1, *imported.report.input_shape)


def test_the_library_is_loaded_only_when_a_file_is_read() -> None:
    code = "import engine.importers.onnx, sys; sys.exit('onnx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""Importing ONNX files: whole networks, and what is said of them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest

from engine.importers.onnx import import_onnx
from engine.trace import explain
from engine.types import Array, map_shape
from tests.engine.compare import assert_close
from tests.engine.onnx_files import Weights, evaluated, onnx_file, step
from tests.engine.onnx_imports import picture
from tests.engine.onnx_nets import NETS


def as_the_file_wants(name: str, x: Array) -> Array:
    return x.transpose(0, 2, 3, 1) if name == "channels_last" else x


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

    def test_the_norm_of_a_whole_map(self) -> None:
        # ONNX has neither a case nor a reference of it.
        imported = import_onnx(onnx_file([step("GlobalLpPool", "x", "y", p=3)]))
        x = picture(imported)
        y = imported.model.run(x).output("GlobalLpPool_0")
        assert_close(y, (np.abs(x) ** 3).sum(axis=(2, 3), keepdims=True) ** (1 / 3), 1e-5)


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


def test_the_library_is_loaded_only_when_a_file_is_read() -> None:
    code = "import engine.importers.onnx, sys; sys.exit('onnx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

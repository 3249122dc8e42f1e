"""Pictures that ONNX files ask for: sizes left open, channels that stand last, other kinds of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from engine.importers.onnx import Imported, import_onnx
from tests.engine.onnx_files import Weights, onnx_file, onnx_model, step
from tests.engine.onnx_imports import picture, refused


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

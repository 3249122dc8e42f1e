"""How large an ONNX file may be, and what comes of it."""

from __future__ import annotations

from time import process_time

import numpy as np
import pytest

from engine.errors import EngineError
from engine.importers.onnx import ImportLimits, import_onnx
from tests.engine.onnx_files import onnx_file, step
from tests.engine.onnx_imports import field, refused, weights_file
from tests.engine.refusals import refusal


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

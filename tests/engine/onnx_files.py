"""Making small ONNX files, and what onnx's own evaluator computes from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

from engine.types import Array

Axes = Sequence[int | str | None]


def step(op: str, inputs: str, outputs: str, name: str = "", **attributes: Any) -> onnx.NodeProto:
    """A node; inputs and outputs are named in one text, "-" is one left out."""
    names = ["" if each == "-" else each for each in inputs.split()]
    return helper.make_node(op, names, outputs.split(), name=name, **attributes)


def onnx_model(
    nodes: Sequence[onnx.NodeProto],
    weights: Mapping[str, Any] | None = None,
    *,
    inputs: Mapping[str, Axes] | None = None,
    outputs: Sequence[str] = ("y",),
    opset: int = 17,
    elem_type: int = TensorProto.FLOAT,
) -> onnx.ModelProto:
    """A model from ``x``, one picture of 2 channels unless said otherwise, to ``y``."""
    given = {"x": ("batch", 2, 8, 9)} if inputs is None else inputs
    graph = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info(name, elem_type, axes) for name, axes in given.items()],
        [helper.make_tensor_value_info(name, elem_type, None) for name in outputs],
        [numpy_helper.from_array(np.asarray(weight), name) for name, weight in (weights or {}).items()],
    )
    imports = [helper.make_opsetid("", opset)]
    return helper.make_model(graph, producer_name="tests", ir_version=8, opset_imports=imports)


def onnx_file(*args: Any, **settings: Any) -> bytes:
    """The bytes of ``onnx_model``."""
    return onnx_model(*args, **settings).SerializeToString()


class Upsample(OpRun):
    """Of opset 7, with scales as an attribute; the library knows the later one only."""

    def _run(self, x: Array, mode: str | None = None, scales: list[float] | None = None) -> tuple[Array]:
        assert mode == "nearest"
        for axis, scale in enumerate(scales or []):
            x = x.repeat(int(scale), axis)
        return (x,)


class LRN(OpRun):
    """As ONNX defines it; the library's own (1.23) counts pictures where it should count channels."""

    def _run(self, x: Array, alpha: float, beta: float, bias: float, size: int) -> tuple[Array]:
        before, after = (size - 1) // 2, size // 2
        squares = np.pad(x**2, ((0, 0), (before, after), (0, 0), (0, 0)))
        total = sum(squares[:, i : i + x.shape[1]] for i in range(size))
        return ((x / (bias + alpha / size * total) ** beta).astype(x.dtype),)


def evaluated(data: bytes, x: Array) -> dict[str, Array]:
    """Every output of a file by name, as onnx's reference implementation computes it."""
    model = onnx.load_model_from_string(data)
    own = [Upsample, LRN] if model.opset_import[0].version < 9 else [LRN]
    results = ReferenceEvaluator(model, new_ops=own).run(None, {model.graph.input[0].name: x})
    return {each.name: result for each, result in zip(model.graph.output, results, strict=True)}


class Weights:
    """Random weights by name, the same each time: ``weights("conv", 4, 2, 3, 3)`` makes one and names it."""

    def __init__(self) -> None:
        self.made: dict[str, Array] = {}
        self._draw = np.random.default_rng(0)

    def __call__(self, name: str, *shape: int) -> str:
        scale = np.sqrt(2 / max(1, int(np.prod(shape[1:]))))
        self.made[name] = (self._draw.standard_normal(shape) * scale).astype(np.float32)
        return name

    def positive(self, name: str, *shape: int) -> str:
        self.made[name] = self._draw.uniform(0.5, 1.5, shape).astype(np.float32)
        return name

    def numbers(self, name: str, *values: int) -> str:
        self.made[name] = np.array(values, dtype=np.int64)
        return name

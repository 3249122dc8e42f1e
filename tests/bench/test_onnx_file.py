"""Models as ONNX files, read back by our own importer and computed by the format's own evaluator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bench.rivals.onnx_file import OPERATORS, onnx_file
from bench.training import small_vgg
from engine.graph import Model
from engine.importers.onnx import import_onnx
from engine.specification import build_model
from engine.types import Array
from engine.zoo.registry import ARCHITECTURES
from tests.engine.compare import assert_close
from tests.engine.onnx_files import evaluated

SIZES = {"lenet-1989": (20, 17), "lenet-5": (28, 33), "tiny-vgg": (40, 33), "squeezenet-1.1": (64, 49)}
"""(rows, columns) of the networks that are small enough to be run here."""

# What whole networks leave out: padding that differs from side to side, windows that hang over the end.
CONFIGURED: list[dict[str, Any]] = [
    {"op": "conv2d", "out_channels": 4, "kernel_size": [2, 3], "padding": "same", "stride": [2, 1]},
    {"op": "conv2d", "out_channels": 4, "kernel_size": 3, "dilation": 2, "groups": 2, "bias": [1, 2, 3, 4]},
    {"op": "max_pool2d", "kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True},
    {"op": "avg_pool2d", "kernel_size": 2, "padding": 1, "count_include_pad": False},
    {"op": "local_response_norm", "size": 3, "alpha": 0.5, "beta": 0.6, "k": 1.5},
    {"op": "clip", "min": -0.5, "max": 0.25},
]


def pictures(model: Model, count: int) -> Array:
    return np.random.default_rng(0).standard_normal((count, *model.input_shape), dtype=np.float32)


def told_apart(model: Model) -> Model:
    """Weights none of which is 0 or 1, as a variance must be: above 0."""
    drawn = np.random.default_rng(1)
    return model.with_weights(
        {
            name: (np.abs(array) if name.endswith("var") else array)
            + drawn.uniform(0.01, 0.1, array.shape).astype(np.float32)
            for name, array in model.weights.items()
        }
    )


def same(model: Model, batch: int) -> None:
    x, last = pictures(model, batch), model.nodes[-1].name
    expected = model.run(x).output(last)
    data = onnx_file(model)
    imported = import_onnx(data)
    assert_close(imported.model.run(x).output(imported.report.outputs[last]), expected, 1e-5)
    assert_close(evaluated(data, x)[last], expected, 1e-4)


@pytest.mark.parametrize("name", SIZES)
def test_a_small_network_computes_the_same(name: str) -> None:
    same(told_apart(build_model(ARCHITECTURES[name].build(size=SIZES[name]))), batch=2)


def test_a_network_to_be_trained_computes_the_same() -> None:
    same(told_apart(build_model(small_vgg())), batch=1)


@pytest.mark.parametrize("node", CONFIGURED, ids=lambda node: node["op"])
def test_settings_are_carried_over(node: dict[str, Any]) -> None:
    same(build_model({"input": {"channels": 4, "size": [9, 12]}, "nodes": [node]}), batch=2)


def test_batch_normalisation_is_carried_over() -> None:
    init = {"init": "ones"}
    norm = {"op": "batch_norm2d", "eps": 0.1, "bias": init, "weight": init}
    nodes = [{**norm, "running_mean": init, "running_var": init}]
    same(told_apart(build_model({"input": {"channels": 3, "size": [4, 5]}, "nodes": nodes})), batch=2)


def test_branches_meet() -> None:
    nodes = [
        {"op": "relu", "name": "a"},
        {"op": "concat", "name": "b", "inputs": ["a", "input"]},
        {"op": "concat", "name": "c", "inputs": ["input", "input"]},
        {"op": "add", "inputs": ["b", "c"]},
    ]
    same(build_model({"input": {"channels": 2, "size": [4, 5]}, "nodes": nodes}), batch=1)


def test_every_operation_of_the_zoo_is_known() -> None:
    used = {node["op"] for architecture in ARCHITECTURES.values() for node in architecture.build()["nodes"]}
    assert used <= OPERATORS.keys()


def test_the_batch_can_be_fixed() -> None:
    model = build_model({"input": {"channels": 2, "size": [4, 5]}, "nodes": [{"op": "relu"}]})
    assert evaluated(onnx_file(model, batch=3), pictures(model, 3))["relu"].shape == (3, 2, 4, 5)


@pytest.mark.parametrize(
    "node",
    [
        {"op": "conv2d", "kernel_size": 3, "flip": True},
        {"op": "conv2d", "kernel_size": 3, "padding": 1, "padding_mode": "reflect"},
        {"op": "local_response_norm", "size": 2},
        {"op": "gelu"},
    ],
    ids=["flip", "reflect", "even", "gelu"],
)
def test_what_would_come_out_wrong_is_refused(node: dict[str, Any]) -> None:
    model = build_model({"input": {"channels": 2, "size": [6, 6]}, "nodes": [node]})
    with pytest.raises(KeyError, match=node["op"]):
        onnx_file(model)

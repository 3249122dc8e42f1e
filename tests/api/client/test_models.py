"""Models, and what there is to choose from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.client import ConvScopeError
from tests.api.client.faces import PIXELS, Face


def test_those_that_are_there(face: Face, get: Any) -> None:
    listed = face(face.client.models())
    assert [each.name for each in listed] == [each["name"] for each in get("models").json()["models"]]
    for each in listed[:6]:
        model = face(face.client.model(each.name))
        assert (model.id, model.input) == (each.id, each.input)
        assert model.raw == get(f"models/{each.id}").json()


def test_a_specification_with_arrays(face: Face) -> None:
    kernel = np.float32([[0.1, -0.7]])
    node = {"name": "c", "op": "conv2d", "weight": kernel, "stride": np.int64(2)}
    model = face(face.client.make_model({"input": {"channels": 1, "size": (8, 9)}, "nodes": [node]}))
    assert model.nodes[0].output_shape == (1, 4, 4)
    assert np.array_equal(face(face.client.weight(model.id, "c"))[0, 0], kernel)
    with pytest.raises(ValueError, match="JSON"):
        face(face.client.make_model({"nodes": [{**node, "weight": kernel * np.nan}]}))
    with pytest.raises(TypeError, match="a set cannot be sent"):
        face(face.client.make_model({"nodes": {1, 2}}))


def test_an_onnx_file(face: Face, tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(onnx_file())
    labels = ["cat", {"en": "dog", "ja": "犬"}]
    scale = {"color": "rgb", "range": 255}
    model = face(face.client.upload_model(path, name="mine", labels=labels, preprocessing=scale))
    assert model.title == "mine"
    assert model.labels[1] == {"en": "dog", "ja": "犬"}
    assert model.input.preprocessing["range"] == 255
    assert model.report
    assert [each.op for each in model.nodes] == ["conv2d", "global_avg_pool2d", "flatten"]
    with path.open("rb") as file:
        assert face(face.client.upload_model(file, size=(16, 16))).report
    with pytest.raises(ConvScopeError) as refused:
        face(face.client.upload_model(b"nothing"))
    assert (refused.value.code, refused.value.status) == ("not-a-model", 415)
    assert len(face(face.client.predict(PIXELS, model.id, size=(9, 9)))) == 2


def onnx_file() -> bytes:
    import onnx
    from onnx import TensorProto, helper

    kernel = np.random.default_rng(0).normal(size=(2, 3, 5, 5)).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w"], ["y"]),
            helper.make_node("GlobalAveragePool", ["y"], ["p"]),
            helper.make_node("Flatten", ["p"], ["z"]),
        ],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, None, None])],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)],
        [onnx.numpy_helper.from_array(kernel, "w")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return bytes(made.SerializeToString())

from __future__ import annotations

import numpy as np
import pytest

from tests.api.nets import assert_problem, get_array, get_json
from tests.api.server import Api, MakeApi

SPECIFICATION = {
    "input": {"channels": 3, "size": [8, 10]},
    "nodes": [
        {"name": "c1", "op": "conv2d", "weight": "sobel_x", "bias": [0.5], "stride": 2},
        {"op": "relu"},
    ],
}


def test_a_specification_becomes_a_model(api: Api) -> None:
    answer = api.post("/api/v1/models", json=SPECIFICATION)
    assert answer.status_code == 201
    model = answer.json()
    assert answer.headers["location"] == model["url"] == f"/api/v1/models/{model['id']}"
    assert model["report"] == {
        "format": "specification",
        "operations": ["conv2d", "relu"],
        "not_understood": [],
    }
    assert model["input"] == {"channels": 3, "size": [8, 10], "preprocessing": None}
    first, second = model["nodes"]
    assert (first["name"], first["op"], first["inputs"]) == ("c1", "conv2d", ["input"])
    assert first["attributes"]["stride"] == [2, 2]
    assert first["output_shape"] == [1, 3, 4]
    assert (first["parameters"], first["multiply_adds"]) == (28, 27 * 12)
    assert first["receptive_field"] == {"size": [3, 3], "stride": [2, 2], "start": [0, 0]}
    assert second["name"] == "relu"
    assert api.post("/api/v1/models", json=SPECIFICATION).status_code == 200


def test_fields_behind_upsampling_have_no_stride(api: Api) -> None:
    up = {"name": "up", "op": "resize", "scales": [2, 2]}
    whole = {"name": "whole", "op": "global_avg_pool2d"}
    specification = SPECIFICATION | {"nodes": [*SPECIFICATION["nodes"], up, whole]}  # type: ignore[misc]
    nodes = {each["name"]: each for each in api.post("/api/v1/models", json=specification).json()["nodes"]}
    assert nodes["relu"]["receptive_field"]["stride"] == [2, 2]
    assert nodes["up"]["receptive_field"] == {"size": [3, 3], "stride": None, "start": [0, 0]}
    assert nodes["whole"]["receptive_field"] == {"size": [7, 9], "stride": [0, 0], "start": [0, 0]}


def test_a_model_is_found_again_also_after_a_restart(make_api: MakeApi) -> None:
    posted = make_api().post("/api/v1/models", json=SPECIFICATION).json()
    found = get_json(make_api(), posted["url"])
    assert found == {key: value for key, value in posted.items() if key != "report"}


def test_weights_as_array_json_and_picture(api: Api) -> None:
    url = api.post("/api/v1/models", json=SPECIFICATION).json()["url"]
    weight = get_array(api, f"{url}/nodes/c1/weight.npy")
    assert weight.shape == (1, 3, 3, 3)
    assert get_json(api, f"{url}/nodes/c1/weight")["data"] == weight.tolist()
    assert get_array(api, f"{url}/nodes/c1/bias.npy").tolist() == [0.5]
    picture = api.get(f"{url}/nodes/c1/weight.png?colormap=weight")
    assert picture.headers["x-legend-colormap"] == "weight"
    assert (picture.headers["x-legend-min"], picture.headers["x-legend-max"]) == ("-2.0", "2.0")
    assert picture.headers["x-mosaic-columns"] == "3"
    assert weight.dtype == np.dtype("<f4")


def test_the_list_of_models_holds_no_posted_ones(api: Api) -> None:
    posted = api.post("/api/v1/models", json=SPECIFICATION).json()["id"]
    assert posted not in [model["id"] for model in get_json(api, "/api/v1/models")["models"]]


def test_what_is_not_there(api: Api) -> None:
    url = api.post("/api/v1/models", json=SPECIFICATION).json()["url"]
    assert_problem(api.get("/api/v1/models/mdl_00000000000000000000"), 404, "unknown-model", "model")
    assert_problem(api.get("/api/v1/models/..%2f..%2fetc"), 404, "not-found")
    assert_problem(api.get(f"{url}/nodes/c9/weight"), 404, "unknown-node", "node")
    assert_problem(api.get(f"{url}/nodes/relu/weight"), 404, "unknown-weight", "weight")
    assert_problem(api.get(f"{url}/nodes/c1/bias.png"), 406, "not-acceptable")
    assert_problem(api.get(f"{url}/nodes/c1/weight.gif"), 406, "not-acceptable", "suffix")
    assert_problem(api.get(f"{url}/nodes/c1/weight?chanels=0:1"), 422, "unknown-parameter", "chanels")


def test_a_body_that_is_no_specification(api: Api) -> None:
    assert_problem(
        api.post("/api/v1/models", json={"nodes": [{"op": "relu"}]}), 422, "missing-field", "input"
    )
    extra = {**SPECIFICATION, "colour": 1}
    assert_problem(api.post("/api/v1/models", json=extra), 422, "unknown-field", "colour")


@pytest.mark.parametrize(
    ("node", "code", "argument"),
    [
        ({"op": "conv3d"}, "unknown-operation", "op"),
        ({"op": "conv2d", "strid": 2}, "unknown-parameter", "strid"),
        ({"op": "conv2d", "stride": 0}, "invalid-argument", "stride"),
        ({"op": "conv2d", "stride": "2"}, "invalid-argument", "stride"),
        ({"op": "conv2d", "kernel_size": 11}, "kernel-too-large", "kernel_size"),
        ({"op": "conv2d", "groups": 2, "out_channels": 2}, "groups-do-not-divide", "groups"),
        ({"op": "conv2d", "weight": "sobel_z"}, "unknown-preset", "preset"),
        ({"op": "conv2d", "weight": {"preset": "box", "size": 100_000}}, "invalid-argument", "kernel_size"),
        ({"op": "conv2d", "weight": "box", "kernel_size": 100_000}, "invalid-argument", "kernel_size"),
        ({"op": "conv2d", "weight": [[1, 2], [3]]}, "invalid-weight", "weight"),
        ({"op": "conv2d", "weight": [[1e39]]}, "non-finite", "weight"),
        ({"op": "relu", "name": "a/b"}, "invalid-argument", "name"),
        ({"op": "relu", "name": ".."}, "invalid-argument", "name"),
        ({"op": "relu", "name": "input"}, "duplicate-node", "name"),
        ({"op": "relu", "inputs": ["nobody"]}, "unknown-node", None),
        ({"op": "add", "inputs": ["input"]}, "wrong-inputs", None),
    ],
)
def test_a_node_that_cannot_be(api: Api, node: dict[str, object], code: str, argument: str | None) -> None:
    specification = {"input": {"channels": 3, "size": [8, 10]}, "nodes": [node]}
    assert_problem(api.post("/api/v1/models", json=specification), 422, code, argument)


def test_nan_is_no_json(api: Api) -> None:
    body = '{"input": {"channels": 1, "size": [4, 4]}, "nodes": [{"op": "conv2d", "weight": [[NaN]]}]}'
    answer = api.post("/api/v1/models", content=body, headers={"Content-Type": "application/json"})
    assert_problem(answer, 422, "non-finite")


def test_limits_of_a_model(make_api: MakeApi) -> None:
    nodes = [{"op": "relu"}] * 3
    api = make_api(limits={"model_nodes": 3, "weight_numbers": 20, "activation_numbers": 64})
    small = {"channels": 1, "size": [4, 4]}
    assert api.post("/api/v1/models", json={"input": small, "nodes": nodes}).status_code == 201
    four = api.post("/api/v1/models", json={"input": small, "nodes": [*nodes, {"op": "relu"}]})
    assert_problem(four, 413, "model-too-large", "nodes")

    def weights(bias: list[float]) -> dict[str, object]:
        conv = {"op": "conv2d", "kernel_size": [1, 1], "out_channels": 1, "bias": [0]}
        return {"input": {"channels": 1, "size": [2, 2]}, "nodes": [conv] * 9 + [{**conv, "bias": bias}]}

    api = make_api(limits={"weight_numbers": 20})
    assert api.post("/api/v1/models", json=weights([0])).status_code == 201
    api = make_api(limits={"weight_numbers": 19})
    assert_problem(api.post("/api/v1/models", json=weights([0])), 413, "model-too-large", "weights")

    api = make_api(limits={"activation_numbers": 32})
    assert api.post("/api/v1/models", json={"input": small, "nodes": [{"op": "relu"}]}).status_code == 201
    two = api.post("/api/v1/models", json={"input": small, "nodes": [{"op": "relu"}] * 2})
    assert_problem(two, 413, "run-too-large", "outputs")


def test_weights_too_large_for_memory_are_refused_before_they_are_made(api: Api) -> None:
    nodes = [{"op": "conv2d", "out_channels": 10_000}, {"op": "conv2d", "out_channels": 10_000}]
    specification = {"input": {"channels": 1, "size": [8, 8]}, "nodes": nodes}
    assert_problem(api.post("/api/v1/models", json=specification), 413, "model-too-large", "weights")

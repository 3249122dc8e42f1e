"""Weights taken from other models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.api.nets import assert_problem, get_array, get_json
from tests.api.server import Api, MakeApi

NAME = "lenet-5-untrained"


def specified(weight: Any, channels: int = 1, **more: Any) -> dict[str, Any]:
    node = {"name": "it", "op": "conv2d", "weight": weight, **more}
    return {"input": {"channels": channels, "size": [16, 16]}, "nodes": [node]}


def weight_of(api: Api, specification: dict[str, Any]) -> Any:
    answer = api.post("/api/v1/models", json=specification)
    assert answer.status_code in (200, 201), answer.text
    return get_array(api, f"{answer.json()['url']}/nodes/it/weight.npy")


def source(api: Api, node: str = "c3") -> Any:
    return get_array(api, f"/api/v1/models/{NAME}/nodes/{node}/weight.npy")


def test_a_whole_layer(api: Api) -> None:
    taken = weight_of(api, specified({"model": NAME, "node": "c1"}))
    assert np.array_equal(taken, source(api, "c1"))


def test_one_filter(api: Api) -> None:
    taken = weight_of(api, specified({"model": NAME, "node": "c3", "channel": 3}, 6))
    assert np.array_equal(taken, source(api)[3:4])


def test_one_kernel_serves_every_channel(api: Api) -> None:
    kernel = {"model": NAME, "node": "c3", "channel": 15, "input_channel": 2}
    taken = weight_of(api, specified(kernel, 3, out_channels=2))
    assert np.array_equal(taken, np.broadcast_to(source(api)[15, 2], (2, 3, 5, 5)))


def test_a_bias(api: Api) -> None:
    bias = {"model": NAME, "node": "c1", "weight": "bias"}
    specification = specified({"model": NAME, "node": "c1"}, bias=bias)
    url = api.post("/api/v1/models", json=specification).json()["url"]
    assert get_array(api, f"{url}/nodes/it/bias.npy").shape == (6,)


def test_a_name_and_an_id_are_the_same_model(api: Api) -> None:
    model_id = get_json(api, f"/api/v1/models/{NAME}")["id"]
    by_name = api.post("/api/v1/models", json=specified({"model": NAME, "node": "c1"}))
    by_id = api.post("/api/v1/models", json=specified({"model": model_id, "node": "c1"}))
    assert (by_name.status_code, by_id.status_code) == (201, 200)
    assert by_name.json()["id"] == by_id.json()["id"]


def test_in_one_run(api: Api) -> None:
    node = {"name": "it", "op": "conv2d", "weight": {"model": NAME, "node": "c1", "channel": 0}}
    body = {"image": "zone-plate", "size": [9, 9], "specification": {"nodes": [node]}}
    run = api.post("/api/v1/runs", json=body).json()
    assert run["nodes"][0]["output_shape"] == [1, 5, 5]


def test_it_survives_a_restart(make_api: MakeApi) -> None:
    api = make_api()
    model = api.post("/api/v1/models", json=specified({"model": NAME, "node": "c1"})).json()
    found = get_json(make_api(), model["url"])
    assert found["nodes"] == model["nodes"]


@pytest.mark.parametrize(
    ("weight", "status", "code", "argument"),
    [
        ({"model": "nobody", "node": "c1"}, 404, "unknown-model", "model"),
        ({"model": NAME, "node": "c9"}, 422, "unknown-node", "node"),
        ({"model": NAME, "node": "s2"}, 404, "unknown-weight", "weight"),
        ({"model": NAME, "node": "c1", "weight": "gamma"}, 404, "unknown-weight", "weight"),
        ({"model": NAME, "node": 3}, 422, "invalid-argument", "weight.node"),
        ({"model": NAME}, 422, "invalid-argument", "weight.node"),
        ({"model": NAME, "node": "c1", "channel": 6}, 422, "index-out-of-range", "weight.channel"),
        ({"model": NAME, "node": "c1", "channel": -1}, 422, "index-out-of-range", "weight.channel"),
        ({"model": NAME, "node": "c1", "channel": True}, 422, "index-out-of-range", "weight.channel"),
        ({"model": NAME, "node": "c1", "input_channel": 0}, 422, "missing-field", "weight.channel"),
        ({"model": NAME, "node": "c1", "chanel": 0}, 422, "unknown-field", "weight.chanel"),
        ({"model": ["a"], "node": "c1"}, 404, "unknown-model", "weight.model"),
        ({"model": NAME, "node": "c3"}, 422, "shape-mismatch", None),
    ],
)
def test_what_cannot_be(api: Api, weight: Any, status: int, code: str, argument: str | None) -> None:
    assert_problem(api.post("/api/v1/models", json=specified(weight)), status, code, argument)


def test_models_whose_weights_are_borrowed_lend_none(api: Api) -> None:
    borrowed = api.post("/api/v1/models", json=specified({"model": NAME, "node": "c1"})).json()["id"]
    answer = api.post("/api/v1/models", json=specified({"model": borrowed, "node": "it"}))
    assert_problem(answer, 422, "invalid-weight", "weight.model")


def test_so_many_models_may_lend(make_api: MakeApi) -> None:
    own = make_api().post("/api/v1/models", json=specified("box")).json()["id"]
    sources = [{"model": own, "node": "it", "channel": 0}, {"model": NAME, "node": "c1", "channel": 0}]
    nodes = [{"op": "conv2d", "weight": weight} for weight in sources]
    body = {"input": {"channels": 1, "size": [16, 16]}, "nodes": nodes}
    assert make_api(limits={"weight_sources": 2}).post("/api/v1/models", json=body).status_code == 201
    refused = make_api(limits={"weight_sources": 1}).post("/api/v1/models", json=body)
    assert_problem(refused, 413, "model-too-large", "weight.model")

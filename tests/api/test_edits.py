"""What if: runs with changed weights, computed from the first changed node on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.graph import run_nodes
from tests.api.nets import assert_problem, get_array, get_json, post_run
from tests.api.server import Api, MakeApi

NODES: list[dict[str, Any]] = [
    {"name": "a", "op": "conv2d", "out_channels": 3, "bias": [1, 2, 3]},
    {"name": "left", "op": "conv2d", "out_channels": 2, "padding": 1, "inputs": ["a"]},
    {"name": "right", "op": "tanh", "inputs": ["a"]},
    {"name": "both", "op": "concat", "inputs": ["left", "right"]},
    {"name": "flat", "op": "flatten"},
    {"name": "scores", "op": "linear", "out_features": 4},
    {"name": "softmax", "op": "softmax"},
]

EDITS: list[dict[str, Any]] = [
    {"node": "a", "index": [1], "off": True},
    {"node": "left", "index": [0, 2], "scale": -1.5},
    {"node": "left", "index": [1, 0, 1, 1], "value": 4},
    {"node": "scores", "index": [2], "scale": 3},
    {"node": "a", "index": [2], "value": -1, "weight": "bias"},
]


def all_outputs(api: Api, run: Any) -> dict[str, Any]:
    names = ["input", *(node["name"] for node in run["nodes"])]
    return {name: get_array(api, f"{run['url']}/nodes/{name}/output.npy") for name in names}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: f"{edit['node']}-{len(edit['index'])}")
def test_it_equals_a_run_from_the_start_bit_for_bit(make_api: MakeApi, edit: dict[str, Any]) -> None:
    api = make_api()
    post_run(api, NODES)
    run = post_run(api, NODES, edits=[edit])
    after_another = all_outputs(api, run)
    fresh = make_api(data_dir=api.settings.data_dir / "fresh")
    alone = post_run(fresh, NODES, edits=[edit])
    assert alone == run
    for name, y in all_outputs(fresh, alone).items():
        assert np.array_equal(y, after_another[name]), name


def test_only_what_the_change_reaches_is_computed(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    post_run(api, NODES)
    computed: list[str] = []

    def watched(nodes: Any, inputs: Any, before_node: Any) -> Any:
        computed.extend(node.name for node in nodes)
        return run_nodes(nodes, inputs, before_node)

    monkeypatch.setattr("app.services.running.run_nodes", watched)
    post_run(api, NODES, edits=[{"node": "left", "index": [0], "off": True}])
    assert computed == ["left", "both", "flat", "scores", "softmax"]
    computed.clear()
    post_run(api, NODES, edits=[{"node": "scores", "index": [0], "value": 0}])
    assert computed == ["scores", "softmax"]


def test_a_bias_alone(api: Api) -> None:
    plain = post_run(api, NODES)
    edit = {"node": "a", "index": [1], "value": 10, "weight": "bias"}
    run = post_run(api, NODES, edits=[edit])
    assert run["edits"] == [{**edit}]
    change = get_array(api, f"{run['url']}/nodes/a/output.npy") - get_array(
        api, f"{plain['url']}/nodes/a/output.npy"
    )
    assert np.allclose(change[1], 8)
    assert not change[[0, 2]].any()
    cell = get_json(api, f"{run['url']}/nodes/a/cells/1/0/0")
    assert cell["bias"] == 10


def test_the_model_itself_stays_as_it_is(api: Api) -> None:
    model = post_run(api, NODES)["model"]
    before = get_array(api, f"/api/v1/models/{model}/nodes/left/weight.npy")
    post_run(api, NODES, edits=[{"node": "left", "index": [0], "off": True}])
    assert np.array_equal(get_array(api, f"/api/v1/models/{model}/nodes/left/weight.npy"), before)


def test_several_edits_add_up_in_order(api: Api) -> None:
    edits = [
        {"node": "a", "index": [0, 0, 0, 0], "value": 2},
        {"node": "a", "index": [0, 0, 0, 0], "scale": 5},
    ]
    run = post_run(api, NODES, edits=edits)
    assert get_json(api, f"{run['url']}/nodes/a/cells/0/0/0")["terms"][0]["weight"] == 10
    turned = post_run(api, NODES, edits=edits[::-1])
    assert get_json(api, f"{turned['url']}/nodes/a/cells/0/0/0")["terms"][0]["weight"] == 2


def test_a_thousand_edits_copy_a_weight_once(api: Api) -> None:
    edits = [{"node": "scores", "index": [0, i], "value": i} for i in range(100)] * 10
    assert len(post_run(api, NODES, edits=edits)["edits"]) == 1000
    body = {
        "image": "zone-plate",
        "size": [7, 9],
        "specification": {"nodes": NODES},
        "edits": [edits[0]] * 1001,
    }
    assert_problem(api.post("/api/v1/runs", json=body), 422, "invalid-argument", "edits")


@pytest.mark.parametrize(
    ("edit", "code", "argument"),
    [
        ({"node": "right", "index": [0], "weight": "bias", "value": 1}, "no-weights", "edits.node"),
        ({"node": "left", "index": [0], "weight": "bias", "value": 1}, "unknown-weight", "edits.weight"),
        ({"node": "a", "index": [3], "weight": "bias", "value": 1}, "index-out-of-range", "edits.index"),
        ({"node": "a", "index": [0, 0], "weight": "bias", "value": 1}, "index-out-of-range", "edits.index"),
    ],
)
def test_edits_of_what_is_not_there(api: Api, edit: dict[str, Any], code: str, argument: str) -> None:
    body = {"image": "zone-plate", "size": [7, 9], "specification": {"nodes": NODES}, "edits": [edit]}
    status = 404 if code == "unknown-weight" else 422
    assert_problem(api.post("/api/v1/runs", json=body), status, code, argument)


def test_the_memory_of_changed_weights_is_counted(api: Api) -> None:
    store = api.app.state.services.runs._memory
    post_run(api, NODES)
    plain = store.used_bytes
    post_run(api, NODES, edits=[{"node": "scores", "index": [0], "value": 0}])
    scores = 4 * 4 * 5 * 5 * 7
    assert store.used_bytes == 2 * plain + scores

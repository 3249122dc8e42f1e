"""The likeliest classes of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.services.labels import read_labels
from tests.api.nets import assert_problem, get_array, post_run
from tests.api.server import Api

LINEAR: list[dict[str, Any]] = [{"op": "flatten"}, {"name": "scores", "op": "linear", "out_features": 12}]


def test_the_ten_best_of_a_softmax(api: Api) -> None:
    run = post_run(api, [*LINEAR, {"name": "probabilities", "op": "softmax"}])
    output = get_array(api, f"{run['url']}/nodes/probabilities/output.npy")
    assert output.shape == (12,)
    assert [each["index"] for each in run["top"]] == np.argsort(-output, kind="stable")[:10].tolist()
    assert run["top"][0]["probability"] == float(output.max())
    assert run["top"][0]["label"] is None
    assert run["top_from"] == {"node": "probabilities", "softmax": False}


def test_scores_with_labels_become_probabilities(api: Api) -> None:
    size = {"input": {"channels": 1, "size": [7, 9]}, "nodes": LINEAR}
    model = api.post("/api/v1/models", json=size).json()["id"]
    labels = [f"class {i}" for i in range(12)]
    model = api.post("/api/v1/models", json={"model": model, "labels": labels}).json()["id"]
    run = api.post("/api/v1/runs", json={"image": "zone-plate", "model": model}).json()
    scores = get_array(api, f"{run['url']}/nodes/scores/output.npy").astype(np.float64)
    expected = np.exp(scores) / np.exp(scores).sum()
    best = run["top"][0]
    assert best["index"] == int(scores.argmax())
    assert best["label"] == {"en": f"class {best['index']}", "ja": f"class {best['index']}"}
    assert best["probability"] == pytest.approx(expected.max())
    assert run["top_from"] == {"node": "scores", "softmax": True}


@pytest.mark.parametrize(
    "nodes",
    [
        LINEAR,
        [{"op": "softmax"}],
        [{"op": "relu"}],
    ],
    ids=["scores without labels", "a softmax at every place", "maps"],
)
def test_other_runs_name_no_classes(api: Api, nodes: list[dict[str, Any]]) -> None:
    run = post_run(api, nodes)
    assert "top" not in run
    assert "top_from" not in run


def test_fewer_classes_than_ten(api: Api) -> None:
    nodes = [{"op": "flatten"}, {"op": "linear", "out_features": 3}, {"op": "softmax"}]
    assert len(post_run(api, nodes)["top"]) == 3


def test_scores_beyond_all_bounds(api: Api) -> None:
    """exp(1e30) would be infinite."""
    nodes = [{"op": "flatten"}, {"op": "linear", "weight": [[1e30] * 63, [0] * 63]}]
    model = api.post(
        "/api/v1/models", json={"input": {"channels": 1, "size": [7, 9]}, "nodes": nodes}
    ).json()["id"]
    model = api.post("/api/v1/models", json={"model": model, "labels": ["a", "b"]}).json()["id"]
    run = api.post("/api/v1/runs", json={"image": "zone-plate", "model": model}).json()
    assert [each["probability"] for each in run["top"]] == [1.0, 0.0]


@pytest.mark.parametrize("labels", [[], [1], [{"fr": "chat"}], [{}], ["x" * 201], [{"en": None}]])
def test_labels_that_cannot_be(api: Api, labels: Any) -> None:
    answer = api.post("/api/v1/models", json={"model": "lenet-5-untrained", "labels": labels})
    assert answer.status_code == 422
    assert answer.json()["params"]["argument"].startswith("labels")


@pytest.mark.parametrize(("count", "status"), [(9, 422), (10, 201), (11, 422)])
def test_there_is_a_label_for_every_class(api: Api, count: int, status: int) -> None:
    labels = [f"class {i}" for i in range(count)]
    answer = api.post("/api/v1/models", json={"model": "lenet-5-untrained", "labels": labels})
    assert answer.status_code == status
    if status == 422:
        assert_problem(answer, 422, "invalid-argument", "labels")


def test_maps_have_no_labels(api: Api) -> None:
    maps = {"input": {"channels": 1, "size": [4, 4]}, "nodes": [{"op": "relu"}]}
    model = api.post("/api/v1/models", json=maps).json()["id"]
    answer = api.post("/api/v1/models", json={"model": model, "labels": ["a"]})
    assert_problem(answer, 422, "invalid-argument", "labels")


def test_labels_in_two_languages() -> None:
    read = read_labels([{"en": "cat", "ja": "猫"}, {"ja": "犬"}, "bird"])
    assert read is not None
    assert [(each.en, each.ja) for each in read] == [("cat", "猫"), ("犬", "犬"), ("bird", "bird")]


def test_none_takes_labels_away(api: Api) -> None:
    known = api.post("/api/v1/models", json={"model": "lenet-5-untrained", "labels": [*"0123456789"]}).json()
    without = api.post("/api/v1/models", json={"model": known["id"], "labels": None}).json()
    assert known["labels"][3] == {"en": "3", "ja": "3"}
    assert without["labels"] is None
    assert_problem(api.post("/api/v1/models", json={"model": "mdl_0"}), 404, "unknown-model", "model")

"""What each filter of a convolution is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.nets import assert_problem, get_json
from tests.api.server import Api


def posted(api: Api, *nodes: dict[str, Any], channels: int = 1) -> str:
    body = {"input": {"channels": channels, "size": [16, 16]}, "nodes": list(nodes)}
    return str(api.post("/api/v1/models", json=body).json()["url"])


def test_gabor_functions_are_found_again(api: Api) -> None:
    gabor = {"preset": "gabor", "size": [9, 9], "orientation_deg": 30, "wavelength_px": 4}
    url = posted(api, {"name": "c", "op": "conv2d", "weight": gabor})
    answer = get_json(api, f"{url}/nodes/c/filters")
    (found,) = answer["filters"]
    assert (found["index"], found["kind"], found["reason"]) == (0, "gabor", None)
    assert found["fit"]["orientation_deg"] == pytest.approx(30, abs=1)
    assert found["fit"]["wavelength_px"] == pytest.approx(4, rel=0.02)
    assert found["fit"]["r2"] > 0.99
    assert answer["summary"]["kinds"]["gabor"] == 1
    assert answer["reason"] is None


def test_they_are_fitted_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    url = posted(api, {"name": "c", "op": "conv2d", "weight": "gabor"})
    first = get_json(api, f"{url}/nodes/c/filters")

    def fail(*arguments: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("app.services.answers.filters_of", fail)
    assert get_json(api, f"{url}/nodes/c/filters") == first


def test_the_order_is_by_kind(api: Api) -> None:
    answer = get_json(api, "/api/v1/models/kmeans-bank/nodes/conv1/filters")
    kinds = [answer["filters"][index]["kind"] for index in answer["order"]]
    assert sorted(answer["order"]) == list(range(96))
    assert sorted(kinds, key=["gabor", "edge", "blob", "other"].index) == kinds
    assert answer["summary"]["median_r2"] > 0.8


def test_what_cannot_be_fitted_says_why(api: Api) -> None:
    url = posted(
        api, {"name": "c", "op": "conv2d", "out_channels": 4}, {"name": "d", "op": "conv2d", "kernel_size": 5}
    )
    small = get_json(api, f"{url}/nodes/c/filters")
    assert small["reason"] == "too-small"
    assert [each["fit"] for each in small["filters"]] == [None] * 4
    assert get_json(api, f"{url}/nodes/d/filters")["reason"] == "deep"


def test_only_convolutions_have_filters(api: Api) -> None:
    url = posted(api, {"name": "act", "op": "relu"}, {"name": "c", "op": "conv2d"})
    problem = assert_problem(api.get(f"{url}/nodes/act/filters"), 422, "no-filters", "node")
    assert problem["params"]["allowed"] == "c"
    assert_problem(api.get(f"{url}/nodes/nobody/filters"), 404, "unknown-node", "node")
    assert_problem(api.get("/api/v1/models/nobody/nodes/c/filters"), 404, "unknown-model", "model")


def test_they_never_change_under_an_id(api: Api) -> None:
    url = posted(api, {"name": "c", "op": "conv2d", "weight": "gabor"})
    answer = api.get(f"{url}/nodes/c/filters")
    assert "immutable" in answer.headers["cache-control"]
    assert api.get("/api/v1/models/kmeans-bank/nodes/conv1/filters").headers["cache-control"] == "no-cache"

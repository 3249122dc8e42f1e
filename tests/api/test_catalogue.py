"""The models with names of their own."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from safetensors.numpy import save

from app.services import models
from app.services.catalogue import load_catalogue
from app.settings import ROOT
from engine.zoo.registry import ARCHITECTURES
from tests.api.nets import assert_problem, get_array, get_json
from tests.api.server import Api, MakeApi

SMALL = ("lenet-5", "tiny-vgg", "cifar-net")
"""Networks that are built in a moment."""


def listed(api: Api) -> dict[str, Any]:
    return {model["name"]: model for model in get_json(api, "/api/v1/models")["models"]}


def untrained(models: dict[str, Any], name: str) -> Any:
    return models.get(f"{name}-untrained", models[name])


def test_every_architecture_is_there_and_plainly_marked(api: Api) -> None:
    models = listed(api)
    for name, architecture in ARCHITECTURES.items():
        model = untrained(models, name)
        assert model["trained"] is False
        assert model["card"] is None
        assert (model["title"], model["year"]) == (architecture.title, architecture.year)
        assert model["input"]["size"] == list(architecture.size)


def test_every_card_is_a_model(api: Api) -> None:
    models = listed(api)
    cards = [
        path for path in (ROOT / "weights").glob("*.json") if isinstance(json.loads(path.read_text()), dict)
    ]
    assert cards
    for path in cards:
        assert models[path.stem]["trained"] is True
        assert models[path.stem]["card"]["data"]


@pytest.mark.parametrize("name", SMALL)
def test_the_list_counts_as_the_model_does(api: Api, name: str) -> None:
    entry = untrained(listed(api), name)
    model = get_json(api, f"/api/v1/models/{entry['name']}")
    for field in ("id", "name", "title", "trained", "input", "parameters", "multiply_adds", "card"):
        assert model[field] == entry[field], field
    assert get_json(api, f"/api/v1/models/{entry['id']}") == model


def test_listing_builds_nothing(api: Api) -> None:
    listed(api)
    assert len(api.app.state.services.models._memory) == 0


def test_a_trained_model_has_its_weights_labels_and_preprocessing(api: Api) -> None:
    model = get_json(api, "/api/v1/models/lenet-5")
    assert model["labels"][7] == {"en": "7", "ja": "7"}
    assert model["classifies"] is True
    assert model["input"]["preprocessing"]["size"] == [28, 28]
    learned = get_array(api, "/api/v1/models/lenet-5/nodes/c1/weight.npy")
    drawn = get_array(api, "/api/v1/models/lenet-5-untrained/nodes/c1/weight.npy")
    assert learned.shape == drawn.shape
    assert not np.allclose(learned, drawn, atol=0.1)


def test_posting_over_a_built_in_one_is_nothing_new(api: Api) -> None:
    model = get_json(api, "/api/v1/models/lenet-5")
    body = {"model": "lenet-5", "preprocessing": model["input"]["preprocessing"]}
    answer = api.post("/api/v1/models", json=body)
    assert answer.status_code == 200
    assert answer.json()["id"] == model["id"]
    assert answer.json()["name"] == "lenet-5"


def test_an_unknown_name_is_told_the_known_ones(api: Api) -> None:
    problem = assert_problem(api.get("/api/v1/models/lenet-6"), 404, "unknown-model", "model")
    assert "lenet-5" in problem["params"]["allowed"]


class TestCards:
    card: ClassVar[dict[str, Any]] = {
        "title": "Mine",
        "architecture": {"name": "mine"},
        "specification": {
            "input": {"channels": 1, "size": [4, 4]},
            "nodes": [{"op": "conv2d", "name": "c", "kernel_size": 1, "out_channels": 1}],
        },
        "data": {},
        "labels": ["only"],
    }

    def write(self, folder: Path, card: dict[str, Any], weight: float = 5) -> None:
        data = save({"c.weight": np.full((1, 1, 1, 1), weight, np.float32)})
        (folder / "mine.safetensors").write_bytes(data)
        stated = {"sha256": sha256(data).hexdigest(), **card}
        (folder / "mine.json").write_text(json.dumps(stated))

    def test_the_weights_beside_it_are_taken(self, make_api: MakeApi, tmp_path: Path) -> None:
        self.write(tmp_path, self.card)
        api = make_api(weights_dir=tmp_path)
        assert get_array(api, "/api/v1/models/mine/nodes/c/weight.npy").item() == 5
        model = get_json(api, "/api/v1/models/mine")
        assert (model["title"], model["labels"]) == ("Mine", [{"en": "only", "ja": "only"}])

    def test_other_weights_make_another_id(self, tmp_path: Path) -> None:
        ids = set()
        for weight in (5, 6):
            self.write(tmp_path, self.card, weight)
            ids.add(load_catalogue(tmp_path).get("mine").id)
        assert len(ids) == 2

    def test_a_file_that_is_not_the_one_described_is_refused(self, make_api: MakeApi, tmp_path: Path) -> None:
        self.write(tmp_path, {**self.card, "sha256": "0" * 64})
        answer = make_api(weights_dir=tmp_path).get("/api/v1/models/mine")
        assert_problem(answer, 422, "broken-weights", "sha256")

    @pytest.mark.parametrize(
        "changed",
        [
            {"specification": None},
            {"preprocessing": {"color": "rgb"}},
            {"labels": 3},
            {"labels": "nowhere.json"},
            {"package": {"name": "no-such-package", "version": "1", "file": "a", "sha256": ""}},
        ],
    )
    def test_a_card_that_cannot_be_used_is_left_out(self, tmp_path: Path, changed: dict[str, Any]) -> None:
        self.write(tmp_path, {**self.card, **changed})
        (tmp_path / "list.json").write_text("[]")
        assert load_catalogue(tmp_path).names() == list(ARCHITECTURES)


class TestBuilding:
    @pytest.fixture
    def built(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """The specifications that were built since."""
        specifications: list[Any] = []
        build = models.build_model

        def watched(specification: Any, *arguments: Any) -> Any:
            specifications.append(specification)
            return build(specification, *arguments)

        monkeypatch.setattr(models, "build_model", watched)
        return specifications

    def test_once_for_all_who_ask(self, api: Api, built: list[Any]) -> None:
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(api.get, ["/api/v1/models/lenet-5"] * 8))
        assert [answer.status_code for answer in answers] == [200] * 8
        assert len(built) == 1

    def test_again_where_memory_was_too_small(self, make_api: MakeApi, built: list[Any]) -> None:
        api = make_api(model_memory_bytes=1)
        for _ in range(2):
            assert api.get("/api/v1/models/lenet-5").status_code == 200
        assert len(built) == 2

    def test_a_large_one_has_a_time_of_its_own(self, make_api: MakeApi) -> None:
        api = make_api(limits={"build_s": 1e-9})
        assert api.get("/api/v1/models/lenet-5").status_code == 200
        assert_problem(api.get("/api/v1/models/squeezenet-1.1"), 503, "too-slow")

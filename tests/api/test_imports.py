"""Networks brought as ONNX files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from app.services import imports
from app.services.importer import specification_of
from engine.specification import build_model
from engine.zoo.registry import ARCHITECTURES
from tests.api.nets import IMAGE, assert_problem, get_array, get_json
from tests.api.server import Api, MakeApi
from tests.engine.onnx_files import onnx_file, step

URL = "/api/v1/models"
RNG = np.random.default_rng(3)
WEIGHT = RNG.standard_normal((4, 3, 3, 3)).astype(np.float32)
BIAS = RNG.standard_normal(4).astype(np.float32)

NODES = [
    step("Conv", "x w b", "c", name="conv1", pads=[1, 1, 1, 1]),
    step("Relu", "c", "r", name="relu1"),
    step("GlobalAveragePool", "r", "y", name="pool"),
]
FILE = onnx_file(NODES, {"w": WEIGHT, "b": BIAS}, inputs={"x": ("n", 3, 8, 9)})
OPEN = onnx_file(NODES, {"w": WEIGHT, "b": BIAS}, inputs={"x": ("n", 3, "h", "w")})
GRAY = onnx_file([step("Relu", "x", "y")], inputs={"x": (1, 1, 8, 9)})


def bring(api: Api, data: bytes = FILE, **fields: str) -> Any:
    return api.post(URL, files={"file": ("net.onnx", data)}, data=fields)


def brought(api: Api, data: bytes = FILE, **fields: str) -> Any:
    answer = bring(api, data, **fields)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def distinct(number: int) -> bytes:
    """Files of 432 bytes of weights each, no two alike."""
    return onnx_file([step("Conv", "x w", "y")], {"w": WEIGHT + number}, inputs={"x": (1, 3, 8, 9)})


class TestAnswer:
    def test_what_was_understood(self, api: Api) -> None:
        answer = bring(api)
        model = answer.json()
        assert answer.status_code == 201
        assert answer.headers["location"] == model["url"] == f"{URL}/{model['id']}"
        assert [node["op"] for node in model["nodes"]] == ["conv2d", "relu", "global_avg_pool2d"]
        assert model["parameters"] == 4 * 27 + 4
        assert (model["trained"], model["name"], model["title"]) == (True, None, None)
        report = model["report"]
        assert (report["format"], report["opset"], report["input"]["dynamic"]) == ("onnx", 17, [])
        assert [node["fate"] for node in report["nodes"]] == ["kept"] * 3
        assert report["not_understood"] == []

    def test_the_whole_body_may_be_the_file(self, api: Api) -> None:
        model = brought(api)
        for kind in ("application/octet-stream", "application/x-onnx", ""):
            answer = api.post(URL, content=FILE, headers={"Content-Type": kind})
            assert answer.status_code == 200, answer.text
            assert answer.json()["id"] == model["id"]

    def test_it_may_come_in_pieces(self, api: Api) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(FILE), 100):
                yield FILE[start : start + 100]
                await asyncio.sleep(0.001)

        assert api.post(URL, content=pieces()).json()["id"] == brought(api)["id"]

    def test_its_numbers_are_those_of_the_file(self, api: Api) -> None:
        model = brought(api)
        node = model["nodes"][0]["name"]
        assert np.array_equal(get_array(api, f"{model['url']}/nodes/{node}/weight.npy"), WEIGHT)
        assert np.array_equal(get_array(api, f"{model['url']}/nodes/{node}/bias.npy"), BIAS)

    def test_it_runs_as_it_would_elsewhere(self, api: Api) -> None:
        from tests.engine.onnx_files import evaluated

        run = api.post("/api/v1/runs", json={"image": IMAGE, "model": brought(api)["id"]}).json()
        x = get_array(api, f"{run['url']}/nodes/input/output.npy")
        last = run["nodes"][-1]["name"]
        y = get_array(api, f"{run['url']}/nodes/{last}/output.npy")
        assert np.allclose(y, evaluated(FILE, x[None])["y"][0], atol=1e-5)


class TestKept:
    def test_the_same_file_is_read_once(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        first = brought(api)

        def fail(*arguments: Any) -> None:
            raise AssertionError

        monkeypatch.setattr(imports, "read_model", fail)
        answer = bring(api)
        assert answer.status_code == 200
        assert answer.json() == first

    def test_after_a_restart(self, make_api: MakeApi) -> None:
        model = brought(make_api(), preprocessing='{"range": 255}', labels="a\nb\nc\nd")
        del model["report"]
        assert get_json(make_api(), model["url"]) == model

    def test_weights_that_were_dropped_are_read_again(self, api: Api) -> None:
        model = brought(api)
        services = api.app.state.services
        (key,) = services.imports._uploads.keys()
        services.imports._uploads.delete(key)
        services.models._memory.delete(model["id"])
        assert_problem(api.get(model["url"]), 404, "unknown-model", "weights")
        assert bring(api).status_code == 200
        assert api.get(model["url"]).status_code == 200

    def test_a_disk_too_small(self, make_api: MakeApi) -> None:
        assert_problem(bring(make_api(model_disk_bytes=100)), 413, "model-too-large", "file")

    def test_nobody_else_is_told_of_it(self, api: Api) -> None:
        model = brought(api)
        assert model["id"] not in json.dumps(get_json(api, URL))


class TestPreprocessing:
    def test_nothing_is_known_of_most_files(self, api: Api) -> None:
        model = brought(api)
        assert model["report"]["preprocessing"] == "nothing-known"
        assert model["report"]["labels"] == "none"
        assert model["input"]["preprocessing"]["mean"] is None
        assert brought(api, GRAY)["input"]["preprocessing"]["color"] == "gray"

    def test_imagenets_thousand_classes_are_known(self, api: Api) -> None:
        weight = RNG.standard_normal((1000, 3, 1, 1)).astype(np.float32)
        nodes = [step("Conv", "x w", "c"), step("GlobalAveragePool", "c", "y")]
        model = brought(api, onnx_file(nodes, {"w": weight}, inputs={"x": (1, 3, 8, 8)}))
        assert model["report"]["preprocessing"] == "imagenet-classes"
        assert model["report"]["labels"] == "imagenet-classes"
        assert model["input"]["preprocessing"] == {
            "size": [8, 8],
            "resize": "crop",
            "color": "rgb",
            "range": 1,
            "mean": [0.485, 0.456, 0.406],
            "std": [0.229, 0.224, 0.225],
        }
        assert model["labels"][1]["en"] == "goldfish"

    def test_what_is_given_is_taken(self, api: Api) -> None:
        given = {"size": [8, 9], "range": 255, "color": "bgr", "mean": [1, 2, 3]}
        labels = '["a", {"en": "b", "ja": "び"}, "c", "d"]'
        model = brought(api, preprocessing=json.dumps(given), labels=labels, name="../mine.onnx")
        assert model["report"]["preprocessing"] == model["report"]["labels"] == "given"
        assert model["input"]["preprocessing"]["color"] == "bgr"
        assert model["labels"][1] == {"en": "b", "ja": "び"}
        assert model["title"] == "mine.onnx"
        run = api.post("/api/v1/runs", json={"image": IMAGE, "model": model["id"]}).json()
        assert len(run["top"]) == 4
        assert brought(api, preprocessing="null")["input"]["preprocessing"] is None

    def test_changing_it_needs_no_second_upload(self, api: Api) -> None:
        model = brought(api)
        body = {"model": model["id"], "preprocessing": {"range": 255}, "labels": [*"abcd"], "name": "other"}
        sibling = api.post(URL, json=body)
        assert sibling.status_code == 201
        assert sibling.json()["nodes"] == model["nodes"]
        assert sibling.json()["title"] == "other"
        services = api.app.state.services
        assert len(services.imports._uploads.keys()) == 1

    def test_the_size_where_the_file_leaves_it_open(self, api: Api) -> None:
        assert brought(api, OPEN, size="6,7")["input"]["size"] == [6, 7]
        usual = brought(api, OPEN)
        assert usual["input"]["size"] == [224, 224]
        assert usual["report"]["warnings"]
        assert_problem(bring(api, FILE, size="6,7"), 422, "invalid-argument", "size")


class TestRefused:
    @pytest.mark.parametrize(
        "data",
        [b"", b"\x89PNG\r\n\x1a\n" + b"0" * 99, b'{"nodes": []}', FILE[:-20], RNG.bytes(3000)],
        ids=["nothing", "a picture", "a text", "half a model", "noise"],
    )
    def test_what_is_no_model(self, api: Api, data: bytes) -> None:
        assert_problem(bring(api, data), 415, "not-a-model")
        assert_problem(api.post(URL, content=data), 415, "not-a-model")

    def test_operators_that_are_not_known_are_all_named(self, api: Api) -> None:
        nodes = [step("NonZero", "x", "a", name="first"), step("STFT", "a", "y", name="second")]
        problem = assert_problem(bring(api, onnx_file(nodes)), 422, "unsupported-operator", "operators")
        for text in ("NonZero", "first", "STFT", "second"):
            assert text in problem["params"]["value"]

    def test_so_are_many_of_them(self, api: Api) -> None:
        names = ["x", *(f"t{i}" for i in range(14)), "y"]
        links = enumerate(pairwise(names))
        nodes = [step("NonZero", *link, name=f"layer{i}") for i, link in links]
        value = assert_problem(bring(api, onnx_file(nodes)), 422, "unsupported-operator")["params"]["value"]
        assert "layer14" in value

    def test_a_graph_that_cannot_be(self, api: Api) -> None:
        broken = onnx_file([step("Relu", "nothing", "y")])
        assert_problem(bring(api, broken), 422, "malformed-model")

    @pytest.mark.parametrize(
        ("fields", "code", "argument"),
        [
            ({"preprocessing": "{"}, "invalid-argument", "preprocessing"),
            ({"preprocessing": '{"mea": 1}'}, "unknown-field", "preprocessing.mea"),
            ({"preprocessing": '{"color": "gray"}'}, "shape-mismatch", "preprocessing.color"),
            ({"labels": "[1]"}, "invalid-argument", "labels"),
            ({"labels": "[" * 2000}, "invalid-argument", "labels"),
            ({"size": "0"}, "invalid-argument", "size"),
            ({"colour": "rgb"}, "unknown-field", "colour"),
        ],
    )
    def test_fields_that_cannot_be(self, api: Api, fields: dict[str, str], code: str, argument: str) -> None:
        assert_problem(bring(api, FILE, **fields), 422, code, argument)

    def test_a_form_without_a_file(self, api: Api) -> None:
        assert_problem(api.post(URL, files={"model": FILE}), 422, "unknown-field", "model")


class TestLimits:
    def test_bytes(self, make_api: MakeApi) -> None:
        assert bring(make_api(limits={"model_upload_bytes": len(FILE)})).status_code == 201
        api = make_api(limits={"model_upload_bytes": len(FILE) - 1})
        assert_problem(bring(api), 413, "file-too-large", "file")
        assert_problem(api.post(URL, content=FILE), 413, "body-too-large", "body")

    @pytest.mark.parametrize(
        ("limit", "most"),
        [("import_nodes", 3), ("import_numbers", 3 * 8 * 9), ("activation_numbers", 2 * 4 * 72 + 4)],
    )
    def test_nodes_and_numbers(self, make_api: MakeApi, limit: str, most: int) -> None:
        relus = [step("Relu", "x", "a"), step("Relu", "a", "b"), step("Relu", "b", "y")]
        small = onnx_file(relus, inputs={"x": (1, 3, 8, 9)})
        data = small if limit == "import_numbers" else FILE
        api = make_api(limits={limit: most})
        within = bring(api, data)
        assert within.status_code == 201, within.text
        api = make_api(limits={limit: most - 1}, data_dir=api.settings.data_dir / "other")
        assert_problem(bring(api, data), 413, "model-too-large")

    def test_seconds(self, make_api: MakeApi) -> None:
        assert_problem(bring(make_api(limits={"import_s": 0.05})), 422, "model-too-slow", "file")

    def test_memory(self, make_api: MakeApi) -> None:
        answer = bring(make_api(limits={"import_memory_bytes": 1 << 20}))
        assert_problem(answer, 422, "broken-model", "file")

    def test_files_at_once(self, make_api: MakeApi) -> None:
        api = make_api(limits={"model_uploads": 1})
        with api.app.state.services.imports.place():
            answer = bring(api)
            assert_problem(answer, 503, "busy")
            assert "retry-after" in answer.headers
        assert bring(api).status_code == 201


class TestMemory:
    def test_many_models_take_no_more_than_their_budget(self, make_api: MakeApi) -> None:
        api = make_api(model_memory_bytes=100_000)
        services = api.app.state.services
        for number in range(20):
            model = brought(api, distinct(number))
            run = api.post("/api/v1/runs", json={"image": IMAGE, "model": model["id"]})
            assert run.status_code == 201
            assert services.models._memory.used_bytes <= 100_000
        kept = len(services.models._memory)
        assert 0 < kept < 20
        # A run that were kept longer than its model would keep the weights.
        assert len(services.runs._memory) == kept

    def test_a_model_larger_than_the_budget_is_counted_with_its_runs(self, make_api: MakeApi) -> None:
        api = make_api(model_memory_bytes=1)
        model = brought(api)
        run = api.post("/api/v1/runs", json={"image": IMAGE, "model": model["id"]}).json()
        outputs = sum(int(np.prod(node["output_shape"])) for node in run["nodes"]) + 3 * 72
        used = api.app.state.services.runs._memory.used_bytes
        assert used == 4 * (outputs + model["parameters"]) + 20_000


def test_labels_must_fit(api: Api) -> None:
    assert_problem(bring(api, labels="a\nb"), 422, "invalid-argument", "labels")


@pytest.mark.parametrize("name", ["lenet-5", "cifar-net", "tiny-vgg"])
def test_a_model_and_its_specification_are_one_thing(name: str) -> None:
    model = build_model(ARCHITECTURES[name].build())
    specification, weights = specification_of(model)
    again = build_model(json.loads(json.dumps(specification)), weights=weights)
    x = np.random.default_rng(0).standard_normal((1, *model.input_shape)).astype(np.float32)
    first, second = model.run(x), again.run(x)
    for node in model:
        assert np.array_equal(first.output(node.name), second.output(node.name)), node.name
    assert [each.parameters for each in model.describe()] == [each.parameters for each in again.describe()]


def test_shared_weights_stay_shared() -> None:
    conv = {"op": "conv2d", "out_channels": 3, "padding": 1}
    nodes = [{**conv, "name": "first"}, {**conv, "name": "second", "weight": {"node": "first"}}]
    specification, weights = specification_of(
        build_model({"input": {"channels": 3, "size": [4, 4]}, "nodes": nodes})
    )
    assert list(weights) == ["first.weight"]
    again = build_model(specification, weights=weights)
    assert again.node("second").weights["weight"] is again.node("first").weights["weight"]

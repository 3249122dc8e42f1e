"""The open inference protocol on our models, its bytes on the wire made by hand."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.settings import ROOT
from tests.api.inferences import (
    LENET,
    LENGTH,
    OPEN,
    ZEROS,
    ask,
    model_of,
    packed,
    post,
    refused,
    taken_apart,
    tensor,
)
from tests.api.nets import IMAGE, get_array, get_json
from tests.api.server import Api, MakeApi
from tests.api.test_imports import brought
from tests.api.test_metrics import told
from tests.api.threaded_server import ThreadedServer

TWO_ENDS = {
    "input": {"channels": 1, "size": [4, 4]},
    "nodes": [
        {"name": "act", "op": "relu", "inputs": ["input"]},
        {"name": "maps", "op": "max_pool2d", "inputs": ["act"]},
        {"name": "flat", "op": "flatten", "inputs": ["act"]},
    ],
}


def entered(api: Api, model: str, image: str = IMAGE) -> tuple[np.ndarray, str, list[str]]:
    """The picture as it enters a run, (1, C, H, W); the run's address; its nodes."""
    run = api.post("/api/v1/runs", json={"image": image, "model": model}).json()
    x = get_array(api, f"{run['url']}/nodes/input/output.npy")
    return x[np.newaxis], run["url"], [node["name"] for node in run["nodes"]]


class TestServer:
    def test_it_lives_and_is_ready(self, api: Api) -> None:
        assert get_json(api, "/v2/health/live") == {"live": True}
        assert get_json(api, "/v2/health/ready") == {"ready": True}
        api.app.state.stopping = True
        refused(api.get("/v2/health/ready"), 503, "stopping")
        assert api.get("/v2/health/live").status_code == 200

    def test_what_it_is(self, api: Api) -> None:
        server = get_json(api, "/v2")
        assert server["name"] == "ConvScope"
        assert "binary_tensor_data" in server["extensions"]

    def test_a_path_that_leads_nowhere_and_a_wrong_method(self, api: Api) -> None:
        refused(api.get("/v2/nothing"), 404, "not-found", "path")
        refused(api.get(f"{LENET}/infer"), 405, "method-not-allowed", "method")
        assert "error" not in api.get("/api/v1/nothing").json()

    def test_one_that_is_not_let_in_is_told_so_in_the_protocols_words(self, make_api: MakeApi) -> None:
        api = make_api(limits={"request_burst": 1, "requests_per_second": 0.001})
        api.get("/v2")
        refused(api.get("/v2"), 429, "too-many-requests")

    def test_it_is_counted_by_route(self, api: Api) -> None:
        api.get(LENET)
        ask(api, "lenet-5", ZEROS)
        numbers = told(api)
        for method, route in (("GET", "/v2/models/{model}"), ("POST", "/v2/models/{model}/infer")):
            assert numbers["convscope_requests_total", (method, route, "200")] == 1


class TestModel:
    def test_what_it_takes_and_gives(self, api: Api) -> None:
        own = get_json(api, "/api/v1/models/efficientnet-lite0")
        model = get_json(api, "/v2/models/efficientnet-lite0")
        (given,) = model["inputs"]
        assert (given["name"], given["datatype"], given["shape"]) == ("input", "FP32", [-1, 3, 224, 224])
        assert given["parameters"] == {
            "size": "224,224",
            "resize": "crop",
            "color": "rgb",
            "range": 255,
            "mean": "127.0,127.0,127.0",
            "std": "128.0,128.0,128.0",
        }
        assert model["outputs"] == [{"name": "softmax", "datatype": "FP32", "shape": [-1, 1000]}]
        assert model["versions"] == [own["id"]]
        assert model["parameters"]["nodes"] == own["url"]

    def test_sizes_that_may_be_any(self, api: Api) -> None:
        model = get_json(api, f"/v2/models/{model_of(api, OPEN)}")
        assert model["inputs"] == [{"name": "input", "datatype": "FP32", "shape": [-1, 1, -1, -1]}]
        assert model["outputs"] == [{"name": "conv", "datatype": "FP32", "shape": [-1, 3, -1, -1]}]

    def test_the_ends_of_a_net_are_its_outputs(self, api: Api) -> None:
        model = get_json(api, f"/v2/models/{model_of(api, TWO_ENDS)}")
        assert [(end["name"], end["shape"]) for end in model["outputs"]] == [
            ("maps", [-1, 1, -1, -1]),
            ("flat", [-1, -1]),
        ]

    def test_its_configuration(self, api: Api) -> None:
        config = get_json(api, f"{LENET}/config")
        assert config["max_batch_size"] == 256
        assert config["input"][0]["dims"] == [1, 28, 28]
        assert config["output"] == [{"name": "softmax", "data_type": "TYPE_FP32", "dims": [10]}]

    def test_its_one_version_is_its_id(self, api: Api) -> None:
        plain = get_json(api, LENET)
        (version,) = plain["versions"]
        assert get_json(api, f"{LENET}/versions/{version}") == plain
        for path in ("/ready", "/config"):
            assert get_json(api, f"{LENET}/versions/{version}{path}") == get_json(api, LENET + path)
            refused(api.get(f"{LENET}/versions/1{path}"), 404, "unknown-model", "version")
        body, headers = packed({"inputs": [tensor(ZEROS)]}, ZEROS)
        answer = api.post(f"{LENET}/versions/{version}/infer", content=body, headers=headers)
        assert answer.json()["model_version"] == version
        refused(api.post(f"{LENET}/versions/1/infer", content=body), 404, "unknown-model", "version")

    def test_ready_means_that_it_is_there(self, api: Api) -> None:
        assert get_json(api, f"{LENET}/ready") == {"name": "lenet-5", "ready": True}
        for path in ("", "/ready", "/config"):
            refused(api.get(f"/v2/models/none{path}"), 404, "unknown-model", "model")
        refused(ask(api, "none", ZEROS), 404, "unknown-model", "model")


class TestNumbers:
    @pytest.mark.parametrize("model", ["lenet-5", "tiny-vgg", "cifar-net", "squeezenet-1.1"])
    def test_every_node_has_those_of_a_run(self, api: Api, model: str) -> None:
        x, run, nodes = entered(api, model)
        outputs = taken_apart(ask(api, model, x, ["input", *nodes]))
        assert list(outputs) == ["input", *nodes]
        for name, numbers in outputs.items():
            assert np.array_equal(numbers, get_array(api, f"{run}/nodes/{name}/output.npy")[np.newaxis]), name

    def test_so_have_those_of_a_net_that_was_brought(self, api: Api) -> None:
        model = brought(api)["id"]
        x, run, nodes = entered(api, model, "chelsea")
        (name, numbers), *others = taken_apart(ask(api, model, x)).items()
        assert (name, others) == (nodes[-1], [])
        assert np.array_equal(numbers[0], get_array(api, f"{run}/nodes/{name}/output.npy"))

    def test_each_picture_has_those_that_it_has_alone(self, api: Api) -> None:
        x = np.random.default_rng(1).random((5, 1, 28, 28), np.float32)
        together = taken_apart(ask(api, "lenet-5", x, ["c1", "softmax"]))
        assert together["c1"].shape[0] == together["softmax"].shape[0] == 5
        for i in range(5):
            alone = taken_apart(ask(api, "lenet-5", x[i : i + 1], ["c1", "softmax"]))
            assert all(np.array_equal(together[name][i], alone[name][0]) for name in alone)

    def test_another_size(self, api: Api) -> None:
        x = np.random.default_rng(2).random((2, 1, 9, 5), np.float32)
        model = model_of(api, OPEN)
        assert taken_apart(ask(api, model, x))["conv"].shape == (2, 3, 9, 7)

    def test_all_ends_by_default(self, api: Api) -> None:
        x = np.arange(-8, 8, dtype=np.float32).reshape(1, 1, 4, 4)
        outputs = taken_apart(ask(api, model_of(api, TWO_ENDS), x))
        assert list(outputs) == ["maps", "flat"]
        assert outputs["flat"][0].tolist() == [0.0] * 9 + [1, 2, 3, 4, 5, 6, 7]

    def test_in_json_and_as_bytes(self, api: Api) -> None:
        x, _, _ = entered(api, "lenet-5")
        as_bytes = taken_apart(ask(api, "lenet-5", x))["softmax"]
        nested = {**tensor(x, binary=False), "data": x.tolist()}
        for given in (tensor(x, binary=False), nested):
            answer = post(api, "lenet-5", json.dumps({"inputs": [given]}).encode())
            assert answer.headers["content-type"] == "application/json"
            assert LENGTH not in answer.headers
            assert np.array_equal(taken_apart(answer)["softmax"], as_bytes)

    @pytest.mark.parametrize("by_default", [True, False, None])
    def test_an_output_has_the_last_word_on_its_form(self, api: Api, by_default: bool | None) -> None:
        outputs = [
            {"name": "c1", "parameters": {"binary_data": True}},
            {"name": "f6", "parameters": {"binary_data": False}},
            {"name": "softmax"},
        ]
        asked = {"inputs": [tensor(ZEROS)], "outputs": outputs}
        if by_default is not None:
            asked["parameters"] = {"binary_data_output": by_default}
        answer = post(api, "lenet-5", *packed(asked, ZEROS))
        assert answer.headers["content-type"] == "application/octet-stream"
        described = json.loads(answer.content[: int(answer.headers[LENGTH])])["outputs"]
        assert ["data" in each for each in described] == [False, True, not by_default]
        assert list(taken_apart(answer)) == ["c1", "f6", "softmax"]

    @pytest.mark.parametrize(
        ("datatype", "dtype"),
        [("FP16", "<f2"), ("UINT8", "u1"), ("INT8", "i1"), ("UINT16", "<u2"), ("INT16", "<i2")],
    )
    def test_narrower_datatypes_lose_nothing(self, api: Api, datatype: str, dtype: str) -> None:
        x = np.random.default_rng(3).integers(0, 100, (2, 1, 28, 28)).astype(dtype)
        expected = taken_apart(ask(api, "lenet-5", x.astype(np.float32), ["input", "softmax"]))
        outputs = [{"name": "input", "parameters": {"binary_data": True}}, {"name": "softmax"}]
        for binary in (True, False):
            asked = {"inputs": [tensor(x, datatype, binary=binary)], "outputs": outputs}
            answer = taken_apart(post(api, "lenet-5", *packed(asked, *([x] if binary else []))))
            assert all(np.array_equal(answer[name], expected[name]) for name in expected)

    @pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
    def test_a_packed_body(self, api: Api, encoding: str, pack: Any) -> None:
        x, _, _ = entered(api, "lenet-5")
        body, headers = packed({"inputs": [tensor(x)]}, x)
        answer = post(api, "lenet-5", pack(body), {**headers, "Content-Encoding": encoding})
        assert taken_apart(answer).keys() == {"softmax"}
        assert answer.content == post(api, "lenet-5", body, headers).content

    def test_the_id_comes_back_and_what_others_servers_know_is_passed_over(self, api: Api) -> None:
        more = {"id": "42", "model_name": "lenet-5", "parameters": {"priority": 1, "mine": "x"}}
        answer = ask(api, "lenet-5", ZEROS, **more).json()
        assert (answer["id"], answer["model_name"]) == ("42", "lenet-5")
        assert "id" not in ask(api, "lenet-5", ZEROS, parameters={}).json()

    def test_nothing_is_kept(self, api: Api) -> None:
        ask(api, "lenet-5", ZEROS)
        numbers = told(api)
        assert numbers["convscope_store_bytes", ("run memory",)] == 0
        assert numbers["convscope_store_bytes", ("image memory",)] == 0


def test_the_examples_by_curl(live_server: ThreadedServer, tmp_path: Path) -> None:
    text = (Path(ROOT) / "docs/inference.md").read_text(encoding="utf-8")
    script = "".join(re.findall(r"```sh\n(.*?)```", text, re.S))
    pasted = script.replace("127.0.0.1:8000", f"127.0.0.1:{live_server.port}").replace("curl", "curl -fsS")
    told = subprocess.run(["sh", "-e", "-c", pasted], cwd=tmp_path, check=True, capture_output=True).stdout
    assert b'"softmax"' in told
    assert (tmp_path / "answer.bin").read_bytes().startswith(b'{"model_name":"lenet-5"')
    assert (tmp_path / "answer.bin").stat().st_size > 6 * 28 * 28 * 4

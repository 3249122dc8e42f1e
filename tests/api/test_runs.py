from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.api.nets import CONV, IMAGE, assert_problem, get_array, get_json, post_run
from tests.api.pictures import noise, png
from tests.api.server import Api, MakeApi


def test_a_run_tells_its_nodes(api: Api) -> None:
    body = {"image": IMAGE, "size": [7, 9], "specification": {"nodes": [CONV, {"op": "relu"}]}}
    answer = api.post("/api/v1/runs", json=body)
    assert answer.status_code == 201
    run = answer.json()
    assert answer.headers["location"] == run["url"]
    assert run["input"]["shape"] == [1, 7, 9]
    assert (run["input"]["range"], run["input"]["color"]) == (1, "gray")
    conv, relu = run["nodes"]
    assert conv["output_shape"] == [3, 7, 11]
    output = get_array(api, f"{run['url']}/nodes/conv/output.npy")
    assert (conv["min"], conv["max"]) == (float(output.min()), float(output.max()))
    assert relu["min"] == 0.0
    assert api.post("/api/v1/runs", json=body).status_code == 200
    assert get_json(api, run["url"]) == run


def test_a_model_by_id_gives_the_same_run(api: Api) -> None:
    run = post_run(api)
    again = api.post("/api/v1/runs", json={"image": IMAGE, "size": [7, 9], "model": run["model"]})
    assert again.status_code == 200
    assert again.json()["id"] == run["id"]


@pytest.mark.parametrize("restart", [False, True])
def test_a_forgotten_run_is_computed_again(make_api: MakeApi, restart: bool) -> None:
    # So little memory that nothing is kept at all.
    api = make_api() if restart else make_api(run_memory_bytes=1)
    run = post_run(api)
    before = api.get(f"{run['url']}/nodes/conv/output.npy").content
    later = make_api() if restart else api
    assert later.get(f"{run['url']}/nodes/conv/output.npy").content == before
    assert get_json(later, run["url"]) == run


class TestPicture:
    def test_float32_from_0_to_1(self, api: Api) -> None:
        pixels = noise(6, 9)
        image = api.upload(png(pixels)).json()["id"]
        run = post_run(api, image=image, size=None)
        x = get_array(api, f"{run['url']}/nodes/input/output.npy")
        assert x.dtype == np.dtype("<f4")
        assert np.array_equal(x, pixels.astype(np.float32) * np.float32(1 / 255))

    def test_range_255_keeps_the_bytes(self, api: Api) -> None:
        pixels = noise(6, 9)
        image = api.upload(png(pixels)).json()["id"]
        run = post_run(api, image=image, size=None, range=255)
        assert np.array_equal(get_array(api, f"{run['url']}/nodes/input/output.npy"), pixels)

    def test_gray_is_pillows_luma_unrounded(self, api: Api) -> None:
        pixels = noise(6, 9)
        image = api.upload(png(pixels)).json()["id"]
        run = post_run(api, image=image, size=None, range=255, color="gray")
        x = get_array(api, f"{run['url']}/nodes/input/output.npy")
        pillow = np.asarray(Image.fromarray(pixels.transpose(1, 2, 0)).convert("L"), np.float32)
        assert x.shape == (1, 6, 9)
        assert np.abs(x[0] - pillow).max() <= 0.51

    def test_rgb_of_gray_repeats_the_channel(self, api: Api) -> None:
        run = post_run(api, color="rgb")
        x = get_array(api, f"{run['url']}/nodes/input/output.npy")
        assert x.shape[0] == 3
        assert np.array_equal(x[0], x[1])
        assert np.array_equal(x[0], x[2])

    def test_shrinking_averages(self, api: Api) -> None:
        # One white column in sixteen: interpolation without averaging would miss it or take it whole.
        pixels = np.zeros((1, 16, 16), np.uint8)
        pixels[:, :, 3] = 255
        image = api.upload(png(pixels)).json()["id"]
        run = post_run(api, image=image, size=[2, 2], nodes=[{"op": "relu"}])
        x = get_array(api, f"{run['url']}/nodes/input/output.npy")
        assert 0 < x[0, 0, 0] < 0.3
        assert x.mean() == pytest.approx(1 / 16, rel=0.3)


def test_a_model_takes_other_sizes_where_its_weights_allow(api: Api) -> None:
    fully = {"input": {"channels": 1, "size": [8, 8]}, "nodes": [{"op": "conv2d"}]}
    model = api.post("/api/v1/models", json=fully).json()["id"]
    run = api.post("/api/v1/runs", json={"image": IMAGE, "size": [5, 6], "model": model}).json()
    assert run["nodes"][0]["output_shape"] == [1, 3, 4]
    dense = {**fully, "nodes": [{"op": "flatten"}, {"op": "linear", "out_features": 2}]}
    model = api.post("/api/v1/models", json=dense).json()["id"]
    assert api.post("/api/v1/runs", json={"image": IMAGE, "model": model}).json()["input"]["shape"] == [
        1,
        8,
        8,
    ]
    refused = api.post("/api/v1/runs", json={"image": IMAGE, "size": [5, 6], "model": model})
    assert_problem(refused, 422, "shape-mismatch")


class TestEdits:
    nodes = ({"name": "conv", "op": "conv2d", "out_channels": 2, "bias": [1, 2]},)

    def edited(self, api: Api, *edits: dict[str, Any]) -> Any:
        run = post_run(api, list(self.nodes), edits=list(edits))
        return run, get_array(api, f"{run['url']}/nodes/conv/output.npy")

    def test_a_filter_turned_off_gives_zero(self, api: Api) -> None:
        run, plain = self.edited(api)
        other, y = self.edited(api, {"node": "conv", "index": 1, "off": True})
        assert run["id"] != other["id"]
        assert run["model"] == other["model"]
        assert np.array_equal(y[0], plain[0])
        assert not y[1].any()

    def test_values_and_scales(self, api: Api) -> None:
        edit = {"node": "conv", "index": [0, 0, 1, 2], "value": 10}
        run, _ = self.edited(api, edit, {"node": "conv", "index": [1], "scale": 0})
        cell = get_json(api, f"{run['url']}/nodes/conv/cells/0/0/0")
        assert cell["terms"][5]["weight"] == 10
        assert cell["terms"][5]["weight_index"] == [0, 0, 1, 2]
        scaled = get_json(api, f"{run['url']}/nodes/conv/cells/1/0/0")
        assert (scaled["value"], scaled["bias"]) == (2, 2)

    def test_they_survive_a_restart(self, make_api: MakeApi) -> None:
        run, y = self.edited(make_api(), {"node": "conv", "index": 1, "off": True})
        assert np.array_equal(get_array(make_api(), f"{run['url']}/nodes/conv/output.npy"), y)

    @pytest.mark.parametrize(
        ("edit", "status", "code"),
        [
            ({"node": "conv", "index": [0]}, 422, "invalid-argument"),
            ({"node": "conv", "index": [0], "value": 1, "scale": 2}, 422, "invalid-argument"),
            ({"node": "conv", "index": [9], "value": 1}, 422, "index-out-of-range"),
            ({"node": "conv", "index": [-1], "value": 1}, 422, "index-out-of-range"),
            ({"node": "conv", "index": [0, 0, 0, 0, 0], "value": 1}, 422, "index-out-of-range"),
            ({"node": "conv", "index": 2, "off": True}, 422, "index-out-of-range"),
            ({"node": "nobody", "index": 0, "value": 1}, 422, "unknown-node"),
            ({"node": "conv", "index": 0, "value": 1, "by": 2}, 422, "unknown-field"),
        ],
    )
    def test_those_that_cannot_be(self, api: Api, edit: dict[str, Any], status: int, code: str) -> None:
        specification = {"nodes": list(self.nodes)}
        body = {"image": IMAGE, "size": [7, 9], "specification": specification, "edits": [edit]}
        assert_problem(api.post("/api/v1/runs", json=body), status, code)


@pytest.mark.parametrize(
    ("changed", "status", "code", "argument"),
    [
        ({"image": "nobody"}, 404, "unknown-image", "image"),
        ({"specification": None, "model": "mdl_00000000000000000000"}, 404, "unknown-model", "model"),
        ({"specification": None}, 422, "invalid-argument", None),
        ({"model": "x"}, 422, "invalid-argument", None),
        ({"siez": [3, 3]}, 422, "unknown-field", "siez"),
        ({"size": [0, 3]}, 422, "invalid-argument", None),
        ({"size": [3]}, 422, "invalid-argument", None),
        ({"size": ["3", "3"]}, 422, "invalid-argument", None),
        ({"color": "grey"}, 422, "invalid-argument", "color"),
        ({"range": 2}, 422, "invalid-argument", "range"),
        ({"specification": {"nodes": []}}, 422, "invalid-argument", None),
        (
            {"specification": {"nodes": [{"op": "conv2d", "kernel_size": 8}]}},
            422,
            "kernel-too-large",
            "kernel_size",
        ),
        (
            {"specification": {"nodes": [{"op": "relu"}], "input": {"channels": 2, "size": [7, 9]}}},
            422,
            "shape-mismatch",
            "input.channels",
        ),
    ],
)
def test_a_run_that_cannot_be(
    api: Api, changed: dict[str, Any], status: int, code: str, argument: str | None
) -> None:
    body: dict[str, Any] = {"image": IMAGE, "size": [7, 9], "specification": {"nodes": [CONV]}, **changed}
    body = {name: value for name, value in body.items() if value is not None}
    assert_problem(api.post("/api/v1/runs", json=body), status, code, argument)


def test_a_run_that_overflows_names_its_node(api: Api) -> None:
    nodes = [{"name": f"c{i}", "op": "conv2d", "weight": [[3e38]]} for i in range(3)]
    body = {"image": IMAGE, "size": [7, 9], "range": 255, "specification": {"nodes": nodes}}
    problem = assert_problem(api.post("/api/v1/runs", json=body), 422, "non-finite", "node")
    assert problem["params"]["value"] == "c0"


def test_outputs_of_several_nodes_in_one_file(api: Api) -> None:
    run = post_run(api, [CONV, {"name": "act", "op": "relu"}])
    answer = api.get(f"{run['url']}/outputs.npz?nodes=conv,act")
    assert answer.headers["content-type"] == "application/zip"
    with np.load(io.BytesIO(answer.content)) as outputs:
        assert sorted(outputs) == ["act", "conv"]
        assert np.array_equal(np.maximum(outputs["conv"], 0), outputs["act"])


def test_unknown_ids_and_nodes(api: Api) -> None:
    run = post_run(api)
    assert_problem(api.get("/api/v1/runs/run_00000000000000000000"), 404, "unknown-run", "run")
    assert_problem(api.get("/api/v1/runs/run_0/nodes/conv/output"), 404, "unknown-run", "run")
    assert_problem(api.get(f"{run['url']}/nodes/nobody/output"), 404, "unknown-node", "node")
    assert_problem(api.get(f"{run['url']}?verbose=1"), 422, "unknown-parameter", "verbose")


def test_the_limit_of_activations(make_api: MakeApi) -> None:
    body = {"image": IMAGE, "size": [4, 4], "specification": {"nodes": [{"op": "relu"}]}}
    assert make_api(limits={"activation_numbers": 32}).post("/api/v1/runs", json=body).status_code == 201
    refused = make_api(limits={"activation_numbers": 31}).post("/api/v1/runs", json=body)
    assert_problem(refused, 413, "run-too-large", "outputs")


def test_a_full_server_says_so_at_once(make_api: MakeApi) -> None:
    api = make_api(workers=1, queue_length=0)
    services = api.app.state.services
    services.lanes.quick.accepted = services.lanes.quick.places
    answer = api.get(post_url(api))
    assert_problem(answer, 503, "busy")
    assert int(answer.headers["retry-after"]) >= 1


def post_url(api: Api) -> str:
    """The address of a run that was made while there was room."""
    quick = api.app.state.services.lanes.quick
    taken, quick.accepted = quick.accepted, 0
    url = str(post_run(api)["url"])
    quick.accepted = taken
    return url


def test_a_run_too_slow_is_stopped(make_api: MakeApi) -> None:
    api = make_api(limits={"request_s": 1e-9})
    answer = api.post("/api/v1/runs", json={"image": IMAGE, "specification": {"nodes": [CONV]}})
    assert_problem(answer, 503, "too-slow")
    assert "retry-after" in answer.headers

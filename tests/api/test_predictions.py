"""A model on a picture in one call, for scripts."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from tests.api.nets import assert_problem, get_array
from tests.api.pictures import noise, png
from tests.api.server import Api, MakeApi

FILE = png(noise(30, 40))
PREDICT = "/api/v1/models/lenet-5/predict"
OUTPUT = "/api/v1/models/lenet-5/nodes/c1/output"


def run(api: Api, **fields: Any) -> Any:
    """The same by way of an upload and a run."""
    image = api.upload(FILE).json()["id"]
    return api.post("/api/v1/runs", json={"image": image, "model": "lenet-5", **fields}).json()


def test_a_form_and_a_plain_body_say_the_same(api: Api) -> None:
    by_form = api.post(PREDICT, files={"image": FILE})
    by_body = api.post(PREDICT, content=FILE, headers={"Content-Type": "image/png"})
    assert by_form.status_code == by_body.status_code == 200
    assert by_form.json() == by_body.json()
    answer, same = by_form.json(), run(api)
    assert (answer["model"], answer["name"]) == (same["model"], "lenet-5")
    assert answer["top"] == same["top"]
    assert answer["top_from"] == same["top_from"]
    assert len(answer["top"]) == 10
    assert answer["top"][0]["label"]["ja"] in "0123456789"
    assert answer["input"] == same["input"]["preprocessing"]


def test_a_drawn_one_is_read_as_a_one(api: Api) -> None:
    digit = np.zeros((1, 28, 28), np.uint8)
    digit[:, 5:23, 13:15] = 255
    answer = api.post(PREDICT, files={"image": png(digit)}).json()
    assert answer["top"][0]["label"]["en"] == "1"
    assert answer["top"][0]["probability"] > 0.5


def test_a_nodes_output_in_every_form(api: Api) -> None:
    url = f"{run(api)['url']}/nodes/c1/output"
    array = np.load(io.BytesIO(api.post(f"{OUTPUT}.npy", files={"image": FILE}).content))
    assert np.array_equal(array, get_array(api, f"{url}.npy"))
    assert api.post(f"{OUTPUT}.png", files={"image": FILE}).headers["content-type"] == "image/png"
    assert api.post(f"{OUTPUT}?channels=0:1", files={"image": FILE}).json()["data"] == array[:1].tolist()
    part = api.post(f"{OUTPUT}.npy?channels=2:3&max_px=7", files={"image": FILE})
    assert np.load(io.BytesIO(part.content)).shape == (1, 7, 7)


def test_nothing_is_kept(api: Api) -> None:
    api.post(PREDICT, files={"image": FILE})
    services = api.app.state.services
    assert len(services.runs._memory) == 0
    assert services.images._store.keys() == []


@pytest.mark.parametrize(
    ("fields", "status", "code", "argument"),
    [
        ({"size": "10,10"}, 422, "kernel-too-large", None),
        ({"size": "40,40"}, 422, "shape-mismatch", None),
        ({"size": "a"}, 422, "invalid-argument", "size"),
        ({"color": "rgb"}, 422, "shape-mismatch", "color"),
        ({"color": "sepia"}, 422, "invalid-argument", "color"),
        ({"range": "255"}, 422, "invalid-argument", "range"),
        ({"range": "2"}, 422, "invalid-argument", "range"),
        ({"colour": "gray"}, 422, "unknown-field", "colour"),
    ],
)
def test_fields_that_cannot_be(
    api: Api, fields: dict[str, str], status: int, code: str, argument: str | None
) -> None:
    for url in (PREDICT, OUTPUT):
        assert_problem(api.post(url, files={"image": FILE}, data=fields), status, code, argument)


def test_pictures_that_are_none(make_api: MakeApi) -> None:
    api = make_api()
    assert_problem(api.post(PREDICT, files={"image": b"text"}), 415, "not-a-picture")
    assert_problem(api.post(PREDICT, files={"file": FILE}), 422, "invalid-argument", "file")
    assert_problem(api.post(PREDICT, data={"size": "28,28"}), 415, "not-a-picture")
    small = make_api(limits={"upload_bytes": len(FILE) - 1})
    assert_problem(small.post(PREDICT, files={"image": FILE}), 413, "file-too-large", "image")
    fits = make_api(limits={"upload_bytes": len(FILE)})
    assert fits.post(PREDICT, files={"image": FILE}).status_code == 200


def test_models_and_nodes_that_are_not_there(api: Api) -> None:
    files = {"image": FILE}
    assert_problem(api.post("/api/v1/models/nobody/predict", files=files), 404, "unknown-model", "model")
    missing = "/api/v1/models/lenet-5/nodes/nobody/output"
    assert_problem(api.post(missing, files=files), 404, "unknown-node", "node")
    assert_problem(api.post(f"{OUTPUT}.gif", files=files), 406, "not-acceptable", "suffix")
    bank = "/api/v1/models/kmeans-bank/predict"
    assert_problem(api.post(bank, files=files), 422, "no-classes", "model")

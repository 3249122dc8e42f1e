"""How models want their pictures: x = (pixel · range − mean) / std, after resizing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.services.entries import enter
from app.services.preprocessing import Preprocessing, read_preprocessing
from tests.api.nets import assert_problem, get_array
from tests.api.pictures import noise, png
from tests.api.server import Api

COLOR = {"input": {"channels": 3, "size": [6, 9]}, "nodes": [{"name": "act", "op": "relu"}]}
GRAY = {**COLOR, "input": {"channels": 1, "size": [6, 9]}}


def variant(api: Api, specification: dict[str, Any], preprocessing: Any, **more: Any) -> Any:
    model = api.post("/api/v1/models", json=specification).json()["id"]
    return api.post("/api/v1/models", json={"model": model, "preprocessing": preprocessing, **more})


def entered(api: Api, preprocessing: Any, **more: Any) -> tuple[Any, Any]:
    """A run of noise through a model with this preprocessing, and its input."""
    image = api.upload(png(noise(6, 9))).json()["id"]
    model = variant(api, COLOR, preprocessing).json()["id"]
    run = api.post("/api/v1/runs", json={"image": image, "model": model, **more}).json()
    return run, get_array(api, f"{run['url']}/nodes/input/output.npy")


def test_the_formula(api: Api) -> None:
    mean, std = [100.0, 110.0, 120.0], [50.0, 60.0, 70.0]
    run, x = entered(api, {"range": 255, "mean": mean, "std": std})
    by_hand = (noise(6, 9).astype(np.float64) - np.reshape(mean, (3, 1, 1))) / np.reshape(std, (3, 1, 1))
    assert np.abs(x - by_hand).max() < 1e-6
    assert run["input"]["preprocessing"] == {
        "size": [6, 9],
        "resize": "stretch",
        "color": "rgb",
        "range": 255,
        "mean": mean,
        "std": std,
    }
    assert (run["input"]["min"], run["input"]["max"]) == (float(x.min()), float(x.max()))


def test_the_legend_of_the_input_spans_what_any_picture_can_be(api: Api) -> None:
    run, _ = entered(api, {"range": 255, "mean": [100, 110, 120], "std": [50, 60, 70]})
    headers = api.get(f"{run['url']}/nodes/input/output.png").headers
    assert float(headers["x-legend-min"]) == pytest.approx(-2.0)
    assert float(headers["x-legend-max"]) == pytest.approx(3.1)


def test_blue_green_red(api: Api) -> None:
    run, x = entered(api, {"color": "bgr"})
    assert run["input"]["color"] == "bgr"
    assert np.array_equal(x, noise(6, 9)[::-1].astype(np.float32) * np.float32(1 / 255))


def test_without_any_everything_is_as_before(api: Api) -> None:
    image = api.upload(png(noise(6, 9))).json()["id"]
    model = api.post("/api/v1/models", json=COLOR).json()["id"]
    plain = api.post("/api/v1/runs", json={"image": image, "model": model}).json()
    ranged = api.post("/api/v1/runs", json={"image": image, "model": model, "range": 1}).json()
    assert plain["id"] == ranged["id"]
    assert plain["input"]["crop"] == {"start": [0, 0], "size": [6, 9]}


class TestSize:
    def test_the_models_own_comes_before_the_pictures(self, api: Api) -> None:
        run, x = entered(api, {"size": [3, 4]})
        assert run["input"]["shape"] == [3, 3, 4]
        assert x.shape == (3, 3, 4)

    def test_the_one_asked_for_comes_first(self, api: Api) -> None:
        assert entered(api, {"size": [3, 4]}, size=[5, 5])[0]["input"]["shape"] == [3, 5, 5]

    def test_a_crop_takes_the_middle(self) -> None:
        pixels = np.zeros((1, 4, 8), np.uint8)
        pixels[:, :, 2:6] = 255
        x = enter(pixels, Preprocessing((4, 4), "crop", "gray"))
        assert x.shape == (1, 1, 4, 4)
        assert np.allclose(x, 1)
        stretched = enter(pixels, Preprocessing((4, 4), "stretch", "gray"))
        assert stretched.mean() == pytest.approx(0.5, abs=0.01)

    def test_the_run_tells_what_was_cropped(self, api: Api) -> None:
        run, _ = entered(api, {"size": [3, 3], "resize": "crop"})
        assert run["input"]["crop"] == {"start": [0, 1.5], "size": [6, 6]}


class TestConflicts:
    def test_a_range_of_ones_own(self, api: Api) -> None:
        image = api.upload(png(noise(6, 9))).json()["id"]
        model = variant(api, COLOR, {"range": 255}).json()["id"]
        body = {"image": image, "model": model}
        assert api.post("/api/v1/runs", json={**body, "range": 255}).status_code == 201
        assert_problem(api.post("/api/v1/runs", json={**body, "range": 1}), 422, "invalid-argument", "range")

    def test_a_colour_of_ones_own(self, api: Api) -> None:
        image = api.upload(png(noise(6, 9))).json()["id"]
        model = variant(api, COLOR, {"color": "bgr"}).json()["id"]
        body = {"image": image, "model": model, "color": "gray"}
        assert_problem(api.post("/api/v1/runs", json=body), 422, "shape-mismatch", "color")


def test_every_preprocessing_is_a_model_and_a_run_of_its_own(api: Api) -> None:
    ids = {variant(api, COLOR, p).json()["id"] for p in (None, {}, {"range": 255}, {"mean": 1}, {"std": 2})}
    assert len(ids) == 5
    again = variant(api, COLOR, {"range": 255})
    assert again.status_code == 200
    assert again.json()["input"]["preprocessing"]["range"] == 255


def test_it_survives_a_restart(make_api: Any) -> None:
    run, x = entered(make_api(), {"size": [3, 3], "resize": "crop", "mean": 0.5, "std": [1, 2, 3]})
    later = make_api()
    assert later.get(run["url"]).json() == run
    assert np.array_equal(get_array(later, f"{run['url']}/nodes/input/output.npy"), x)


@pytest.mark.parametrize(
    ("value", "code", "argument"),
    [
        ({"mea": 1}, "unknown-field", "preprocessing.mea"),
        ({"size": [0, 4]}, "invalid-argument", "preprocessing.size"),
        ({"size": 4}, "invalid-argument", "preprocessing.size"),
        ({"size": [4, 16_385]}, "invalid-argument", "preprocessing.size"),
        ({"resize": "pad"}, "invalid-argument", "preprocessing.resize"),
        ({"color": "gray"}, "shape-mismatch", "preprocessing.color"),
        ({"color": "cmyk"}, "invalid-argument", "preprocessing.color"),
        ({"range": True}, "invalid-argument", "preprocessing.range"),
        ({"range": 2}, "invalid-argument", "preprocessing.range"),
        ({"mean": [1, 2]}, "invalid-argument", "preprocessing.mean"),
        ({"mean": ["a"] * 3}, "invalid-argument", "preprocessing.mean"),
        ({"std": 0}, "invalid-argument", "preprocessing.std"),
        ({"std": [1, 1, -1]}, "invalid-argument", "preprocessing.std"),
        ({"mean": 1e7}, "invalid-argument", "preprocessing.mean"),
    ],
)
def test_what_cannot_be(api: Api, value: Any, code: str, argument: str) -> None:
    assert_problem(variant(api, COLOR, value), 422, code, argument)


def test_it_is_an_object(api: Api) -> None:
    assert_problem(variant(api, COLOR, [1]), 422, "invalid-argument", "preprocessing")
    assert read_preprocessing(None, 3) is None


def test_gray_models_take_gray(api: Api) -> None:
    assert variant(api, GRAY, {}).json()["input"]["preprocessing"]["color"] == "gray"
    assert_problem(variant(api, GRAY, {"color": "rgb"}), 422, "shape-mismatch", "preprocessing.color")

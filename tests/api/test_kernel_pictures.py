"""Kernels over three channels as the colours that they look for."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.api.nets import assert_problem
from tests.api.server import Api

WEIGHT = np.zeros((2, 3, 1, 2), np.float32)
WEIGHT[0, 0, 0, 0] = 4
WEIGHT[0, 1, 0, 1] = -4
WEIGHT[1, 2, 0, 0] = 0.5
"""The first filter wants red at the left and no green at the right, the second a little blue."""


def posted(api: Api, preprocessing: dict[str, Any] | None = None) -> str:
    node = {"name": "c", "op": "conv2d", "weight": WEIGHT.tolist()}
    specification = {"input": {"channels": 3, "size": [4, 4]}, "nodes": [node]}
    model = api.post("/api/v1/models", json=specification).json()
    if preprocessing is not None:
        body = {"model": model["id"], "preprocessing": preprocessing}
        model = api.post("/api/v1/models", json=body).json()
    return f"{model['url']}/nodes/c/weight.png"


def pixels(api: Api, url: str) -> Any:
    answer = api.get(url)
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGBA"))


def test_zero_is_the_grey_in_the_middle_of_every_filter(api: Api) -> None:
    url = posted(api)
    sheet = pixels(api, url)
    # Two kernels of 1 × 2 side by side with a clear column between them.
    assert sheet.shape == (1, 5, 4)
    assert sheet[0, :, 3].tolist() == [255, 255, 0, 255, 255]
    assert sheet[0, 0, :3].tolist() == [255, 128, 128]
    assert sheet[0, 1, :3].tolist() == [128, 0, 128]
    # Its largest weight is an eighth of the first one's, and reaches the end of the scale as well.
    assert sheet[0, 3, :3].tolist() == [128, 128, 255]
    headers = api.get(url).headers
    assert headers["x-legend-colormap"] == "rgb"
    assert headers["x-mosaic-columns"] == "2"


def test_the_channels_of_a_model_may_be_blue_green_red(api: Api) -> None:
    plain, turned = pixels(api, posted(api)), pixels(api, posted(api, {"color": "bgr"}))
    assert np.array_equal(turned[..., :3], plain[..., 2::-1])


def test_one_filter_and_some_of_them(api: Api) -> None:
    url = posted(api)
    every = pixels(api, url)
    assert np.array_equal(pixels(api, f"{url}?channel=1"), every[:, 3:])
    assert np.array_equal(pixels(api, f"{url}?channels=1:2"), every[:, 3:])
    assert np.array_equal(pixels(api, f"{url}?layout=single"), every[:, :2])
    assert_problem(api.get(f"{url}?channel=2"), 422, "invalid-argument", "channel")


def test_by_channel_where_a_scale_is_asked_for(api: Api) -> None:
    answer = api.get(f"{posted(api)}?colormap=weight")
    assert answer.headers["x-legend-colormap"] == "weight"
    assert answer.headers["x-mosaic-columns"] == "3"


@pytest.mark.parametrize("channels", [1, 2])
def test_kernels_over_other_channels_have_no_colours(api: Api, channels: int) -> None:
    node = {"name": "c", "op": "conv2d", "out_channels": 2}
    specification = {"input": {"channels": channels, "size": [4, 4]}, "nodes": [node]}
    url = api.post("/api/v1/models", json=specification).json()["url"] + "/nodes/c/weight.png"
    assert api.get(url).headers["x-legend-colormap"] == "weight"
    assert_problem(api.get(f"{url}?colormap=rgb"), 422, "invalid-argument", "colormap")

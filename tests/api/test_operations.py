from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from engine.ops.registry import OPERATIONS
from tests.api.nets import OF_VECTORS, assert_problem, get_array, get_json, post_run
from tests.api.pictures import noise, png
from tests.api.server import Api, MakeApi

PICTURE = png(noise(6, 9))
URL = "/api/v1/operations"


def apply(api: Api, path: str, picture: bytes = PICTURE, **fields: str) -> Any:
    return api.post(f"{URL}/{path}", files={"image": ("cat.png", picture)}, data=fields)


def applied(api: Api, path: str, **fields: str) -> Any:
    answer = apply(api, path, **fields)
    assert answer.status_code == 200, answer.text
    return np.load(io.BytesIO(answer.content))


def test_every_operation_is_listed(api: Api) -> None:
    operations = get_json(api, URL)["operations"]
    assert [operation["name"] for operation in operations] == list(OPERATIONS)
    conv = operations[0]
    assert conv["group"] == "convolution"
    assert conv["weights"] == [{"name": "weight", "optional": False}, {"name": "bias", "optional": True}]
    stride = next(p for p in conv["parameters"] if p["name"] == "stride")
    assert stride["kind"] == "pair"
    assert (stride["default"], stride["minimum"]) == (1, 1)
    assert get_json(api, conv["url"]) == conv
    assert_problem(api.get(f"{URL}/conv3d"), 404, "unknown-operation", "op")


def test_one_call_is_the_same_as_a_run(api: Api) -> None:
    y = applied(api, "conv2d.npy", kernel="sobel_x", stride="2", padding="same")
    image = api.upload(PICTURE).json()["id"]
    nodes = [{"name": "conv", "op": "conv2d", "weight": "sobel_x", "stride": 2, "padding": "same"}]
    run = post_run(api, nodes, image=image, size=None)
    assert np.array_equal(y, get_array(api, f"{run['url']}/nodes/conv/output.npy"))


def test_settings_as_texts(api: Api) -> None:
    plain = applied(api, "conv2d.npy", kernel="[[1, 2], [3, 4]]", stride="1,2", flip="true")
    assert plain.shape == (1, 5, 4)
    assert np.array_equal(
        plain, applied(api, "conv2d.npy", weight="[[1,2],[3,4]]", stride="[1, 2]", flip="true")
    )
    gray = applied(api, "conv2d.npy", kernel="box", color="gray", size="4,5")
    assert gray.shape == (1, 2, 3)
    reflected = applied(api, "conv2d.npy", kernel="box", padding="1,0", padding_mode="reflect")
    assert reflected.shape == (1, 6, 7)


def test_any_axes_are_answered_as_a_map_or_as_a_vector(api: Api) -> None:
    plain = applied(api, "identity.npy")
    assert plain.shape == (3, 6, 9)
    assert np.array_equal(applied(api, "unsqueeze.npy", axes="[1]"), plain)
    assert np.array_equal(applied(api, "transpose.npy", perm="0,2,3,1"), plain.transpose(1, 2, 0))
    assert np.array_equal(applied(api, "reshape.npy", shape="0,-1"), plain.reshape(-1))
    tokens = applied(api, "reshape.npy", shape="0,3,-1")
    assert np.array_equal(tokens, plain.reshape(1, 3, 54))
    assert apply(api, "reshape.png", shape="0,3,-1").headers["content-type"] == "image/png"


def test_other_forms(api: Api) -> None:
    assert apply(api, "conv2d.png", kernel="box").headers["content-type"] == "image/png"
    json = apply(api, "conv2d", kernel="box", size="3,3").json()
    assert json["shape"] == [1, 1, 1]
    half = apply(api, "conv2d.npy?dtype=float16&max_px=2", kernel="box")
    assert np.load(io.BytesIO(half.content)).dtype == np.float16


@pytest.mark.parametrize(
    "op",
    # The picture has black pixels, of which there is no logarithm.
    [
        name
        for name, op in OPERATIONS.items()
        if op.arity == 1 and name not in (*OF_VECTORS, "log", "reciprocal")
    ],
)
def test_every_operation_on_one_picture(api: Api, op: str) -> None:
    assert np.isfinite(applied(api, f"{op}.npy")).all()


def test_the_picture_is_not_kept(api: Api) -> None:
    from app.ids import content_id

    apply(api, "conv2d.npy", kernel="box")
    assert api.get(f"/api/v1/images/{content_id('img', PICTURE)}").status_code == 404


@pytest.mark.parametrize(
    ("path", "fields", "status", "code", "argument"),
    [
        ("conv2d.npy", {"kernal": "box"}, 422, "unknown-field", "kernal"),
        ("conv2d.npy", {"kernel": "box", "weight": "box"}, 422, "invalid-argument", "weight"),
        ("conv2d.npy", {"kernel": "[[NaN]]"}, 422, "non-finite", "kernel"),
        ("conv2d.npy", {"kernel": "[[1e999]]"}, 422, "non-finite", "kernel"),
        ("conv2d.npy", {"kernel": "box", "kernel_size": "7"}, 422, "kernel-too-large", "kernel_size"),
        ("conv2d.npy", {"kernel": "box", "groups": "2"}, 422, "groups-do-not-divide", "groups"),
        ("conv2d.npy", {"color": "grey"}, 422, "invalid-argument", "color"),
        ("conv2d.npy", {"size": "0,1"}, 422, "invalid-argument", "size"),
        ("conv3d.npy", {}, 404, "unknown-operation", "op"),
        ("add.npy", {}, 422, "wrong-inputs", "op"),
        ("conv2d.gif", {}, 406, "not-acceptable", "suffix"),
        ("conv2d.npy?dtypo=uint8", {}, 422, "unknown-parameter", "dtypo"),
    ],
)
def test_calls_that_cannot_be(
    api: Api, path: str, fields: dict[str, str], status: int, code: str, argument: str
) -> None:
    assert_problem(apply(api, path, **fields), status, code, argument)


def test_files_that_cannot_be(api: Api, make_api: MakeApi) -> None:
    assert_problem(apply(api, "relu.npy", picture=b"hello"), 415, "not-a-picture", "file")
    assert_problem(
        api.post(f"{URL}/relu.npy", files={"picture": PICTURE}), 422, "invalid-argument", "picture"
    )
    small = make_api(limits={"activation_numbers": 2 * 3 * 54 - 1})
    assert_problem(apply(small, "relu.npy"), 413, "run-too-large", "outputs")


class TestCurves:
    def test_points_of_value_and_slope(self, api: Api) -> None:
        answer = get_json(api, f"{URL}/leaky_relu/curve?start=-2&stop=2&count=5&negative_slope=0.25")
        assert answer["settings"] == {"negative_slope": 0.25}
        assert answer["points"] == [[-2, -0.5, 0.25], [-1, -0.25, 0.25], [0, 0, 0.25], [1, 1, 1], [2, 2, 1]]
        tanh = np.array(get_json(api, f"{URL}/tanh/curve")["points"])
        assert tanh.shape == (241, 3)
        assert np.allclose(tanh[:, 2], 1 - tanh[:, 1] ** 2)

    def test_what_has_none(self, api: Api) -> None:
        assert_problem(api.get(f"{URL}/softmax/curve"), 422, "no-curve", "op")
        assert_problem(api.get(f"{URL}/nobody/curve"), 404, "unknown-operation", "op")
        assert_problem(api.get(f"{URL}/relu/curve?count=1"), 422, "invalid-argument", "count")
        assert_problem(api.get(f"{URL}/relu/curve?start=7"), 422, "invalid-argument", "start")
        assert_problem(api.get(f"{URL}/relu/curve?slope=7"), 422, "unknown-parameter")

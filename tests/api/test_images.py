"""Pictures through the API: uploads, samples, forms, caching, deletion, and who may see what."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from engine.patterns import PATTERNS
from tests.api.pictures import encode, noise, pil, png
from tests.api.server import Api, MakeApi

IMMUTABLE = "public, max-age=31536000, immutable"
ABSENT = "img_" + "0" * 20


def test_upload_as_form_and_as_body(api: Api) -> None:
    file = png(noise())
    first = api.post("/api/v1/images", files={"file": ("cat.png", file)})
    assert first.status_code == 201
    picture = first.json()
    assert picture == {
        "id": picture["id"],
        "name": "cat.png",
        "sample": False,
        "height": 6,
        "width": 9,
        "channels": 3,
        "format": "png",
        "bytes": len(file),
        "url": f"/api/v1/images/{picture['id']}",
    }
    assert first.headers["location"] == picture["url"]
    second = api.post("/api/v1/images?name=dog.png", content=file, headers={"Content-Type": "image/png"})
    assert second.status_code == 200
    assert second.json() == picture | {"name": "dog.png"}


@pytest.mark.parametrize(
    "kind", [None, "application/octet-stream", "application/x-www-form-urlencoded", "text/plain"]
)
def test_a_body_is_known_by_its_bytes_and_not_by_its_type(api: Api, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    assert api.post("/api/v1/images", content=png(noise()), headers=headers).status_code == 201


def test_the_pixels_come_back(api: Api) -> None:
    pixels = noise()
    picture = api.upload(png(pixels)).json()
    array = api.get(picture["url"] + ".npy")
    assert array.headers["content-type"] == "application/x-npy"
    loaded = np.load(io.BytesIO(array.content))
    assert loaded.dtype == np.uint8
    assert np.array_equal(loaded, pixels)
    again = api.get(picture["url"] + ".png")
    assert again.headers["content-type"] == "image/png"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(again.content))), pixels.transpose(1, 2, 0))


def test_grey_pictures_have_one_channel(api: Api) -> None:
    picture = api.upload(png(noise(channels=1))).json()
    assert picture["channels"] == 1
    assert api.pixels(picture["id"]).shape == (1, 6, 9)
    assert Image.open(io.BytesIO(api.get(picture["url"] + ".png").content)).mode == "L"


def test_what_is_served_is_encoded_anew(api: Api) -> None:
    secret = b"GPS 35.68 N 139.76 E"
    file = encode(pil(noise()), "JPEG", comment=secret)
    assert secret in file
    picture = api.upload(file).json()
    for suffix in (".png", ".npy", ""):
        assert secret not in api.get(picture["url"] + suffix).content


def test_thumbnails_average_areas(api: Api) -> None:
    pixels = np.array([[[0, 100, 10, 30], [0, 100, 20, 20]]], np.uint8)
    url = api.upload(png(pixels)).json()["url"] + ".png"
    small = np.asarray(Image.open(io.BytesIO(api.get(url + "?max_px=2").content)))
    assert small.tolist() == [[50, 20]]
    assert Image.open(io.BytesIO(api.get(url + "?max_px=100").content)).size == (4, 2)
    assert Image.open(io.BytesIO(api.get(url + "?max_px=1").content)).size == (1, 1)


def test_the_form_by_accept(api: Api) -> None:
    url = api.upload(png(noise())).json()["url"]
    assert api.get(url, headers={"Accept": "image/png"}).headers["content-type"] == "image/png"
    assert (
        api.get(url, headers={"Accept": "application/x-npy"}).headers["content-type"] == "application/x-npy"
    )
    assert api.get(url).headers["content-type"] == "application/json"
    refused = api.get(url, headers={"Accept": "text/html"})
    assert (refused.status_code, refused.json()["code"]) == (406, "not-acceptable")


# --- Samples ------------------------------------------------------------------------------------------


def test_samples_have_plain_names(api: Api) -> None:
    names = [picture["name"] for picture in api.get("/api/v1/images").json()["images"]]
    assert names == ["chelsea", "coffee", "astronaut", "rocket", *PATTERNS]


def test_each_sample_by_name_and_by_id(api: Api) -> None:
    for picture in api.get("/api/v1/images").json()["images"]:
        assert picture["sample"] is True
        assert api.get(f"/api/v1/images/{picture['name']}").json() == picture
        assert api.get(picture["url"]).json() == picture
        assert api.pixels(picture["name"]).shape == (picture["channels"], picture["height"], picture["width"])
        assert api.get(picture["url"] + ".png").status_code == 200


def test_patterns_are_those_of_the_engine(api: Api) -> None:
    assert np.array_equal(api.pixels("zone-plate")[0], PATTERNS["zone-plate"]())


def test_a_missing_photograph_is_left_out(make_api: MakeApi, tmp_path) -> None:
    api = make_api(static_dir=tmp_path)
    assert [picture["name"] for picture in api.get("/api/v1/images").json()["images"]] == list(PATTERNS)
    assert api.get("/api/v1/images/chelsea").status_code == 404


def test_an_uploaded_sample_is_the_sample(api: Api) -> None:
    sample = api.get("/api/v1/images/chelsea").json()
    file = (api.settings.static_dir / "samples" / "chelsea.jpg").read_bytes()
    answer = api.upload(file)
    assert answer.status_code == 200
    assert answer.json() == sample


def test_a_sample_cannot_be_deleted(api: Api) -> None:
    sample = api.get("/api/v1/images/coffee").json()
    for name in ("coffee", sample["id"]):
        refused = api.delete(f"/api/v1/images/{name}")
        assert (refused.status_code, refused.json()["code"]) == (403, "built-in")
    assert api.get("/api/v1/images/coffee").json() == sample


# --- Caching ------------------------------------------------------------------------------------------


def test_ids_may_be_kept_for_ever(api: Api) -> None:
    url = api.upload(png(noise())).json()["url"]
    tags = set()
    for suffix in ("", ".png", ".npy", ".png?max_px=4"):
        answer = api.get(url + suffix)
        assert answer.headers["cache-control"] == IMMUTABLE
        tag = answer.headers["etag"]
        tags.add(tag)
        known = api.get(url + suffix, headers={"If-None-Match": f'"other", {tag}'})
        assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
        assert known.headers["cache-control"] == IMMUTABLE
        assert api.get(url + suffix, headers={"If-None-Match": '"other"'}).status_code == 200
    assert len(tags) == 4


def test_names_are_asked_again(api: Api) -> None:
    answer = api.get("/api/v1/images/chelsea.png")
    assert answer.headers["cache-control"] == "no-cache"
    known = api.get("/api/v1/images/chelsea.png", headers={"If-None-Match": answer.headers["etag"]})
    assert known.status_code == 304


def test_head(api: Api) -> None:
    url = api.upload(png(noise())).json()["url"] + ".png"
    head, get = api.head(url), api.get(url)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length", "cache-control"):
        assert head.headers[name] == get.headers[name]
    assert api.head(f"/api/v1/images/{ABSENT}").status_code == 404


# --- Deletion and privacy -----------------------------------------------------------------------------


def test_delete(api: Api) -> None:
    url = api.upload(png(noise())).json()["url"]
    tag = api.get(url).headers["etag"]
    gone = api.delete(url)
    assert (gone.status_code, gone.content) == (204, b"")
    assert api.get(url).status_code == 404
    assert api.get(url, headers={"If-None-Match": tag}).status_code == 404
    assert api.delete(url).status_code == 404
    assert api.upload(png(noise())).status_code == 201


def test_a_visitor_does_not_see_what_another_one_brought(api: Api) -> None:
    before = api.get("/api/v1/images").json()
    api.upload(png(noise()), "my-secret-holiday.png")
    assert api.get("/api/v1/images").json() == before
    # The same file, brought by another visitor under another name or none.
    other = api.post("/api/v1/images", content=png(noise()))
    assert other.json()["name"] is None
    assert api.get(other.json()["url"]).json()["name"] is None


def test_names_are_shown_and_nothing_else(api: Api, tmp_path) -> None:
    answer = api.upload(png(noise()), "../../etc/pass\u202ewd<script>.png")
    assert answer.json()["name"] == "passwd<script>.png"
    assert not any("pass" in path.name for path in tmp_path.rglob("*"))
    long = api.post(f"/api/v1/images?name={'x' * 200}", content=png(noise())).json()
    assert long["name"] == "x" * 100


def test_uploads_survive_a_restart(make_api: MakeApi) -> None:
    first = make_api()
    url = first.upload(png(noise())).json()["url"]
    described = first.get(url).json()
    second = make_api(image_memory_bytes=0)
    assert second.get(url).json() == described | {"name": None}
    assert np.array_equal(second.pixels(described["id"]), noise())
    assert second.upload(png(noise())).status_code == 200


def test_a_damaged_entry_is_unknown_and_may_be_brought_again(make_api: MakeApi, tmp_path) -> None:
    api = make_api(image_memory_bytes=0)
    picture = api.upload(png(noise())).json()
    (tmp_path / "data" / "images" / picture["id"] / "pixels").write_bytes(b"short")
    assert api.get(picture["url"]).status_code == 404
    assert api.upload(png(noise())).status_code == 201
    assert np.array_equal(api.pixels(picture["id"]), noise())


def test_a_picture_larger_than_the_disk_budget_stays_in_memory(make_api: MakeApi) -> None:
    api = make_api(image_disk_bytes=0)
    picture = api.upload(png(noise())).json()
    assert np.array_equal(api.pixels(picture["id"]), noise())


# --- Refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", [ABSENT, "nobody", "..", "%2e%2e%2fetc%2fpasswd", "img_%00", "mdl_" + "0" * 20, "猫"]
)
@pytest.mark.parametrize("suffix", ["", ".png", ".npy"])
def test_unknown_pictures(api: Api, name: str, suffix: str) -> None:
    answer = api.get(f"/api/v1/images/{name}{suffix}")
    assert answer.status_code == 404
    assert answer.json()["code"] in ("unknown-image", "not-found")


def test_a_wrong_field_is_named(api: Api) -> None:
    answer = api.post("/api/v1/images", files={"image": ("a.png", png(noise()))})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-field")
    assert answer.json()["params"] == {"argument": "image", "allowed": "file"}


def test_a_further_field_is_named(api: Api) -> None:
    answer = api.post("/api/v1/images", files={"file": png(noise())}, data={"stride": "2"})
    assert (answer.status_code, answer.json()["params"]["argument"]) == (422, "stride")


def test_one_file_and_one_only(api: Api) -> None:
    several = api.post("/api/v1/images", files=[("file", png(noise())), ("file", png(noise(seed=1)))])
    assert (several.status_code, several.json()["params"]["allowed"]) == (422, "one file")
    boundary = {"Content-Type": "multipart/form-data; boundary=b"}
    none = api.post("/api/v1/images", content=b"--b--\r\n", headers=boundary)
    assert (none.status_code, none.json()["code"]) == (422, "missing-field")
    text = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\ncat.jpg\r\n--b--\r\n'
    answer = api.post("/api/v1/images", content=text, headers=boundary)
    assert (answer.status_code, answer.json()["params"]["argument"]) == (422, "file")


@pytest.mark.parametrize(
    "content",
    [b"", b"no boundary here", b"--b\r\nnonsense", b"--b\r\nContent-Disposition: x\r\n\r\n\xff\r\n--b--"],
)
@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=b", "multipart/form-data; boundary=\xff"]
)
def test_broken_forms(api: Api, content: bytes, kind: str) -> None:
    answer = api.post("/api/v1/images", content=content, headers={"Content-Type": kind.encode("latin-1")})
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "empty-picture"),
        (b"hello", 415, "not-a-picture"),
        (png(noise(40, 40))[:-300], 422, "truncated-picture"),
    ],
)
def test_no_picture(api: Api, data: bytes, status: int, code: str) -> None:
    for answer in (api.upload(data, "cat.jpg"), api.post("/api/v1/images", content=data)):
        assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("max_px", ["0", "-1", "1.5", "many", "100000"])
def test_sizes_of_thumbnails(api: Api, max_px: str) -> None:
    answer = api.get(f"/api/v1/images/chelsea.png?max_px={max_px}")
    assert (answer.status_code, answer.json()["params"]["argument"]) == (422, "max_px")


def test_parameters_of_another_path_are_refused(api: Api) -> None:
    answer = api.get("/api/v1/images/chelsea.npy?max_px=3")
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-parameter")

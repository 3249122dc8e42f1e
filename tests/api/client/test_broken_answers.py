"""Answers that are not what the API promises: each is said to be so, and harms nobody."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import httpx
import numpy as np
import pytest

from app.client import BadAnswer, NotFound

RUN: dict[str, Any] = {
    "id": "run_1",
    "model": "mdl_1",
    "image": "img_1",
    "input": {"shape": [1, 1, 2], "range": 1, "color": "gray", "min": 0, "max": 1},
    "nodes": [
        {
            "name": "conv",
            "op": "conv2d",
            "inputs": ["input"],
            "attributes": {},
            "output_shape": [1, 2],
            "parameters": 1,
            "multiply_adds": 2,
            "receptive_field": {"size": [1, 1], "start": [0, 0], "stride": None},
        }
    ],
}


def npy(array: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def npz(compression: int = zipfile.ZIP_STORED, **arrays: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in arrays.items():
            archive.writestr(f"{name}.npy", data)
    return file.getvalue()


def with_header(text: str) -> bytes:
    header = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


class Bomb:
    """A pickle that tells when somebody opens it."""

    opened = False

    def __reduce__(self) -> Any:
        return (setattr, (Bomb, "opened", True))


GOOD = npy(np.float32([[1, 2]]))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "magic"),
        (b"<html>", "magic"),
        (GOOD[:-1], "7 bytes of numbers, where (1, 2) of <f4 takes 8"),
        (GOOD + b"\0", "9 bytes"),
        (GOOD[:60], "EOF"),
        (npy(np.float64([1])), "type <f8"),
        (npy(np.asfortranarray(np.ones((2, 3), np.float32))), "C order"),
        (npy(np.float32([1])).replace(b"\x93NUMPY\x01", b"\x93NUMPY\x03"), "version"),
        (with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }"), "0 bytes"),
        (with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 0), }"), "(-1, 0)"),
        (with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, -1), }") + b"1234", "-1"),
        (with_header("["), "something else"),
        (with_header("(" * 100), "something else"),
    ],
)
def test_arrays(scripted: Any, content: bytes, words: str) -> None:
    script = scripted(httpx.Response(200, content=content, headers={"X-Request-Id": "r3"}))
    with pytest.raises(BadAnswer, match=re.escape(words)) as refused:
        script("kernel", "box")
    assert str(refused.value).startswith("http://scripted/api/v1/kernels/box.npy answered something else")
    assert (refused.value.code, refused.value.request_id) == ("bad-answer", "r3")


def test_a_pickle_is_not_opened(scripted: Any) -> None:
    Bomb.opened = False
    content = npy(np.array([Bomb()], dtype=object), allow_pickle=True)
    with pytest.raises(BadAnswer, match=re.escape("|O")):
        scripted(httpx.Response(200, content=content))("kernel", "box")
    assert not Bomb.opened
    np.load(io.BytesIO(content), allow_pickle=True)
    assert Bomb.opened


@pytest.mark.parametrize("headers", [{"X-Scale": "much"}, {"X-Scale": "1", "X-Offset": ""}])
def test_scales(scripted: Any, headers: dict[str, str]) -> None:
    with pytest.raises(BadAnswer, match="could not convert"):
        scripted(httpx.Response(200, content=GOOD, headers=headers))("kernel", "box")


@pytest.mark.parametrize(
    ("content", "scale", "words"),
    [
        (b"PK", "", "not a zip"),
        (npz(conv=GOOD)[:-30], "", "zip"),
        (npz(other=GOOD), "", "'conv'"),
        (npz(conv=GOOD[:-1]), "", "7 bytes"),
        (npz(conv=GOOD).replace(GOOD, GOOD[:-1] + b"?"), "", "CRC"),
        (npz(zipfile.ZIP_DEFLATED, conv=GOOD), "", "compressed"),
        (npz(conv=GOOD), "conv", "name=scale+offset"),
    ],
)
def test_archives(scripted: Any, content: bytes, scale: str, words: str) -> None:
    run = httpx.Response(200, json=RUN)
    script = scripted(run, httpx.Response(200, content=content, headers={"X-Scale": scale}))
    described = script.face(script.face.client.get_run("run_1"))
    with pytest.raises(BadAnswer, match=re.escape(words)):
        script.face(described.outputs(["conv"]))
    script.face.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "something else"),
        (b"<html>", "something else"),
        (b"\xff\xfe\x00", "something else"),
        (b"[" * 100_000, "something else"),
        (b"3", "int"),
        (b"{}", "'images'"),
        (b'{"images": {}}', "the answer is {}, where"),
        (b'{"images": [3]}', "0 is 3, where Image was expected"),
        (b'{"images": [{"id": "x"}]}', "0.height is missing"),
        (b'{"images": [{"id": "x", "height": "3"}]}', "0.height is '3', where int was expected"),
        (b'{"images": [{"id": "x", "height": true}]}', "0.height is True"),
    ],
)
def test_json(scripted: Any, content: bytes, words: str) -> None:
    with pytest.raises(BadAnswer, match=re.escape(words)):
        scripted(httpx.Response(200, content=content))("samples")


def test_a_code_that_is_not_kept_to(scripted: Any) -> None:
    script = scripted(httpx.DecodingError("Error -3 while decompressing data"))
    with pytest.raises(BadAnswer, match="http://scripted/api/v1/images answered in a code"):
        script("samples")
    assert len(script.requests) == 1


def test_pictures(scripted: Any) -> None:
    script = scripted(httpx.Response(200, json=RUN), httpx.Response(200, content=b"GIF89a"))
    described = script.face(script.face.client.get_run("run_1"))
    with pytest.raises(BadAnswer, match="a PNG file: b'GIF89a'"):
        script.face(described.picture("conv"))
    script.face.close()


@pytest.mark.parametrize("problem", [b"[]", b"{", b'{"code": 3, "params": 7}', b"[" * 100_000])
def test_a_problem_that_is_none(scripted: Any, problem: bytes) -> None:
    with pytest.raises(NotFound) as refused:
        scripted(httpx.Response(404, content=problem))("samples")
    assert refused.value.params == {}
    assert refused.value.status == 404


def test_what_is_newer_than_the_client_is_passed_over(scripted: Any) -> None:
    newer = {**RUN, "weather": "fine", "nodes": [{**RUN["nodes"][0], "mood": 3}]}
    script = scripted(httpx.Response(200, json=newer))
    about = script("get_run", "run_1").about
    assert about.raw["weather"] == "fine"
    assert about.nodes[0].name == "conv"

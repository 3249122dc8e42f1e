"""All that a picture may be."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.client import ConvScopeError, NotFound
from app.client.pictures import png as png_of
from tests.api.client.faces import NET, PIXELS, Face
from tests.api.pictures import noise, png


def test_all_that_a_picture_may_be(face: Face, tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    path.write_bytes(png(PIXELS))
    uploaded = face(face.client.upload(path))
    assert (uploaded.name, uploaded.format, uploaded.sample) == ("noise.png", "png", False)
    with path.open("rb") as file:
        same = [str(path), path.read_bytes(), file, uploaded.id]
        assert {face(face.client.upload(each)).id for each in same} == {uploaded.id}
    for each in (PIXELS, PIXELS.transpose(1, 2, 0), np.asfortranarray(PIXELS)):
        assert np.array_equal(face(face.client.pixels(face(face.client.upload(each)).id)), PIXELS)
    gray = PIXELS[0]
    for each in (gray, gray[np.newaxis], gray[..., np.newaxis]):
        assert np.array_equal(face(face.client.pixels(face(face.client.upload(each)).id)), [gray])


def test_an_upload_can_be_forgotten(face: Face) -> None:
    image = face(face.client.upload(noise(3, 4, seed=9))).id
    face(face.client.delete_image(image))
    with pytest.raises(NotFound):
        face(face.client.pixels(image))
    with pytest.raises(ConvScopeError) as refused:
        face(face.client.delete_image("chelsea"))
    assert refused.value.code == "built-in"


@pytest.mark.parametrize(
    ("picture", "error", "words"),
    [
        ("missing.jpg", FileNotFoundError, "missing.jpg"),
        (Path("missing"), FileNotFoundError, "missing"),
        (io.StringIO("text"), TypeError, "a file opened with 'rb'"),
        (3, TypeError, "allowed: a path, bytes"),
        (PIXELS / 255, ValueError, "numbers of type float64; allowed: uint8"),
        (np.zeros((3, 5, 3), np.uint8), ValueError, "may be read in two ways"),
        (np.zeros((5, 5, 5), np.uint8), ValueError, "no axis of channels"),
        (np.zeros((2, 5, 5, 3), np.uint8), ValueError, "(2, 5, 5, 3); allowed: (rows, columns)"),
        (np.zeros((0, 5), np.uint8), ValueError, "(0, 5)"),
    ],
)
def test_what_is_none(face: Face, picture: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=re.escape(words)):
        face(face.client.run(picture, specification=NET))


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (64, 33), (5, 4, 3), (1, 2, 3)])
def test_png_files_are_read_by_others(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png_of(pixels)))), pixels)

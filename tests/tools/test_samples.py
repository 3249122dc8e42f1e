"""The sample photographs: small enough to ship, and credited."""

from pathlib import Path

import pytest
from PIL import Image

SAMPLES = Path(__file__).parents[2] / "static" / "samples"
PICTURES = sorted(SAMPLES.glob("*.jpg"))


def test_the_four_photographs_are_there():
    assert [path.stem for path in PICTURES] == ["astronaut", "chelsea", "coffee", "rocket"]


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_sample_is_small_and_plain(path):
    assert path.stat().st_size < 150_000
    with Image.open(path) as picture:
        assert picture.mode == "RGB"
        assert max(picture.size) <= 512
        assert not {"exif", "comment", "icc_profile"} & set(picture.info)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_sample_is_credited(path):
    assert f"`{path.name}`" in (SAMPLES / "CREDITS.md").read_text(encoding="utf-8")

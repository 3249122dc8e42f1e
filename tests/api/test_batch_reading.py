"""Pictures of a batch are what they are alone: decoded without detours, and entering together."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.batch.plain_png import plain_pixels
from app.batch.reading import Reading
from app.batch.stack import Stack
from app.limits import Limits
from app.problems import Problem
from app.services.decode import DecodeLimits, decode
from app.services.entries import enter, enter_together
from app.services.preprocessing import Preprocessing
from tests.api.pictures import encode, exif, noise, pil, png

LIMITS = DecodeLimits()
PLAIN = png(noise(5, 7))


class TestPlainPng:
    @pytest.mark.parametrize("shape", [(3, 1, 1), (1, 6, 9), (3, 40, 31), (1, 300, 2)])
    def test_pixels_are_those_of_the_decoder(self, shape: tuple[int, int, int]) -> None:
        channels, rows, columns = shape
        for pixels in (noise(rows, columns, channels), np.full(shape, 200, np.uint8)):
            data = png(pixels)
            found = plain_pixels(data, LIMITS)
            assert found is not None
            assert np.array_equal(found, pixels)
            assert found.flags.c_contiguous
            assert found.dtype == np.uint8

    def test_in_several_chunks(self) -> None:
        at = PLAIN.index(b"IDAT") - 4
        packed = PLAIN[at + 8 : -16]
        parts = (packed[:3], b"", packed[3:])
        data = PLAIN[:at] + b"".join(chunk(b"IDAT", part) for part in parts) + chunk(b"IEND", b"")
        found = plain_pixels(data, LIMITS)
        assert found is not None
        assert np.array_equal(found, noise(5, 7))

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            PLAIN[:20],
            PLAIN[:-1],
            PLAIN + b"more",
            PLAIN.replace(b"IDAT", b"JDAT"),
            png(noise(5, 7), pnginfo=None, exif=exif(6)),
            encode(pil(noise(5, 7)).convert("P")),
            encode(pil(noise(5, 7)).convert("RGBA")),
            encode(pil(noise(5, 7, 1)).convert("1")),
            encode(pil(noise(5, 7)), "JPEG"),
            encode(pil(noise(5, 7)), "BMP"),
        ],
    )
    def test_anything_else_is_left_to_the_decoder(self, data: bytes) -> None:
        assert plain_pixels(data, LIMITS) is None

    def test_transparency_is_left_to_the_decoder(self) -> None:
        assert plain_pixels(encode(pil(noise(5, 7)), "PNG", transparency=(1, 2, 3)), LIMITS) is None

    @pytest.mark.parametrize("limits", [DecodeLimits(pixels=34), DecodeLimits(side_px=6)])
    def test_a_picture_too_large_is_left_to_the_decoder(self, limits: DecodeLimits) -> None:
        assert plain_pixels(PLAIN, limits) is None
        assert plain_pixels(PLAIN, DecodeLimits(pixels=35, side_px=7)) is not None

    @settings(max_examples=200, deadline=None)
    @given(st.data())
    def test_no_damage_makes_other_pixels(self, drawn: st.DataObject) -> None:
        data = bytearray(PLAIN)
        for _ in range(drawn.draw(st.integers(1, 3))):
            data[drawn.draw(st.integers(0, len(data) - 1))] = drawn.draw(st.integers(0, 255))
        for damaged in (bytes(data), with_checks(bytes(data))):
            found = plain_pixels(damaged, LIMITS)
            if found is not None:
                assert np.array_equal(found, decode(damaged, LIMITS).pixels)


class TestReading:
    def test_a_pipe_holds_nobody(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(Problem, match="a file that may be read"):
            Reading(Limits()).file(str(tmp_path / "pipe"))

    def test_a_file_is_read_whole(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(bytes(range(256)) * 1000)
        assert Reading(Limits()).file(str(tmp_path / "a")) == bytes(range(256)) * 1000

    def test_what_is_not_plain_is_decoded_all_the_same(self) -> None:
        pixels = Reading(Limits()).pixels(encode(pil(noise(5, 7)).convert("RGBA")))
        assert np.array_equal(pixels, noise(5, 7))
        with pytest.raises(Problem, match="ends too early"):
            Reading(Limits()).pixels(PLAIN[:-30])


class TestTogether:
    @pytest.mark.parametrize("size", [(64, 64), (5, 40), (9, 3), (6, 9), (70, 90), None])
    @pytest.mark.parametrize("picture", [(6, 9), (32, 32), (64, 1), (65, 40), (200, 300)])
    @pytest.mark.parametrize("resize", ["stretch", "crop"])
    def test_each_enters_as_it_does_alone(
        self, picture: tuple[int, int], size: tuple[int, int] | None, resize: str
    ) -> None:
        pictures = np.stack([noise(*picture, seed=seed) for seed in range(5)])
        crop = resize == "crop"
        for entry in (
            Preprocessing(size, "crop" if crop else "stretch"),
            Preprocessing(size, color="gray", range=255),
            Preprocessing(size, color="bgr", mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.7)),
        ):
            together = enter_together(pictures, entry)
            assert together.dtype == np.float32
            assert np.array_equal(together, np.concatenate([enter(pixels, entry) for pixels in pictures]))

    def test_a_small_picture_is_resized_as_a_large_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pixels, entry = noise(30, 50), Preprocessing((64, 40), "crop")
        small = enter(pixels, entry)
        monkeypatch.setattr("app.services.entries.MULTIPLIED_PX", 0)
        assert np.abs(small - enter(pixels, entry)).max() < 1e-6

    def test_pictures_of_several_sizes_keep_their_order(self) -> None:
        entry = Preprocessing((8, 8))
        pictures = [
            noise(rows, 9, 1 if rows == 7 else 3, seed=i) for i, rows in enumerate((6, 6, 7, 6, 5, 5))
        ]
        stack = Stack(6, (3, 8, 8), entry)
        for row, pixels in enumerate(pictures):
            assert not stack.is_full
            stack.add(row + 10, pixels)
        assert stack.is_full
        assert stack.rows == [10, 11, 12, 13, 14, 15]
        assert np.array_equal(stack.entered(), np.concatenate([enter(each, entry) for each in pictures]))
        stack.clear()
        assert stack.entered().shape == (0, 3, 8, 8)

    def test_large_pictures_do_not_wait(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.batch.stack.ALIKE_NUMBERS", 3 * 5 * 7)
        entry, stack = Preprocessing((4, 4)), Stack(4, (3, 4, 4), Preprocessing((4, 4)))
        pictures = [noise(5, 7, seed=seed) for seed in range(3)]
        for row, pixels in enumerate(pictures):
            stack.add(row, pixels)
        assert np.array_equal(stack.entered(), np.concatenate([enter(each, entry) for each in pictures]))


def chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def with_checks(data: bytes) -> bytes:
    """A file whose chunks' checks are right, as far as its chunks can be told apart."""
    made, at = data[:8], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + length > len(data):
            break
        made += chunk(data[at + 4 : at + 8], data[at + 8 : at + 8 + length])
        at += 12 + length
    return made + data[at:]

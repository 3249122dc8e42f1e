"""Files made to do harm: each costs its sender a refusal, and nobody else anything."""

from __future__ import annotations

import struct
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.problems import Problem
from app.services import decoder as decoders
from app.services.decode import FORMATS, Decoded, DecodeLimits, decode, sniff
from app.services.decoder import Decoder
from app.settings import Settings
from tests.api.hostile_decoder import BABBLE, CRASH, GARBAGE, HANG, SEGFAULT, SWALLOW
from tests.api.nets import assert_problem
from tests.api.pictures import encode, exif, noise, pil, png
from tests.api.server import Api, MakeApi

LIMITS = DecodeLimits(pixels=100_000, side_px=2_000)

MAGICS = {
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "gif": b"GIF89a",
    "webp": b"RIFF\xff\0\0\0WEBP",
    "bmp": b"BM\xff\0\0\0\0\0\0\0" + b"\0" * 16,
}

NUMBERS = [b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\x80", b"\0" * 4]
"""The ends of what 32 bits can say, as lengths and sizes have them."""

SEEDS = [
    encode(pil(noise(9, 11)), "PNG"),
    encode(pil(noise(9, 11)), "JPEG", progressive=True),
    encode(pil(noise(9, 11)), "GIF"),
    encode(pil(noise(9, 11)), "WEBP"),
    encode(pil(noise(9, 11)), "BMP"),
    encode(Image.new("CMYK", (9, 11)), "JPEG", exif=exif(6)),
    encode(Image.new("P", (9, 11)), "PNG", transparency=0, exif=exif(8)),
]


def decoded_or_refused(data: bytes) -> None:
    """Nothing else may come of it, whatever the bytes."""
    try:
        found = decode(data, LIMITS)
    except Problem:
        return
    assert isinstance(found, Decoded)
    channels, rows, columns = found.pixels.shape
    assert found.pixels.dtype == np.uint8
    assert found.format in FORMATS
    assert channels in (1, 3)
    assert 0 < rows * columns <= LIMITS.pixels
    assert max(rows, columns) <= LIMITS.side_px


# --- Anything -----------------------------------------------------------------------------------------


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A good file, some bytes of it changed, a part of it repeated or taken out, its end cut off."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data) - 1))
        match draw(st.integers(0, 3)):
            case 0:
                data[at] = draw(st.integers(0, 255))
            case 1:
                data[at : at + 4] = draw(
                    st.sampled_from([b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\x80", b"\0" * 4])
                )
            case 2:
                data[at:at] = data[at : at + draw(st.integers(1, 40))] * draw(st.integers(1, 20))
            case 3:
                del data[max(at, 1) : at + draw(st.integers(1, 40))]
    return bytes(data[: draw(st.integers(1, len(data)))] if draw(st.booleans()) else data)


@given(st.sampled_from(sorted(MAGICS)), st.binary(max_size=2000))
@settings(max_examples=300, deadline=None)
def test_any_bytes_behind_the_first_ones(kind: str, data: bytes) -> None:
    assert sniff(MAGICS[kind] + data) == kind
    decoded_or_refused(MAGICS[kind] + data)


@given(damaged_files())
@settings(max_examples=600, deadline=None)
def test_damaged_files(data: bytes) -> None:
    decoded_or_refused(data)


@given(st.one_of(damaged_files(), st.sampled_from(sorted(MAGICS.values()))))
@settings(max_examples=40, deadline=None)
def test_they_are_never_the_servers_fault(server: Api, data: bytes) -> None:
    answer = server.upload(data)
    assert answer.status_code in (200, 201, 413, 415, 422), (answer.text, data)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, decoder: Decoder) -> Iterator[Api]:
    """One server for all examples, which never asks for two at once."""
    api = Api(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data")), decoder)
    yield api
    api.close()


# --- Bombs --------------------------------------------------------------------------------------------


def gif(screen: tuple[int, int], frame: tuple[int, int], disposal: int = 2) -> bytes:
    """A GIF of two colours whose only frame need not fit its screen; sizes as (columns, rows)."""
    control = b"!\xf9\x04" + bytes([disposal << 2]) + b"\0\0\0\0"
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + control + b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x44\x01\0;"


def webp(columns: int, rows: int) -> bytes:
    """The head of a lossless WebP, whose pixels are missing."""
    body = b"VP8L" + struct.pack("<IBI", 10, 0x2F, columns - 1 | (rows - 1) << 14) + b"\x88\x88\x08\0\0"
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


@pytest.mark.parametrize("disposal", [1, 2, 3])
def test_a_frame_far_beyond_its_screen_takes_no_memory(disposal: int) -> None:
    bomb = gif((10, 10), (40_000, 45_000), disposal)
    small = Decoder(workers=1, memory_bytes=1 << 30)
    try:
        with pytest.raises(Problem) as caught:
            small.decode(bomb, DecodeLimits(), 5)
    finally:
        small.close()
    # Of the size, as its header has it, and not of the memory that was lacking.
    assert (caught.value.code, caught.value.argument) == ("picture-too-large", "size")


def test_a_frame_beyond_its_screen_at_the_limit_and_one_more() -> None:
    limits = DecodeLimits(pixels=20)
    assert decode(encode(pil(noise(4, 5, 1)), "GIF"), limits).pixels.shape == (1, 4, 5)
    for frame, value in (((7, 3), [3, 7]), ((7, 6), "more than 40 pixels")):
        with pytest.raises(Problem) as caught:
            decode(gif((1, 1), frame), limits)
        problem = caught.value
        assert (problem.code, problem.value) == ("picture-too-large", value)
        assert problem.allowed == "up to 20 pixels in all"


def test_a_webp_of_the_largest_sides() -> None:
    with pytest.raises(Problem) as caught:
        decode(webp(16_383, 16_383), DecodeLimits())
    assert (caught.value.code, caught.value.argument) == ("picture-too-large", "size")


# --- Decoders that fail -------------------------------------------------------------------------------

GOOD = png(noise())

FAILURES = {
    CRASH: (422, "broken-picture"),
    SEGFAULT: (422, "broken-picture"),
    GARBAGE: (422, "broken-picture"),
    HANG: (422, "picture-too-slow"),
}


@pytest.fixture
def hostile_api(make_api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> Api:
    """A server whose decoder does what the end of a file says."""
    monkeypatch.setattr(decoders, "PROCESS", "tests.api.hostile_decoder")
    return make_api(own_decoder=True, decode_workers=2, limits={"decode_s": 2})


@pytest.mark.parametrize("ending", FAILURES)
def test_a_decoder_that_fails_is_a_refusal_and_the_next_picture_succeeds(
    hostile_api: Api, ending: bytes
) -> None:
    # More than there are processes, so that each of them has failed once.
    for _ in range(3):
        start = time.perf_counter()
        assert_problem(hostile_api.upload(GOOD + ending), *FAILURES[ending], "file")
        assert time.perf_counter() - start < 10
    assert np.array_equal(hostile_api.uploaded(GOOD), noise())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, nothing bounds the memory of a process")
def test_a_decoder_that_swallows_memory(hostile_api: Api) -> None:
    assert_problem(hostile_api.upload(GOOD + SWALLOW), 413, "picture-too-large", "file")
    assert np.array_equal(hostile_api.uploaded(GOOD), noise())


def test_what_a_library_prints_is_no_answer(hostile_api: Api) -> None:
    assert np.array_equal(hostile_api.uploaded(GOOD + BABBLE), noise())


def test_many_at_once(hostile_api: Api) -> None:
    """All decoders crash and hang over and over, and the server says that it is well."""
    endings = [CRASH, HANG, SEGFAULT, GARBAGE] * 3
    files = [png(noise(seed=seed)) + ending for seed, ending in enumerate(endings)]
    over = threading.Event()
    with ThreadPoolExecutor(len(files) + 1) as threads:
        health = threads.submit(_ask_until, over, hostile_api)
        statuses = {answer.status_code for answer in threads.map(hostile_api.upload, files)}
        over.set()
    assert statuses <= {422, 503}
    assert health.result() == {200}
    assert np.array_equal(hostile_api.uploaded(GOOD), noise())


def _ask_until(over: threading.Event, api: Api) -> set[int]:
    statuses = {api.get("/healthz").status_code}
    while not over.wait(0.02):
        statuses.add(api.get("/healthz").status_code)
    return statuses

"""Each limit at n and n + 1, and bodies that try to get around them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator

import pytest
import threadpoolctl

from app.limits import Limits, limit_rows
from app.middleware import MULTIPART_OVERHEAD, BodyGuard
from app.settings import Settings
from tests.api.pictures import noise, png
from tests.api.server import Api, MakeApi

FILE = png(noise())


def outcome(answer) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_a_body_at_the_limit_and_one_byte_more(make_api: MakeApi) -> None:
    assert (
        make_api(limits={"upload_bytes": len(FILE)}).post("/api/v1/images", content=FILE).status_code == 201
    )
    answer = make_api(limits={"upload_bytes": len(FILE) - 1}).post("/api/v1/images", content=FILE)
    assert outcome(answer) == (413, "body-too-large")
    assert answer.json()["params"]["value"] == len(FILE)
    assert answer.headers["connection"] == "close"


def test_a_file_in_a_form_at_the_limit_and_one_byte_more(make_api: MakeApi) -> None:
    assert make_api(limits={"upload_bytes": len(FILE)}).upload(FILE).status_code == 201
    assert outcome(make_api(limits={"upload_bytes": len(FILE) - 1}).upload(FILE)) == (413, "file-too-large")


async def chunks(count: int, size: int = 1024, taken: list[int] | None = None) -> AsyncIterator[bytes]:
    for _ in range(count):
        if taken is not None:
            taken.append(size)
        yield b"x" * size


@pytest.mark.parametrize("form", [False, True])
def test_a_body_without_a_length(make_api: MakeApi, form: bool) -> None:
    api = make_api(limits={"upload_bytes": 10 * 1024})
    overhead = MULTIPART_OVERHEAD // 1024 if form else 0
    headers = {"Content-Type": "multipart/form-data; boundary=b"} if form else {}
    within = api.post("/api/v1/images", content=chunks(10 + overhead), headers=headers)
    assert within.status_code in (400, 415)
    beyond = api.post("/api/v1/images", content=chunks(11 + overhead), headers=headers)
    assert outcome(beyond) in ((413, "body-too-large"), (400, "malformed-body"))
    if not form:
        assert outcome(beyond) == (413, "body-too-large")


def test_a_body_longer_than_it_said(make_api: MakeApi) -> None:
    api = make_api(limits={"upload_bytes": 10 * 1024})
    answer = api.post("/api/v1/images", content=chunks(11), headers={"Content-Length": "5"})
    assert outcome(answer) == (413, "body-too-large")


def test_twenty_five_megabytes(api: Api) -> None:
    start = time.perf_counter()
    answer = api.post("/api/v1/images", content=b"\xff\xd8\xff" + b"\0" * (25 << 20))
    assert outcome(answer) == (413, "body-too-large")
    assert time.perf_counter() - start < 1


def test_json_has_its_own_limit(make_api: MakeApi) -> None:
    api = make_api(limits={"json_body_bytes": 10})
    headers = {"Content-Type": "application/json"}
    assert api.post("/api/v1/images", content=b"x" * 10, headers=headers).status_code == 415
    assert outcome(api.post("/api/v1/images", content=b"x" * 11, headers=headers)) == (413, "body-too-large")


def test_whatever_calls_itself_json_has_that_limit(make_api: MakeApi) -> None:
    api = make_api(limits={"json_body_bytes": 10})
    headers = {"Content-Type": "application/problem+json"}
    assert outcome(api.post("/api/v1/models", content=b"x" * 11, headers=headers)) == (413, "body-too-large")


def test_pixels_at_the_limit_and_one_more(make_api: MakeApi) -> None:
    assert make_api(limits={"image_pixels": 54}).upload(FILE).status_code == 201
    answer = make_api(limits={"image_pixels": 53}, data_dir=make_api().settings.data_dir / "other").upload(
        FILE
    )
    assert outcome(answer) == (413, "picture-too-large")


def test_sides_at_the_limit_and_one_more(make_api: MakeApi) -> None:
    assert make_api(limits={"image_side_px": 9}).upload(FILE).status_code == 201
    answer = make_api(limits={"image_side_px": 8}, data_dir=make_api().settings.data_dir / "other").upload(
        FILE
    )
    assert outcome(answer) == (413, "picture-too-large")


def test_a_body_that_does_not_arrive(make_api: MakeApi) -> None:
    async def dripping() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    api = make_api(limits={"body_s": 0.1})
    start = time.perf_counter()
    answer = api.post("/api/v1/images", content=dripping())
    assert outcome(answer) == (408, "body-too-slow")
    assert answer.headers["connection"] == "close"
    assert time.perf_counter() - start < 3


def test_uploads_of_one_address_at_the_limit_and_one_more() -> None:
    """The guard itself: so many bodies may be on their way at once, so many wait, and the next is refused."""

    async def scenario() -> list[int]:
        limits = Limits(uploads_per_address=2, uploads_waiting=1)
        released = asyncio.Event()

        async def app(scope, receive, send) -> None:
            await receive()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        guard = BodyGuard(app, limits)

        async def upload(address: str, wait: bool) -> int:
            async def receive():
                if wait:
                    await released.wait()
                return {"type": "http.request", "body": b"x", "more_body": False}

            status = 0

            async def send(message) -> None:
                nonlocal status
                status = message.get("status", status)

            headers = [(b"content-length", b"100000")]
            scope = {
                "type": "http",
                "method": "POST",
                "path": "/",
                "headers": headers,
                "client": (address, 1),
            }
            await guard(scope, receive, send)
            return status

        slow = [asyncio.create_task(upload("192.0.2.1", wait=True)) for _ in range(2)]
        await asyncio.sleep(0)
        waiting = asyncio.create_task(upload("192.0.2.1", wait=False))
        await asyncio.sleep(0)
        fourth = await upload("192.0.2.1", wait=False)
        neighbour = await upload("192.0.2.2", wait=False)
        assert not waiting.done()
        released.set()
        statuses = [await task for task in (*slow, waiting)]
        return [fourth, neighbour, *statuses, await upload("192.0.2.1", wait=False)]

    assert asyncio.run(scenario()) == [429, 200, 200, 200, 200, 200]


def test_the_table_names_every_limit_with_a_reason() -> None:
    rows = list(limit_rows(Limits()))
    assert len(rows) == len(Limits.model_fields)
    for row in rows:
        assert row.unit
        assert row.why
        assert row.value > 0


def test_linear_algebra_uses_one_thread_while_requests_run_side_by_side(api: Api) -> None:
    libraries = [each for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas"]
    assert [each["num_threads"] for each in libraries] == [1] * len(libraries)
    assert libraries or sys.platform == "darwin"  # there NumPy may use a library that has no such setting


def test_limits_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVSCOPE_LIMITS__UPLOAD_BYTES", "1000")
    monkeypatch.setenv("CONVSCOPE_DATA_DIR", "/srv/convscope")
    monkeypatch.setenv("CONVSCOPE_CORS_ORIGINS", "https://a.example,https://b.example")
    settings = Settings(_env_file=None)
    assert settings.limits.upload_bytes == 1000
    assert settings.limits.image_pixels == 40_000_000
    assert settings.data_dir.as_posix() == "/srv/convscope"
    assert settings.cors_origins == ("https://a.example", "https://b.example")


def convolved(api: Api, **fields: str) -> tuple[int, str]:
    files = {"image": ("cat.png", FILE)}
    answer = api.post("/api/v1/operations/conv2d.json", files=files, data=fields)
    return answer.status_code, answer.json().get("code", "") if answer.status_code >= 400 else ""


def test_fields_of_a_form(make_api: MakeApi) -> None:
    api = make_api(limits={"form_fields": 2})
    assert convolved(api, kernel="box", stride="2") == (200, "")
    assert convolved(api, kernel="box", stride="2", padding="1") == (400, "malformed-body")


def test_the_length_of_a_field(make_api: MakeApi) -> None:
    kernel = "[[1, 2, 3]]"
    assert convolved(make_api(limits={"form_field_bytes": len(kernel)}), kernel=kernel) == (200, "")
    refused = convolved(make_api(limits={"form_field_bytes": len(kernel) - 1}), kernel=kernel)
    assert refused == (400, "malformed-body")


def test_the_time_of_a_decoder(make_api: MakeApi) -> None:
    large = png(noise(2000, 2000), compress_level=1)
    slow = make_api(own_decoder=True, limits={"decode_s": 0.02})
    # The second time its process has been started already, and only the picture takes time.
    for _ in range(2):
        assert outcome(slow.upload(large)) == (422, "picture-too-slow")
    assert make_api().upload(large).status_code == 201

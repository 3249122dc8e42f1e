"""When a request is repeated, and when it is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from app.client import Busy, ConvScopeError, Patience, Unreachable
from app.client.pictures import png
from tests.api.client.faces import PIXELS, SAMPLES, Face, busy


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_retry_after_is_respected(scripted: Any, status: int) -> None:
    script = scripted(busy(status, Retry_After="3"), busy(status, Retry_After="1"), SAMPLES)
    assert script("samples") == ()
    first, second = script.waits
    assert 3 <= first <= 3.25
    assert 1 <= second <= 1.25


def test_retry_after_may_be_a_date(scripted: Any) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=7), usegmt=True)
    script = scripted(busy(Retry_After=later), SAMPLES)
    assert script("samples") == ()
    assert 5 < script.waits[0] <= 7.25


@pytest.mark.parametrize("header", ["soon", "-1", "", "0", "9" * 400])
def test_retry_after_that_says_nothing(scripted: Any, header: str) -> None:
    script = scripted(busy(Retry_After=header), SAMPLES)
    assert script("samples") == ()
    assert 0.125 <= script.waits[0] <= 0.25


def test_without_it_each_wait_is_twice_as_long_and_patience_ends(scripted: Any) -> None:
    script = scripted(busy(), patience=Patience(total_s=20, first_s=1, longest_s=6))
    with pytest.raises(Busy) as refused:
        script("samples")
    assert (refused.value.code, refused.value.request_id) == ("busy", "r1")
    for wait, most in zip(script.waits, [1, 2, 4, 6, 6, 6, 6], strict=False):
        assert most / 2 <= wait <= most
    assert 14 < sum(script.waits) <= 20
    assert len(script.requests) == len(script.waits) + 1


def test_no_waiting_in_vain(scripted: Any) -> None:
    script = scripted(busy(Retry_After="31"))
    with pytest.raises(Busy) as refused:
        script("samples")
    assert refused.value.retry_after_s == 31
    assert script.waits == []


def test_a_post_is_repeated_to_the_byte(scripted: Any) -> None:
    script = scripted(busy(), httpx.ConnectError("gone"), httpx.Response(200, json={"top": []}))
    assert script("predict", PIXELS, "lenet-5", size=(4, 5)) == ()
    assert len(script.requests) == 3
    # But for the line between its parts, which httpx draws anew.
    boundaries = [request.headers["content-type"].partition("boundary=")[2] for request in script.requests]
    bodies = [
        request.content.replace(line.encode(), b"")
        for request, line in zip(script.requests, boundaries, strict=True)
    ]
    assert bodies == [bodies[0]] * 3
    assert png(PIXELS.transpose(1, 2, 0)) in bodies[0]
    assert b'name="size"\r\n\r\n[4, 5]\r\n' in bodies[0]


@pytest.mark.parametrize("status", [301, 400, 404, 405, 408, 409, 413, 415, 422, 500, 501])
def test_all_else_is_asked_once(scripted: Any, status: int) -> None:
    script = scripted(httpx.Response(status, headers={"Retry-After": "1", "X-Request-Id": "r2"}))
    with pytest.raises(ConvScopeError) as refused:
        script("samples")
    assert (refused.value.code, refused.value.status) == (f"http-{status}", status)
    assert refused.value.request_id == "r2"
    assert not isinstance(refused.value, Busy)
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (httpx.ConnectError("refused"), 4),
        (httpx.ReadError("reset"), 4),
        (httpx.ConnectTimeout(""), 4),
        (httpx.RemoteProtocolError("half an answer"), 4),
        (httpx.ReadTimeout(""), 1),
        (httpx.LocalProtocolError("ours"), 1),
    ],
)
def test_nobody_there(scripted: Any, error: Exception, tries: int) -> None:
    script = scripted(error)
    with pytest.raises(Unreachable, match=r"http://scripted \(" + type(error).__name__) as refused:
        script("samples")
    assert refused.value.status is None
    assert refused.value.__cause__ is error
    assert len(script.requests) == tries


def test_a_connection_that_comes_back(scripted: Any) -> None:
    script = scripted(httpx.ConnectError("refused"), httpx.ReadError("reset"), SAMPLES)
    assert script("samples") == ()
    assert len(script.waits) == 2


def test_a_real_port_where_nobody_listens(kind: str) -> None:
    face = Face(kind, "http://127.0.0.1:1", patience=Patience(first_s=0.001))
    with pytest.raises(Unreachable, match="is the server running"):
        face(face.client.samples())
    face.close()

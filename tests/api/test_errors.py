"""Every error is a problem that says what was wrong; the server's own faults are logged and not shown."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field

from app.jobs import Busy, TooSlow
from app.middleware import CONTENT_SECURITY_POLICY
from app.problems import Problem
from app.routing import api_router
from engine.errors import EngineError
from tests.api.server import Api


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    stride: int = Field(1, ge=1)
    weight: Any = None


RAISED = {
    "problem": Problem("unknown-run", "run", "run_1", "the id of a run"),
    "engine": EngineError("invalid-argument", "stride", 0, "an integer of at least 1"),
    "node": EngineError("unknown-node", "node", "node", "conv1, conv2"),
    "other-node": EngineError("unknown-node", "inputs", "c9", "conv1, conv2"),
    "nan": EngineError("non-finite", "weight", float("nan"), "finite numbers"),
    "surrogate": Problem("invalid-argument", "name", "\ud800", "text"),
    "long": Problem("invalid-argument", "kernel", [[1.5] * 100] * 100, "up to 9 numbers"),
    "busy": Busy(3),
    "slow": TooSlow(10),
    "plain": HTTPException(413, "Content Too Large"),
    "secret": ZeroDivisionError("a secret of the server"),
}


@pytest.fixture
def failing(api: Api) -> Api:
    """A server with routes that fail in every way."""
    router = api_router("/fail")

    @router.get("/{how}")
    def fail(how: str) -> None:
        raise RAISED[how]

    @router.post("")
    def take(body: Body) -> Body:
        return body

    @router.post("/anything")
    def echo(body: dict[str, Any]) -> Any:
        return body

    api.app.include_router(router)
    return api


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("problem", 404, "unknown-run"),
        ("engine", 422, "invalid-argument"),
        ("node", 404, "unknown-node"),
        ("other-node", 422, "unknown-node"),
        ("nan", 422, "non-finite"),
        ("surrogate", 422, "invalid-argument"),
        ("long", 422, "invalid-argument"),
        ("busy", 503, "busy"),
        ("slow", 503, "too-slow"),
        ("plain", 413, "body-too-large"),
        ("secret", 500, "internal"),
    ],
)
def test_one_shape(failing: Api, how: str, status: int, code: str) -> None:
    answer = failing.get(f"/api/v1/fail/{how}")
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert set(problem) == {"type", "title", "status", "detail", "code", "params", "request_id"}
    assert problem["type"] == f"/docs#{code}"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.content) < 1000
    # Strict JSON: no NaN.
    json.loads(answer.content, parse_constant=lambda text: pytest.fail(text))


def test_the_sentence_and_its_parts(failing: Api) -> None:
    problem = failing.get("/api/v1/fail/engine").json()
    assert problem["title"] == "Invalid argument"
    assert problem["detail"] == "stride is 0; allowed: an integer of at least 1"
    assert problem["params"] == {"argument": "stride", "value": 0, "allowed": "an integer of at least 1"}


def test_when_to_come_back(failing: Api) -> None:
    assert failing.get("/api/v1/fail/busy").headers["retry-after"] == "3"


def test_the_servers_own_faults_are_logged_and_not_shown(
    failing: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "convscope"):
        answer = failing.get("/api/v1/fail/secret")
    assert "secret" not in answer.text.replace("/fail/secret", "")
    assert "Traceback" not in answer.text
    assert "a secret of the server" in caplog.text
    assert answer.json()["request_id"] in caplog.text


# --- The router ---------------------------------------------------------------------------------------


def test_unknown_paths_and_methods(api: Api) -> None:
    answer = api.get("/api/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    answer = api.request("PATCH", "/api/v1/images")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert "allow" in answer.headers


def test_unknown_parameters_are_named_with_the_nearest(api: Api) -> None:
    problem = api.get("/api/v1/images/chelsea.png?maxpx=3").json()
    assert problem["code"] == "unknown-parameter"
    assert problem["params"] == {"argument": "maxpx", "value": "3", "allowed": "max_px; did you mean max_px?"}


# --- Bodies -------------------------------------------------------------------------------------------


def post(api: Api, text: str | bytes, kind: str = "application/json", path: str = "") -> Any:
    return api.post(f"/api/v1/fail{path}", content=text, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "",
        "nonsense",
        '{"stride": 1,}',
        b"\xff\xfe{}",
        '{"a":1}{',
        '{"stride": 1, "stride": 2}',
        "[" * 100_000,
    ],
)
def test_malformed_json(failing: Api, text: str | bytes) -> None:
    answer = post(failing, text)
    if text == "":
        assert (answer.status_code, answer.json()["code"]) == (422, "missing-field")
    else:
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed-json")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400])
def test_numbers_that_are_none(failing: Api, number: str) -> None:
    for path in ("", "/anything"):
        answer = post(failing, f'{{"weight": [[{number}]]}}', path=path)
        assert (answer.status_code, answer.json()["code"]) == (422, "non-finite")


def test_unknown_fields_are_named_first(failing: Api) -> None:
    problem = post(failing, '{"stride": 0, "strid": 2}').json()
    assert (problem["status"], problem["code"], problem["params"]["argument"]) == (
        422,
        "unknown-field",
        "strid",
    )
    assert [each["argument"] for each in problem["errors"]] == ["strid", "stride"]


def test_impossible_values(failing: Api) -> None:
    problem = post(failing, '{"stride": 0}').json()
    assert (problem["status"], problem["code"]) == (422, "invalid-argument")
    assert problem["params"] == {"argument": "stride", "value": 0, "allowed": "greater than or equal to 1"}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "image/png"])
def test_json_says_that_it_is(failing: Api, kind: str) -> None:
    answer = post(failing, "{}", kind)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert answer.json()["params"]["allowed"] == "application/json"


def test_json_of_a_dialect(failing: Api) -> None:
    assert post(failing, "{}", "application/ld+json; charset=utf-8").status_code == 200


# --- Around every answer ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/healthz", "/nothing", "/docs", "/api/v1/images/chelsea.png", "/api/v1/fail/secret"]
)
def test_security_headers(failing: Api, path: str) -> None:
    headers = failing.get(path).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline() -> None:
    # Only our own pages may frame them: the lecturer's shows what the hall sees.
    for needed in ("script-src 'self'", "require-trusted-types-for 'script'", "frame-ancestors 'self'"):
        assert needed in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


def test_request_ids(api: Api) -> None:
    first, second = api.get("/healthz"), api.get("/healthz")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert (
        api.get("/healthz", headers={"X-Request-Id": "trace-12345"}).headers["x-request-id"] == "trace-12345"
    )
    forged = api.get("/healthz", headers={"X-Request-Id": "x y"})
    assert forged.headers["x-request-id"] != "x y"


def test_one_line_of_log_for_each_request(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "convscope.access"):
        answer = api.get("/nothing%0Aforged")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "convscope.access"]
    assert line.startswith("GET /nothing%0Aforged 404 ")
    assert line.endswith(answer.headers["x-request-id"])


def test_other_origins_only_where_they_are_allowed(make_api: Any) -> None:
    api = make_api(cors_origins="https://lecture.example, https://other.example")
    origin = {"Origin": "https://lecture.example"}
    assert api.get("/healthz", headers=origin).headers["access-control-allow-origin"] == origin["Origin"]
    assert (
        "access-control-allow-origin"
        not in api.get("/healthz", headers={"Origin": "https://evil.example"}).headers
    )


def test_health(api: Api) -> None:
    assert api.get("/healthz").json() == {"status": "ok"}
    assert api.get("/readyz").json() == {"status": "ready"}

"""From what went wrong to an answer: one table of codes, one shape of problem (RFC 9457)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException

from app.jobs import Busy, TooSlow
from app.problems import Problem, shorten, title_of
from engine.errors import EngineError

STATUS: dict[str, int] = {
    "malformed-json": 400,
    "malformed-body": 400,
    "wrong-secret": 401,
    "built-in": 403,
    "wrong-origin": 403,
    "not-the-presenter": 403,
    "not-found": 404,
    "unknown-image": 404,
    "unknown-model": 404,
    "unknown-run": 404,
    "unknown-weight": 404,
    "unknown-stage": 404,
    "unknown-room": 404,
    "unknown-lesson": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "too-many-numbers": 406,
    "body-too-slow": 408,
    "body-too-large": 413,
    "file-too-large": 413,
    "picture-too-large": 413,
    "model-too-large": 413,
    "run-too-large": 413,
    "answer-too-large": 413,
    "range-not-satisfiable": 416,
    "not-a-picture": 415,
    "not-a-model": 415,
    "unsupported-media-type": 415,
    "too-many-requests": 429,
    "too-many-uploads": 429,
    "too-many-rooms": 429,
    "too-many-guesses": 429,
    "too-many-messages": 429,
    "internal": 500,
    "busy": 503,
    "room-full": 503,
    "stopping": 503,
    "store-unreachable": 503,
    "too-slow": 503,
}
"""The codes that are not 422, which stands for all others: well-formed, but impossible."""

IN_PATH_404 = frozenset({"unknown-node", "unknown-operation", "unknown-preset"})
"""Not found where the path names the thing, impossible (422) where a body does."""

LENGTH_OF_VALUE = {"unsupported-operator": 2000}
"""Characters of a value that is repeated in full, where its owner needs all of it."""

_BY_STATUS = {
    400: "malformed-body",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "body-too-large",
    415: "unsupported-media-type",
    429: "busy",
    500: "internal",
    503: "busy",
}


class RefusedBody(HTTPException):
    """A problem found while the body is read; FastAPI lets nothing but its own exception through there."""

    def __init__(self, problem: Problem, *, close: bool = False) -> None:
        self.problem = problem
        headers = {"Connection": "close"} if close else None
        super().__init__(STATUS.get(problem.code, 422), problem.detail, headers)


def problem_response(
    problem: Problem,
    request_id: str,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """The answer for a problem.

    Args:
        problem: what went wrong.
        request_id: repeated in the answer, so that a report can be matched with the log.
        status: where it is not the one of the table.
        headers: further headers.
        more: further members of the JSON object.
    """
    status = status or STATUS.get(problem.code, 422)
    value = shorten(problem.value, LENGTH_OF_VALUE.get(problem.code, 120))
    params = {"argument": problem.argument, "value": value, "allowed": problem.allowed}
    content = {
        "type": f"/docs#{problem.code}",
        "title": title_of(problem.code),
        "status": status,
        "detail": problem.detail,
        "code": problem.code,
        "params": {name: value for name, value in params.items() if value is not None},
        "request_id": request_id,
        **(more or {}),
    }
    answer = Response(json.dumps(content), status, headers, media_type="application/problem+json")
    answer.headers["Cache-Control"] = "no-store"
    if problem.retry_after_s is not None:
        answer.headers["Retry-After"] = str(math.ceil(problem.retry_after_s))
    return answer


def problem_of(error: Exception) -> Problem:
    """What is told of an exception: ``internal``, and no more, where the mistake is ours."""
    match error:
        case Problem():
            return error
        case EngineError():
            return Problem(error.code, error.argument, error.value, error.allowed)
        case Busy():
            detail = "All computers here are at work."
            return Problem("busy", detail=detail, retry_after_s=error.retry_after_s)
        case TooSlow():
            detail = f"This took longer than {error.deadline_s:g} s and was stopped."
            return Problem("too-slow", detail=detail, retry_after_s=5)
    return Problem("internal", detail="Something went wrong here; it is logged.")


def install_handlers(app: FastAPI) -> None:
    """Make every error of this application a problem."""

    @app.exception_handler(Problem)
    async def _(request: Request, problem: Problem) -> Response:
        return problem_response(problem, request_id_of(request))

    @app.exception_handler(EngineError)
    async def _(request: Request, error: EngineError) -> Response:
        named_in_path = error.code in IN_PATH_404 and error.value in request.path_params.values()
        return problem_response(
            problem_of(error), request_id_of(request), status=404 if named_in_path else None
        )

    @app.exception_handler(Busy)
    @app.exception_handler(TooSlow)
    async def _(request: Request, error: Exception) -> Response:
        return problem_response(problem_of(error), request_id_of(request))

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> Response:
        problems = [validation_problem(each) for each in error.errors()]
        # A misspelt field is often the reason why another one is missing.
        problems.sort(key=lambda problem: problem.code != "unknown-field")
        others = [
            {"code": p.code, "argument": p.argument, "allowed": p.allowed} for p in problems[:20]
        ]  # twenty are enough to see the pattern
        return problem_response(problems[0], request_id_of(request), more={"errors": others})

    @app.exception_handler(StarletteHTTPException)
    async def _(request: Request, error: StarletteHTTPException) -> Response:
        if isinstance(error, RefusedBody):
            problem = error.problem
        else:
            problem = _http_problem(request, error)
        return problem_response(
            problem, request_id_of(request), status=error.status_code, headers=error.headers
        )


def request_id_of(request: Request) -> str:
    """The id that the outermost middleware gave to this request."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def _http_problem(request: Request, error: StarletteHTTPException) -> Problem:
    code = _BY_STATUS.get(error.status_code, "malformed-body" if error.status_code < 500 else "internal")
    if code == "not-found":
        return Problem(code, "path", request.url.path, "a path that /docs lists")
    if code == "method-not-allowed":
        return Problem(code, "method", request.method, (error.headers or {}).get("Allow"))
    return Problem(code, detail=str(error.detail))


def validation_problem(error: Mapping[str, Any]) -> Problem:
    """One of Pydantic's errors as a problem; the first part of its place is where the value came from."""
    kind, place = str(error["type"]), [str(part) for part in error["loc"]]
    argument = ".".join(place[1:]) or place[0]
    if kind == "json_invalid":
        return Problem(
            "malformed-json", "body", allowed=f"JSON; {error['ctx']['error']} at character {place[-1]}"
        )
    if kind == "extra_forbidden":
        return Problem("unknown-field", argument, error.get("input"), "only the fields that /docs lists")
    if kind == "missing":
        return Problem("missing-field", argument, allowed="a value; this field is required")
    message = str(error["msg"])
    allowed = message.removeprefix("Value error, ").removeprefix("Input should be ")
    return Problem("invalid-argument", argument, error.get("input"), allowed)

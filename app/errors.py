"""From what went wrong to an answer: one table of codes, one shape of problem (RFC 9457)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import Scope

from app.inference import is_inference
from app.jobs import Busy, TooSlow
from app.problems import Problem, shorten, title_of
from app.validation import validation_problem
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
    scope: Scope,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """The answer for a problem.

    Args:
        problem: what went wrong.
        scope: of the request. Its id is repeated in the answer, so that a report can be matched with the
            log; clients of the open inference protocol look for the sentence in plain JSON, as ``error``.
        status: where it is not the one of the table.
        headers: further headers.
        more: further members of the JSON object.
    """
    status = status or STATUS.get(problem.code, 422)
    value = shorten(problem.value, LENGTH_OF_VALUE.get(problem.code, 120))
    params = {"argument": problem.argument, "value": value, "allowed": problem.allowed}
    inference = is_inference(scope["path"])
    content = {
        "type": f"/docs#{problem.code}",
        "title": title_of(problem.code),
        "status": status,
        "detail": problem.detail,
        "code": problem.code,
        "params": {name: value for name, value in params.items() if value is not None},
        "request_id": scope.get("state", {}).get("request_id", ""),
        **({"error": problem.detail} if inference else {}),
        **(more or {}),
    }
    media_type = "application/json" if inference else "application/problem+json"
    answer = Response(json.dumps(content), status, headers, media_type=media_type)
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
        return problem_response(problem, request.scope)

    @app.exception_handler(EngineError)
    async def _(request: Request, error: EngineError) -> Response:
        named_in_path = error.code in IN_PATH_404 and error.value in request.path_params.values()
        return problem_response(problem_of(error), request.scope, status=404 if named_in_path else None)

    @app.exception_handler(Busy)
    @app.exception_handler(TooSlow)
    async def _(request: Request, error: Exception) -> Response:
        return problem_response(problem_of(error), request.scope)

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> Response:
        problems = [validation_problem(each) for each in error.errors()]
        # A misspelt field is often the reason why another one is missing.
        problems.sort(key=lambda problem: problem.code != "unknown-field")
        others = [
            {"code": p.code, "argument": p.argument, "allowed": p.allowed} for p in problems[:20]
        ]  # twenty are enough to see the pattern
        return problem_response(problems[0], request.scope, more={"errors": others})

    @app.exception_handler(StarletteHTTPException)
    async def _(request: Request, error: StarletteHTTPException) -> Response:
        if isinstance(error, RefusedBody):
            problem = error.problem
        else:
            problem = _http_problem(request, error)
        return problem_response(problem, request.scope, status=error.status_code, headers=error.headers)


def _http_problem(request: Request, error: StarletteHTTPException) -> Problem:
    code = _BY_STATUS.get(error.status_code, "malformed-body" if error.status_code < 500 else "internal")
    if code == "not-found":
        return Problem(code, "path", request.url.path, "a path that /docs lists")
    if code == "method-not-allowed":
        return Problem(code, "method", request.method, (error.headers or {}).get("Allow"))
    return Problem(code, detail=str(error.detail))

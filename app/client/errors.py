"""What can go wrong, as exceptions that carry the problem as the server tells it (RFC 9457)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx


class ConvScopeError(Exception):
    """A request that was refused or could not be answered.

    Args:
        code: kebab-case kind of problem, the same in every language: ``unknown-image``.
        status: of the HTTP answer; None where there was none.
        title: the code in words.
        detail: one English sentence.
        params: ``argument``, ``value`` and ``allowed``, as far as they are known.
        request_id: under which the server's log has it.
        retry_after_s: when it makes sense to ask again, if the server said so.

    >>> print(ConvScopeError("unknown-run", 404, "Unknown run", "run is 'x'", {}, "e634dce9"))
    run is 'x' [unknown-run, request e634dce9]
    """

    def __init__(
        self,
        code: str,
        status: int | None,
        title: str,
        detail: str,
        params: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        # All of them, so that the exception can be pickled: it may cross from one process to another.
        super().__init__(code, status, title, detail, params, request_id, retry_after_s)
        self.code = code
        self.status = status
        self.title = title
        self.detail = detail
        self.params: Mapping[str, Any] = params or {}
        self.request_id = request_id
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        named = self.code if self.request_id is None else f"{self.code}, request {self.request_id}"
        return f"{self.detail} [{named}]"


class NotFound(ConvScopeError):
    """404: no such picture, model, run, node, operation or kernel."""


class Busy(ConvScopeError):
    """429, 502, 503 or 504, still so after as many retries as there was patience for."""


class Unreachable(ConvScopeError):
    """Nobody answered: no server there, a broken connection, or no answer in time."""


class BadAnswer(ConvScopeError):
    """An answer that is not what the API promises: cut short, of another type, or not the API at all."""


PASSING = (429, 502, 503, 504)
"""Statuses of what may succeed a moment later."""


def refusal(response: httpx.Response) -> ConvScopeError:
    """The exception for an answer that is no success.

    >>> type(refusal(httpx.Response(404, json={"code": "unknown-run", "detail": "run is 'x'"}))).__name__
    'NotFound'
    >>> print(refusal(httpx.Response(502, text="<html>")))
    502 Bad Gateway, without a word on why [http-502]
    """
    status = response.status_code
    problem = _problem(response)
    kind = NotFound if status == 404 else Busy if status in PASSING else ConvScopeError
    params = problem.get("params")
    request_id = problem.get("request_id") or response.headers.get("x-request-id")
    return kind(
        str(problem.get("code", f"http-{status}")),
        status,
        str(problem.get("title", response.reason_phrase)),
        str(problem.get("detail", f"{status} {response.reason_phrase}, without a word on why")),
        params if isinstance(params, dict) else {},
        None if request_id is None else str(request_id),
        retry_after_s(response),
    )


@contextmanager
def expecting(response: httpx.Response, what: str) -> Iterator[None]:
    """Reads an answer: whatever goes wrong within is the answer's fault, and is said so.

    Raises:
        BadAnswer: for any exception.
    """
    try:
        yield
    # A broken file makes its reader stumble in many ways: zipfile, struct, the parser of a header …
    except Exception as error:
        detail = f"{response.url} answered something else than {what}: {error}"
        request_id = response.headers.get("x-request-id")
        raise BadAnswer("bad-answer", response.status_code, "Bad answer", detail, {}, request_id) from error


def retry_after_s(response: httpx.Response) -> float | None:
    """The seconds that the header Retry-After asks for, as a number or as a date; None without it.

    >>> retry_after_s(httpx.Response(503, headers={"Retry-After": "2"}))
    2.0
    """
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    # Without a zone it is meant as UTC (RFC 9110, 5.6.7).
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        problem = response.json()
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}

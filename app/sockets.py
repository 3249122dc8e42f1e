"""What all WebSockets have in common: who may open one, what a message may be, how a problem is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fastapi import WebSocket
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import Headers
from starlette.types import Scope

from app.errors import STATUS, RefusedBody, problem_response
from app.problems import Problem, shorten, title_of
from app.routing import parse_json
from app.validation import validation_problem

T = TypeVar("T")


def check_origin(scope: Scope, others: Collection[str] = ()) -> None:
    """Refuse a page that another server has sent; browsers open WebSockets for any page.

    Args:
        scope: of the handshake.
        others: origins that may do what our own pages do, such as ``https://notebook.example``.

    Raises:
        Problem: ``wrong-origin``. A script sends no ``Origin``, and passes.
    """
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is None or origin in others:
        return
    if urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        raise Problem("wrong-origin", "Origin", origin, "the address of this server")


async def refuse(websocket: WebSocket, problem: Problem) -> None:
    """Answer a handshake with a problem instead of a connection."""
    await websocket.send_denial_response(problem_response(problem, websocket.scope))
    # uvicorn takes a handshake for finished when the connection is gone; until then it would log an error.
    await asyncio.sleep(0.05)


def read_message(kind: TypeAdapter[T], text: str | bytes) -> T:
    """A message as what it must be.

    Raises:
        Problem: ``malformed-json``, ``non-finite``, and what does not fit, as for a request's body.
    """
    try:
        return kind.validate_python(parse_json(text))
    except RefusedBody as refused:
        raise refused.problem from None
    except ValidationError as error:
        first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        # The name of the message's type stands first where types are told apart by it.
        raise validation_problem({**first, "loc": ("message", *first["loc"])}) from None


def problem_message(problem: Problem, **more: Any) -> dict[str, Any]:
    """A problem as a message: what an HTTP answer would say of it, and what it answers to."""
    params = {"argument": problem.argument, "value": shorten(problem.value), "allowed": problem.allowed}
    return {
        "type": "problem",
        "code": problem.code,
        "title": title_of(problem.code),
        "status": STATUS.get(problem.code, 422),
        "detail": problem.detail,
        "params": {name: value for name, value in params.items() if value is not None},
        **more,
    }


def compact(message: Mapping[str, Any]) -> str:
    """A message as text, without needless spaces, and as UTF-8 can write it.

    >>> compact({"type": "update", "n": 3})
    '{"type":"update","n":3}'
    """
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", "replace").decode()

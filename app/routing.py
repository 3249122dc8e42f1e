"""The routes' common strictness: unknown query parameters are refused by name, JSON is JSON.

Routers are made with ``api_router``. A route that takes any query parameter says so by
``openapi_extra={"x-any-query": True}``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Coroutine
from difflib import get_close_matches
from enum import Enum
from typing import Any, NoReturn

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.errors import RefusedBody
from app.negotiation import is_json_type
from app.problems import Problem

API = "/api/v1"

_DIGITS = 300  # no float has more; int() of ten thousand digits takes long


class StrictRequest(Request):
    """A request whose JSON may hold neither NaN nor infinity, which JSON does not know."""

    async def json(self) -> Any:
        """The body as JSON.

        Raises:
            RefusedBody: ``malformed-json``, ``non-finite``.
        """
        if not hasattr(self, "_json"):
            self._json = parse_json(await self.body())
        return self._json


def parse_json(text: bytes | str) -> Any:
    """Parse JSON strictly.

    Raises:
        RefusedBody: ``malformed-json``, ``non-finite``.

    >>> parse_json(b'{"a": [1, 2.5]}')
    {'a': [1, 2.5]}
    """
    try:
        return json.loads(
            text,
            parse_constant=_refuse_number,
            parse_float=_finite,
            parse_int=_integer,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        allowed = f"JSON; {error.msg} at line {error.lineno}, column {error.colno}"
        raise RefusedBody(Problem("malformed-json", "body", allowed=allowed)) from error
    except (UnicodeDecodeError, RecursionError) as error:
        allowed = "JSON in UTF-8, not nested hundreds of times"
        raise RefusedBody(Problem("malformed-json", "body", allowed=allowed)) from error


class StrictRoute(APIRoute):
    """A route that refuses what it does not know."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, behind the checks."""
        handle = super().get_route_handler()
        known = None if (self.openapi_extra or {}).get("x-any-query") else query_names(self.dependant)
        takes_json = self.body_field is not None and not self._takes_form()

        async def checked(request: Request) -> Response:
            if known is not None:
                _refuse_unknown(request, known)
            if takes_json:
                _require_json(request)
            return await handle(StrictRequest(request.scope, request.receive))

        return checked

    def _takes_form(self) -> bool:
        field = self.body_field
        return field is not None and type(field.field_info).__name__ in ("Form", "File")


def api_router(prefix: str = "", *, tags: list[str | Enum] | None = None) -> APIRouter:
    """A router with these checks; ``prefix`` follows ``/api/v1``."""
    return APIRouter(prefix=API + prefix, tags=tags, route_class=StrictRoute)


def query_names(dependant: Dependant) -> list[str]:
    """The names of the query parameters that a route and what it depends on take."""
    names: list[str] = []
    for field in dependant.query_params:
        model = field.field_info.annotation
        # Query parameters gathered in a Pydantic model are its fields.
        fields = getattr(model, "model_fields", None)
        names += [info.alias or name for name, info in fields.items()] if fields else [field.alias]
    for part in dependant.dependencies:
        names += query_names(part)
    return names


def _refuse_unknown(request: Request, known: list[str]) -> None:
    for name, value in request.query_params.multi_items():
        if name not in known:
            near = get_close_matches(name, known, 1)
            allowed = f"{', '.join(known) or 'no parameter'}{f'; did you mean {near[0]}?' if near else ''}"
            raise Problem("unknown-parameter", name, value, allowed)


def is_json(request: Request) -> bool:
    """Whether a request says that its body is JSON."""
    return is_json_type(request.headers.get("content-type", ""))


def _require_json(request: Request) -> None:
    if not is_json(request):
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        raise Problem("unsupported-media-type", "Content-Type", kind or None, "application/json")


def _refuse_number(text: str) -> NoReturn:
    raise RefusedBody(Problem("non-finite", "body", text, "finite numbers"))


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse_number(text)
    return number


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        _refuse_number(text)
    return int(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RefusedBody(Problem("malformed-json", twice, allowed="each field once"))
    return made

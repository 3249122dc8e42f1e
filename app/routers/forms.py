"""Routes whose answer comes in several forms: once without a suffix, once with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response

from app.negotiation import MEDIA_TYPES, Form, choose_form

Endpoint = TypeVar("Endpoint", bound=Callable[..., Response | Awaitable[Response]])


def form_of(request: Request, offered: tuple[Form, ...]) -> Form:
    """The form that a request asks for, by the ``{suffix}`` of its path or by its header.

    Raises:
        Problem: ``not-acceptable``.
    """
    return choose_form(request.path_params.get("suffix"), request.headers.get("accept"), offered)


def media(offered: tuple[Form, ...]) -> dict[int | str, dict[str, Any]]:
    """These forms as the ``responses`` of a route."""
    return {200: {"content": {MEDIA_TYPES[form]: {} for form in offered}}}


def in_forms(
    router: APIRouter,
    method: str,
    path: str,
    offered: tuple[Form, ...],
    summary: str,
    extra: dict[str, Any] | None = None,
) -> Callable[[Endpoint], Endpoint]:
    """Decorates a route so that it answers at ``path`` and at ``path.{suffix}``; see ``form_of``."""
    extra = extra or {}
    suffix = {
        "name": "suffix",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": list(offered)},
        "example": "npy",
    }
    suffixed = {**extra, "parameters": [*extra.get("parameters", []), suffix]}

    def decorate(endpoint: Endpoint) -> Endpoint:
        # With the suffix first: a name in the path would take it for its own end.
        for full_path, described in ((f"{path}.{{suffix}}", suffixed), (path, extra)):
            router.api_route(
                full_path,
                methods=[method],
                summary=summary,
                response_class=Response,
                responses=media(offered),
                openapi_extra=described,
            )(endpoint)
        return endpoint

    return decorate


JSON = media(("json",))

ARRAY: tuple[Form, ...] = ("json", "npy")
PICTURE: tuple[Form, ...] = ("json", "npy", "png")

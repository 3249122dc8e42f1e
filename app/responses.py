"""From contents to answers: caching of what never changes, and stopping work when the client goes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from app.caching import cache_headers, not_modified
from app.negotiation import MEDIA_TYPES, Form
from app.ranges import asked_part
from app.representations import Content

T = TypeVar("T")


def tag_of(request: Request, form: Form) -> str:
    """The tag of an answer under a content address: what was asked determines every byte."""
    asked = f"{request.url.path}?{request.url.query}"
    return f"{hashlib.sha256(asked.encode()).hexdigest()[:20]}-{form}"


def kept_by_client(request: Request, form: Form) -> Response | None:
    """304 where the client has the answer already; to be asked only for things that exist."""
    if "if-none-match" not in request.headers:
        return None
    return not_modified(request, tag_of(request, form), immutable=True)


def immutable_response(request: Request, content: Content, form: Form) -> Response:
    """An answer under a content address: caches keep it for good, and it may be fetched in parts."""
    tag, body = tag_of(request, form), content.body
    headers = {
        **content.headers,
        **cache_headers(tag, immutable=True),
        "Vary": "Accept",
        "Accept-Ranges": "bytes",
    }
    part = asked_part(request.headers.get("range"), request.headers.get("if-range"), tag, len(body))
    if part is None:
        return Response(body, headers=headers, media_type=MEDIA_TYPES[form])
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(body)}"
    return Response(body[part], 206, headers, media_type=MEDIA_TYPES[form])


def plain_response(content: Content, status: int = 200, location: str | None = None) -> Response:
    """An answer that is asked for anew every time."""
    headers = {**content.headers, "Cache-Control": "no-cache"}
    if location is not None:
        headers["Location"] = location
    return Response(content.body, status, headers, media_type=content.media_type)


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of ``work``, which is cancelled when the client hangs up.

    Raises:
        ClientDisconnect: when it did.
    """
    try:
        # A time that has no end, until the client hangs up.
        async with asyncio.timeout(None) as connected:
            listening = asyncio.ensure_future(_hang_up(request, connected))
            try:
                return await work
            finally:
                listening.cancel()
    except TimeoutError:
        if connected.expired():
            raise ClientDisconnect from None
        raise


async def _hang_up(request: Request, connected: asyncio.Timeout) -> None:
    """End the time when the client is gone; what may be left of the body is passed over."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    connected.reschedule(0)

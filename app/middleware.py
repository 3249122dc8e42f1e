"""What surrounds every request: its id, its log line, its headers, and bounds on its body."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import RefusedBody, problem_of, problem_response
from app.limits import Limits
from app.negotiation import is_json_type
from app.problems import Problem
from app.turns import Turns

log = logging.getLogger("convscope")
access_log = logging.getLogger("convscope.access")

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",  # a film of the reader's own
        "connect-src 'self'",
        "form-action 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "require-trusted-types-for 'script'",
    ]
)

SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), display-capture=(self), microphone=(), geolocation=()",
}

ABNORMAL = 1006
"""A WebSocket that is gone, and nobody has said why."""

FAILED = 1011
"""A WebSocket that ends by a mistake of ours."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")

MULTIPART_OVERHEAD = 64 << 10
"""Bytes that the boundaries and the other fields of a form may add to a file."""

SMALL_BODY = 64 << 10
"""Up to here a body is no upload: it never counts for ``uploads_per_address``."""


class Envelope:
    """The outermost layer: request id, security headers, one line in the log, and the last resort.

    HEAD is answered like GET without the body, on every route. A WebSocket has its line at its end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        scope = {**scope, "state": {**scope.get("state", {}), "request_id": request_id}}
        handle = self._request if scope["type"] == "http" else self._socket
        await handle(scope, receive, send, request_id)

    async def _request(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        head = scope["method"] == "HEAD"
        if head:
            scope["method"] = "GET"
        start = time.perf_counter()
        status = 0
        sent = 0

        async def send_enveloped(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                _head(message, request_id)
            elif message["type"] == "http.response.body":
                if head:
                    message = {**message, "body": b""}
                sent += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, send_enveloped)
        except ClientDisconnect:
            status = status or 499
        except Exception as error:
            log.exception("request %s failed", request_id)
            if status:
                raise
            await problem_response(problem_of(error), scope)(scope, receive, send_enveloped)
        finally:
            access_log.info(
                "%s %s %d %d bytes %.1f ms %s",
                "HEAD" if head else scope["method"],
                _path(scope),
                status,
                sent,
                (time.perf_counter() - start) * 1000,
                request_id,
            )

    async def _socket(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        start = time.perf_counter()
        code = 0  # with which it was closed, or the status with which it was refused
        taken = sent = 0
        accepted = False

        async def receive_counted() -> Message:
            nonlocal code, taken
            message = await receive()
            if message["type"] == "websocket.receive":
                taken += 1
            elif message["type"] == "websocket.disconnect":
                code = code or message.get("code", ABNORMAL)
            return message

        async def send_counted(message: Message) -> None:
            nonlocal accepted, code, sent
            if message["type"] == "websocket.accept":
                accepted = True
            elif message["type"] == "websocket.send":
                sent += 1
            elif message["type"] == "websocket.close":
                code = code or message.get("code", 1000)
            elif message["type"] == "websocket.http.response.start":
                code = message["status"]
                _head(message, request_id)
            await send(message)

        try:
            await self.app(scope, receive_counted, send_counted)
        except Exception as error:
            log.exception("WebSocket %s failed", request_id)
            if not accepted and not code:
                await problem_response(problem_of(error), scope)(scope, receive, send_counted)
            elif not code:
                await send_counted({"type": "websocket.close", "code": FAILED})
        finally:
            access_log.info(
                "WS %s %d %d in %d out %.1f s %s",
                _path(scope),
                code or ABNORMAL,
                taken,
                sent,
                time.perf_counter() - start,
                request_id,
            )


def _head(message: Message, request_id: str) -> None:
    """Add what every answer carries in its head."""
    headers = MutableHeaders(scope=message)
    headers["X-Request-Id"] = request_id
    for name, value in SECURITY_HEADERS.items():
        headers.setdefault(name, value)


def _path(scope: Scope) -> str:
    """As sent, percent-encoded: a path cannot forge a line of the log."""
    return str(scope.get("raw_path", b"").decode("ascii", "replace"))


class BodyGuard:
    """Bounds on bodies: their size, before it is buffered; their time; and how many come from one address."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits
        self._uploads = Turns(limits.uploads_per_address, limits.uploads_waiting, limits.request_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; those without a body pass as they are.

        An upload whose turn has not come is not read: its sender waits as on a slow line.
        """
        if scope["type"] != "http" or not _has_body(scope):
            await self.app(scope, receive, send)
            return
        body = _Body(receive, body_limit(scope, self.limits), self.limits.body_s)
        length = _content_length(scope)
        upload = length is None or length > SMALL_BODY
        address = (scope.get("client") or ("",))[0]
        refusal = too_large(length, body.limit) if length is not None and length > body.limit else None
        if refusal is None and upload and not await self._uploads.take(address):
            allowed = f"{self.limits.uploads_per_address} uploads at once from one address"
            refusal = Problem("too-many-uploads", "uploads", allowed=allowed, retry_after_s=1)
        if refusal is not None:
            answer = problem_response(refusal, scope, headers={"Connection": "close"})
            await answer(scope, receive, body.draining(send))
            return
        if not upload:
            await self.app(scope, body.receive, body.draining(send))
            return
        body.on_end = lambda: self._uploads.give_back(address)
        try:
            await self.app(scope, body.receive, body.draining(send))
        finally:
            body.end()


def _nothing() -> None:
    pass


class _Body:
    """One request's body on its way in."""

    DRAIN_S = 1.0

    def __init__(self, receive: Receive, limit: int, deadline_s: float) -> None:
        self._receive = receive
        self.limit = limit
        self._deadline = asyncio.get_running_loop().time() + deadline_s
        self._seconds = deadline_s
        self._taken = 0
        self._complete = False
        self._refused = False
        self._released = False
        self.on_end: Callable[[], None] = _nothing

    def end(self) -> None:
        """The body is no longer being received."""
        if not self._released:
            self._released = True
            self.on_end()

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()  # waits for the client to go: no deadline
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            self._refused = True
            problem = Problem(
                "body-too-slow", "body", allowed=f"a body that arrives within {self._seconds:g} s"
            )
            raise RefusedBody(problem, close=True) from None
        if message["type"] != "http.request":
            self._complete = True
            self.end()
            return message
        self._taken += len(message.get("body", b""))
        if self._taken > self.limit:
            self._refused = True
            raise RefusedBody(too_large(self._taken, self.limit), close=True)
        if not message.get("more_body", False):
            self._complete = True
            self.end()
        return message

    def draining(self, send: Send) -> Send:
        """A ``send`` that, behind a refusal, reads on for a moment and forgets what it reads.

        The connection is closed afterwards; closing it while bytes wait unread would make the
        operating system reset it, and many clients would then never see the answer.
        """

        async def sending(message: Message) -> None:
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if not last or self._complete:
                await send(message)
                return
            await send({**message, "more_body": True})
            await self._drain()
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        return sending

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(self.DRAIN_S):
                more = True
                while more:
                    message = await self._receive()
                    more = message["type"] == "http.request" and message.get("more_body", False)
        except TimeoutError:
            pass


def too_large(length: int, limit: int) -> Problem:
    """The problem of a body of more bytes than are taken."""
    return Problem("body-too-large", "body", length, f"up to {limit} bytes ({limit / (1 << 20):.4g} MiB)")


def body_limit(scope: Scope, limits: Limits) -> int:
    """How many bytes the body of this request may have: a picture, a model or JSON."""
    kind = Headers(scope=scope).get("content-type", "").lower()
    if is_json_type(kind):
        return limits.json_body_bytes
    posts_model = scope["path"].rstrip("/").endswith("/api/v1/models")
    file_bytes = limits.model_upload_bytes if posts_model else limits.upload_bytes
    return file_bytes + (MULTIPART_OVERHEAD if kind.startswith("multipart/") else 0)


def _has_body(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _content_length(scope: Scope) -> int | None:
    text = Headers(scope=scope).get("content-length", "")
    return int(text) if text.isdecimal() else None

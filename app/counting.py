"""Counts every request and every WebSocket, by the route that took it."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.metrics import Metrics

NO_ROUTE = "none"
"""Stands for every path that leads nowhere: each of them by its own name would fill the memory."""

GONE = 499
"""The client hung up before it was answered."""


class Counting:
    """The layer that keeps the metrics."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or one WebSocket."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        metrics, start, status = self._metrics, time.perf_counter(), 0

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                metrics.sent.inc(len(message.get("body", b"")))
            await send(message)

        metrics.in_flight.inc()
        try:
            await self.app(scope, receive, send_counted)
        finally:
            metrics.in_flight.dec()
            route = route_of(scope)
            metrics.requests.labels(route, scope["method"], str(status or GONE)).inc()
            metrics.seconds.labels(route).observe(time.perf_counter() - start)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        opened = None

        async def send_counted(message: Message) -> None:
            nonlocal opened
            if message["type"] == "websocket.accept":
                opened = self._metrics.sockets.labels(route_of(scope))
                opened.inc()
            await send(message)

        try:
            await self.app(scope, receive, send_counted)
        finally:
            if opened is not None:
                opened.dec()


def route_of(scope: Scope) -> str:
    """The template of the path that a request took, such as ``/api/v1/images/{image}``."""
    return str(getattr(scope.get("route"), "path", NO_ROUTE))

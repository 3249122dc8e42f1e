"""Work stops when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

from tests.api.nets import CONV, IMAGE
from tests.api.server import Api

BODY = {"image": IMAGE, "size": [7, 9], "specification": {"nodes": [CONV]}}


def test_a_run_stops_when_its_client_hangs_up(
    api: Api, slow_runs: tuple[threading.Event, threading.Event]
) -> None:
    begun, stopped = slow_runs
    body = json.dumps(BODY).encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/runs",
        "raw_path": b"/api/v1/runs",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())],
        "client": ("192.0.2.1", 50_000),
        "server": ("test", 80),
    }
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop(0)
        await asyncio.to_thread(begun.wait, 5)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        pass

    async def ask() -> float:
        await api.app(scope, receive, send)
        start = time.perf_counter()
        assert await asyncio.to_thread(stopped.wait, 1)
        return time.perf_counter() - start

    assert api._portal.call(ask) < 1
    services = api.app.state.services
    deadline = time.monotonic() + 1
    while services.lanes.quick.accepted and time.monotonic() < deadline:
        time.sleep(0.01)
    assert services.lanes.quick.accepted == 0

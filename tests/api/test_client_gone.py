"""Work stops when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

import pytest

from tests.api.inferences import LENET, ZEROS, tensor
from tests.api.nets import CONV, IMAGE
from tests.api.server import Api

QUESTIONS: dict[str, Any] = {
    "/api/v1/runs": {"image": IMAGE, "size": [7, 9], "specification": {"nodes": [CONV]}},
    f"{LENET}/infer": {"inputs": [tensor(ZEROS, binary=False)]},
}


@pytest.mark.parametrize("path", QUESTIONS)
def test_a_run_stops_when_its_client_hangs_up(
    api: Api, slow_runs: tuple[threading.Event, threading.Event], path: str
) -> None:
    begun, stopped = slow_runs
    body = json.dumps(QUESTIONS[path]).encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
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

"""A server in a thread of the tests, at a real address: for WebSockets, and what a network does to them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from app.container import Services
from app.main import create_app
from app.services.decoder import Decoder
from app.settings import Settings

WAIT_S = 10.0


class ThreadedServer:
    """A server, and what is asked of it."""

    def __init__(self, app: FastAPI, server: uvicorn.Server) -> None:
        self.app = app
        self._server = server
        self.port: int = server.servers[0].sockets[0].getsockname()[1]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=WAIT_S)

    @property
    def services(self) -> Services:
        services: Services = self.app.state.services
        return services

    def connect(self, path: str, **options: Any) -> AbstractContextManager[ClientConnection]:
        """A WebSocket; ``websockets.exceptions.InvalidStatus`` where it is refused."""
        options = {"max_size": None, "compression": None, **options}
        return connect(f"ws://127.0.0.1:{self.port}{path}", **options)

    def refusal(self, path: str, **options: Any) -> httpx.Response:
        """The answer to a handshake that must be refused."""
        try:
            with self.connect(path, **options):
                pass
        except InvalidStatus as refused:
            answer = refused.response
            headers = list(answer.headers.items())
            return httpx.Response(answer.status_code, headers=headers, content=bytes(answer.body))
        raise AssertionError(f"{path} was not refused")

    def stop(self) -> None:
        """Tell it to end, as a signal would."""
        self._server.should_exit = True


@contextmanager
def threaded_server(settings: Settings, decoder: Decoder) -> Iterator[ThreadedServer]:
    """A server that is gone in the end."""
    app = create_app(settings, decoder=decoder)
    config = uvicorn.Config(
        app,
        port=0,
        log_config=None,
        access_log=False,
        ws_max_size=1 << 20,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started or not thread.is_alive())
        running = ThreadedServer(app, server)
        yield running
        running.client.close()
    finally:
        server.should_exit = True
        thread.join(WAIT_S)
        assert not thread.is_alive()


def until(condition: Callable[[], object], seconds: float = WAIT_S) -> None:
    """Wait for something that must come to hold."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.005)


StartServer = Callable[..., ThreadedServer]

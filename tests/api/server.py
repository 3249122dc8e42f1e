"""A server asked without a network."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import anyio
import anyio.from_thread
import httpx
import numpy as np
import numpy.typing as npt

from app.main import create_app
from app.services.decoder import Decoder
from app.settings import Settings


class Api:
    """A server and a client of it, both synchronous to look at: ``api.get("/healthz").json()``."""

    def __init__(self, settings: Settings, decoder: Decoder | None) -> None:
        self.settings = settings
        self.app = create_app(settings, decoder=decoder)
        self._portals = anyio.from_thread.start_blocking_portal()
        self._portal = self._portals.__enter__()
        self._lifespan = self._portal.wrap_async_context_manager(self.app.router.lifespan_context(self.app))
        self._lifespan.__enter__()
        transport = httpx.ASGITransport(self.app, client=("192.0.2.1", 50_000))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://test")

    def close(self) -> None:
        self._portal.call(self._client.aclose)
        self._lifespan.__exit__(None, None, None)
        self._portals.__exit__(None, None, None)

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        return self._portal.call(lambda: self._client.request(method, url, **options))

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)

    def head(self, url: str, **options: Any) -> httpx.Response:
        return self.request("HEAD", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        return self.request("POST", url, **options)

    def delete(self, url: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", url, **options)

    def upload(self, data: bytes, name: str = "picture") -> httpx.Response:
        return self.post("/api/v1/images", files={"file": (name, data)})

    def pixels(self, image: str) -> npt.NDArray[np.uint8]:
        """(channels, rows, columns), through the API."""
        answer = self.get(f"/api/v1/images/{image}.npy")
        assert answer.status_code == 200, answer.text
        array: npt.NDArray[np.uint8] = np.load(io.BytesIO(answer.content))
        return array

    def uploaded(self, data: bytes) -> npt.NDArray[np.uint8]:
        """The pixels that the server sees in a file."""
        answer = self.upload(data)
        assert answer.status_code in (200, 201), answer.text
        return self.pixels(answer.json()["id"])


MakeApi = Callable[..., Api]

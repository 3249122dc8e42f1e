"""Clients of both kinds, asked in one way; and servers that answer by a script."""

from __future__ import annotations

import asyncio
import inspect
import io
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest

from app.client import AsyncClient, Client, awaiting, blocking, exchange
from tests.api.pictures import noise

NET: dict[str, Any] = {
    "nodes": [
        {"name": "conv", "op": "conv2d", "out_channels": 3, "padding": 1, "bias": [0.5, 0, -0.5]},
        {"name": "act", "op": "relu"},
        {"name": "flat", "op": "flatten"},
    ]
}
PIXELS = noise(6, 9)


EDIT = {"node": "c1", "index": 1, "off": True}
"""A channel of LeNet-5, off."""


def load(answer: httpx.Response) -> Any:
    return np.load(io.BytesIO(answer.content))


class Face:
    """A client of either kind; calling it with what a method returned gives the result."""

    def __init__(self, kind: str, url: str, **options: Any) -> None:
        self.runner = asyncio.Runner()
        self.client: Any = {"blocking": Client, "awaiting": AsyncClient}[kind](url, **options)
        self._http = options.get("http")

    def __call__(self, value: Any) -> Any:
        return self.runner.run(value) if inspect.iscoroutine(value) else value

    def close(self) -> None:
        self(self.client.close())
        if self._http is not None:
            self(self._http.aclose() if hasattr(self._http, "aclose") else self._http.close())
        self.runner.close()


def counting(kind: str, url: str, asked: list[str]) -> Face:
    """A client with an HTTP client of the caller's own, that notes every address."""
    if kind == "blocking":
        hooks = {"request": [lambda request: asked.append(str(request.url))]}
        return Face(kind, url, http=httpx.Client(event_hooks=hooks, trust_env=False))

    async def note(request: httpx.Request) -> None:
        asked.append(str(request.url))

    return Face(kind, url, http=httpx.AsyncClient(event_hooks={"request": [note]}, trust_env=False))


class Scripted:
    """A face whose server gives these answers in turn, and whose clock only moves when it waits."""

    def __init__(self, kind: str, monkeypatch: pytest.MonkeyPatch, *answers: Any, **options: Any) -> None:
        self.requests: list[httpx.Request] = []
        self.waits: list[float] = []
        self._answers = list(answers)
        transport = httpx.MockTransport(self._answer)
        http = (httpx.Client if kind == "blocking" else httpx.AsyncClient)(transport=transport)
        self.face = Face(kind, "http://scripted", http=http, **options)

        async def sleep(seconds: float) -> None:
            self.waits.append(seconds)

        monkeypatch.setattr(exchange, "time", SimpleNamespace(monotonic=lambda: sum(self.waits)))
        monkeypatch.setattr(blocking, "time", SimpleNamespace(sleep=self.waits.append))
        monkeypatch.setattr(awaiting, "asyncio", SimpleNamespace(sleep=sleep))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        # A copy: a response is read by one client alone.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def __call__(self, method: str, *arguments: Any, **options: Any) -> Any:
        try:
            return self.face(getattr(self.face.client, method)(*arguments, **options))
        finally:
            self.face.close()


SAMPLES = httpx.Response(200, json={"images": []})


def busy(status: int = 503, **headers: str) -> httpx.Response:
    problem = {"code": "busy", "title": "Busy", "detail": "All at work.", "request_id": "r1"}
    return httpx.Response(
        status, json=problem, headers={name.replace("_", "-"): v for name, v in headers.items()}
    )

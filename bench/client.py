"""One kept connection to a server, without a library between."""

from __future__ import annotations

import http.client
import json
from typing import Any


class Client:
    """A client that asks one thing after the other."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = http.client.HTTPConnection(host, port)

    def get(self, path: str) -> bytes:
        return self._ask("GET", path, None, "application/json")

    def post(self, path: str, body: Any) -> Any:
        return json.loads(self._ask("POST", path, json.dumps(body).encode(), "application/json"))

    def post_file(self, path: str, data: bytes, media_type: str) -> Any:
        return json.loads(self._ask("POST", path, data, media_type))

    def _ask(self, method: str, path: str, body: bytes | None, media_type: str) -> bytes:
        self._connection.request(method, path, body, {"Content-Type": media_type})
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:500]!r}")
        return content

"""A server with rooms in a thread of the tests, and members who talk to it over real connections."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from app.services.decoder import Decoder
from app.settings import Settings
from tests.api.threaded_server import threaded_server

JsonObject = dict[str, Any]

WAIT_S = 10.0

LESSON = {
    "format": "convscope-lesson",
    "version": 1,
    "title": {"en": "Padding", "ja": "パディング"},
    "steps": [{"address": "/operation?padding=1", "notes": "what is it for?", "question": "size"}],
}


class Place:
    """Where a server is; this one or a process of its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = httpx.Client(base_url=address)

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def post_room(self, title: str = "") -> JsonObject:
        answer = self.http.post("/api/v1/rooms", json={"title": title} if title else {})
        assert answer.status_code == 201, answer.text
        room: JsonObject = answer.json()
        return room

    def connect(self, code: str, **options: Any) -> Member:
        """A connection that has not said anything yet."""
        url = f"{self.address.replace('http', 'ws', 1)}/api/v1/rooms/{code}"
        options.setdefault("max_size", 1 << 22)
        return Member(ExitStack(), connect(url, compression=None, **options))

    def refusal(self, code: str, **options: Any) -> httpx.Response:
        """What a handshake is answered by that is refused."""
        with pytest.raises(InvalidStatus) as refused:
            self.connect(code, **options)
        answer = refused.value.response
        return httpx.Response(
            answer.status_code, headers=list(answer.headers.items()), content=bytes(answer.body)
        )

    def lead(self, room: JsonObject) -> Member:
        return self.connect(room["code"]).hello("lead", secret=room["secret"])

    def follower(self, room: JsonObject, participant: str = "participant-number-1") -> Member:
        return self.connect(room["code"]).hello("follower", participant=participant)

    def screen(self, room: JsonObject) -> Member:
        return self.connect(room["code"]).hello("screen")


class Member:
    """One connection to a room."""

    def __init__(self, stack: ExitStack, connection: AbstractContextManager[ClientConnection]) -> None:
        self._stack = stack
        self.connection = stack.enter_context(connection)
        self.snapshot: JsonObject = {}
        self.heard: list[JsonObject] = []
        """All that it was told, in order."""

    def __enter__(self) -> Member:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def hello(self, role: str, **more: Any) -> Member:
        self.say(type="hello", role=role, **more)
        self.snapshot = self.until("snapshot")
        return self

    def say(self, **message: Any) -> Member:
        self.connection.send(json.dumps(message))
        return self

    def set(self, slice: str, value: Any) -> Member:
        return self.say(type="set", slice=slice, value=value)

    def ask(self, kind: str = "cell", answer: Any = -1.25, options: Any = None) -> Member:
        place = {"node": "conv", "cell": [0, 4, 7]}
        return self.say(type="ask", kind=kind, place=place, options=options, answer=answer)

    def hear(self) -> JsonObject:
        """The next message, whatever it is."""
        text = self.connection.recv(WAIT_S)
        assert isinstance(text, str)
        self.heard.append(json.loads(text))
        return self.heard[-1]

    def until(self, kind: str, wanted: Callable[[JsonObject], bool] = lambda message: True) -> JsonObject:
        """The next message of a kind; others are passed over."""
        ends = time.monotonic() + WAIT_S
        while time.monotonic() < ends:
            message = self.hear()
            if message["type"] == kind and wanted(message):
                return message
        raise AssertionError(f"no {kind} among {self.heard}")

    def updated(self, slice: str) -> JsonObject:
        """The next update of a slice."""
        return self.until("update", lambda message: message["slice"] == slice)

    def refused(self, **message: Any) -> JsonObject:
        """Say something, and hear what is wrong with it."""
        return self.say(**message).until("problem")

    def closed(self) -> int:
        """Hear all that is left; the code that the connection was closed with."""
        with pytest.raises(ConnectionClosed) as closed:
            self.until("nothing")
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code


@contextmanager
def running_rooms(settings: Settings, decoder: Decoder) -> Iterator[Place]:
    """A server in this process, gone in the end."""
    with (
        threaded_server(settings, decoder) as server,
        Place(f"http://127.0.0.1:{server.port}") as place,
    ):
        yield place

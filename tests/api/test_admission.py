"""Who is let in: so many at once, so many a second from one address; and health checks always."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.admission import ALWAYS, Admission
from app.limits import Limits
from tests.api.server import MakeApi


class Door:
    """The layer by itself, before a server whose answers wait until they are released."""

    def __init__(self, **limits: float) -> None:
        self.released = asyncio.Event()
        self.layer = Admission(self._answer, Limits(**limits))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.released.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask(self, path: str = "/", address: str = "192.0.2.1") -> tuple[int, dict[str, str]]:
        heads: list[Message] = []

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                heads.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "client": (address, 1)}
        await self.layer(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in heads[0]["headers"]}
        return heads[0]["status"], headers


def test_so_many_at_once_and_one_more() -> None:
    async def scenario() -> None:
        door = Door(requests_in_flight=3)
        inside = [asyncio.create_task(door.ask()) for _ in range(3)]
        await asyncio.sleep(0)
        status, headers = await door.ask()
        assert (status, headers["retry-after"], headers["connection"]) == (503, "1", "close")
        checks = [asyncio.create_task(door.ask(path)) for path in ALWAYS]
        door.released.set()
        assert [(await task)[0] for task in (*inside, *checks)] == [200] * (3 + len(ALWAYS))
        assert (await door.ask())[0] == 200

    asyncio.run(scenario())


def test_so_many_from_one_address_and_one_more() -> None:
    async def scenario() -> None:
        door = Door(request_burst=5, requests_per_second=0.5)
        door.released.set()
        assert [(await door.ask())[0] for _ in range(6)] == [200] * 5 + [429]
        status, headers = await door.ask()
        assert (status, headers["retry-after"]) == (429, "2")
        assert (await door.ask(address="192.0.2.2"))[0] == 200
        assert (await door.ask("/healthz"))[0] == 200

    asyncio.run(scenario())


def test_tokens_come_back() -> None:
    async def scenario() -> None:
        door = Door(request_burst=1, requests_per_second=50)
        door.released.set()
        assert (await door.ask())[0] == 200
        assert (await door.ask())[0] == 429
        await asyncio.sleep(0.04)
        assert (await door.ask())[0] == 200

    asyncio.run(scenario())


@pytest.mark.parametrize("path", sorted(ALWAYS))
def test_a_server_that_is_full_still_says_how_it_is(make_api: MakeApi, path: str) -> None:
    api = make_api(limits={"request_burst": 1, "requests_per_second": 0.001})
    api.get("/api/v1/kernels")
    refused = api.get("/api/v1/kernels")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert api.get(path).status_code == 200


def test_it_is_not_ready_once_it_has_to_end(make_api: MakeApi) -> None:
    api = make_api()
    assert api.get("/readyz").status_code == 200
    api.app.state.stopping = True
    answer = api.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "stopping")
    assert api.get("/healthz").status_code == 200

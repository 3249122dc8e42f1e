"""A real server, and clients of both kinds that ask it or a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.api.client.faces import Face, Scripted
from tests.api.server_process import running_server


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_server(tmp_path_factory.mktemp("client")) as server:
        yield server.address


@pytest.fixture(params=["blocking", "awaiting"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def face(kind: str, address: str) -> Iterator[Face]:
    face = Face(kind, address)
    yield face
    face.close()


@pytest.fixture
def get(address: str) -> Callable[[str], httpx.Response]:
    """The same by plain HTTP."""

    def get(path: str) -> httpx.Response:
        answer = httpx.get(f"{address}/api/v1/{path}", trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer

    return get


@pytest.fixture
def scripted(kind: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Scripted]:
    return lambda *answers, **options: Scripted(kind, monkeypatch, *answers, **options)

"""A fresh server for each test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.limits import Limits
from app.services.decoder import Decoder
from app.settings import Settings
from engine.graph import Model
from tests.api.camera import Camera
from tests.api.redis_process import RedisProcess, running_redis
from tests.api.room_server import JsonObject, Member, Place, running_rooms
from tests.api.server import Api, MakeApi
from tests.api.threaded_server import StartServer, ThreadedServer, threaded_server


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    """One pool of decoding processes for all the servers of a test session."""
    decoder = Decoder(workers=2, memory_bytes=Limits().decode_memory_bytes)
    yield decoder
    decoder.close()


@pytest.fixture
def make_api(tmp_path: Path, decoder: Decoder) -> Iterator[MakeApi]:
    """``make_api(limits={"upload_bytes": 10})``: a server with other settings, on the same folder of data."""
    made: list[Api] = []

    def make(*, own_decoder: bool = False, limits: dict[str, Any] | None = None, **settings: Any) -> Api:
        settings.setdefault("data_dir", tmp_path / "data")
        api = Api(
            Settings(_env_file=None, limits=Limits(**(limits or {})), **settings),
            None if own_decoder else decoder,
        )
        made.append(api)
        return api

    yield make
    for api in made:
        api.close()


@pytest.fixture
def api(make_api: MakeApi) -> Api:
    """A server with the default settings and an empty folder of data."""
    return make_api()


@pytest.fixture(scope="session")
def redis_of_session() -> Iterator[RedisProcess]:
    with running_redis() as process:
        yield process


@pytest.fixture
def redis_process(redis_of_session: RedisProcess) -> RedisProcess:
    """A running, empty Redis; tests that stop one start their own by ``running_redis``."""
    redis_of_session.clear()
    return redis_of_session


@pytest.fixture
def start_server(tmp_path: Path, decoder: Decoder) -> Iterator[StartServer]:
    """``start_server(limits={"live_idle_s": 1})``: a server at a real address, with other settings."""
    with ExitStack() as stack:

        def start(*, limits: dict[str, Any] | None = None, **fields: Any) -> ThreadedServer:
            settings = Settings(_env_file=None, data_dir=tmp_path, limits=Limits(**(limits or {})), **fields)
            return stack.enter_context(threaded_server(settings, decoder))

        yield start


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory, decoder: Decoder) -> Iterator[ThreadedServer]:
    """One server at a real address, for tests that leave it as it was."""
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("live"))
    with threaded_server(settings, decoder) as server:
        yield server


@pytest.fixture
def camera(live_server: ThreadedServer) -> Iterator[Camera]:
    """A camera at that server."""
    with Camera(live_server) as camera:
        yield camera


@pytest.fixture
def slow_runs(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Runs that go on between two nodes until they are told to stop: (has begun, has stopped)."""
    begun, stopped = threading.Event(), threading.Event()

    def run(model: Model, x: Any, before_node: Callable[[Any], None]) -> Any:
        begun.set()
        try:
            while True:
                before_node(model.nodes[0])
                time.sleep(0.002)
        finally:
            stopped.set()

    monkeypatch.setattr(Model, "run", run)
    return begun, stopped


@pytest.fixture(scope="module", params=["memory", "redis"])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, decoder: Decoder
) -> Iterator[Place]:
    """A server for the rooms of one file of tests, which it has once in memory and once in Redis."""
    limits = Limits(rooms_per_address=1000, room_messages_per_second=1000)
    data = tmp_path_factory.mktemp("rooms")
    with ExitStack() as stack:
        redis_url = stack.enter_context(running_redis()).url if request.param == "redis" else None
        settings = Settings(_env_file=None, data_dir=data, redis_url=redis_url, limits=limits)
        yield stack.enter_context(running_rooms(settings, decoder))


@pytest.fixture
def room(place: Place) -> JsonObject:
    """A new room there."""
    return place.post_room("CNN, third lecture")


@pytest.fixture
def lead(place: Place, room: JsonObject) -> Iterator[Member]:
    """Who leads it."""
    with place.lead(room) as member:
        yield member


@pytest.fixture
def follower(place: Place, room: JsonObject) -> Iterator[Member]:
    """Who follows."""
    with place.follower(room) as member:
        yield member

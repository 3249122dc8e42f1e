"""One room, several server processes, one Redis; and what happens when one of them is not there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.api.redis_process import RedisProcess, running_redis
from tests.api.room_server import Place
from tests.api.server_process import ServerProcess, running_server


@pytest.fixture
def redis_process() -> Iterator[RedisProcess]:
    with running_redis() as process:
        yield process


@pytest.fixture
def processes(redis_process: RedisProcess, tmp_path: Path) -> Iterator[list[ServerProcess]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(running_server(tmp_path / name, REDIS_URL=redis_process.url))
            for name in ("one", "two")
        ]


@pytest.fixture
def places(processes: list[ServerProcess]) -> Iterator[list[Place]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Place(process.address)) for process in processes]


def test_one_room_at_two_servers(places: list[Place]) -> None:
    one, two = places
    room = one.post_room("CNN")
    with one.lead(room) as lead, two.follower(room) as follower, two.lead(room) as second:
        assert follower.snapshot["title"] == "CNN"
        lead.until("audience", lambda m: m["followers"] == 1)
        follower.until("audience", lambda m: m["present"])
        for i in range(100):
            (lead if i % 2 else second).set("view", {"address": f"/operation?i={i}"})
        for member in (lead, follower, second):
            member.until("update", lambda m: m["n"] == 100)
        told = [[m for m in each.heard if m["type"] == "update"] for each in (lead, follower, second)]
        assert told[0] == told[1] == told[2]
        assert [message["n"] for message in told[0]] == list(range(1, 101))

        lead.ask(answer=5.0)
        asked = follower.updated("question")["value"]
        assert "answer" not in asked
        follower.say(type="answer", question=asked["id"], value=5)
        assert lead.until("tally")["tally"] == [{"value": 5.0, "count": 1}]
        second.say(type="reveal")
        assert follower.updated("question")["value"]["revealed"]["answered"] == 1

        url = f"{two.address}/api/v1/rooms/{room['code']}"
        assert two.http.get(url).json()["followers"] == 1
        assert httpx.delete(url, headers={"Authorization": f"Bearer {room['secret']}"}).status_code == 204
        assert lead.closed() == follower.closed() == second.closed() == 1000


def test_the_listeners_of_a_killed_server_are_no_longer_counted(
    places: list[Place], processes: list[ServerProcess]
) -> None:
    one, two = places
    room = one.post_room()
    with ExitStack() as stack:
        lead = stack.enter_context(one.lead(room))
        for i in range(3):
            stack.enter_context(two.follower(room, f"participant-number-{i}"))
        lead.until("audience", lambda m: m["followers"] == 3)
        processes[1].kill()
        start = time.perf_counter()
        while lead.heard[-1] != {"type": "audience", "followers": 0, "present": True}:
            try:
                lead.hear()
            except TimeoutError:
                assert time.perf_counter() - start < 30
        assert time.perf_counter() - start < 30


def test_a_room_stands_when_a_server_starts_again(
    places: list[Place], processes: list[ServerProcess], redis_process: RedisProcess, tmp_path: Path
) -> None:
    room = places[0].post_room()
    with places[0].lead(room) as lead:
        lead.set("view", {"address": "/operation?i=1"}).updated("view")
        processes[0].stop()
        assert lead.closed() == 1012
    with (
        running_server(tmp_path / "again", REDIS_URL=redis_process.url) as again,
        Place(again.address) as place,
        place.lead(room) as lead,
    ):
        assert lead.snapshot["n"] == 1
        assert lead.snapshot["state"]["view"] == {"address": "/operation?i=1"}


@pytest.mark.parametrize("what", ["frozen", "empty"])
def test_redis_goes_and_comes_back(places: list[Place], redis_process: RedisProcess, what: str) -> None:
    one, two = places
    room = one.post_room("CNN")
    with one.lead(room) as lead, two.follower(room) as follower:
        lead.set("view", {"address": "/operation?i=1"})
        lead.say(type="lesson", lesson=None).until("lesson")
        follower.updated("view")
        if what == "frozen":
            redis_process.freeze()
        else:
            redis_process.stop()
        with httpx.Client(base_url=one.address, timeout=10) as http:
            start = time.perf_counter()
            answer = http.get(f"/api/v1/rooms/{room['code']}")
            assert (answer.status_code, answer.json()["code"]) == (503, "store-unreachable")
            assert time.perf_counter() - start < 5
        time.sleep(1)
        if what == "frozen":
            redis_process.thaw()
        else:
            redis_process.start()  # with nothing in it: the servers still know the room
        lead.set("curtain", "code")
        ends, snapshots = time.monotonic() + 15, 0
        state = {"view": {"address": "/operation?i=1"}, "curtain": "none"}
        while state != {"view": {"address": "/operation?i=1"}, "curtain": "code"}:
            assert time.monotonic() < ends
            message = follower.hear()
            if message["type"] == "snapshot":
                snapshots += 1
                state = {name: message["state"][name] for name in state}
            elif message["type"] == "update":
                state[message["slice"]] = message["value"]
        assert snapshots or what == "frozen"
        lead.set("live", True)
        follower.updated("live")
    with two.lead(room) as lead:
        assert lead.snapshot["state"]["live"] is True


def test_a_room_that_was_closed_does_not_come_back(places: list[Place], redis_process: RedisProcess) -> None:
    one, two = places
    room = one.post_room()
    with one.lead(room) as lead, two.follower(room) as follower:
        lead.say(type="close")
        assert follower.closed() == 1000
    for place in places:
        assert place.http.get(f"/api/v1/rooms/{room['code']}").status_code == 404

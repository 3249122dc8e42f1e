"""Two servers and one Redis: whatever was begun at one goes on at the other, also after the first is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError

from app.rooms.backend import ATTENDANCE_S
from app.stores.redis_link import PAUSE_S
from tests.api.pictures import noise, png
from tests.api.redis_process import RedisProcess, running_redis
from tests.api.room_server import JsonObject, Member, Place
from tests.api.server_process import ServerProcess
from tests.engine.onnx_files import onnx_file, step

VIEWS = 300
VIEW = {"address": "/network?model=tiny-vgg"}


class Replicas:
    """Servers that share one Redis, and nothing else."""

    def __init__(self, redis: RedisProcess, folder: Path, stack: ExitStack) -> None:
        self.redis = redis
        self._folder = folder
        self._stack = stack
        self.processes: dict[str, ServerProcess] = {}

    def start(self, name: str) -> Place:
        """A server with a folder of its own, empty at first."""
        process = ServerProcess(
            self._folder / name, REDIS_URL=self.redis.url, LIMITS__ROOM_MESSAGES_PER_SECOND=10_000
        )
        self._stack.callback(lambda: process.process.poll() is None and process.kill())
        self.processes[name] = process
        return self._stack.enter_context(Place(process.address))


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[Replicas]:
    with ExitStack() as stack:
        yield Replicas(stack.enter_context(running_redis()), tmp_path, stack)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Place]]:
    """Two servers for the tests that end neither."""
    with ExitStack() as stack:
        redis = stack.enter_context(running_redis())
        replicas = Replicas(redis, tmp_path_factory.mktemp("replicas"), stack)
        yield replicas.start("a"), replicas.start("b")


def eventually(wanted: Callable[[], bool], seconds: float = 10.0) -> None:
    ends = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < ends
        time.sleep(0.1)


# Pictures, models, runs


def test_a_picture_posted_at_one_is_run_at_the_other_with_the_same_numbers(two: tuple[Place, Place]) -> None:
    a, b = two
    image = a.http.post("/api/v1/images", content=png(noise(20, 30))).json()["id"]
    nodes = [{"name": "conv", "op": "conv2d", "weight": "sobel_x"}]
    body = {"image": image, "specification": {"nodes": nodes}}
    at_b, at_a = (place.http.post("/api/v1/runs", json=body) for place in (b, a))
    assert (at_b.status_code, at_a.status_code) == (201, 200)
    assert at_a.json() == at_b.json()
    output = f"{at_b.json()['url']}/nodes/conv/output.npy"
    assert a.http.get(output).content == b.http.get(output).content
    assert len(b.http.get(output).content) > 18 * 28 * 4


def test_a_model_posted_at_one_is_known_at_the_other(two: tuple[Place, Place]) -> None:
    a, b = two
    weight = noise(3, 3).astype("float32").repeat(4, axis=0).reshape(4, 3, 3, 3)
    file = onnx_file([step("Conv", "x w", "y")], {"w": weight}, inputs={"x": (1, 3, 8, 9)})
    model = a.http.post("/api/v1/models", content=file).json()
    assert b.http.get(model["url"]).json()["id"] == model["id"]
    run = {"image": "chelsea", "model": model["id"]}
    assert b.http.post("/api/v1/runs", json=run).json() == a.http.post("/api/v1/runs", json=run).json()


def test_a_picture_deleted_at_one_is_gone_at_the_other(two: tuple[Place, Place]) -> None:
    a, b = two
    url = a.http.post("/api/v1/images", content=png(noise(seed=7))).json()["url"]
    assert b.http.get(f"{url}.npy").status_code == 200
    assert a.http.delete(url).status_code == 204
    assert b.http.get(f"{url}.npy").status_code == 404


# Rooms


def test_a_room_led_at_one_is_followed_at_the_other_in_order_and_without_loss(
    two: tuple[Place, Place],
) -> None:
    a, b = two
    room = a.post_room("CNN")
    with a.lead(room) as lead, a.follower(room) as near, b.follower(room, "participant-number-2") as far:
        for number in range(VIEWS):
            lead.set("view", {"address": f"/operation?i={number}"})
        heard = []
        for member in (near, far, lead):
            updates = [member.updated("view") for _ in range(VIEWS)]
            assert [update["n"] for update in updates] == list(range(1, VIEWS + 1))
            assert updates[-1]["value"] == {"address": f"/operation?i={VIEWS - 1}"}
            heard.append(updates)
        assert heard[0] == heard[1] == heard[2]


def test_an_answer_given_at_one_is_counted_at_the_other(two: tuple[Place, Place]) -> None:
    a, b = two
    room = a.post_room()
    with a.lead(room) as lead, b.follower(room) as far:
        question = lead.ask().updated("question")["value"]["id"]
        far.updated("question")
        far.say(type="answer", question=question, value=-1.25)
        assert lead.until("tally", lambda told: told["answered"] == 1)["tally"] == [
            {"value": -1.25, "count": 1}
        ]
        lead.say(type="reveal")
        assert far.updated("question")["value"]["revealed"]["answered"] == 1


def test_a_presenter_who_drops_out_for_a_while_finds_the_room_standing(two: tuple[Place, Place]) -> None:
    a, b = two
    room = a.post_room()
    with b.follower(room) as far:
        with a.lead(room) as lead:
            far.until("audience", lambda told: told["present"])
            lead.set("view", VIEW)
            far.updated("view")
            lead.connection.socket.shutdown(2)  # as Wi-Fi does: without a word
        far.until("audience", lambda told: not told["present"])
        assert b.http.get(f"/api/v1/rooms/{room['code']}").json()["present"] is False
        with b.lead(room) as again:
            assert again.snapshot["state"]["view"] == VIEW
            far.until("audience", lambda told: told["present"])
            assert again.set("curtain", "code").updated("curtain")["n"] == far.updated("curtain")["n"] == 2


def filled(place: Place) -> JsonObject:
    """A room with a view, a lesson and an open question that one has answered."""
    room = place.post_room("CNN")
    lesson = {"format": "convscope-lesson", "version": 1, "title": "L", "steps": [VIEW]}
    with place.lead(room) as lead, place.follower(room) as follower:
        lead.say(type="lesson", lesson=lesson, at=0)
        lead.set("view", VIEW).updated("view")
        question = lead.ask().updated("question")["value"]["id"]
        follower.updated("question")
        follower.say(type="answer", question=question, value=2.5)
        lead.until("tally", lambda told: told["answered"] == 1)
    return room


def assert_stands(place: Place, room: JsonObject) -> None:
    """All that ``filled`` put in is there, and goes on."""
    with place.follower(room) as follower, place.lead(room) as lead:
        assert follower.snapshot["n"] == 2
        assert follower.snapshot["title"] == "CNN"
        assert follower.snapshot["state"]["view"] == VIEW
        assert follower.snapshot["own_answer"] == 2.5
        assert lead.snapshot["lesson"]["at"] == 0
        assert lead.snapshot["state"]["question"]["answer"] == -1.25
        lead.say(type="reveal")
        assert follower.updated("question")["n"] == 3


def hear_all(member: Member) -> None:
    while True:
        member.hear()


def test_a_server_killed_leaves_its_followers_to_the_other(replicas: Replicas) -> None:
    a, b = replicas.start("a"), replicas.start("b")
    room = filled(a)
    with ExitStack() as stack:
        lost = stack.enter_context(a.follower(room))
        stack.enter_context(a.lead(room))
        other = stack.enter_context(b.follower(room, "participant-number-2"))
        other.until("audience", lambda told: told["followers"] == 2 and told["present"])
        replicas.processes["a"].kill()
        with pytest.raises(ConnectionClosedError):
            hear_all(lost)
        with b.follower(room) as found:
            assert found.snapshot["state"]["view"] == VIEW
        # Nobody said goodbye; after a while they are no longer counted.
        url = f"/api/v1/rooms/{room['code']}"
        eventually(lambda: b.http.get(url).json()["present"] is False, ATTENDANCE_S + 10)
        other.until("audience", lambda told: told["followers"] == 1 and not told["present"])
    assert_stands(b, room)


def test_a_room_outlives_a_restart_of_all_servers(replicas: Replicas) -> None:
    room = filled(replicas.start("a"))
    assert replicas.processes["a"].stop() < 10
    assert_stands(replicas.start("b"), room)


def test_servers_outlive_a_restart_of_redis(replicas: Replicas) -> None:
    a, b = replicas.start("a"), replicas.start("b")
    room = a.post_room()
    with a.lead(room) as lead, b.follower(room) as far:
        lead.set("view", VIEW)
        far.updated("view")
        replicas.redis.stop()
        for place in (a, b):
            assert refusal(place) == (503, "store-unreachable")
            assert place.http.get("/healthz").status_code == 200
            assert place.http.get("/operation").status_code == 200
        time.sleep(1)
        replicas.redis.start()
        for place in (a, b):
            eventually(lambda: place.http.post("/api/v1/images", content=png(noise())).is_success)  # noqa: B023
        # Those who are in the room go on, and whoever comes later finds them.
        eventually(lambda: b.http.get(f"/api/v1/rooms/{room['code']}").status_code == 200)
        eventually(lambda: a.http.get(f"/api/v1/rooms/{room['code']}").json().get("followers") == 1)
        lead.set("view", {"address": "/operation?after"})
        far.until("update", lambda told: told["value"] == {"address": "/operation?after"})
        with a.follower(room, "participant-number-2") as late:
            assert late.snapshot["state"]["view"] == {"address": "/operation?after"}


def test_redis_that_hangs_holds_up_neither_pages_nor_samples(replicas: Replicas) -> None:
    a = replicas.start("a")
    replicas.redis.freeze()
    start = time.perf_counter()
    assert refusal(a) == (503, "store-unreachable")
    assert time.perf_counter() - start < 2
    start = time.perf_counter()
    assert a.http.get("/operation").status_code == 200
    assert a.http.get("/api/v1/images/chelsea").status_code == 200
    assert time.perf_counter() - start < 1
    replicas.redis.thaw()
    time.sleep(PAUSE_S + 0.1)
    assert a.http.post("/api/v1/images", content=png(noise())).status_code == 201


def refusal(place: Place) -> tuple[int, str]:
    answer: Any = httpx.post(f"{place.address}/api/v1/images", content=png(noise(seed=3)), timeout=5)
    assert int(answer.headers["retry-after"]) >= 1
    return answer.status_code, answer.json()["code"]

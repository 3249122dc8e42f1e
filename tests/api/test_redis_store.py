"""What is Redis's own: large entries in pieces, all or nothing, and servers that outlive its absence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import redis

from app.problems import Problem
from app.stores.redis import PIECE_BYTES, RedisStore
from app.stores.redis_link import PAUSE_S, RedisLink
from tests.api.pictures import noise, png
from tests.api.redis_process import RedisProcess, running_redis
from tests.api.server import Api, MakeApi
from tests.engine.onnx_files import onnx_file, step

MIB = 1 << 20

NET = onnx_file(
    [step("Conv", "x w", "y")], {"w": np.ones((4, 3, 3, 3), np.float32)}, inputs={"x": (1, 3, 8, 9)}
)
"""A model in a file."""


@pytest.fixture
def link(redis_process: RedisProcess) -> Iterator[RedisLink]:
    link = RedisLink(redis_process.url)
    yield link
    link.close()


@pytest.fixture
def client(redis_process: RedisProcess) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_process.url) as client:
        yield client


@pytest.fixture
def own_redis() -> Iterator[RedisProcess]:
    """One that the test may stop."""
    with running_redis() as process:
        yield process


@pytest.mark.parametrize("size", [PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES])
def test_large_parts_come_back_as_they_went(link: RedisLink, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    store = RedisStore(link, "tests", 64 * MIB)
    assert store.put("a", {"x": content[:size], "y": b"small"}) is True
    assert store.get("a", "x") == content[:size]
    assert (store.get("a", "y"), store.used_bytes) == (b"small", size + 5)


def test_stores_of_one_redis_are_apart(link: RedisLink) -> None:
    first, second = RedisStore(link, "first", 10), RedisStore(link, "second", 10)
    first.put("a", {"x": b"0123456789"})
    second.put("a", {"x": b"other"})
    assert (first.get("a", "x"), second.get("a", "x")) == (b"0123456789", b"other")
    assert second.delete("a") is True
    assert (first.used_bytes, second.used_bytes) == (10, 0)


def test_an_entry_half_written_is_not_there_and_goes_away(
    link: RedisLink, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = RedisStore(link, "tests", 64 * MIB)
    # Stopped before the last step.
    monkeypatch.setattr(store, "_run", lambda script, key, *values, **more: False)
    store.put("a", {"x": b"x" * 100, "y": b"y" * 100})
    monkeypatch.undo()
    left = list(client.scan_iter("convscope:*"))
    assert len(left) == 1
    assert 0 < client.ttl(left[0]) <= 60
    assert ("a" in store, store.get("a", "x"), store.keys()) == (False, None, [])
    assert store.put("a", {"x": b"whole", "y": b""}) is True
    assert client.ttl("convscope:{tests}:entry:a") == -1


def test_nothing_is_left_of_what_is_no_longer_kept(link: RedisLink, client: redis.Redis) -> None:
    store = RedisStore(link, "tests", 10)
    for key in ("a", "b", "c"):
        store.put(key, {"x": b"12345"})
    store.delete("b")
    assert list(client.scan_iter("convscope:*entry*")) == [b"convscope:{tests}:entry:c"]
    assert client.hgetall("convscope:{tests}:sizes") == {b"c": b"5"}


def test_books_are_mended_where_redis_has_dropped_an_entry_itself(
    link: RedisLink, client: redis.Redis
) -> None:
    store = RedisStore(link, "tests", 10)
    store.put("a", {"x": b"12345"})
    client.delete("convscope:{tests}:entry:a")
    assert store.get("a", "x") is None
    assert (store.keys(), store.used_bytes) == ([], 0)


def test_the_budget_holds_for_all_servers_together(redis_process: RedisProcess) -> None:
    links = [RedisLink(redis_process.url) for _ in range(4)]
    stores = [RedisStore(link, "tests", 100) for link in links]

    def work(number: int) -> None:
        for key in range(30):
            stores[number].put(f"key{number}-{key}", {"x": b"x" * 9})
            assert stores[number].used_bytes <= 100

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work, range(4)))
    assert stores[0].used_bytes == 9 * len(stores[0].keys()) == 99
    for each in links:
        each.close()


def told(store: RedisStore) -> tuple[str, float]:
    start = time.perf_counter()
    with pytest.raises(Problem) as caught:
        store.get("a", "x")
    assert caught.value.retry_after_s
    return caught.value.code, time.perf_counter() - start


def wait_until_kept(store: RedisStore) -> bytes | None:
    """What it has once it can be reached again: it tries once a second."""
    ends = time.monotonic() + 5
    while True:
        try:
            return store.get("a", "x")
        except Problem:
            assert time.monotonic() < ends
            time.sleep(0.05)


def test_redis_that_is_gone_is_told_at_once_and_comes_back(own_redis: RedisProcess) -> None:
    store = RedisStore(RedisLink(own_redis.url), "tests", 100)
    store.put("a", {"x": b"1"})
    own_redis.stop()
    for _ in range(5):
        code, seconds = told(store)
        assert code == "store-unreachable"
        assert seconds < 0.5
    own_redis.start()
    assert wait_until_kept(store) is None
    assert store.put("a", {"x": b"2"}) is True


def test_redis_that_hangs_holds_up_nobody_for_two_seconds(own_redis: RedisProcess) -> None:
    store = RedisStore(RedisLink(own_redis.url), "tests", 100)
    store.put("a", {"x": b"1"})
    own_redis.freeze()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: told(store), range(24)))
    assert {code for code, _ in found} == {"store-unreachable"}
    assert max(seconds for _, seconds in found) < 2
    # While it is known to hang, one in a second waits for it and all others are told at once.
    found = [told(store) for _ in range(20)]
    assert sum(seconds > 0.5 for _, seconds in found) <= 1
    own_redis.thaw()
    assert wait_until_kept(store) == b"1"


def test_kept_connections_outlive_a_restart(own_redis: RedisProcess) -> None:
    store = RedisStore(RedisLink(own_redis.url), "tests", 100)
    store.put("a", {"x": b"1"})
    own_redis.stop()
    own_redis.start()
    assert store.get("a", "x") is None
    assert store.put("a", {"x": b"2"}) is True


def test_a_full_redis_is_a_problem_and_no_reason_to_pause(own_redis: RedisProcess) -> None:
    store = RedisStore(RedisLink(own_redis.url), "tests", 100 * MIB)
    store.put("a", {"x": b"1"})
    with redis.Redis.from_url(own_redis.url) as client:
        client.config_set("maxmemory", "100kb")
    with pytest.raises(Problem, match="cannot be reached"):
        store.put("b", {"x": b"2"})
    assert (store.get("a", "x"), store.touch("a"), store.touch("b")) == (b"1", True, False)


# --- Servers ------------------------------------------------------------------------------------------


@pytest.fixture
def two(make_api: MakeApi, redis_process: RedisProcess, tmp_path: Any) -> tuple[Api, Api]:
    """Two servers with one Redis, each with a folder of its own."""
    first, second = (
        make_api(redis_url=redis_process.url, data_dir=tmp_path / name) for name in ("first", "second")
    )
    return first, second


def test_a_picture_of_one_server_is_known_to_the_other_until_it_is_deleted(two: tuple[Api, Api]) -> None:
    first, second = two
    posted = first.upload(png(noise())).json()
    url = f"/api/v1/images/{posted['id']}"
    assert second.get(url).json() == first.get(url).json()
    assert (second.pixels(posted["id"]) == first.pixels(posted["id"])).all()
    assert second.upload(png(noise())).status_code == 200
    assert first.delete(url).status_code == 204
    # Both remembered its pixels; neither may show them any more.
    for server in two:
        assert server.get(url).status_code == 404
        assert server.get(f"{url}.png").status_code == 404
        run = server.post("/api/v1/runs", json={"image": posted["id"], "model": "tiny-vgg"})
        assert run.status_code == 404


def test_a_run_of_one_server_is_computed_by_the_other(two: tuple[Api, Api]) -> None:
    first, second = two
    image = first.upload(png(noise(20, 30))).json()["id"]
    nodes = [{"name": "conv", "op": "conv2d", "weight": "sobel_x"}]
    body = {"image": image, "specification": {"nodes": nodes}}
    run = first.post("/api/v1/runs", json=body).json()
    assert second.get(run["url"]).json() == run
    output = f"{run['url']}/nodes/conv/output.npy"
    assert second.get(output).content == first.get(output).content
    assert second.post("/api/v1/runs", json=body).status_code == 200
    assert second.get(f"/api/v1/models/{run['model']}").json()["id"] == run["model"]


def test_a_model_in_a_file_is_known_to_the_other(two: tuple[Api, Api]) -> None:
    first, second = two
    posted = first.post("/api/v1/models", content=NET)
    assert posted.status_code == 201, posted.text
    model = posted.json()["id"]
    assert second.get(f"/api/v1/models/{model}").json()["id"] == model
    ran = [server.post("/api/v1/runs", json={"image": "chelsea", "model": model}).json() for server in two]
    assert ran[0]["id"] == ran[1]["id"]


def test_without_redis_uploads_are_refused_for_a_while_and_samples_work(
    make_api: MakeApi, own_redis: RedisProcess
) -> None:
    api = make_api(redis_url=own_redis.url)
    image = api.upload(png(noise())).json()["id"]
    own_redis.stop()
    for ask in (
        lambda: api.get(f"/api/v1/images/{image}"),
        lambda: api.upload(png(noise(seed=1))),
        lambda: api.post("/api/v1/runs", json={"image": "chelsea", "model": "tiny-vgg"}),
        lambda: api.get("/api/v1/runs/run_" + "0" * 20),
        lambda: api.post("/api/v1/models", content=NET),
    ):
        start = time.perf_counter()
        refused = ask()
        assert time.perf_counter() - start < 2
        assert (refused.status_code, refused.json()["code"]) == (503, "store-unreachable")
        assert int(refused.headers["retry-after"]) >= 1
    assert api.get("/api/v1/images/chelsea").status_code == 200
    assert api.get("/healthz").status_code == 200
    own_redis.start()
    time.sleep(PAUSE_S + 0.1)
    assert api.get(f"/api/v1/images/{image}").status_code == 404  # what it held is gone
    assert api.upload(png(noise())).status_code in (200, 201)
    assert api.post("/api/v1/runs", json={"image": image, "model": "tiny-vgg"}).status_code == 201


def test_a_server_starts_without_its_redis(make_api: MakeApi, own_redis: RedisProcess) -> None:
    own_redis.stop()
    api = make_api(redis_url=own_redis.url)
    assert api.get("/api/v1/images/chelsea").status_code == 200
    assert api.upload(png(noise())).status_code == 503
    own_redis.start()
    time.sleep(PAUSE_S + 0.1)
    assert api.upload(png(noise())).status_code == 201

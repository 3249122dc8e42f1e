"""The stores keep what they are given, within their budgets, across threads and restarts."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.stores.disk import DiskStore
from app.stores.memory import MemoryStore
from app.stores.redis import RedisStore
from app.stores.redis_link import RedisLink
from app.stores.store import Store


def test_memory_at_its_budget_and_one_byte_more() -> None:
    store = MemoryStore[str](10)
    store.put("a", "a", 5)
    store.put("b", "b", 5)
    assert (len(store), store.used_bytes) == (2, 10)
    store.put("c", "c", 1)
    assert (store.get("a"), store.get("b"), store.get("c"), store.used_bytes) == (None, "b", "c", 6)


def test_memory_forgets_what_was_not_used_for_longest() -> None:
    store = MemoryStore[str](2)
    store.put("a", "a", 1)
    store.put("b", "b", 1)
    store.get("a")
    store.put("c", "c", 1)
    assert ("a" in store, "b" in store, "c" in store) == (True, False, True)


def test_memory_replaces_and_deletes() -> None:
    store = MemoryStore[str](10)
    store.put("a", "first", 4)
    store.put("a", "second", 6)
    assert (store.get("a"), store.used_bytes) == ("second", 6)
    assert (store.delete("a"), store.delete("a"), store.used_bytes) == (True, False, 0)
    store.put("large", "large", 11)
    assert store.get("large") is None


def test_memory_in_many_threads() -> None:
    store = MemoryStore[int](50)

    def work(seed: int) -> None:
        generator = random.Random(seed)
        for _ in range(500):
            key = str(generator.randrange(20))
            value = store.get(key)
            assert value in (None, int(key))
            store.put(key, int(key), 1 + int(key))
            if generator.random() < 0.1:
                store.delete(key)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert store.used_bytes == sum(1 + int(key) for key in map(str, range(20)) if key in store) <= 50


MakeStore = Callable[[int], Store]


@pytest.fixture(params=["disk", "redis"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStore]:
    """``make_store(budget_bytes)``: a store; made again, another server's view of the same entries."""
    if request.param == "disk":
        yield lambda budget_bytes: DiskStore(tmp_path / "store", budget_bytes)
        return
    link = RedisLink(request.getfixturevalue("redis_process").url)
    yield lambda budget_bytes: RedisStore(link, "tests", budget_bytes)
    link.close()


def test_a_store_keeps_and_finds_again(make_store: MakeStore) -> None:
    store = make_store(100)
    assert store.get("img_1", "meta.json") is None
    assert store.put("img_1", {"meta.json": b"{}", "pixels.npy": b"12345", "empty": b""}) is True
    for each in (store, make_store(100)):
        assert each.get("img_1", "pixels.npy") == b"12345"
        assert each.get("img_1", "empty") == b""
        assert each.get("img_1", "other") is None
        assert ("img_1" in each, each.used_bytes, each.keys()) == (True, 7, ["img_1"])


def test_a_store_takes_what_lies_in_memory_as_it_is(make_store: MakeStore) -> None:
    numbers = memoryview(bytearray(range(24))).cast("B", [2, 3, 4])
    store = make_store(100)
    assert store.put("a", {"x": numbers.cast("B")}) is True
    assert (store.get("a", "x"), store.used_bytes) == (bytes(range(24)), 24)


def test_a_store_keeps_the_first_of_two_under_one_key(make_store: MakeStore) -> None:
    store = make_store(100)
    store.put("a", {"x": b"first"})
    assert store.put("a", {"x": b"second"}) is True
    assert (store.get("a", "x"), store.used_bytes) == (b"first", 5)


def test_a_store_at_its_budget_and_one_byte_more(make_store: MakeStore) -> None:
    store = make_store(10)
    assert store.put("a", {"x": b"12345"})
    assert store.put("b", {"x": b"12345"})
    assert (store.keys(), store.used_bytes) == (["a", "b"], 10)
    assert store.get("a", "x")
    assert store.put("c", {"x": b"1"})
    assert (store.keys(), store.used_bytes) == (["a", "c"], 6)
    assert store.get("b", "x") is None
    assert store.put("large", {"x": b"x" * 11}) is False
    assert store.keys() == ["a", "c"]
    assert store.put("whole", {"x": b"x" * 10}) is True
    assert (store.keys(), store.used_bytes) == (["whole"], 10)


def test_a_store_remembers_what_is_used_without_being_read(make_store: MakeStore) -> None:
    store = make_store(10)
    store.put("a", {"x": b"12345"})
    store.put("b", {"x": b"12345"})
    assert (store.touch("a"), store.touch("c")) == (True, False)
    store.put("d", {"x": b"1"})
    assert store.keys() == ["a", "d"]


def test_a_store_deletes(make_store: MakeStore) -> None:
    store = make_store(100)
    store.put("a", {"x": b"12345"})
    assert (store.delete("a"), store.delete("a"), store.get("a", "x"), store.used_bytes) == (
        True,
        False,
        None,
        0,
    )
    assert "a" not in store
    assert store.put("a", {"x": b"anew"}) is True
    assert store.get("a", "x") == b"anew"


@pytest.mark.parametrize(
    "key", ["", "..", "../a", "a/b", "/etc/passwd", ".new-a", "A", "a\0", "a" * 65, "a.b"]
)
def test_a_store_takes_no_other_names(make_store: MakeStore, key: str) -> None:
    store = make_store(100)
    for use in (
        lambda: store.put(key, {"x": b"1"}),
        lambda: store.get(key, "x"),
        lambda: store.touch(key),
        lambda: store.delete(key),
        lambda: key in store,
    ):
        with pytest.raises(ValueError, match="cannot name"):
            use()


@pytest.mark.parametrize("part", ["", "..", "../x", ".hidden", "a/b"])
def test_a_store_takes_no_other_names_of_parts(make_store: MakeStore, part: str) -> None:
    store = make_store(100)
    for use in (lambda: store.put("a", {part: b"1"}), lambda: store.get("a", part)):
        with pytest.raises(ValueError, match="cannot name"):
            use()
    assert (store.keys(), store.used_bytes) == ([], 0)


def test_a_store_sees_what_another_process_did(make_store: MakeStore) -> None:
    first, second = make_store(100), make_store(100)
    first.put("a", {"x": b"12345"})
    assert second.get("a", "x") == b"12345"
    assert second.used_bytes == 5
    first.delete("a")
    assert second.touch("a") is False
    assert second.get("a", "x") is None
    assert second.used_bytes == 0


def test_a_store_in_many_threads(make_store: MakeStore) -> None:
    store = make_store(60)

    def work(seed: int) -> None:
        generator = random.Random(seed)
        for _ in range(40):
            number = generator.randrange(8)
            content = store.get(f"key{number}", "x")
            assert content in (None, b"x" * 10 * (number % 3 + 1))
            store.put(f"key{number}", {"x": b"x" * 10 * (number % 3 + 1)})
            if generator.random() < 0.1:
                store.delete(f"key{number}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    keys = store.keys()
    kept = [store.get(key, "x") or b"" for key in keys]
    assert all(kept)
    assert store.used_bytes == sum(map(len, kept)) <= 60

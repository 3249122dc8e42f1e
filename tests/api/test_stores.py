"""The stores keep what they are given, within their budgets, across threads and restarts."""

from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.stores.disk import DiskStore
from app.stores.memory import MemoryStore


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_disk_keeps_and_finds_again(folder: Path) -> None:
    store = DiskStore(folder, 100)
    assert store.get("img_1", "meta.json") is None
    assert store.put("img_1", {"meta.json": b"{}", "pixels.npy": b"12345"}) is True
    for each in (store, DiskStore(folder, 100)):
        assert each.get("img_1", "pixels.npy") == b"12345"
        assert each.get("img_1", "other") is None
        assert ("img_1" in each, each.used_bytes, each.keys()) == (True, 7, ["img_1"])


def test_disk_keeps_the_first_of_two_under_one_key(folder: Path) -> None:
    store = DiskStore(folder, 100)
    store.put("a", {"x": b"first"})
    store.put("a", {"x": b"second"})
    assert (store.get("a", "x"), store.used_bytes) == (b"first", 5)


def test_disk_at_its_budget_and_one_byte_more(folder: Path) -> None:
    store = DiskStore(folder, 10)
    assert store.put("a", {"x": b"12345"})
    assert store.put("b", {"x": b"12345"})
    assert (store.keys(), store.used_bytes) == (["a", "b"], 10)
    assert store.get("a", "x")
    assert store.put("c", {"x": b"1"})
    assert (store.keys(), store.used_bytes) == (["a", "c"], 6)
    assert store.put("large", {"x": b"x" * 11}) is False
    assert store.keys() == ["a", "c"]
    assert sorted(os.listdir(folder)) == ["a", "c"]


def test_disk_remembers_the_order_of_use_across_a_restart(folder: Path) -> None:
    store = DiskStore(folder, 100)
    for key in ("a", "b", "c"):
        store.put(key, {"x": b"12345"})
    for age, key in enumerate(("b", "c", "a")):
        os.utime(folder / key, (1000 + age, 1000 + age))
    assert DiskStore(folder, 10).keys() == ["c", "a"]


def test_disk_deletes(folder: Path) -> None:
    store = DiskStore(folder, 100)
    store.put("a", {"x": b"12345"})
    assert (store.delete("a"), store.delete("a"), store.get("a", "x"), store.used_bytes) == (
        True,
        False,
        None,
        0,
    )
    assert os.listdir(folder) == []


def test_disk_ignores_and_removes_what_was_half_written(folder: Path) -> None:
    DiskStore(folder, 100).put("a", {"x": b"1"})
    (folder / ".new-abc").mkdir()
    (folder / ".new-abc" / "x").write_bytes(b"half")
    (folder / "README").write_text("not ours")
    store = DiskStore(folder, 100)
    assert store.keys() == ["a"]
    assert sorted(os.listdir(folder)) == ["README", "a"]


def test_disk_leaves_nothing_behind_when_writing_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DiskStore(folder, 100)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.put("a", {"x": b"1"})
    assert os.listdir(folder) == []
    assert store.keys() == []


@pytest.mark.parametrize(
    "key", ["", "..", "../a", "a/b", "/etc/passwd", ".new-a", "A", "a\0", "a" * 65, "a.b"]
)
def test_disk_takes_no_other_names(folder: Path, key: str) -> None:
    store = DiskStore(folder, 100)
    for use in (lambda: store.put(key, {"x": b"1"}), lambda: store.get(key, "x"), lambda: store.delete(key)):
        with pytest.raises(ValueError, match="cannot name"):
            use()


@pytest.mark.parametrize("part", ["", "..", "../x", ".hidden", "a/b"])
def test_disk_takes_no_other_names_of_parts(folder: Path, part: str) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        DiskStore(folder, 100).put("a", {part: b"1"})
    assert os.listdir(folder) == []


def test_disk_sees_what_another_process_wrote(folder: Path) -> None:
    first, second = DiskStore(folder, 100), DiskStore(folder, 100)
    first.put("a", {"x": b"12345"})
    assert second.get("a", "x") == b"12345"
    assert second.used_bytes == 5
    first.delete("a")
    assert second.get("a", "x") is None
    assert second.used_bytes == 0


def test_disk_in_many_threads(folder: Path) -> None:
    store = DiskStore(folder, 60)

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
    assert store.used_bytes == sum(path.stat().st_size for path in folder.rglob("x")) <= 60
    assert sorted(store.keys()) == sorted(os.listdir(folder))

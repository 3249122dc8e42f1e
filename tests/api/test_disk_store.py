"""What is the disk's own: the order of use outlives a restart, and nothing half written is ever found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.stores.disk import DiskStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_it_remembers_the_order_of_use_across_a_restart(folder: Path) -> None:
    store = DiskStore(folder, 100)
    for key in ("a", "b", "c"):
        store.put(key, {"x": b"12345"})
    for age, key in enumerate(("b", "c", "a")):
        os.utime(folder / key, (1000 + age, 1000 + age))
    assert DiskStore(folder, 10).keys() == ["c", "a"]


def test_it_leaves_nothing_of_what_it_no_longer_keeps(folder: Path) -> None:
    store = DiskStore(folder, 10)
    for key in ("a", "b", "c"):
        store.put(key, {"x": b"12345"})
    store.put("large", {"x": b"x" * 11})
    store.delete("b")
    assert os.listdir(folder) == ["c"]


def test_it_ignores_and_removes_what_was_half_written(folder: Path) -> None:
    DiskStore(folder, 100).put("a", {"x": b"1"})
    (folder / ".new-abc").mkdir()
    (folder / ".new-abc" / "x").write_bytes(b"half")
    (folder / "README").write_text("not ours")
    store = DiskStore(folder, 100)
    assert store.keys() == ["a"]
    assert sorted(os.listdir(folder)) == ["README", "a"]


def test_it_leaves_nothing_behind_when_writing_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DiskStore(folder, 100)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.put("a", {"x": b"1"})
    assert os.listdir(folder) == []
    assert store.keys() == []


def test_a_name_that_is_refused_leaves_nothing_behind(folder: Path) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        DiskStore(folder, 100).put("a", {"x": b"1", "../y": b"2"})
    assert os.listdir(folder) == []

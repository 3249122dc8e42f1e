"""Entries of a few named parts in a folder, up to a number of bytes; the one not used for longest goes first.

An entry is a folder named by its key. It is written beside the others under a name that begins with
a dot and then renamed, so it is there completely or not at all, whenever the power fails.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from threading import RLock

from app.stores.store import KEY, Store, checked_key, checked_part


class DiskStore(Store):
    """A content-addressed store on disk, safe to use from many threads and found again after a restart.

    Args:
        folder: made when missing; belongs to this store alone.
        budget_bytes: the sum of the sizes that is kept; an entry larger than it is not kept at all.
    """

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        self._folder = folder
        self.budget_bytes = budget_bytes
        self._lock = RLock()
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._used = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._scan()

    def put(self, key: str, parts: Mapping[str, bytes | memoryview]) -> bool:
        target = self._path(key)
        size = sum(memoryview(part).nbytes for part in parts.values())
        if size > self.budget_bytes:
            return False
        if self.touch(key):
            return True
        half_written = Path(tempfile.mkdtemp(prefix=".new-", dir=self._folder))
        try:
            for name, content in parts.items():
                _write(half_written / checked_part(name), content)
            with self._lock:
                with contextlib.suppress(FileExistsError, OSError):
                    half_written.rename(
                        target
                    )  # refused where another thread was quicker: same key, same content
                if not target.is_dir():
                    return False
                _sync(self._folder)
                self._remember(key, size)
                self._evict()
        finally:
            shutil.rmtree(half_written, ignore_errors=True)
        return True

    def get(self, key: str, part: str) -> bytes | None:
        path = self._path(key) / checked_part(part)
        if not self.touch(key):
            return None
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def touch(self, key: str) -> bool:
        path = self._path(key)
        with self._lock:
            try:
                os.utime(path)
            except FileNotFoundError:
                self._forget(key)
                return False
            # Another process may have written it.
            self._remember(key, self._sizes[key] if key in self._sizes else _size(path))
            return True

    def delete(self, key: str) -> bool:
        with self._lock:
            there = self._path(key).is_dir()
            self._drop(key)
        return there

    def keys(self) -> list[str]:
        with self._lock:
            return list(self._sizes)

    @property
    def used_bytes(self) -> int:
        with self._lock:
            return self._used

    def __contains__(self, key: str) -> bool:
        return self._path(key).is_dir()

    def _path(self, key: str) -> Path:
        return self._folder / checked_key(key)

    def _scan(self) -> None:
        found: list[tuple[float, str, int]] = []
        for entry in os.scandir(self._folder):
            if entry.name.startswith((".new-", ".old-")):
                shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.is_dir() and KEY.fullmatch(entry.name):
                found.append((entry.stat().st_mtime, entry.name, _size(Path(entry.path))))
        for _, key, size in sorted(found):
            self._remember(key, size)
        self._evict()

    def _remember(self, key: str, size: int) -> None:
        self._forget(key)
        self._sizes[key] = size
        self._used += size

    def _forget(self, key: str) -> None:
        self._used -= self._sizes.pop(key, 0)

    def _evict(self) -> None:
        while self._used > self.budget_bytes:
            self._drop(next(iter(self._sizes)))

    def _drop(self, key: str) -> None:
        self._forget(key)
        # Renamed first: a reader finds all of an entry or nothing of it.
        going = Path(tempfile.mkdtemp(prefix=".old-", dir=self._folder))
        with contextlib.suppress(FileNotFoundError):
            self._path(key).rename(going / key)
        shutil.rmtree(going, ignore_errors=True)


def _size(folder: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return sum(entry.stat().st_size for entry in os.scandir(folder))
    return 0


def _write(path: Path, content: bytes | memoryview) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make a rename last; not every system lets a folder be synchronised."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""Entries of a few named parts in a folder, up to a number of bytes; the one not used for longest goes first.

An entry is a folder named by its key. It is written beside the others under a name that begins with
a dot and then renamed, so it is there completely or not at all, whenever the power fails.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from threading import RLock

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PART = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


class DiskStore:
    """A content-addressed store on disk, safe to use from many threads and found again after a restart.

    Args:
        folder: made when missing; belongs to this store alone.
        budget_bytes: the sum of the sizes that is kept; an entry larger than it is not kept at all.
    """

    def __init__(self, folder: Path, budget_bytes: int) -> None:
        self._folder = folder
        self._budget = budget_bytes
        self._lock = RLock()
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._used = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._scan()

    def put(self, key: str, parts: Mapping[str, bytes | memoryview]) -> bool:
        """Keep an entry; what is there under the same key already stays as it is.

        Returns:
            Whether it is kept now: not where it is larger than the whole budget.
        """
        target = self._path(key)
        size = sum(memoryview(part).nbytes for part in parts.values())
        if size > self._budget:
            return False
        if self._touch(key):
            return True
        half_written = Path(tempfile.mkdtemp(prefix=".new-", dir=self._folder))
        try:
            for name, content in parts.items():
                _write(half_written / _checked(_PART, name), content)
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
        """One part of an entry, which counts as used now; None when it is not there."""
        path = self._path(key) / _checked(_PART, part)
        if not self._touch(key):
            return None
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> bool:
        """Remove an entry; whether it was there."""
        with self._lock:
            there = self._path(key).is_dir()
            self._drop(key)
        return there

    def keys(self) -> list[str]:
        """The keys kept now, the one not used for longest first."""
        with self._lock:
            return list(self._sizes)

    @property
    def used_bytes(self) -> int:
        """The sum of the sizes kept now."""
        with self._lock:
            return self._used

    def __contains__(self, key: str) -> bool:
        return self._path(key).is_dir()

    def _path(self, key: str) -> Path:
        return self._folder / _checked(_KEY, key)

    def _scan(self) -> None:
        found: list[tuple[float, str, int]] = []
        for entry in os.scandir(self._folder):
            if entry.name.startswith((".new-", ".old-")):
                shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.is_dir() and _KEY.fullmatch(entry.name):
                found.append((entry.stat().st_mtime, entry.name, _size(Path(entry.path))))
        for _, key, size in sorted(found):
            self._remember(key, size)
        self._evict()

    def _touch(self, key: str) -> bool:
        """Count an entry as used now; also one that another process has written."""
        path = self._path(key)
        with self._lock:
            try:
                os.utime(path)
            except FileNotFoundError:
                self._forget(key)
                return False
            self._remember(key, self._sizes[key] if key in self._sizes else _size(path))
            return True

    def _remember(self, key: str, size: int) -> None:
        self._forget(key)
        self._sizes[key] = size
        self._used += size

    def _forget(self, key: str) -> None:
        self._used -= self._sizes.pop(key, 0)

    def _evict(self) -> None:
        while self._used > self._budget:
            self._drop(next(iter(self._sizes)))

    def _drop(self, key: str) -> None:
        self._forget(key)
        # Renamed first: a reader finds all of an entry or nothing of it.
        going = Path(tempfile.mkdtemp(prefix=".old-", dir=self._folder))
        with contextlib.suppress(FileNotFoundError):
            self._path(key).rename(going / key)
        shutil.rmtree(going, ignore_errors=True)


def _checked(form: re.Pattern[str], name: str) -> str:
    if not form.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a stored thing")
    return name


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

"""Files that are there completely or not at all, whenever their writer is killed."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

NEW = ".new-"
"""Begins the names of files that are being written."""


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to be written, which takes its name when all is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half_written = path.parent / f"{NEW}{secrets.token_hex(6)}"
    try:
        with half_written.open("wb") as file:
            yield file
        os.replace(half_written, path)
    finally:
        half_written.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    """One JSON value as a file, always with the same bytes."""
    with whole_file(path) as file:
        file.write((json.dumps(value, indent=1, allow_nan=False) + "\n").encode())


def remove_half_written(folder: Path) -> None:
    """Remove what killed writers have left in a folder and under it."""
    for path in folder.rglob(f"{NEW}*"):
        path.unlink(missing_ok=True)

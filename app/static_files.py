"""The page's own files, under an address that changes when any of them does.

``/static/{digest}/js/…``: the digest covers all files, so modules import each other by relative
paths and everything may be kept by the browser for ever.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import zstandard

# Written out: the table of the operating system may say text/plain for JavaScript, which browsers refuse.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".npy": "application/x-npy",
    ".onnx": "application/octet-stream",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class StaticFile:
    """One file as it is served."""

    path: Path
    media_type: str
    changed_ns: int

    @property
    def is_text(self) -> bool:
        """Whether it is worth compressing; pictures are already."""
        return self.media_type.startswith(("text/", "application/json", "image/svg"))

    def content(self) -> bytes:
        """The bytes that are served: scripts and style sheets go without their comments."""
        return _content(self.path, self.changed_ns)

    def compressed(self, accepted: str) -> tuple[bytes, str] | None:
        """(content, encoding) for an Accept-Encoding header; None for pictures or where none is known."""
        if not self.is_text:
            return None
        offers = {
            name.strip()
            for name, _, quality in _encodings(accepted)
            if quality.strip() not in ("q=0", "q=0.0")
        }
        encoding = next((each for each in ("zstd", "gzip") if each in offers), None)
        return None if encoding is None else (_compressed(self.path, self.changed_ns, encoding), encoding)


def _encodings(accepted: str) -> list[tuple[str, str, str]]:
    return [part.partition(";") for part in accepted.lower().split(",")]


@lru_cache(maxsize=512)
def _content(path: Path, changed_ns: int) -> bytes:
    content = path.read_bytes()
    if path.suffix not in (".js", ".css"):
        return content
    return without_comments(content.decode("utf-8")).encode("utf-8")


def without_comments(source: str) -> str:
    r"""A script or style sheet without the lines that are comments, and without indentation.

    Comments behind code stay, and so does every line within a template literal; where the backquotes
    of a source do not pair, nothing is left out.

    >>> without_comments("/** Adds. */ export const a = 1; // one\n\n  // two\n  f(`a\n  b`);")
    'export const a = 1; // one\nf(`a\n  b`);'
    """
    kept: list[str] = []
    in_comment = in_template = False
    for line in source.split("\n"):
        text = line if in_template else line.strip()
        if not in_template and (in_comment or text.startswith("/*")):
            # What follows the comment is code: a type cast stands before its expression.
            _, end, text = text.partition("*/")
            in_comment, text = not end, text.strip()
        if not in_template and (not text or text.startswith("//")):
            continue
        kept.append(text)
        if text.replace("\\`", "").count("`") % 2:
            in_template = not in_template
    return source if in_template else "\n".join(kept)


@lru_cache(maxsize=512)
def _compressed(path: Path, changed_ns: int, encoding: str) -> bytes:
    """A file compressed once; ``changed_ns`` only tells versions apart."""
    content = _content(path, changed_ns)
    if encoding == "zstd":
        return zstandard.ZstdCompressor(level=12).compress(content)
    return gzip.compress(content, 9, mtime=0)


class StaticFolder:
    """The files below a folder; only those found by walking it can be asked for.

    Args:
        folder: may be missing, then it is empty.
        recheck_s: how old the knowledge of the folder may be, so that an edited file shows without a restart.
    """

    def __init__(self, folder: Path, recheck_s: float = 1.0) -> None:
        self._folder = folder
        self._recheck_s = recheck_s
        self._checked = float("-inf")
        self._signature: tuple[tuple[str, int, int], ...] | None = None
        self._digest = ""
        self._files: dict[str, StaticFile] = {}
        self._lock = Lock()

    @property
    def digest(self) -> str:
        """Ten characters that stand for all files and their names."""
        self._look()
        return self._digest

    def find(self, path: str) -> StaticFile | None:
        """The file at a path relative to the folder, with ``/`` between its parts."""
        self._look()
        return self._files.get(path)

    def url(self, path: str) -> str:
        """The address of a file.

        Raises:
            FileNotFoundError: there is none; found by the tests and not by a visitor.
        """
        if self.find(path) is None:
            raise FileNotFoundError(f"static/{path}")
        return f"/static/{self._digest}/{path}"

    def _look(self) -> None:
        with self._lock:
            now = time.monotonic()
            if now - self._checked < self._recheck_s:
                return
            self._checked = now
            signature = tuple(sorted(_walk(self._folder)))
            if signature == self._signature:
                return
            digest = hashlib.sha256()
            files: dict[str, StaticFile] = {}
            for name, changed_ns, _ in signature:
                path = self._folder / name
                digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
                media_type = MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")
                files[name] = StaticFile(path, media_type, changed_ns)
            self._signature, self._files, self._digest = signature, files, digest.hexdigest()[:10]


def _walk(folder: Path) -> list[tuple[str, int, int]]:
    """(relative path, time of change, size) of each file; hidden ones are left out."""
    found: list[tuple[str, int, int]] = []
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            if not name.startswith("."):
                path = Path(where) / name
                status = path.stat()
                found.append((path.relative_to(folder).as_posix(), status.st_mtime_ns, status.st_size))
    return found

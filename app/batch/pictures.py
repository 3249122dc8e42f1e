"""The list of pictures: files, the pictures of folders, and lists in files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.problems import Problem

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp"})
"""Of the files of a folder these are taken; a file that is named is taken whatever it is called."""


@dataclass(frozen=True)
class Share:
    """Pictures that follow each other in the list, done by one process in one go.

    Args:
        index: of the share.
        start: position of its first picture in the list.
        names: of its pictures, as they were given: paths.
        base: the folder from which relative paths start.
    """

    index: int
    start: int
    names: tuple[str, ...]
    base: str

    def path(self, row: int) -> str:
        """Of one of its pictures."""
        return os.path.join(self.base, self.names[row])


def list_pictures(named: Sequence[str], lists: Sequence[str]) -> list[str]:
    """All pictures in order, called as they were named.

    Args:
        named: files and folders; those of a folder are sorted, folders in it included.
        lists: files with a path a line; ``-`` is standard input.

    Raises:
        Problem: ``no-pictures``.
    """
    pictures = [path for each in named for path in _pictures(Path(each))]
    pictures += [line for each in lists for line in _lines(each) if line]
    if not pictures:
        allowed = f"pictures, folders with pictures ({', '.join(sorted(SUFFIXES))}), or --list FILE"
        raise Problem("no-pictures", "pictures", ", ".join((*named, *lists)) or None, allowed)
    return pictures


def shares_of(pictures: Sequence[str], count: int) -> list[Share]:
    """The list cut into shares of ``count`` pictures.

    >>> [share.names for share in shares_of(["a", "b", "c"], 2)]
    [('a', 'b'), ('c',)]
    """
    base, starts = str(Path.cwd()), range(0, len(pictures), count)
    return [Share(i, start, tuple(pictures[start : start + count]), base) for i, start in enumerate(starts)]


def _pictures(path: Path) -> Iterator[str]:
    if not path.is_dir():
        yield str(path)
        return
    yield from sorted(
        str(each) for each in path.rglob("*") if each.suffix.lower() in SUFFIXES and each.is_file()
    )


def _lines(name: str) -> list[str]:
    text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines()]

"""The lessons that come with the server: files of views and notes, in the format that rooms take."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import ValidationError

from app.problems import Problem
from app.rooms.messages import Lesson

COURSE = ("what-a-convolution-does", "padding-stride-pooling", "inside-a-trained-network")

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Lessons:
    """Read once, when the server starts: a lesson that is wrong is found before anybody teaches from it.

    Args:
        folder: of ``name.json`` files; none where it is missing.

    Raises:
        ValueError: names the file that is no lesson.
    """

    def __init__(self, folder: Path) -> None:
        files = sorted(folder.glob("*.json"), key=_place)
        self._lessons = {file.stem: _read(file) for file in files}

    def names(self) -> list[str]:
        """The names, in the order in which they are listed."""
        return list(self._lessons)

    def get(self, name: str) -> Lesson:
        """A lesson by its name.

        Raises:
            Problem: ``unknown-lesson``.
        """
        lesson = self._lessons.get(name)
        if lesson is None:
            raise Problem("unknown-lesson", "lesson", name, ", ".join(self._lessons))
        return lesson


def _place(file: Path) -> tuple[int, str]:
    """Where a lesson stands in the list: ours in the order in which they are taught, then all others."""
    return (COURSE.index(file.stem) if file.stem in COURSE else len(COURSE), file.stem)


def _read(file: Path) -> Lesson:
    if not _NAME.fullmatch(file.stem):
        raise ValueError(f"{file.name} is no name of a lesson; allowed: small letters, digits, hyphens")
    try:
        return Lesson.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{file.name} is no lesson: {error}") from error

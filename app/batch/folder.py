"""The folder of a batch: what is done, what could not be done, and whether one may go on here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.batch.files import remove_half_written, whole_file, write_json
from app.batch.job import Job, read_job
from app.problems import Problem
from app.services.descriptions import Json

FORMAT = 1
"""Of the folder; a later version of ConvScope that writes it otherwise counts on."""


class Folder:
    """A batch on disk.

    ::

    manifest.json     what determines the numbers
    pictures.json     the pictures in order, as they were named
    errors.jsonl      a line for every picture that could not be read, by position
    part-00000.npz …  or features.zarr
    .batch/           a mark for every share that is done, and the model
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._manifest = root / "manifest.json"
        self._marks = root / ".batch" / "done"
        self.data = root / ".batch" / "data"
        """Where worker processes find the model."""

    def open(self, job: Job, pictures: Sequence[str]) -> None:
        """Begin a batch here, or go on with it.

        Raises:
            Problem: ``other-batch`` where another one lies here, naming what differs.
        """
        told = {"format": FORMAT, **job.json()}
        if self._manifest.is_file():
            self._check_same(json.loads(self._manifest.read_text(encoding="utf-8")), told)
            return
        self.check_place()
        write_json(self.root / "pictures.json", list(pictures))
        write_json(self._manifest, told)

    def check_place(self) -> None:
        """Whether a batch may lie here.

        Raises:
            Problem: ``other-batch`` where something else does.
        """
        if self.root.exists() and not self._manifest.is_file():
            own = (".batch", "pictures.json")
            other = next((path.name for path in self.root.iterdir() if path.name not in own), None)
            if other is not None:
                allowed = f"a new folder, an empty one, or that of a batch; it has {other}"
                raise Problem("other-batch", "to", str(self.root), allowed)

    def job(self) -> Job:
        """The batch that lies here.

        Raises:
            Problem: ``unreachable-folder``.
        """
        try:
            fields = json.loads(self._manifest.read_text(encoding="utf-8"))
        except OSError as error:
            allowed = "a folder that every worker reaches under the same path"
            raise Problem(
                "unreachable-folder", "to", str(self.root), f"{allowed} ({error.strerror})"
            ) from None
        del fields["format"]
        return read_job(fields)

    def mark(self, index: int, errors: Sequence[Json]) -> None:
        """Say that a share is done: only now does it count."""
        write_json(self._marks / f"{index:05}.json", list(errors))

    def done(self) -> dict[int, list[Json]]:
        """The errors of every share that is done, by its index."""
        paths = sorted(self._marks.glob("*.json"))
        return {int(path.stem): json.loads(path.read_text(encoding="utf-8")) for path in paths}

    def list_errors(self) -> list[Json]:
        """Write and return the errors of all shares that are done, by position; nobody else writes now."""
        errors = [error for _, listed in sorted(self.done().items()) for error in listed]
        remove_half_written(self.root)
        with whole_file(self.root / "errors.jsonl") as file:
            file.writelines(json.dumps(error).encode() + b"\n" for error in errors)
        return errors

    def _check_same(self, there: Json, asked: Json) -> None:
        # The pictures first: what suits them may differ with them.
        for name in ("digest", *asked):
            if there.get(name) != asked[name]:
                called = _OPTIONS.get(name, name)
                allowed = f"{_short(there.get(name))}, as the batch in {self.root} has it; or another folder"
                raise Problem("other-batch", called, _short(asked[name]), allowed)


_OPTIONS: Mapping[str, str] = {
    "digest": "the list of pictures",
    "nodes": "node",
    "layout": "format",
    "share": "chunk",
    "entry": "size, color or range",
}
"""How the command line calls what the manifest calls otherwise."""


def _short(value: object) -> str:
    return json.dumps(value)

"""The numbers of a share as they come, a row for each picture, and what could not be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.batch.job import Job
from app.batch.pictures import Share
from app.batch.writing import VALID, Arrays
from app.problems import Problem, shorten
from app.representations import Numbers, convert, select
from app.services.descriptions import Json
from app.services.running import shown
from engine.types import Array


class Rows:
    """The rows of one share.

    Args:
        job: what is written of a picture.
        share: which pictures.
    """

    def __init__(self, job: Job, share: Share) -> None:
        self._job = job
        self._share = share
        count, dtype = len(share.names), job.dtype
        self._outputs = {
            node: np.full((count, *shape), 0 if dtype == "uint8" else np.nan, dtype)
            for node, shape in job.shapes.items()
        }
        scaled = job.nodes if dtype != "float32" else ()
        self._scales = {node: (np.ones(count), np.zeros(count)) for node in scaled}
        self._valid = np.zeros(count, bool)
        self._errors: list[Json] = []

    def keep(self, rows: Sequence[int], outputs: Mapping[str, Array]) -> None:
        """Outputs of pictures, by node, (pictures, …)."""
        for node, y in outputs.items():
            if self._job.dtype == "float32" and y.shape == (len(rows), *self._job.shapes[node]):
                # Nothing is left out, and nothing converted.
                self._outputs[node][rows] = y
                continue
            for index, row in enumerate(rows):
                self._keep(node, row, select(shown(y[index : index + 1]), self._job.part))
        self._valid[rows] = True

    def _keep(self, node: str, row: int, numbers: Numbers) -> None:
        if self._job.dtype == "float32":
            self._outputs[node][row] = numbers
            return
        stored = convert(numbers, self._job.dtype)
        self._outputs[node][row] = stored.numbers
        scales, offsets = self._scales[node]
        scales[row], offsets[row] = stored.scale, stored.offset

    def refuse(self, row: int, problem: Problem) -> None:
        """Note why a picture has no numbers."""
        fields: dict[str, Any] = {
            "position": self._share.start + row,
            "picture": self._share.names[row],
            "code": problem.code,
            "argument": problem.argument,
            "value": shorten(problem.value),
            "allowed": problem.allowed,
        }
        self._errors.append({name: value for name, value in fields.items() if value is not None})

    @property
    def errors(self) -> list[Json]:
        """What was refused, by position."""
        return sorted(self._errors, key=lambda error: int(error["position"]))

    @property
    def arrays(self) -> Arrays:
        """All that is written of the share."""
        told: dict[str, Numbers] = {}
        for node, numbers in self._outputs.items():
            told[node] = numbers
            if node in self._scales:
                told[f"{node}.scale"], told[f"{node}.offset"] = self._scales[node]
        return {**told, VALID: self._valid}

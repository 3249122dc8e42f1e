"""One share of work: read, decode, run, and the numbers in order. Knows no process and no cluster."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from app.batch.job import Job
from app.batch.pictures import Share
from app.batch.watch import NOTHING, Watch
from app.batch.writing import VALID, Arrays
from app.limits import Limits
from app.problems import Problem, shorten
from app.representations import Numbers, convert, select
from app.services.decode import decode
from app.services.descriptions import Json
from app.services.edits import edited
from app.services.entries import enter
from app.services.running import shown, sized_for
from app.services.sent_pictures import decode_limits
from engine.errors import EngineError
from engine.graph import Model
from engine.inference.pictures import are_apart
from engine.inference.plan import Plan
from engine.types import Array

STACK = 32
"""Pictures that run at once; more are no quicker."""

STACK_NUMBERS = 128_000_000
"""Numbers that the outputs of a stack may have, all nodes together."""


def model_of(job: Job, model: Model) -> Model:
    """A model at the size and with the edits of a job."""
    sized = sized_for(model, job.entry)
    return edited(sized, job.edits) if job.edits else sized


class Shares:
    """Does shares of one job.

    Args:
        job: the batch.
        model: its model, as it is known.
        limits: of one picture.
    """

    def __init__(self, job: Job, model: Model, limits: Limits) -> None:
        self._job = job
        # Kept: with its weights at hand a plan prepares the best route for every size of stack.
        self._model = model_of(job, model)
        self._plan = Plan(self._model, job.nodes)
        each = sum(prod(shape) for shape in self._model.shapes.values())
        most = min(STACK, STACK_NUMBERS // each) if are_apart(self._model) else 1
        self._stack = np.empty((max(1, most), *self._model.input_shape), np.float32)
        self._limits = limits
        self._decode_limits = decode_limits(limits)

    def run(self, share: Share, given_up: Mapping[int, str], watch: Watch) -> tuple[Arrays, list[Json]]:
        """The numbers of a share, a row for each picture, and what could not be done.

        Args:
            share: which pictures.
            given_up: codes by position, of pictures not to be touched: they ended a process before.
            watch: is told what comes next.
        """
        rows = _Rows(self._job, share)
        waiting: list[int] = []
        for row in range(len(share.names)):
            try:
                self._stack[len(waiting)] = self._entered(share, row, given_up, watch)
            except Problem as problem:
                rows.refuse(row, problem)
                continue
            waiting.append(row)
            if len(waiting) == len(self._stack):
                self._flush(rows, waiting)
        self._flush(rows, waiting)
        return rows.arrays, sorted(rows.errors, key=lambda error: int(error["position"]))

    def _entered(self, share: Share, row: int, given_up: Mapping[int, str], watch: Watch) -> Array:
        position = share.start + row
        if position in given_up:
            raise Problem(given_up[position], "file", allowed="a picture that the decoder survives, in time")
        data = _read(share.path(row), self._limits.upload_bytes)
        watch.tell(position, row)
        _set_alarm(self._limits.decode_s)
        pixels = decode(data, self._decode_limits).pixels
        watch.tell(NOTHING, row + 1)
        x: Array = enter(pixels, self._job.entry)[0]
        if x.shape != self._stack.shape[1:]:
            raise Problem("shape-mismatch", "channels", x.shape[0], str(self._stack.shape[1]))
        return x

    def _flush(self, rows: _Rows, waiting: list[int]) -> None:
        """Run what is stacked up."""
        _set_alarm(0)
        if not waiting:
            return
        try:
            rows.keep(waiting, self._plan.run(self._stack[: len(waiting)]))
        except EngineError:
            # One of them is to blame: each by itself.
            for index, row in enumerate(waiting):
                try:
                    rows.keep([row], self._plan.run(self._stack[index : index + 1]))
                except EngineError as error:
                    rows.refuse(row, Problem(error.code, error.argument, error.value, error.allowed))
        waiting.clear()


class _Rows:
    """The numbers of a share as they come."""

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
        self.errors: list[Json] = []

    def keep(self, rows: list[int], outputs: Mapping[str, Array]) -> None:
        """Outputs of pictures, by node, (pictures, …)."""
        for node, y in outputs.items():
            for row, index in zip(rows, range(len(y)), strict=True):
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
        self.errors.append({name: value for name, value in fields.items() if value is not None})

    @property
    def arrays(self) -> Arrays:
        """All that is written of the share."""
        told: dict[str, Numbers] = {}
        for node, numbers in self._outputs.items():
            told[node] = numbers
            if node in self._scales:
                told[f"{node}.scale"], told[f"{node}.offset"] = self._scales[node]
        return {**told, VALID: self._valid}


def _set_alarm(seconds: float) -> None:
    """Let the system end this process after so long: nothing else stops a decoder that hangs. 0: never."""
    # By the time of the processor: a machine busy with other things makes no picture slow.
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _read(path: str, most: int) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            told = os.fstat(file.fileno())
            # Devices and pipes have no end.
            if not stat.S_ISREG(told.st_mode):
                raise Problem("unreadable-picture", "file", "no file", "a file that may be read")
            if told.st_size > most:
                raise Problem("file-too-large", "file", told.st_size, f"up to {most} bytes")
            return file.read()
    except OSError as error:
        raise Problem("unreadable-picture", "file", error.strerror, "a file that may be read") from None

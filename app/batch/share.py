"""One share of work: read, decode, run, and the numbers in order. Knows no process and no cluster."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from app.batch.job import Job
from app.batch.pictures import Share
from app.batch.reading import Reading
from app.batch.rows import Rows
from app.batch.stack import Stack
from app.batch.watch import NOTHING, Watch
from app.batch.writing import Arrays
from app.limits import Limits
from app.problems import Problem
from app.services.decode import Pixels
from app.services.descriptions import Json
from app.services.edits import edited
from app.services.running import sized_for
from engine.errors import EngineError
from engine.graph import Model
from engine.inference.pictures import are_apart
from engine.inference.plan import Plan

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
        self._stack = Stack(max(1, most), self._model.input_shape, job.entry)
        self._reading = Reading(limits)

    def run(self, share: Share, given_up: Mapping[int, str], watch: Watch) -> tuple[Arrays, list[Json]]:
        """The numbers of a share, a row for each picture, and what could not be done.

        Args:
            share: which pictures.
            given_up: codes by position, of pictures not to be touched: they ended a process before.
            watch: is told what comes next.
        """
        rows = Rows(self._job, share)
        # An error may have left a share before this one half done.
        self._stack.clear()
        for row in range(len(share.names)):
            try:
                self._stack.add(row, self._pixels(share, row, given_up, watch))
            except Problem as problem:
                rows.refuse(row, problem)
            watch.tell(NOTHING, row + 1)
            if self._stack.is_full:
                self._flush(rows)
        self._flush(rows)
        return rows.arrays, rows.errors

    def _pixels(self, share: Share, row: int, given_up: Mapping[int, str], watch: Watch) -> Pixels:
        position = share.start + row
        if position in given_up:
            raise Problem(given_up[position], "file", allowed="a picture that the decoder survives, in time")
        data = self._reading.file(share.path(row))
        watch.tell(position, row)
        return self._reading.pixels(data)

    def _flush(self, rows: Rows) -> None:
        """Run what is stacked up."""
        waiting, x = self._stack.rows, self._stack.entered()
        if not waiting:
            return
        try:
            rows.keep(waiting, self._plan.run(x))
        except EngineError:
            # One of them is to blame: each by itself.
            for index, row in enumerate(waiting):
                try:
                    rows.keep([row], self._plan.run(x[index : index + 1]))
                except EngineError as error:
                    rows.refuse(row, Problem(error.code, error.argument, error.value, error.allowed))
        self._stack.clear()

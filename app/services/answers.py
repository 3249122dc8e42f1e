"""Answers about runs and models as contents, each computed in the quick lane and once for all who ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.jobs import Lanes
from app.limits import Limits
from app.negotiation import Form
from app.pictures import Extents, Look, draw
from app.problems import Problem
from app.representations import Content, Numbers, Part, encode, json_content, npz_content
from app.services.explanations import Page, cell_uses, explain_cell
from app.services.linear_maps import sparse_rows, window_columns
from app.services.models import KnownModel, Models, describe_model, report
from app.services.runs import Run, Runs, describe_run
from app.services.stages import list_stages, stage
from app.services.steps import explain_steps
from engine.types import Cell


class Answers:
    """Everything that can be asked of a run or a model.

    Each ``key`` is a text that determines the answer, such as its address: callers with one key share
    one computation.
    """

    def __init__(self, runs: Runs, models: Models, lanes: Lanes, limits: Limits) -> None:
        self._runs = runs
        self._models = models
        self._lanes = lanes
        self._limits = limits

    async def run(self, key: str, run_id: str) -> Content:
        """A run with its nodes."""
        return await self._of_run(key, run_id, lambda run: json_content(describe_run(run)))

    async def described(self, run: Run) -> Content:
        """The same of a run at hand."""
        return await self._lanes.quick.run(
            f"describe {run.id}", lambda ticket: json_content(describe_run(run))
        )

    async def cell(self, key: str, run_id: str, node: str, cell: Cell, page: Page) -> Content:
        """How one number was made."""
        return await self._of_run(
            key, run_id, lambda run: json_content(explain_cell(run, node, cell, page, self._limits))
        )

    async def uses(self, key: str, run_id: str, node: str, cell: Cell) -> Content:
        """What one number goes into."""
        return await self._of_run(
            key, run_id, lambda run: json_content(cell_uses(run, node, cell, self._limits))
        )

    async def steps(
        self, key: str, run_id: str, node: str, start: int, count: int, *, positions: bool
    ) -> Content:
        """How many numbers were made, one after the other."""
        return await self._of_run(
            key,
            run_id,
            lambda run: json_content(explain_steps(run, node, start, count, positions, self._limits)),
        )

    async def output(self, key: str, run_id: str, node: str, form: Form, part: Part, look: Look) -> Content:
        """The output of a node as array, picture or JSON."""

        def work(run: Run) -> Content:
            return self._array(run.trace.output(node)[0], form, part, look, run.legend(node))

        return await self._of_run(key, run_id, work)

    async def outputs(self, key: str, run_id: str, nodes: Sequence[str] | None, part: Part) -> Content:
        """The outputs of several nodes, or of all, as .npz."""

        def work(run: Run) -> Content:
            names = nodes or [node.name for node in run.trace.model]
            return npz_content({name: run.trace.output(name)[0] for name in names}, part.dtype)

        return await self._of_run(key, run_id, work)

    async def columns(
        self, key: str, run_id: str, node: str, rows: str | None, form: Form, part: Part
    ) -> Content:
        """The unrolled windows of a node's input."""
        return await self._of_run(
            key,
            run_id,
            lambda run: encode(
                window_columns(run, node, rows, self._limits),
                form,
                part,
                self._limits.json_numbers,
                ".npy or rows=",
            ),
        )

    async def matrix(self, key: str, run_id: str, node: str, rows: str) -> Content:
        """Rows of the linear map that a node is."""
        return await self._of_run(
            key, run_id, lambda run: json_content(sparse_rows(run, node, rows, self._limits))
        )

    async def stages(self, key: str, run_id: str, node: str) -> Content:
        """The stages of a transposed convolution."""
        return await self._of_run(key, run_id, lambda run: json_content(list_stages(run, node)))

    async def stage(
        self, key: str, run_id: str, node: str, name: str, form: Form, part: Part, look: Look
    ) -> Content:
        """One stage as array, picture or JSON."""

        def work(run: Run) -> Content:
            array, legend = stage(run, node, name)
            return self._array(array, form, part, look, legend)

        return await self._of_run(key, run_id, work)

    async def model(self, key: str, model: str) -> Content:
        """A model with its nodes."""
        known = await self._models.get(model)
        return await self._lanes.quick.run(key, lambda ticket: json_content(describe_model(known)))

    async def posted_model(self, known: KnownModel) -> Content:
        """A model at hand, with the report of what was understood."""
        return await self._lanes.quick.run(
            f"describe {known.id}",
            lambda ticket: json_content({**describe_model(known), "report": report(known)}),
        )

    async def weight(
        self, key: str, model: str, node: str, weight: str, form: Form, part: Part, look: Look
    ) -> Content:
        """A weight of a node as array, picture or JSON."""
        array = await self._models.weight(model, node, weight)
        if form == "png" and array.ndim < 2:
            raise Problem("not-acceptable", "suffix", ".png", ".npy, .json: a vector has no picture")
        extent = (float(array.min()), float(array.max()))
        legend = Extents(extent, extent, "weight")
        return await self._lanes.quick.run(key, lambda ticket: self._array(array, form, part, look, legend))

    def _array(self, array: Numbers, form: Form, part: Part, look: Look, legend: Extents) -> Content:
        if form == "png":
            return draw(array, part, look, legend, self._limits.image_pixels)
        return encode(array, form, part, self._limits.json_numbers, ".npy or .png")

    async def _of_run(self, key: str, run_id: str, work: Callable[[Run], Content]) -> Content:
        run = await self._runs.get(run_id)
        return await self._lanes.quick.run(key, lambda ticket: work(run))

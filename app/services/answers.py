"""Answers about runs and models as contents, each computed in a lane for short work, once for all who ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.jobs import Gate, Lanes, Ticket
from app.limits import Limits
from app.negotiation import Dtype, Form
from app.overviews import Overview, numbers_in
from app.pictures import Extents, Look, draw, draw_colors
from app.problems import Problem
from app.representations import Content, Numbers, Part, encode, json_content, npz_content, select
from app.services.descriptions import Descriptions, Json
from app.services.explanations import Page, cell_uses, explain_cell, is_brief
from app.services.filters import filters_of
from app.services.linear_maps import sparse_rows, window_columns
from app.services.models import KnownModel, Models, all_understood, describe_model
from app.services.runs import Run, Runs, describe_run
from app.services.stages import list_stages, stage
from app.services.steps import explain_steps
from app.stores.memory import MemoryStore
from engine.types import Cell

FILTERS_BYTES = 8 << 20
"""Descriptions of filters that are kept: some hundred layers."""


class Answers:
    """Everything that can be asked of a run or a model.

    Each ``key`` is a text that determines the answer, such as its address: callers with one key share
    one computation.
    """

    def __init__(
        self, runs: Runs, models: Models, descriptions: Descriptions, lanes: Lanes, limits: Limits
    ) -> None:
        self._runs = runs
        self._models = models
        self._lanes = lanes
        self._limits = limits
        self._descriptions = descriptions
        self._filters: MemoryStore[Content] = MemoryStore(FILTERS_BYTES)

    async def run(self, key: str, run_id: str) -> Content:
        """A run with its nodes."""
        return await self._of_run(key, run_id, self._described)

    async def described(self, run: Run) -> Content:
        """The same of a run at hand."""
        return await self._lanes.quick.run(f"describe {run.id}", lambda ticket: self._described(run))

    def _described(self, run: Run) -> Content:
        return json_content(describe_run(run, self._descriptions.of(run.recipe.model, run.trace.model)))

    async def cell(self, key: str, run_id: str, node: str, cell: Cell, page: Page) -> Content:
        """How one number was made; what takes but a moment is done here and now, before all that waits."""

        def work(run: Run) -> Content:
            return json_content(explain_cell(run, node, cell, page, self._limits))

        run = await self._runs.get(run_id)
        if is_brief(run, node, cell):
            return work(run)
        return await self._lanes.instant.run(key, lambda ticket: work(run))

    async def uses(self, key: str, run_id: str, node: str, cell: Cell) -> Content:
        """What one number goes into."""
        return await self._of_run(
            key,
            run_id,
            lambda run: json_content(cell_uses(run, node, cell, self._limits)),
            self._lanes.instant,
        )

    async def steps(
        self, key: str, run_id: str, node: str, start: int, count: int, *, positions: bool
    ) -> Content:
        """How many numbers were made, one after the other."""
        return await self._of_run(
            key,
            run_id,
            lambda run: json_content(explain_steps(run.trace, node, start, count, positions, self._limits)),
        )

    async def output(self, key: str, run_id: str, node: str, form: Form, part: Part, look: Look) -> Content:
        """The output of a node as array, picture or JSON."""

        def work(run: Run) -> Content:
            return array_content(run.output(node), form, part, look, run.legend(node), self._limits)

        return await self._of_run(key, run_id, work)

    async def outputs(
        self, key: str, run_id: str, nodes: Sequence[str] | None, overview: Overview, dtype: Dtype
    ) -> Content:
        """The outputs of several nodes, or of all, or what an overview shows of them, as .npz."""

        def work(run: Run) -> Content:
            names = nodes or [node.name for node in run.trace.model]
            outputs = {name: run.output(name) for name in names}
            numbers = numbers_in([overview.shape(y.shape) for y in outputs.values()])
            check_answer("nodes", numbers, self._limits, "ask for fewer nodes, fold= or max_px=")
            return npz_content({name: overview.of(y) for name, y in outputs.items()}, dtype)

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
            return array_content(array, form, part, look, legend, self._limits)

        return await self._of_run(key, run_id, work)

    async def model(self, key: str, model: str) -> Content:
        """A model with its nodes."""
        known = await self._models.get(model)
        return await self._lanes.quick.run(key, lambda ticket: json_content(self._model(known)))

    def _model(self, known: KnownModel) -> Json:
        return describe_model(known, self._descriptions.of(known.id, known.model))

    async def posted_model(self, known: KnownModel, report: Json | None = None) -> Content:
        """A model at hand, with the report of what was understood."""

        def work(ticket: Ticket) -> Content:
            return json_content({**self._model(known), "report": report or all_understood(known)})

        return await self._lanes.quick.run(f"describe {known.id} {report is None}", work)

    async def weight(
        self, key: str, model: str, node: str, weight: str, form: Form, part: Part, look: Look
    ) -> Content:
        """A weight of a node as array, picture or JSON."""
        known, array = await self._models.weight(model, node, weight)
        if form == "png" and array.ndim < 2:
            raise Problem("not-acceptable", "suffix", ".png", ".npy, .json: a vector has no picture")
        over_colors = array.ndim == 4 and array.shape[1] == 3 and weight == "weight"

        def work(ticket: Ticket) -> Content:
            if form == "png" and over_colors and look.colormap in (None, "rgb"):
                reverse = known.preprocessing is not None and known.preprocessing.color == "bgr"
                return draw_colors(array, part, look, self._limits.image_pixels, reverse=reverse)
            extent = (float(array.min()), float(array.max()))
            return array_content(array, form, part, look, Extents(extent, extent, "weight"), self._limits)

        return await self._lanes.quick.run(key, work)

    async def filters(self, model: str, node: str) -> Content:
        """What each filter of a convolution is; kept, since fitting takes long."""
        known = await self._models.get(model)
        key = f"filters of {node} of {known.id}"
        found = self._filters.get(key)
        if found is None:

            def work(ticket: Ticket) -> Content:
                made = json_content(filters_of(known.model, node))
                self._filters.put(key, made, len(made.body) + 1000)
                return made

            found = await self._lanes.heavy.run(key, work)
        return found

    async def _of_run(
        self, key: str, run_id: str, work: Callable[[Run], Content], gate: Gate | None = None
    ) -> Content:
        run = await self._runs.get(run_id)
        return await (gate or self._lanes.quick).run(key, lambda ticket: work(run))


def array_content(
    array: Numbers, form: Form, part: Part, look: Look, legend: Extents, limits: Limits
) -> Content:
    """An array, or the part of it that is asked for, as array, picture or JSON.

    Raises:
        Problem: ``answer-too-large``, ``too-many-numbers``, ``picture-too-large``.
    """
    if form == "png":
        return draw(array, part, look, legend, limits.image_pixels)
    chosen = select(array, part)
    check_answer("channels", chosen.size, limits, "ask for channels= or max_px=")
    return encode(chosen, form, Part(part.dtype), limits.json_numbers, ".npy or .png")


def check_answer(argument: str, numbers: int, limits: Limits, hint: str) -> None:
    """Refuse an answer of too many numbers, before its bytes are made.

    Raises:
        Problem: ``answer-too-large``.
    """
    if numbers > limits.answer_numbers:
        allowed = f"up to {limits.answer_numbers} numbers; {hint}"
        raise Problem("answer-too-large", argument, numbers, allowed)

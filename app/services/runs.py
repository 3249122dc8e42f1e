"""Runs of models on pictures: kept as recipes, computed again when their numbers have been forgotten."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.ids import canonical_json, is_id, recipe_id
from app.jobs import Lanes, Ticket
from app.limits import Limits
from app.pictures import Extents as Legend
from app.problems import Problem
from app.representations import Numbers
from app.services.decode import Pixels
from app.services.descriptions import Extents, Json, describe_nodes
from app.services.edits import Edit, edited
from app.services.entries import Color, color_of, enter
from app.services.images import Images
from app.services.models import RECIPE, KnownModel, Models
from app.services.specifications import check_activations, fits, with_input
from app.stores.disk import DiskStore
from app.stores.memory import MemoryStore
from engine.graph import INPUT, Model
from engine.trace import Trace
from engine.types import Array, Pair

ENTERED_BYTES = 32 << 20
"""Pictures kept in the form in which models took them."""


@dataclass(frozen=True)
class RunRequest:
    """What is to be run on what; ``model`` or ``specification``, and None for what follows from them."""

    image: str
    model: str | None = None
    specification: Mapping[str, Any] | None = None
    size: Pair | None = None
    color: Color | None = None
    value_range: int = 1
    edits: Sequence[Edit] = ()


@dataclass(frozen=True)
class Recipe:
    """What determines every number of a run."""

    image: str
    model: str
    size: Pair
    color: Color
    value_range: int
    edits: tuple[Edit, ...]

    @property
    def id(self) -> str:
        return recipe_id("run", asdict(self))


@dataclass(frozen=True)
class Run:
    """A run with its numbers."""

    id: str
    recipe: Recipe
    trace: Trace
    extents: Extents

    def legend(self, node: str) -> Legend:
        """What the colours of a picture of this node's output are measured by."""
        if node == INPUT:
            whole = (0.0, float(self.recipe.value_range))
            return Legend(whole, whole, "gray")
        inner = [extent for name, extent in self.extents.items() if name != INPUT]
        net = (min(low for low, _ in inner), max(high for _, high in inner))
        return Legend(self.extents[node], net)


class Runs:
    """The runs of one server.

    Args:
        memory: runs with their numbers, by id.
        recipes: recipes on disk, shared with the models.
    """

    def __init__(
        self,
        memory: MemoryStore[Run],
        recipes: DiskStore,
        images: Images,
        models: Models,
        lanes: Lanes,
        limits: Limits,
    ) -> None:
        self._memory = memory
        self._recipes = recipes
        self._images = images
        self._models = models
        self._lanes = lanes
        self._limits = limits
        self._entered: MemoryStore[Array] = MemoryStore(ENTERED_BYTES)

    async def make(self, request: RunRequest) -> tuple[Run, bool]:
        """Run a model on a picture, or find the run; and whether it is new here.

        Raises:
            Problem, EngineError: whatever cannot be.
        """
        pixels, image = await self._picture(request.image)
        known = await self._model(request, pixels)
        recipe = _recipe(request, image, known, pixels)
        run_id = recipe.id
        is_new = run_id not in self._recipes
        return await self._computed(run_id, recipe, known.model, pixels), is_new

    async def get(self, run_id: str) -> Run:
        """A run by its id, computed again if need be.

        Raises:
            Problem: ``unknown-run``; ``unknown-image`` where its picture has been deleted.
        """
        run = self._memory.get(run_id)
        if run is not None:
            return run
        stored = self._recipes.get(run_id, RECIPE) if is_id(run_id, "run") else None
        if stored is None:
            raise Problem("unknown-run", "run", run_id, "the id of a run posted before")
        recipe = _read(stored)
        pixels, _ = await self._picture(recipe.image)
        known = await self._models.get(recipe.model)
        return await self._computed(run_id, recipe, known.model, pixels)

    def knows(self, run_id: str) -> bool:
        """Whether there is such a run, with its numbers or without."""
        return run_id in self._memory or (is_id(run_id, "run") and run_id in self._recipes)

    async def output(self, run_id: str, node: str) -> tuple[Numbers, Legend]:
        """The output of a node, (channels, rows, columns) or (features,), and what measures its colours.

        Raises:
            Problem: ``unknown-run``.
            EngineError: ``unknown-node``.
        """
        run = await self.get(run_id)
        return run.trace.output(node)[0], run.legend(node)

    async def _picture(self, image: str) -> tuple[Pixels, str]:
        found = await asyncio.to_thread(self._images.get, image)
        return found.pixels, found.record.id

    async def _model(self, request: RunRequest, pixels: Pixels) -> KnownModel:
        if request.specification is None:
            return await self._models.get(request.model or "")
        channels = {"gray": 1, "rgb": 3, None: pixels.shape[0]}[request.color]
        size = request.size or (pixels.shape[1], pixels.shape[2])
        known, _ = await self._models.make(with_input(request.specification, channels, size))
        return known

    async def _computed(self, run_id: str, recipe: Recipe, model: Model, pixels: Pixels) -> Run:
        run = self._memory.get(run_id)
        if run is not None:
            return run
        shape = (model.input_shape[0], *recipe.size)
        sized = model if shape == model.input_shape else Model(shape, model.nodes)
        check_activations(sized.shapes, self._limits)
        gate = self._lanes.for_cost(cost_of(sized))
        return await gate.run(run_id, lambda ticket: self._compute(run_id, recipe, sized, pixels, ticket))

    def _entered_picture(self, recipe: Recipe, pixels: Pixels) -> Array:
        """The picture as the model takes it; kept, since a dragged setting asks for it again and again."""
        key = f"{recipe.image} {recipe.color} {recipe.size} {recipe.value_range}"
        x = self._entered.get(key)
        if x is None:
            x = enter(pixels, recipe.color, recipe.size, recipe.value_range)
            x.flags.writeable = False
            self._entered.put(key, x, x.nbytes)
        return x

    def _compute(self, run_id: str, recipe: Recipe, model: Model, pixels: Pixels, ticket: Ticket) -> Run:
        x = self._entered_picture(recipe, pixels)
        if recipe.edits:
            model = edited(model, recipe.edits)
        ticket.check()
        trace = model.run(x, before_node=lambda node: ticket.check())
        extents = {name: (float(y.min()), float(y.max())) for name, y in trace.outputs.items()}
        run = Run(run_id, recipe, trace, extents)
        self._memory.put(run_id, run, sum(y.nbytes for y in trace.outputs.values()) + 20_000)
        self._recipes.put(run_id, {RECIPE: canonical_json(asdict(recipe))})
        return run


def cost_of(model: Model) -> int:
    """A measure of a run's work: its multiply-adds, and one for every number that is written."""
    total = 0
    for node in model:
        _, *shape = model.shapes[node.name]
        written = 1
        for size in shape:
            written *= size
        total += node.op.multiply_adds(*(model.shapes[source] for source in node.inputs)) + written
    return total


def describe_run(run: Run) -> Json:
    """A run as ``GET /runs/{run}`` tells it."""
    recipe = run.recipe
    low, high = run.extents[INPUT]
    return {
        "id": run.id,
        "model": recipe.model,
        "image": recipe.image,
        "input": {
            "shape": list(run.trace.model.input_shape),
            "range": recipe.value_range,
            "color": recipe.color,
            "min": low,
            "max": high,
        },
        "edits": [{k: v for k, v in asdict(edit).items() if v not in (None, ())} for edit in recipe.edits],
        "url": f"/api/v1/runs/{run.id}",
        "nodes": describe_nodes(run.trace.model, run.extents),
    }


def _recipe(request: RunRequest, image: str, known: KnownModel, pixels: Pixels) -> Recipe:
    channels, *own = known.model.input_shape
    color = color_of(channels, request.color)
    size = request.size or (pixels.shape[1], pixels.shape[2])
    if not fits(known.model, (channels, *size)):
        if request.size is not None:
            # Running the shapes names what does not fit; where only weights do not, this does.
            known.model.shapes_for((channels, *size))
            raise Problem("shape-mismatch", "size", list(size), f"{own}: the model's weights are made for it")
        size = (own[0], own[1])
    return Recipe(image, known.id, size, color, request.value_range, tuple(request.edits))


def _read(stored: bytes) -> Recipe:
    fields = json.loads(stored)
    edits = tuple(Edit(**{**edit, "index": tuple(edit["index"])}) for edit in fields.pop("edits"))
    rows, columns = fields.pop("size")
    return Recipe(**fields, size=(rows, columns), edits=edits)

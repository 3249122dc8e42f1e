"""Runs of models on pictures: kept as recipes, computed again when their numbers have been forgotten."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from app.ids import canonical_json, is_id, recipe_id
from app.jobs import Lanes, Ticket
from app.limits import Limits
from app.pictures import Extents as Legend
from app.problems import Problem
from app.representations import Numbers
from app.services.decode import Pixels
from app.services.descriptions import Extents, Json
from app.services.edits import Edit, edited, unchanged
from app.services.entries import Color, enter, entry_of
from app.services.images import Images
from app.services.labels import Labels, top
from app.services.models import KnownModel, Models
from app.services.preprocessing import Preprocessing
from app.services.recipes import RECIPE
from app.services.running import cost_of, run_after, shown, sized_for
from app.services.specifications import check_activations, with_input
from app.stores.disk import DiskStore
from app.stores.memory import MemoryStore
from engine.graph import INPUT, Model
from engine.trace import Trace
from engine.types import Array, Pair

Before: TypeAlias = Mapping[str, tuple[Array, tuple[float, float]]]
"""Outputs that are known already, with their extents, by node."""

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
    value_range: int | None = None
    edits: Sequence[Edit] = ()


@dataclass(frozen=True)
class Recipe:
    """What determines every number of a run."""

    image: str
    model: str
    entry: Preprocessing
    edits: tuple[Edit, ...]

    @property
    def id(self) -> str:
        return recipe_id("run", self.json())

    def json(self) -> Json:
        """As it is kept. What a plain run does without is left out, so its id does not depend on it."""
        entry = self.entry.describe()
        return {
            "image": self.image,
            "model": self.model,
            "size": entry.pop("size"),
            "color": entry.pop("color"),
            "value_range": entry.pop("range"),
            "edits": [edit.json() for edit in self.edits],
            **{name: value for name, value in entry.items() if value not in (None, "stretch")},
        }


def read_recipe(stored: bytes) -> Recipe:
    """What ``Recipe.json`` made."""
    fields = json.loads(stored)
    image, model, edits = fields.pop("image"), fields.pop("model"), fields.pop("edits")
    fields["range"] = fields.pop("value_range")
    listed: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}
    changes = tuple(Edit(**{**edit, "index": tuple(edit["index"])}) for edit in edits)
    return Recipe(image, model, Preprocessing(**listed), changes)


@dataclass(frozen=True)
class Run:
    """A run with its numbers."""

    id: str
    recipe: Recipe
    trace: Trace
    extents: Extents
    picture: Pair
    """(rows, columns) of the picture before it was resized."""
    labels: Labels | None = None

    def output(self, node: str) -> Numbers:
        """The output of a node: (channels, rows, columns), or (features,).

        Raises:
            EngineError: ``unknown-node``.
        """
        return shown(self.trace.output(node))

    def legend(self, node: str) -> Legend:
        """What the colours of a picture of this node's output are measured by."""
        if node == INPUT:
            whole = self.recipe.entry.extent
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
        picture = (pixels.shape[1], pixels.shape[2])
        entry = entry_of(
            known.model, known.preprocessing, picture, request.size, request.color, request.value_range
        )
        recipe = Recipe(image, known.id, entry, tuple(request.edits))
        run_id = recipe.id
        is_new = run_id not in self._recipes
        return await self._computed(run_id, recipe, known, pixels), is_new

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
        recipe = read_recipe(stored)
        pixels, _ = await self._picture(recipe.image)
        known = await self._models.get(recipe.model)
        return await self._computed(run_id, recipe, known, pixels)

    def knows(self, run_id: str) -> bool:
        """Whether there is such a run, with its numbers or without."""
        return run_id in self._memory or (is_id(run_id, "run") and run_id in self._recipes)

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

    async def _computed(self, run_id: str, recipe: Recipe, known: KnownModel, pixels: Pixels) -> Run:
        run = self._memory.get(run_id)
        if run is not None:
            return run
        sized = sized_for(known.model, recipe.entry)
        check_activations(sized.shapes, self._limits)
        before = self._before(recipe, sized)
        gate = self._lanes.for_cost(cost_of(sized, before))
        return await gate.run(
            run_id, lambda ticket: self._compute(run_id, recipe, known, sized, before, pixels, ticket)
        )

    def _before(self, recipe: Recipe, sized: Model) -> Before:
        """What an edited run has in common with the run without edits, where that one is remembered."""
        plain = self._memory.get(replace(recipe, edits=()).id) if recipe.edits else None
        if plain is None:
            return {}
        shared = unchanged(sized, recipe.edits)
        return {name: (plain.trace.outputs[name], plain.extents[name]) for name in shared}

    def _entered_picture(self, recipe: Recipe, pixels: Pixels) -> Array:
        """The picture as the model takes it; kept, since a dragged setting asks for it again and again."""
        key = f"{recipe.image} {recipe.entry}"
        x = self._entered.get(key)
        if x is None:
            x = enter(pixels, recipe.entry)
            x.flags.writeable = False
            self._entered.put(key, x, x.nbytes)
        return x

    def _compute(
        self,
        run_id: str,
        recipe: Recipe,
        known: KnownModel,
        sized: Model,
        before: Before,
        pixels: Pixels,
        ticket: Ticket,
    ) -> Run:
        ticket.check()
        model = edited(sized, recipe.edits) if recipe.edits else sized
        trace = run_after(
            model,
            self._entered_picture(recipe, pixels),
            {name: y for name, (y, _) in before.items()},
            lambda node: ticket.check(),
        )
        extents = {
            name: before[name][1] if name in before else (float(y.min()), float(y.max()))
            for name, y in trace.outputs.items()
        }
        run = Run(run_id, recipe, trace, extents, (pixels.shape[1], pixels.shape[2]), known.labels)
        self._memory.put(run_id, run, self._bytes(trace, known))
        self._recipes.put(run_id, {RECIPE: canonical_json(recipe.json())})
        return run

    def _bytes(self, trace: Trace, known: KnownModel) -> int:
        """Memory that a run holds beside what the models' budget counts: outputs and changed weights."""
        counted = {id(w) for w in known.model.weights.values()} if self._models.in_memory(known.id) else set()
        own = [w.nbytes for w in trace.model.weights.values() if id(w) not in counted]
        return sum(own) + sum(y.nbytes for y in trace.outputs.values()) + 20_000


def describe_run(run: Run, nodes: Sequence[Json]) -> Json:
    """A run as ``GET /runs/{run}`` tells it; ``nodes`` as ``Descriptions`` tells them."""
    recipe, entry = run.recipe, run.recipe.entry
    low, high = run.extents[INPUT]
    first_row, first_column, rows, columns = entry.box(run.picture)
    return {
        "id": run.id,
        "model": recipe.model,
        "image": recipe.image,
        "input": {
            "shape": list(run.trace.model.input_shape),
            "range": entry.range,
            "color": entry.color,
            "preprocessing": entry.describe(),
            "crop": {"start": [first_row, first_column], "size": [rows, columns]},
            "min": low,
            "max": high,
        },
        "edits": [edit.describe() for edit in recipe.edits],
        "url": f"/api/v1/runs/{run.id}",
        **top(run.trace, run.labels),
        "nodes": [
            {**node, "min": run.extents[node["name"]][0], "max": run.extents[node["name"]][1]}
            for node in nodes
        ],
    }

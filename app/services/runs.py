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
from app.services.choices import ModelChoice, chosen_model, specified
from app.services.decode import Pixels
from app.services.descriptions import Extents, Json
from app.services.edits import Edit, edited, unchanged
from app.services.entries import describe_entry, enter
from app.services.images import Images
from app.services.labels import Labels, top
from app.services.measures import measures
from app.services.models import KnownModel, Models
from app.services.preprocessing import Preprocessing
from app.services.recipes import RECIPE, ModelRecipe, trained_sources
from app.services.running import cost_of, extent_of, run_after, shown, sized_for
from app.services.specifications import check_activations
from app.stores.memory import MemoryStore
from app.stores.store import Store
from engine.graph import INPUT, Model
from engine.trace import Trace
from engine.types import Array, Pair, Shape

Before: TypeAlias = Mapping[str, tuple[Array, tuple[float, float]]]
"""Outputs that are known already, with their extents, by node."""

ENTERED_BYTES = 32 << 20
"""Pictures kept in the form in which models took them."""


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
        recipes: what makes them again, shared with the models.
    """

    def __init__(
        self,
        memory: MemoryStore[Run],
        recipes: Store,
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
        self._coming = 0

    async def make(self, image: str, choice: ModelChoice) -> tuple[Run, bool]:
        """Run a model on a picture, or find the run; and whether it is new here.

        Args:
            image: the id of an upload, or a sample's name.
            choice: the model, and how the picture enters it.

        Raises:
            Problem, EngineError: whatever cannot be.
            Busy: every place is taken.
        """
        pixels, image_id = await self._picture(image)
        self._refuse_early(choice, pixels.shape)
        self._coming += 1
        try:
            known, entry = await chosen_model(self._models, choice, pixels.shape)
        finally:
            self._coming -= 1
        recipe = Recipe(image_id, known.id, entry, tuple(choice.edits))
        run_id = recipe.id
        is_new = not await asyncio.to_thread(self._recipes.touch, run_id)
        if is_new and run_id in self._memory:  # its recipe has gone before it
            await asyncio.to_thread(self._keep, run_id, recipe)
        return await self._computed(run_id, recipe, known, pixels), is_new

    async def get(self, run_id: str) -> Run:
        """A run by its id, computed again if need be.

        Raises:
            Problem: ``unknown-run``; ``unknown-image`` where its picture has been deleted.
        """
        run = self._memory.get(run_id)
        if run is not None:
            return run
        stored = None
        if is_id(run_id, "run"):
            stored = await asyncio.to_thread(self._recipes.get, run_id, RECIPE)
        if stored is None:
            raise Problem("unknown-run", "run", run_id, "the id of a run posted before")
        recipe = read_recipe(stored)
        pixels, _ = await self._picture(recipe.image)
        known = await self._models.get(recipe.model)
        return await self._computed(run_id, recipe, known, pixels)

    async def knows(self, run_id: str) -> bool:
        """Whether there is such a run, with its numbers or without."""
        if run_id in self._memory:
            return True
        return is_id(run_id, "run") and await asyncio.to_thread(self._recipes.touch, run_id)

    async def _picture(self, image: str) -> tuple[Pixels, str]:
        found = await asyncio.to_thread(self._images.get, image)
        return found.pixels, found.record.id

    def _refuse_early(self, choice: ModelChoice, picture: Shape) -> None:
        """Build no model for a run that would find every place taken, else building is all that is done.

        A model in memory costs nothing more, and its run may be there already.
        """
        heavy, specification = self._lanes.heavy, specified(choice, picture)
        # Those whose models are being built will want a place, too.
        if specification is None or heavy.accepted + self._coming < heavy.places:
            return
        if any(trained_sources(specification)) or self._models.in_memory(ModelRecipe(specification).id):
            return
        cost = max((each.multiply_adds for each in measures(specification)), default=0)
        if self._lanes.for_cost(cost) is heavy:
            raise heavy.refusal()

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
            name: before[name][1] if name in before else extent_of(y) for name, y in trace.outputs.items()
        }
        run = Run(run_id, recipe, trace, extents, (pixels.shape[1], pixels.shape[2]), known.labels)
        self._keep(run_id, recipe)
        self._memory.put(run_id, run, self._bytes(trace, known))
        return run

    def _keep(self, run_id: str, recipe: Recipe) -> None:
        self._recipes.put(run_id, {RECIPE: canonical_json(recipe.json())})

    def _bytes(self, trace: Trace, known: KnownModel) -> int:
        """Memory that a run holds beside what the models' budget counts: outputs and changed weights."""
        counted = {id(w) for w in known.model.weights.values()} if self._models.in_memory(known.id) else set()
        own = [w.nbytes for w in trace.model.weights.values() if id(w) not in counted]
        return sum(own) + sum(y.nbytes for y in trace.outputs.values()) + 20_000


def describe_run(run: Run, nodes: Sequence[Json]) -> Json:
    """A run as ``GET /runs/{run}`` tells it; ``nodes`` as ``Descriptions`` tells them."""
    recipe, (low, high) = run.recipe, run.extents[INPUT]
    return {
        "id": run.id,
        "model": recipe.model,
        "image": recipe.image,
        "input": {
            **describe_entry(recipe.entry, run.trace.model.input_shape, run.picture),
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

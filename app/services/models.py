"""Models: built-in, specified or brought, kept as recipes and built when they are asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.ids import canonical_json, is_id
from app.jobs import Lanes
from app.limits import Limits
from app.problems import Problem
from app.representations import Numbers
from app.services.catalogue import BuiltIn, Catalogue
from app.services.descriptions import Json
from app.services.images import display_name
from app.services.labels import Labels, classifies, describe_labels, read_labels
from app.services.measures import measures
from app.services.preprocessing import Preprocessing, read_preprocessing
from app.services.recipes import (
    RECIPE,
    ModelRecipe,
    Specification,
    read_model_recipe,
    trained_sources,
    with_sources,
)
from app.services.specifications import check_size
from app.services.trained import Trained, lookup_among, weight_of
from app.stores.memory import MemoryStore
from app.stores.store import Store
from engine.graph import Model
from engine.ops.kernels.prepared import kept_bytes
from engine.specification import build_model
from engine.weights import Lookup

QUICKLY_BUILT = 1_000_000
"""Numbers that are drawn or read within some ten milliseconds."""

UNSET: Any = object()
"""What a variant leaves as it is; None would take it away."""


@dataclass(frozen=True)
class KnownModel:
    """A model with its id and what it was made from."""

    id: str
    recipe: ModelRecipe
    model: Model
    built_in: BuiltIn | None = None

    @property
    def name(self) -> str | None:
        return None if self.built_in is None else self.built_in.name

    @property
    def preprocessing(self) -> Preprocessing | None:
        return self.recipe.preprocessing

    @property
    def labels(self) -> Labels | None:
        return self.recipe.labels


class Models:
    """The models of one server.

    Args:
        memory: built models, by id.
        recipes: what makes them again, shared with the runs.
        catalogue: the built-in ones.
        trained: finds files of weights by their digests.
    """

    def __init__(
        self,
        memory: MemoryStore[KnownModel],
        recipes: Store,
        catalogue: Catalogue,
        trained: Trained,
        lanes: Lanes,
        limits: Limits,
    ) -> None:
        self._memory = memory
        self._recipes = recipes
        self._catalogue = catalogue
        self._trained = trained
        self._lanes = lanes
        self._limits = limits

    async def make(self, specification: Specification) -> tuple[KnownModel, bool]:
        """The model of a specification, and whether it is new here.

        Raises:
            EngineError: what ``build_model`` refuses.
            Problem: ``model-too-large``, ``unknown-model`` for one whose weights are asked for.
        """
        sources = await self._sources(specification)
        specification = with_sources(specification, {name: known.id for name, known in sources.items()})
        lookup = lookup_among({known.id: known.model for known in sources.values()})
        check_size(specification, self._limits, lookup)
        return await self.keep(ModelRecipe(specification))

    async def variant(
        self, id_or_name: str, preprocessing: Any = UNSET, labels: Any = UNSET, name: Any = UNSET
    ) -> tuple[KnownModel, bool]:
        """A model with the graph and weights of another one, that wants its pictures otherwise.

        Args:
            id_or_name: of the other one.
            preprocessing: as ``read_preprocessing`` takes it.
            labels: as ``read_labels`` takes them.
            name: what it is to be called.

        Raises:
            Problem: ``unknown-model``, and what those raise.
        """
        known = await self.get(id_or_name)
        changed: dict[str, Any] = {}
        if preprocessing is not UNSET:
            changed["preprocessing"] = read_preprocessing(preprocessing, known.model.input_shape[0])
        if labels is not UNSET:
            changed["labels"] = read_labels(labels)
        if name is not UNSET:
            changed["title"] = display_name(name)
        return await self.keep(replace(known.recipe, **changed))

    async def keep(self, recipe: ModelRecipe) -> tuple[KnownModel, bool]:
        """The model of a recipe, and whether it is new here.

        Raises:
            Problem: ``invalid-argument`` for labels that are not one for each number of the last node.
        """
        model_id = recipe.id
        is_new = self._catalogue.by_id(model_id) is None and not await asyncio.to_thread(
            self._recipes.touch, model_id
        )
        known = await self._built(model_id, recipe)
        if recipe.labels is not None and not classifies(known.model, recipe.labels):
            last = known.model.nodes[-1].name
            allowed = f"one for each number of {last}, whose output is {list(known.model.shapes[last][1:])}"
            raise Problem("invalid-argument", "labels", len(recipe.labels), allowed)
        if is_new:
            await asyncio.to_thread(self._recipes.put, model_id, {RECIPE: canonical_json(recipe.json())})
        return known, is_new

    async def get(self, id_or_name: str) -> KnownModel:
        """A model by its id or its plain name.

        Raises:
            Problem: ``unknown-model``.
        """
        built_in = self._catalogue.get(id_or_name)
        model_id = id_or_name if built_in is None else built_in.id
        known = self._memory.get(model_id)
        if known is not None:
            return known
        if built_in is not None:
            return await self._built(model_id, built_in.recipe)
        stored = None
        if is_id(model_id, "mdl"):
            stored = await asyncio.to_thread(self._recipes.get, model_id, RECIPE)
        if stored is None:
            allowed = ", ".join([*self._catalogue.names(), "the id of a model posted before"])
            raise Problem("unknown-model", "model", id_or_name, allowed)
        return await self._built(model_id, read_model_recipe(stored))

    def in_memory(self, model_id: str) -> bool:
        """Whether a model is kept in memory now, and its weights are counted there."""
        return model_id in self._memory

    async def weight(self, id_or_name: str, node_name: str, weight: str) -> tuple[KnownModel, Numbers]:
        """One weight of a node, and its model.

        Raises:
            Problem: ``unknown-model``, ``unknown-weight``.
            EngineError: ``unknown-node``.
        """
        known = await self.get(id_or_name)
        return known, weight_of(known.model, node_name, weight)

    async def catalogue(self) -> list[Json]:
        """The built-in models, by name."""
        return await self._lanes.quick.run("catalogue", lambda ticket: self._catalogue.describe())

    async def _built(self, model_id: str, recipe: ModelRecipe) -> KnownModel:
        known = self._memory.get(model_id)
        if known is not None:
            return known
        sources = await self._sources(recipe.specification)
        lookup = lookup_among({name: known.model for name, known in sources.items()})
        numbers = max((each.weight_numbers for each in measures(recipe.specification, lookup)), default=0)
        gate = self._lanes.building if numbers > QUICKLY_BUILT else self._lanes.quick
        return await gate.run(f"build {model_id}", lambda ticket: self._build(model_id, recipe, lookup))

    def _build(self, model_id: str, recipe: ModelRecipe, lookup: Lookup) -> KnownModel:
        weights = None if recipe.weights is None else self._trained.read(recipe.weights)
        model = build_model(recipe.specification, lookup, weights)
        known = KnownModel(model_id, recipe, model, self._catalogue.by_id(model_id))
        self._memory.put(model_id, known, _bytes(known))
        return known

    async def _sources(self, specification: Specification) -> dict[str, KnownModel]:
        """The models whose weights a specification takes, as it calls them."""
        names = {source["model"] for source in trained_sources(specification)}
        if len(names) > self._limits.weight_sources:
            allowed = f"weights of up to {self._limits.weight_sources} models"
            raise Problem("model-too-large", "weight.model", len(names), allowed)
        found = {name: await self.get(name) for name in sorted(names)}
        for name, known in found.items():
            # Else a chain of models might have to be built for one.
            if any(trained_sources(known.recipe.specification)):
                raise Problem("invalid-weight", "weight.model", name, "a model whose weights are its own")
        return found


def _bytes(known: KnownModel) -> int:
    """Memory that a model holds; arrays that share theirs are counted as often as they are there."""
    arrays = [weight for node in known.model for weight in node.weights.values()]
    weights = sum(weight.nbytes + kept_bytes(weight) for weight in arrays)
    return weights + len(canonical_json(known.recipe.json())) * 8 + 10_000


def describe_model(known: KnownModel, nodes: Sequence[Json]) -> Json:
    """A model as ``GET /models/{model}`` tells it; ``nodes`` as ``Descriptions`` tells them."""
    channels, rows, columns = known.model.input_shape
    preprocessing = known.preprocessing
    return {
        "id": known.id,
        "name": known.name,
        "title": known.recipe.title,
        "trained": known.recipe.weights is not None,
        "input": {
            "channels": channels,
            "size": [rows, columns],
            "preprocessing": None if preprocessing is None else preprocessing.describe(),
        },
        "classifies": classifies(known.model, known.labels),
        "labels": describe_labels(known.labels),
        "parameters": sum(node["parameters"] for node in nodes),
        "multiply_adds": sum(node["multiply_adds"] for node in nodes),
        "card": None if known.built_in is None else known.built_in.card,
        "nodes": list(nodes),
        "url": f"/api/v1/models/{known.id}",
    }


def all_understood(known: KnownModel) -> Json:
    """What was understood of a posted specification: all of it, since anything else is refused."""
    return {
        "format": "specification",
        "operations": sorted({node.op.name for node in known.model}),
        "not_understood": [],
    }

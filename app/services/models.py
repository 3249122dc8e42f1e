"""Models: made from specifications, kept as specifications, built again when they are asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.ids import canonical_json, is_id, recipe_id
from app.jobs import Lanes
from app.limits import Limits
from app.problems import Problem
from app.representations import Numbers
from app.services.descriptions import Json, describe_nodes
from app.services.specifications import check_size
from app.stores.disk import DiskStore
from app.stores.memory import MemoryStore
from engine.graph import Model
from engine.specification import build_model

Specification: TypeAlias = Mapping[str, Any]

RECIPE = "recipe.json"
"""The part of a stored entry that holds what makes it again."""

BUILT_IN: Mapping[str, Specification] = {}
"""Models with names of their own."""


@dataclass(frozen=True)
class KnownModel:
    """A model with its id and what it was made from."""

    id: str
    name: str | None
    specification: Specification
    model: Model


class Models:
    """The models of one server.

    Args:
        memory: built models, by id.
        recipes: specifications on disk, shared with the runs.
    """

    def __init__(
        self,
        memory: MemoryStore[KnownModel],
        recipes: DiskStore,
        lanes: Lanes,
        limits: Limits,
        built_in: Mapping[str, Specification] = BUILT_IN,
    ) -> None:
        self._memory = memory
        self._recipes = recipes
        self._lanes = lanes
        self._limits = limits
        self._built_in = {name: (self._id(spec), spec) for name, spec in built_in.items()}
        self._names = {model_id: name for name, (model_id, _) in self._built_in.items()}

    async def make(self, specification: Specification) -> tuple[KnownModel, bool]:
        """The model of a specification, and whether it is new here.

        Raises:
            EngineError: what ``build_model`` refuses.
            Problem: ``model-too-large``.
        """
        check_size(specification, self._limits)
        model_id = self._id(specification)
        is_new = model_id not in self._names and model_id not in self._recipes
        return await self._built(model_id, specification), is_new

    async def get(self, id_or_name: str) -> KnownModel:
        """A model by its id or its plain name.

        Raises:
            Problem: ``unknown-model``.
        """
        model_id, specification = self._built_in.get(id_or_name, (id_or_name, None))
        known = self._memory.get(model_id)
        if known is not None:
            return known
        if specification is None:
            stored = self._recipes.get(model_id, RECIPE) if is_id(model_id, "mdl") else None
            if stored is None:
                allowed = ", ".join([*self._built_in, "the id of a model posted before"])
                raise Problem("unknown-model", "model", id_or_name, allowed)
            specification = json.loads(stored)
        return await self._built(model_id, specification)

    async def weight(self, id_or_name: str, node_name: str, weight: str) -> Numbers:
        """One weight of a node.

        Raises:
            Problem: ``unknown-model``, ``unknown-weight``.
            EngineError: ``unknown-node``.
        """
        node = (await self.get(id_or_name)).model.node(node_name)
        if weight not in node.weights:
            allowed = ", ".join(node.weights) or f"nothing: {node.op.name} has no weights"
            raise Problem("unknown-weight", "weight", weight, allowed)
        return node.weights[weight]

    def catalogue(self) -> list[Json]:
        """The built-in models, by name."""
        return [
            {"id": model_id, "name": name, "input": dict(spec["input"]), "url": f"/api/v1/models/{name}"}
            for name, (model_id, spec) in self._built_in.items()
        ]

    async def _built(self, model_id: str, specification: Specification) -> KnownModel:
        known = self._memory.get(model_id)
        if known is None:
            known = await self._lanes.quick.run(
                f"build {model_id}", lambda ticket: self._build(model_id, specification)
            )
        return known

    def _build(self, model_id: str, specification: Specification) -> KnownModel:
        model = build_model(specification)
        known = KnownModel(model_id, self._names.get(model_id), specification, model)
        weights = sum(weight.nbytes for node in model for weight in node.weights.values())
        recipe = canonical_json(specification)
        self._memory.put(model_id, known, weights + len(recipe) * 8 + 10_000)
        if model_id not in self._names:
            self._recipes.put(model_id, {RECIPE: recipe})
        return known

    @staticmethod
    def _id(specification: Specification) -> str:
        try:
            return recipe_id("mdl", specification)
        except (TypeError, ValueError):
            raise Problem("non-finite", "specification", allowed="finite numbers") from None


def describe_model(known: KnownModel) -> Json:
    """A model as ``GET /models/{model}`` tells it."""
    channels, rows, columns = known.model.input_shape
    nodes = describe_nodes(known.model)
    return {
        "id": known.id,
        "name": known.name,
        "input": {"channels": channels, "size": [rows, columns], "preprocessing": None},
        "labels": None,
        "parameters": sum(node["parameters"] for node in nodes),
        "multiply_adds": sum(node["multiply_adds"] for node in nodes),
        "nodes": nodes,
        "url": f"/api/v1/models/{known.id}",
    }


def report(known: KnownModel) -> Json:
    """What was understood of a posted model: all of a specification, since anything else is refused."""
    return {
        "format": "specification",
        "operations": sorted({node.op.name for node in known.model}),
        "not_understood": [],
    }

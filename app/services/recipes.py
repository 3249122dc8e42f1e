"""What determines a model: its graph, its weights, how it wants its pictures, what its classes are called."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.ids import recipe_id
from app.problems import Problem
from app.services.descriptions import Json
from app.services.labels import Labels, describe_labels, read_labels
from app.services.preprocessing import Preprocessing, read_preprocessing

Specification: TypeAlias = Mapping[str, Any]

RECIPE = "recipe.json"
"""The part of a stored entry that holds what makes it again."""


@dataclass(frozen=True)
class ModelRecipe:
    """A model as it is kept.

    Args:
        specification: what ``build_model`` takes.
        weights: SHA-256 of the file that holds the numbers; None where the specification says them all.
        preprocessing: None leaves it to every run.
        labels: of the classes, in the order of the last node's numbers.
        title: what its owner calls it.
    """

    specification: Specification
    weights: str | None = None
    preprocessing: Preprocessing | None = None
    labels: Labels | None = None
    title: str | None = None

    @property
    def id(self) -> str:
        """The model's id.

        Raises:
            Problem: ``non-finite``.
        """
        try:
            return recipe_id("mdl", self.json())
        except (TypeError, ValueError):
            raise Problem("non-finite", "specification", allowed="finite numbers") from None

    def json(self) -> Json:
        """As it is kept: a specification that is everything stands by itself."""
        more = {
            "weights": self.weights,
            "preprocessing": None if self.preprocessing is None else self.preprocessing.describe(),
            "labels": describe_labels(self.labels),
            "title": self.title,
        }
        given = {name: value for name, value in more.items() if value is not None}
        return {"specification": dict(self.specification), **given} if given else dict(self.specification)


def read_model_recipe(stored: bytes) -> ModelRecipe:
    """What ``ModelRecipe.json`` made."""
    fields = json.loads(stored)
    if "specification" not in fields:
        return ModelRecipe(fields)
    channels = fields["specification"]["input"]["channels"]
    return ModelRecipe(
        fields["specification"],
        fields.get("weights"),
        read_preprocessing(fields.get("preprocessing"), channels),
        read_labels(fields.get("labels")),
        fields.get("title"),
    )


def trained_sources(specification: Specification) -> Iterator[dict[str, Any]]:
    """The weights of a specification that are taken from other models: ``{"model", "node", …}``."""
    nodes = specification.get("nodes")
    for node in nodes if isinstance(nodes, list) else ():
        for value in node.values() if isinstance(node, Mapping) else ():
            if isinstance(value, Mapping) and isinstance(value.get("model"), str):
                yield dict(value)


def with_sources(specification: Specification, ids: Mapping[str, str]) -> Specification:
    """The specification with models called by their ids, which never come to mean another."""

    def named(value: Any) -> Any:
        model = value.get("model") if isinstance(value, Mapping) else None
        return {**value, "model": ids[model]} if isinstance(model, str) and model in ids else value

    if not ids:
        return specification
    nodes = [
        {name: named(value) for name, value in node.items()} if isinstance(node, Mapping) else node
        for node in specification["nodes"]
    ]
    return {**specification, "nodes": nodes}

"""The models with names of their own: the trained ones, by their cards, and every known network untrained."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from app.problems import Problem
from app.services.descriptions import Json
from app.services.labels import Labels, read_labels
from app.services.measures import Measure, measures
from app.services.preprocessing import Preprocessing, read_preprocessing
from app.services.recipes import ModelRecipe
from app.services.trained import Reader
from engine.importers.packaged import load_weights
from engine.importers.safetensors import read_safetensors
from engine.types import Array
from engine.zoo.architecture import Architecture
from engine.zoo.registry import ARCHITECTURES

IMAGENET_LABELS = "imagenet-labels.json"

log = logging.getLogger("convscope")


@dataclass(frozen=True)
class BuiltIn:
    """A model with a name of its own.

    Args:
        name: by which it is asked for.
        recipe: what it is made from.
        architecture: where its graph comes from, if that is known.
        card: of a trained one: data, licence, how it was trained, accuracy.
        reader: of its weights.
    """

    name: str
    recipe: ModelRecipe
    architecture: Architecture | None = None
    card: Json | None = None
    reader: Reader | None = None

    @cached_property
    def id(self) -> str:
        return self.recipe.id

    @cached_property
    def measure(self) -> Measure:
        """What it costs, without being built."""
        *_, whole = measures(self.recipe.specification)
        return whole

    def describe(self) -> Json:
        """As the list of models tells it."""
        recipe, first = self.recipe, self.recipe.specification["input"]
        preprocessing = recipe.preprocessing
        return {
            "id": self.id,
            "name": self.name,
            "title": recipe.title,
            "trained": recipe.weights is not None,
            "input": {
                "channels": first["channels"],
                "size": list(first["size"]),
                "preprocessing": None if preprocessing is None else preprocessing.describe(),
            },
            "labels": None if recipe.labels is None else len(recipe.labels),
            "parameters": self.measure.parameters,
            "multiply_adds": self.measure.multiply_adds,
            **self.origin,
            "card": self.card,
            "url": f"/api/v1/models/{self.name}",
        }

    @property
    def origin(self) -> Json:
        """The paper that the graph comes from, and its year."""
        known = self.architecture
        return {"paper": known and known.paper, "year": known and known.year}


class Catalogue:
    """The built-in models.

    Args:
        models: in the order in which they are listed.
    """

    def __init__(self, models: list[BuiltIn]) -> None:
        self._by_name = {model.name: model for model in models}
        self._by_id = {model.id: model for model in models}

    def get(self, name: str) -> BuiltIn | None:
        """The model of a name, or of an id."""
        return self._by_name.get(name) or self._by_id.get(name)

    def by_id(self, model_id: str) -> BuiltIn | None:
        """The model of an id."""
        return self._by_id.get(model_id)

    def names(self) -> list[str]:
        """All names."""
        return list(self._by_name)

    def readers(self) -> dict[str, Reader]:
        """What reads the files of weights, by their digests."""
        return {
            model.recipe.weights: model.reader
            for model in self._by_name.values()
            if model.recipe.weights is not None and model.reader is not None
        }

    def describe(self) -> list[Json]:
        """All of them, as JSON tells them."""
        return [model.describe() for model in self._by_name.values()]


def load_catalogue(weights_dir: Path) -> Catalogue:
    """The trained models whose cards lie in a folder, and every architecture without training.

    A card that cannot be used is left out, and the log says why: the others must still be there.
    """
    trained: list[BuiltIn] = []
    for path in sorted(weights_dir.glob("*.json")):
        try:
            card = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(card, Mapping):
                trained.append(_trained(path, dict(card)))
        except (OSError, KeyError, TypeError, ValueError, Problem, PackageNotFoundError) as error:
            log.warning("%s is left out: %r", path.name, error)
    taken = {model.name for model in trained}
    return Catalogue([*trained, *(_untrained(each, taken) for each in ARCHITECTURES.values())])


def imagenet_labels(weights_dir: Path) -> Labels | None:
    """The names of ImageNet's classes, if they are there."""
    path = weights_dir / IMAGENET_LABELS
    return read_labels(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def _trained(path: Path, card: Json) -> BuiltIn:
    """A model by its card: its weights lie beside it, or in an installed package."""
    name, architecture = path.stem, ARCHITECTURES.get(card["architecture"]["name"])
    specification = card.get("specification") or (architecture.build() if architecture else None)
    if specification is None:
        raise KeyError(card["architecture"]["name"])
    sha256, reader = _packaged(card) if "package" in card else _beside(path, card)
    labels = card.get("labels")
    if isinstance(labels, str):
        labels = json.loads((path.parent / labels).read_text(encoding="utf-8"))
    channels = specification["input"]["channels"]
    recipe = ModelRecipe(
        specification,
        sha256,
        read_preprocessing(card.get("preprocessing"), channels) or _plain(specification),
        read_labels(labels),
        card.get("title") or (architecture.title if architecture else name),
    )
    told = {key: value for key, value in card.items() if key not in _SAID_BY_MODEL}
    return BuiltIn(name, recipe, architecture, told, reader)


_SAID_BY_MODEL = ("name", "title", "architecture", "specification", "preprocessing", "labels", "parameters")


def _packaged(card: Json) -> tuple[str, Reader]:
    distribution(card["package"]["name"])
    return card["package"]["sha256"], lambda: load_weights(card)


def _beside(path: Path, card: Json) -> tuple[str, Reader]:
    file, sha256 = path.with_suffix(".safetensors"), card["sha256"]
    if not file.is_file():
        raise FileNotFoundError(file.name)
    return sha256, lambda: _read_file(file, sha256)


def _untrained(architecture: Architecture, taken: set[str]) -> BuiltIn:
    specification = architecture.build()
    recipe = ModelRecipe(specification, None, _plain(specification), None, architecture.title)
    name = architecture.name
    return BuiltIn(f"{name}-untrained" if name in taken else name, recipe, architecture)


def _plain(specification: Mapping[str, Any]) -> Preprocessing:
    """The whole picture at the size that the network was made for, in [0, 1]."""
    first = specification["input"]
    rows, columns = first["size"]
    return Preprocessing((rows, columns), color="gray" if first["channels"] == 1 else "rgb")


def _read_file(path: Path, sha256: str) -> Mapping[str, Array]:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Problem("broken-weights", "sha256", path.name, "the file that its card describes")
    return read_safetensors(data)

"""Networks that visitors bring as ONNX files: read once, kept by the digest of what was in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from app.ids import canonical_json
from app.jobs import Busy, Gate
from app.limits import Limits
from app.problems import Problem
from app.services.descriptions import Json
from app.services.fields import read_pair
from app.services.images import display_name
from app.services.importer import ReadModel, read_model
from app.services.labels import Labels, read_labels
from app.services.models import KnownModel, Models
from app.services.preprocessing import Preprocessing, read_preprocessing
from app.services.recipes import ModelRecipe
from app.services.trained import WEIGHTS, upload_key
from app.stores.store import Store
from engine.importers.onnx import ImportLimits
from engine.types import Pair

_IMPORT = "import.json"
"""The part of a stored entry that holds what was read of a file."""

IMAGENET = Preprocessing(None, "crop", mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
"""As nearly all networks with ImageNet's classes were trained."""

IMAGENET_CLASSES = 1000


@dataclass(frozen=True)
class _Read:
    """What was read of a file before."""

    specification: Json
    weights: str
    report: Json


class Imports:
    """Turns files into models.

    Args:
        uploads: keeps the weights.
        recipes: keeps what was read, shared with the models.
        gate: before the reader.
        imagenet: names of ImageNet's classes, if they are known.
    """

    def __init__(
        self,
        models: Models,
        uploads: Store,
        recipes: Store,
        gate: Gate,
        limits: Limits,
        imagenet: Labels | None,
    ) -> None:
        self._models = models
        self._uploads = uploads
        self._recipes = recipes
        self._gate = gate
        self._limits = limits
        self._imagenet = imagenet
        self._coming = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Room in memory for one file, from its first byte on.

        Raises:
            Busy: where several are on their way already.
        """
        if self._coming >= self._limits.model_uploads:
            raise Busy(2)
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    async def add(self, data: bytes, fields: Mapping[str, str]) -> tuple[KnownModel, bool, Json]:
        """The model in a file, whether it is new here, and the report of what was understood.

        Args:
            data: an ONNX file.
            fields: as texts: ``preprocessing`` and ``labels`` (JSON, or a label a line), ``size`` where
                the file leaves it open, and ``name`` to be shown.

        Raises:
            Problem: ``file-too-large``, ``not-a-model``, and whatever else stands in the way.
        """
        limit = self._limits.model_upload_bytes
        if len(data) > limit:
            allowed = f"up to {limit} bytes ({limit / (1 << 20):.4g} MiB)"
            raise Problem("file-too-large", "file", len(data), allowed)
        asked, labels = _json_field(fields, "preprocessing"), read_labels(_labels_field(fields))
        size = read_pair("size", fields["size"]) if "size" in fields else None
        found = await self._gate.run(f"import {id(data)}", lambda ticket: self._read(data, size))
        channels, *sides = found.report["input"]["shape"]
        assumed = assume(channels, (sides[0], sides[1]), found.report["output_shape"])
        recipe = ModelRecipe(
            found.specification,
            found.weights,
            read_preprocessing(asked, channels) if "preprocessing" in fields else assumed.preprocessing,
            labels or (self._imagenet if assumed.imagenet else None),
            display_name(fields.get("name")),
        )
        known, is_new = await self._models.keep(recipe)
        report = {
            **found.report,
            "preprocessing": "given" if "preprocessing" in fields else assumed.why,
            "labels": "given" if labels else ("imagenet-classes" if recipe.labels else "none"),
        }
        return known, is_new, report

    def _read(self, data: bytes, size: Pair | None) -> _Read:
        digest = hashlib.sha256(data).hexdigest()
        key = f"onnx_{digest[:40]}_{'x'.join(map(str, size or ()))}"
        stored = self._recipes.get(key, _IMPORT)
        if stored is not None:
            known = _Read(**json.loads(stored))
            if upload_key(known.weights) in self._uploads:
                return known
        limits = self._limits
        read = read_model(data, import_limits(limits), size, limits.import_s, limits.import_memory_bytes)
        return self._keep(key, read)

    def _keep(self, key: str, read: ReadModel) -> _Read:
        made = _Read(read.specification, hashlib.sha256(read.weights).hexdigest(), read.report)
        if not self._uploads.put(upload_key(made.weights), {WEIGHTS: read.weights}):
            raise Problem("model-too-large", "file", len(read.weights), "a model that fits the server's disk")
        self._recipes.put(key, {_IMPORT: canonical_json(asdict(made))})
        return made


def import_limits(limits: Limits) -> ImportLimits:
    """Those of the server's limits that concern one file."""
    return ImportLimits(
        file_bytes=limits.model_upload_bytes,
        nodes=limits.import_nodes,
        array_numbers=limits.import_numbers,
        constant_numbers=limits.import_numbers,
        output_numbers=limits.activation_numbers,
    )


class Assumed(NamedTuple):
    """What a file does not say."""

    preprocessing: Preprocessing | None
    imagenet: bool
    why: str
    """``imagenet-classes``, ``nothing-known``, or ``no-picture`` for channels that no picture has."""


def assume(channels: int, size: Pair, output_shape: Sequence[int]) -> Assumed:
    """How a network probably wants its pictures: one of ImageNet's thousand classes as nearly all of them.

    >>> assume(1, (28, 28), [10, 1, 1]).why, assume(3, (224, 224), [1000, 1, 1]).preprocessing.mean
    ('nothing-known', (0.485, 0.456, 0.406))
    """
    if channels not in (1, 3):
        return Assumed(None, False, "no-picture")
    if channels == 3 and list(output_shape) == [IMAGENET_CLASSES, 1, 1]:
        return Assumed(replace(IMAGENET, size=size), True, "imagenet-classes")
    return Assumed(Preprocessing(size, color="gray" if channels == 1 else "rgb"), False, "nothing-known")


def _json_field(fields: Mapping[str, str], name: str) -> Any:
    text = fields.get(name)
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        raise Problem("invalid-argument", name, text, "JSON") from None


def _labels_field(fields: Mapping[str, str]) -> Any:
    text = fields.get("labels")
    return _json_field(fields, "labels") if text is not None and text.lstrip().startswith("[") else text

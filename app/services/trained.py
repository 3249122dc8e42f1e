"""Trained weights: read from files by their digest, and taken from models one kernel at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from app.problems import Problem
from app.representations import Numbers
from app.stores.store import Store
from engine.graph import Model
from engine.importers.safetensors import read_safetensors
from engine.types import Array
from engine.weights import Lookup

WEIGHTS = "weights"
"""The part of a stored upload that holds its numbers, as a safetensors file."""

Reader: TypeAlias = Callable[[], Mapping[str, Array]]

_PARTS = ("model", "node", "weight", "channel", "input_channel")


class Trained:
    """The files of weights of one server, each known by its SHA-256.

    Args:
        readers: of the built-in files.
        uploads: those that visitors brought.
    """

    def __init__(self, readers: Mapping[str, Reader], uploads: Store) -> None:
        self._readers = readers
        self._uploads = uploads

    def read(self, digest: str) -> Mapping[str, Array]:
        """The weights of a file, ``{"node.weight": numbers}``.

        Raises:
            Problem: ``unknown-model`` where the file is no longer kept.
        """
        reader = self._readers.get(digest)
        if reader is not None:
            return reader()
        stored = self._uploads.get(upload_key(digest), WEIGHTS)
        if stored is None:
            raise Problem(
                "unknown-model", "weights", digest, "weights that are still kept: post the file again"
            )
        return read_safetensors(stored)


def upload_key(digest: str) -> str:
    """The name under which weights that a visitor brought are kept."""
    return f"weights_{digest[:40]}"


def weight_of(model: Model, node_name: str, weight: str) -> Numbers:
    """One weight of a node.

    Raises:
        Problem: ``unknown-weight``.
        EngineError: ``unknown-node``.
    """
    node = model.node(node_name)
    if weight not in node.weights:
        allowed = ", ".join(node.weights) or f"nothing: {node.op.name} has no weights"
        raise Problem("unknown-weight", "weight", weight, allowed)
    return node.weights[weight]


def lookup_among(models: Mapping[str, Model]) -> Lookup:
    """Finds ``{"model", "node", "weight"?, "channel"?, "input_channel"?}`` among these models.

    Without ``channel`` that is the whole weight, with it one filter, with ``input_channel`` one kernel.
    """

    def find(source: Mapping[str, Any]) -> Array:
        for name in source:
            if name not in _PARTS:
                raise Problem("unknown-field", f"weight.{name}", source[name], ", ".join(_PARTS))
        asked, node, weight = source["model"], source.get("node"), source.get("weight", "weight")
        model = models.get(asked) if isinstance(asked, str) else None
        if model is None:
            raise Problem("unknown-model", "weight.model", asked, "the name or id of a model")
        if not isinstance(node, str) or not isinstance(weight, str):
            raise Problem("invalid-argument", "weight.node", node, "the name of a node")
        if "input_channel" in source and source.get("channel") is None:
            raise Problem("missing-field", "weight.channel", allowed="a filter, whose kernel is asked for")
        numbers = weight_of(model, node, weight)
        for axis in ("channel", "input_channel"):
            if source.get(axis) is not None:
                numbers = _at(numbers, axis, source[axis])
        return numbers

    return find


def _at(numbers: Numbers, axis: str, index: Any) -> Numbers:
    size = numbers.shape[0] if numbers.ndim else 0
    if type(index) is not int or not 0 <= index < size:
        raise Problem("index-out-of-range", f"weight.{axis}", index, f"0 to {size - 1}")
    return np.asarray(numbers[index])

"""Reading ``tests/reference/*.npz``; ``tools/make_references.py`` says how they are laid out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from engine.types import Array

FOLDER = Path(__file__).resolve().parent.parent / "reference"


@dataclass(frozen=True)
class ReferenceFile:
    """One file; its numbers are read when the first case asks for them."""

    path: Path

    @cached_property
    def about(self) -> dict[str, Any]:
        with np.load(self.path) as stored:
            about: dict[str, Any] = json.loads(str(stored["manifest"]))
        return about

    @cached_property
    def data(self) -> Array:
        with np.load(self.path) as stored:
            data: Array = stored["data"]
        return data


@dataclass(frozen=True)
class Reference:
    """One case: an operation, its settings, its arguments and what PyTorch computed."""

    file: ReferenceFile
    number: int

    @property
    def _stored(self) -> dict[str, Any]:
        stored: dict[str, Any] = self.file.about["cases"][self.number]
        return stored

    @property
    def op(self) -> str:
        return str(self._stored["op"])

    @property
    def config(self) -> dict[str, Any]:
        return dict(self._stored["config"])

    @property
    def label(self) -> str:
        return f"{self.op}-{self.number}"

    def names(self, prefix: str) -> list[str]:
        """What follows ``prefix`` in the names of the stored arrays."""
        return [name.removeprefix(prefix) for name in self._stored["arrays"] if name.startswith(prefix)]

    def array(self, name: str) -> Array:
        """A new array, so that no test can spoil the next one's."""
        place = self._stored["arrays"][name]
        shape = place["shape"]
        return self.file.data[place["offset"] : place["offset"] + prod(shape)].reshape(shape).copy()

    def inputs(self) -> list[Array]:
        return [self.array(f"input{i}") for i in sorted(map(int, self.names("input")))]

    def weights(self) -> dict[str, Array]:
        return {name: self.array(f"weight.{name}") for name in self.names("weight.")}


FILES = [ReferenceFile(path) for path in sorted(FOLDER.glob("*.npz"))]
CASES = [Reference(file, number) for file in FILES for number in range(len(file.about["cases"]))]
REFERENCES = [case for case in CASES if case.op != "network"]
NETWORKS = [case for case in CASES if case.op == "network"]
"""Cases whose config is the specification of a whole network, and whose weights are named by node."""

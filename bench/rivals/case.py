"""What is measured: a model on an input, the same for every engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.zoo.layers import Specification

Task: TypeAlias = Literal["inference", "training", "function"]


@dataclass(frozen=True)
class Case:
    """A model, how many pictures at once, and what is done with them.

    Args:
        name: by which the results know it.
        specification: of the model; in training its output is scores, without softmax.
        batch: pictures at once.
        task: a run forward, a step of training, or its only node as a function called on an array.
    """

    name: str
    specification: Specification
    batch: int = 1
    task: Task = "inference"

    @property
    def label(self) -> str:
        """Name and batch in one text."""
        return f"{self.name}, batch {self.batch}"

"""Many steps: all pictures in random order, again and again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.errors import EngineError
from engine.train.step import StepReport, Training
from engine.types import Array, Integers


def train(
    training: Training, pictures: Array, target: Integers, *, batch_size: int, epochs: int, seed: int = 0
) -> Iterator[StepReport]:
    """Learn from every picture once an epoch; whoever asks for the next report makes the next step.

    Args:
        training: is changed by every step; between steps its model and its optimiser may be looked at.
        pictures: (N, C, H, W), float32 or float64.
        target: (N,) integers, the right class of every picture.
        batch_size: pictures in a step, from 1 to N; what is left over waits for another epoch.
        epochs: at least 0.
        seed: of the order; epoch e is drawn from (seed, e).

    Yields:
        What ``Training.step`` reports.

    Raises:
        EngineError: ``invalid-argument``, ``shape-mismatch`` before the first step; what a step raises.
    """
    if not 1 <= batch_size <= len(pictures):
        raise EngineError("invalid-argument", "batch_size", batch_size, f"from 1 to {len(pictures)}")
    if target.shape != pictures.shape[:1]:
        raise EngineError("shape-mismatch", "target", list(target.shape), f"[{len(pictures)}]: a class each")
    for epoch in range(epochs):
        order = np.random.default_rng((seed, epoch)).permutation(len(pictures))
        for first in range(0, len(pictures) - batch_size + 1, batch_size):
            batch = order[first : first + batch_size]
            yield training.step(pictures[batch], target[batch])

"""One step of learning: pictures forward, the loss back, the weights a little downhill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite, prod

import numpy as np

from engine.errors import EngineError
from engine.gradients import Record, backward, record
from engine.graph import Model
from engine.heap import keep_freed_memory
from engine.ops.losses import cross_entropy, cross_entropy_backward
from engine.ops.normalisation import BatchNorm2d
from engine.ops.softmax import Softmax
from engine.train.optimisers import Optimiser
from engine.types import Array, Integers

STATISTICS_MOMENTUM = 0.1
"""Share of a batch's statistics in the running ones, as PyTorch counts it; the books' momentum is 0.9."""


@dataclass(frozen=True)
class StepReport:
    """What one step saw, before it changed the weights.

    Args:
        loss: cross-entropy, the mean over the batch.
        correct: pictures whose highest score was that of the right class.
        pictures: in the batch.
        gradient_norms: by "<node>.<weight>", the length of its gradient.
    """

    loss: float
    correct: int
    pictures: int
    gradient_norms: Mapping[str, float]


class Training:
    """A model that learns to classify. One thread at a time may let it.

    Its weights are arrays of its own, which every step changes in place: making and checking a model anew in
    every step would cost more than the step. The models that run on them are never handed out, so nobody
    else can see them change; ``model`` copies.

    Args:
        model: whose weights it starts from; they stay as they are. Its last node gives a score for each
            class, (N, K), or is the softmax after it, which the loss contains already.
        optimiser: see ``engine.train.optimisers``.

    >>> from engine.specification import build_model
    >>> from engine.train.optimisers import SGD
    >>> nodes = [{"op": "flatten"}, {"op": "linear", "weight": [[0], [0]]}]
    >>> training = Training(build_model({"input": {"channels": 1, "size": [1, 1]}, "nodes": nodes}), SGD(1.0))
    >>> report = training.step(np.array([[[[2.0]]]], dtype=np.float32), np.array([1]))
    >>> round(report.loss, 4), training.model.weights["linear.weight"].tolist()
    (0.6931, [[-1.0], [1.0]])
    """

    def __init__(self, model: Model, optimiser: Optimiser) -> None:
        # Every step frees what the next one needs again.
        keep_freed_memory()
        self.optimiser = optimiser
        self._weights = {name: array.copy() for name, array in model.weights.items()}
        self._whole = model.with_weights(self._weights)
        nodes = self._whole.nodes
        if isinstance(nodes[-1].op, Softmax):
            nodes = nodes[:-1]
        # Without running statistics, batch normalisation takes the batch's own.
        self._learning = Model(
            model.input_shape,
            tuple(
                replace(node, weights={k: w for k, w in node.weights.items() if k not in node.op.buffers})
                for node in nodes
            ),
        )

    @property
    def model(self) -> Model:
        """The model as it is now; later steps do not change it."""
        return self._whole.with_weights({name: array.copy() for name, array in self._weights.items()})

    def step(self, x: Array, target: Integers) -> StepReport:
        """Learn from one batch.

        Args:
            x: (N, C, H, W), float32 or float64, as for ``Model.run``.
            target: (N,) integers, the right class of every picture.

        Raises:
            EngineError: as ``Model.run`` and ``cross_entropy``; ``non-finite`` naming a weight whose gradient
                is not; the weights are then as before.
        """
        scores = self._learning.nodes[-1].name
        run = record(self._learning, x)
        loss, cache = cross_entropy(run.trace.output(scores), target)
        found = backward(run, {scores: cross_entropy_backward(1.0, cache)}, keep=()).by_weight
        # A length that overflows is refused below, and needs no warning.
        with np.errstate(over="ignore", invalid="ignore"):
            norms = {name: float(np.linalg.norm(grad)) for name, grad in found.items()}
        for name, norm in norms.items():
            if not isfinite(norm):
                raise EngineError("non-finite", "gradient of weight", name, "gradients of finite length")
        self._keep_statistics(run)
        self.optimiser.step(self._weights, found)
        correct = np.count_nonzero(cache.probabilities.argmax(axis=1) == target)
        return StepReport(float(loss), int(correct), len(x), norms)

    def _keep_statistics(self, run: Record) -> None:
        """Move running statistics towards those of the batch, the variance as of a sample."""
        for node in self._learning:
            if not isinstance(node.op, BatchNorm2d) or f"{node.name}.running_mean" not in self._whole.owners:
                continue
            n, channels, *places = run.trace.output(node.name).shape
            count = n * prod(places)
            if count < 2:
                allowed = "two numbers of each channel or more: one has no variance"
                raise EngineError("shape-mismatch", f"input of {node.name}", [n, channels, *places], allowed)
            cache = run.caches[node.name]
            batch = {"running_mean": cache.mean, "running_var": cache.variance * (count / (count - 1))}
            for name, seen in batch.items():
                running = self._weights[self._whole.owners[f"{node.name}.{name}"]]
                running += STATISTICS_MOMENTUM * (seen - running)

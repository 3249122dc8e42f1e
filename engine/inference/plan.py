"""A model made ready to be run many times: stages, routes, prepared weights and memory, decided once."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from engine.errors import EngineError
from engine.graph import INPUT, Model
from engine.inference.binding import Binding
from engine.inference.pictures import are_apart
from engine.inference.stages import stages
from engine.threads import TEAM, cut
from engine.types import Array, Shape
from engine.weights import is_finite
from engine.wiring import check_weights

IDLE = 4
"""Bindings that are kept for later runs, those that ran last; each has memory of its own."""

Kind: TypeAlias = tuple[Shape, np.dtype[Any]]
"""Of pictures: (N, C, H, W) and the type of their numbers."""

LIGHT = 50_000_000
"""Multiply-adds for one picture."""


class Plan:
    """A model to be run, of which only some outputs are wanted. Any number of threads may run it.

    Args:
        model: it stays as it is; who needs no other outputs of it can forget it, and save the memory of the
            kernels that routes keep in a form of their own.
        keep: nodes whose outputs are wanted; None means the last one.

    Raises:
        EngineError: ``unknown-node``.

    >>> from engine.specification import build_model
    >>> nodes = [{"op": "conv2d", "weight": [[-1]]}, {"op": "relu"}]
    >>> plan = Plan(build_model({"input": {"channels": 1, "size": [1, 3]}, "nodes": nodes}))
    >>> plan.run(np.array([[[[-2, 3, 5]]]], dtype=np.float32))["relu"]
    array([[[[2., 0., 0.]]]], dtype=float32)
    """

    def __init__(self, model: Model, keep: Collection[str] | None = None) -> None:
        self.keep = tuple(keep or (model.nodes[-1].name,))
        for name in self.keep:
            model.node(name)
        self._model = weakref.ref(model)
        self._stages = stages(model, self.keep)
        self._outline = _outline(model)
        self._multiply_adds = sum(
            node.op.multiply_adds(*(model.shapes[source] for source in node.inputs)) for node in model
        )
        self._can_be_shared = are_apart(model)
        self._prepared: dict[Any, Any] = {}
        self._idle: list[tuple[Kind, Binding]] = []
        self._lock = threading.Lock()

    def run(self, x: Array) -> dict[str, Array]:
        """The outputs that are kept, by node; arrays of the caller's own.

        Args:
            x: (N, C, H, W), float32 or float64, at least one picture.

        Raises:
            EngineError: ``shape-mismatch``, ``invalid-argument`` for another dtype; ``non-finite`` naming
                ``input`` or a node that is kept.
        """
        self._outline.check_picture(x)
        _check_finite({INPUT: x})
        # What overflows is found and named below, and needs no warning.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            outputs = self._shared(x) if self._is_light(x) else self._run(x)
        _check_finite(outputs)
        return outputs

    def _is_light(self, x: Array) -> bool:
        """Whether a picture is so little work that threads had better share out the pictures."""
        return self._can_be_shared and len(x) >= TEAM.size > 1 and self._multiply_adds <= LIGHT

    def _shared(self, x: Array) -> dict[str, Array]:
        """Every thread runs all stages for some of the pictures."""
        shares = [x[some] for some in cut(len(x), TEAM.size)]
        outputs: list[dict[str, Array]] = [{} for _ in shares]

        def share(index: int) -> None:
            outputs[index] = self._run(shares[index])

        TEAM.each(share, range(len(shares)))
        return {name: np.concatenate([part[name] for part in outputs]) for name in self.keep}

    def _run(self, x: Array) -> dict[str, Array]:
        kind = (x.shape, x.dtype)
        with self._lock:
            last = next((i for i, (known, _) in enumerate(self._idle) if known == kind), None)
            binding = None if last is None else self._idle.pop(last)[1]
        if binding is None:
            binding = self._bind(*kind)
        outputs = binding.run(x)
        with self._lock:
            self._idle.insert(0, (kind, binding))
            del self._idle[IDLE:]
        return outputs

    def _bind(self, shape: Shape, dtype: np.dtype[Any]) -> Binding:
        # While the model is there, its weights are, and the best route can be prepared for every shape.
        model = self._model()
        found = self._stages if model is None else stages(model, self.keep)
        n, channels, rows, columns = shape
        shapes = self._outline.shapes_for((channels, rows, columns), n)
        # Where a reshape makes features of pictures, the batch decides whether weights fit.
        for node in self._outline:
            check_weights(node, [shapes[source] for source in node.inputs])
        binding = Binding(found, shapes, self.keep, dtype, self._prepared)
        self._stages = [stage.released for stage in self._stages]
        return binding


def _outline(model: Model) -> Model:
    """The same model with weights that have shapes and take no memory."""
    zero = np.zeros((), np.float32)
    return Model(
        model.input_shape,
        tuple(
            replace(node, weights={name: np.broadcast_to(zero, w.shape) for name, w in node.weights.items()})
            for node in model
        ),
    )


def _check_finite(outputs: Mapping[str, Array]) -> None:
    for name, numbers in outputs.items():
        if not is_finite(numbers):
            raise EngineError("non-finite", "node", name, "a run whose every number is finite")

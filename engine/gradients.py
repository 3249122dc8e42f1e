"""Backward through a whole model: how much every output, weight and pixel moves what is asked about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.graph import INPUT, Model, Node
from engine.trace import Trace
from engine.types import Array
from engine.weights import is_finite


@dataclass(frozen=True)
class Record:
    """A run with all that its gradients need. It belongs to the caller.

    Args:
        trace: the run.
        caches: by node, what its operation's backward asks for.
    """

    trace: Trace
    caches: Mapping[str, Any]


@dataclass(frozen=True)
class Gradients:
    """Gradients of one number L, of which only those by some outputs were given.

    Args:
        by_output: by node, and under ``input``, in the shape of its output; nodes that L does not depend
            on are left out.
        by_weight: by "<node>.<weight>", in the shape of the weight; one that several nodes share stands
            once, as in ``Model.weights``, with the sum. Buffers have none, nor have nodes left out.
    """

    by_output: Mapping[str, Array]
    by_weight: Mapping[str, Array]

    @property
    def input(self) -> Array:
        """By the picture, (N, C, H, W)."""
        return self.by_output[INPUT]


def record(model: Model, x: Array, before_node: Callable[[Node], None] = lambda node: None) -> Record:
    """Run a model and keep what its gradients need, which takes about twice the memory.

    Args:
        model: to run.
        x: (N, C, H, W), as for ``Model.run``.
        before_node: called ahead of each node; raise from it to stop between nodes.

    Raises:
        EngineError: as ``Model.run``.
    """
    caches: dict[str, Any] = {}
    return Record(model.run(x, before_node, caches), caches)


def gradients(model: Model, x: Array, grad_outputs: Mapping[str, Array]) -> Gradients:
    """Forward and backward at once, where the gradients by the outputs are known beforehand.

    Args:
        model: to run.
        x: (N, C, H, W), as for ``Model.run``.
        grad_outputs: as for ``backward``.

    Raises:
        EngineError: as ``Model.run`` and ``backward``.

    >>> from engine.specification import build_model
    >>> nodes = [{"op": "relu"}, {"op": "add", "inputs": ["relu", "input"]}]
    >>> model = build_model({"input": {"channels": 1, "size": [1, 2]}, "nodes": nodes})
    >>> x = np.array([[[[-1.0, 1.0]]]])
    >>> gradients(model, x, {"add": np.array([[[[5.0, 7.0]]]])}).input
    array([[[[ 5., 14.]]]])
    """
    return backward(record(model, x), grad_outputs)


def backward(
    run: Record, grad_outputs: Mapping[str, Array], keep: Collection[str] | None = None
) -> Gradients:
    """Gradients of L by everything it depends on, from those by some outputs.

    The chain rule, node by node from the last to the first: an output that several nodes take receives
    the sum of what they pass back (and of what was given for itself).

    Args:
        run: what ``record`` returned; it stays as it is.
        grad_outputs: by node, ∂L/∂output in the shape of that output.
        keep: nodes, or ``input``, whose gradient is kept in ``by_output``; None means all. What leads
            neither to these nor to a weight is not computed.

    Raises:
        EngineError: ``unknown-node``, ``shape-mismatch``, ``non-finite`` naming the node.

    Source: Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors" (1986).
    """
    trace = run.trace
    model = trace.model
    wanted = _wanted(model, keep)
    pending = _Sums({name: _given(trace, name, grad) for name, grad in grad_outputs.items()})
    by_output: dict[str, Array] = {}
    by_weight = _Sums({})
    for node in reversed(model.nodes):
        grad_output = pending.take(node.name)
        if grad_output is None or node.name not in wanted:
            continue
        _check_finite(node.name, grad_output)
        if keep is None or node.name in keep:
            by_output[node.name] = grad_output
        # What overflows is found and named at the node that it goes to, and needs no warning.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            if wanted.isdisjoint(node.inputs):
                own = node.op.backward_weights(grad_output, run.caches[node.name])
            else:
                by_inputs, own = node.op.backward(grad_output, run.caches[node.name])
                for source, grad in zip(node.inputs, by_inputs, strict=True):
                    if source in wanted:
                        pending.add(source, grad)
            for name, grad in own.items():
                by_weight.add(model.owners[f"{node.name}.{name}"], grad)
    if INPUT in wanted:
        grad_input = pending.take(INPUT)
        by_output[INPUT] = np.zeros_like(trace.output(INPUT)) if grad_input is None else grad_input
        _check_finite(INPUT, by_output[INPUT])
    return Gradients(by_output, by_weight.by_name)


def _wanted(model: Model, keep: Collection[str] | None) -> set[str]:
    """Outputs whose gradient is kept, or leads to one that is, or to a weight."""
    wanted = {INPUT} if keep is None or INPUT in keep else set()
    for node in model:
        learned = node.weights.keys() - set(node.op.buffers)
        if learned or not wanted.isdisjoint(node.inputs) or keep is None or node.name in keep:
            wanted.add(node.name)
    return wanted


class _Sums:
    """Gradients by name, each the sum of the parts that were added."""

    def __init__(self, given: dict[str, Array]) -> None:
        self.by_name = given
        self._own: set[str] = set()

    def add(self, name: str, grad: Array) -> None:
        before = self.by_name.get(name)
        if before is None:
            self.by_name[name] = grad
        elif name in self._own:
            np.add(before, grad, out=before)
        else:
            # A new array for the sum: the parts may be views of each other, or the caller's own.
            self.by_name[name] = before + grad
            self._own.add(name)

    def take(self, name: str) -> Array | None:
        return self.by_name.pop(name, None)


def _given(trace: Trace, name: str, grad: Array) -> Array:
    output = trace.output(name)
    if grad.shape != output.shape:
        argument = f"gradient of {name}"
        raise EngineError("shape-mismatch", argument, list(grad.shape), f"the shape {list(output.shape)}")
    return grad.astype(output.dtype, copy=False)


def _check_finite(name: str, grad: Array) -> None:
    if not is_finite(grad):
        raise EngineError("non-finite", "gradient of node", name, "gradients whose every number is finite")

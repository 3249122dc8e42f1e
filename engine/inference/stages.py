"""Which nodes are computed at once: a convolution with its batch normalisation, addition and ReLU."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.graph import Model, Node
from engine.ops.activations import Relu
from engine.ops.arithmetic import Add
from engine.ops.conv2d import Conv2d
from engine.ops.linear import Linear
from engine.ops.normalisation import BatchNorm2d
from engine.ops.operation import Operation
from engine.ops.rectifiers import Clip
from engine.types import Array, Shape

LARGE_BYTES = 1 << 20


@dataclass(frozen=True)
class Stage:
    """An operation, and what follows it number by number.

    Args:
        name: of the last of its nodes, whose output it gives.
        op: the first of its nodes.
        inputs: whose outputs ``op`` takes.
        weights: of ``op``, with a folded batch normalisation.
        residual: whose output is added, or None.
        low, high: the sum is kept between them; None means no bound.
    """

    name: str
    op: Operation
    inputs: tuple[str, ...]
    weights: Mapping[str, Array]
    residual: str | None = None
    low: float | None = None
    high: float | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        """Whose outputs it takes, one that it adds included."""
        return self.inputs if self.residual is None else (*self.inputs, self.residual)

    @property
    def released(self) -> Stage:
        """Without large kernels, once a route has made its own of them: those take several times as much."""
        weight = self.weights.get("weight")
        large = weight is not None and weight.nbytes >= LARGE_BYTES
        return replace(self, weights={}) if large and isinstance(self.op, Conv2d) else self

    @property
    def is_bounded(self) -> bool:
        """Whether nothing but another bound can follow."""
        return self.low is not None or self.high is not None


def stages(model: Model, keep: Collection[str]) -> list[Stage]:
    """The stages of a model, each after those that it reads; nodes that are kept end theirs.

    >>> from engine.specification import build_model
    >>> nodes = [{"op": "conv2d", "name": "conv"}, {"op": "relu", "name": "relu"}]
    >>> model = build_model({"input": {"channels": 1, "size": [4, 4]}, "nodes": nodes})
    >>> [(stage.name, stage.low) for stage in stages(model, ["relu"])]
    [('relu', 0.0)]
    >>> [stage.name for stage in stages(model, ["conv", "relu"])]
    ['conv', 'relu']
    """
    found: list[Stage] = []
    at: dict[str, int] = {}
    for node in model:
        own = Stage(node.name, node.op, node.inputs, node.weights)
        # Of the stages before it, the last one can take it in: what else it reads is there by then.
        host = max((at[source] for source in node.inputs if source in at), default=None)
        joined = None
        if host is not None and found[host].name not in keep and len(model.consumers(found[host].name)) == 1:
            joined = _joined(found[host], node, model.shapes)
        if host is None or joined is None:
            at[node.name] = len(found)
            found.append(own)
        else:
            at[node.name] = host
            found[host] = joined
    return found


def _joined(stage: Stage, node: Node, shapes: Mapping[str, Shape]) -> Stage | None:
    """A stage that also does what a node does with its output, if that can be."""
    if not isinstance(stage.op, Conv2d | Linear | Add):
        return None
    match node.op:
        case Relu():
            return _bounded(stage, node.name, 0.0, None)
        case Clip(min=low, max=high):
            return _bounded(stage, node.name, low, high)
        case BatchNorm2d() if (
            isinstance(stage.op, Conv2d) and not stage.is_bounded and stage.residual is None
        ):
            return _normalised(stage, node)
        case Add() if isinstance(stage.op, Conv2d) and not stage.is_bounded and stage.residual is None:
            others = [source for source in node.inputs if source != stage.name]
            if len(node.inputs) == 2 and len(others) == 1 and _is_added_cell_by_cell(node, shapes):
                return replace(stage, name=node.name, residual=others[0])
    return None


def _is_added_cell_by_cell(node: Node, shapes: Mapping[str, Shape]) -> bool:
    """Whether nothing is repeated, nor could be for a picture of another size, as a single row could."""
    own = shapes[node.name]
    return all(shapes[source] == own for source in node.inputs) and 1 not in own[2:]


def _bounded(stage: Stage, name: str, low: float | None, high: float | None) -> Stage | None:
    return None if stage.is_bounded else replace(stage, name=name, low=low, high=high)


def _normalised(stage: Stage, node: Node) -> Stage | None:
    """Convolving and then scaling each channel is convolving with scaled kernels.

    Source: Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
    inference" (2018), section 3.2.
    """
    if "running_mean" not in node.weights or not isinstance(node.op, BatchNorm2d):
        return None
    mean, variance = (node.weights[name].astype(np.float64) for name in ("running_mean", "running_var"))
    scale = node.weights.get("weight", 1.0) / np.sqrt(variance + node.op.eps)
    weight, bias = stage.weights["weight"], stage.weights.get("bias", 0.0)
    folded = {
        "weight": weight * scale.reshape(-1, *(1 for _ in weight.shape[1:])),
        "bias": (bias - mean) * scale + node.weights.get("bias", 0.0),
    }
    return replace(stage, name=node.name, weights=folded)

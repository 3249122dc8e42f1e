"""Changes to the weights of a model for one run: "what if this filter were off?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.problems import Problem
from engine.graph import Model, Node
from engine.types import Array


@dataclass(frozen=True)
class Edit:
    """One change; exactly one of ``value``, ``scale`` and ``off`` is given.

    Args:
        node: its name.
        index: into ``weight``; fewer indices than axes mean all numbers under them.
        value: what the numbers become.
        scale: what they are multiplied by.
        off: the output channel whose weights and bias become 0.
    """

    node: str
    index: tuple[int, ...] = ()
    value: float | None = None
    scale: float | None = None
    off: int | None = None


def edited(model: Model, edits: Sequence[Edit]) -> Model:
    """A new model with changed weights; the given one stays as it is.

    Raises:
        EngineError: ``unknown-node``.
        Problem: ``no-weights``, ``index-out-of-range``.
    """
    changed = {node.name: node for node in model}
    for edit in edits:
        model.node(edit.node)
        changed[edit.node] = _edited(changed[edit.node], edit)
    return Model(model.input_shape, tuple(changed.values()))


def _edited(node: Node, edit: Edit) -> Node:
    if "weight" not in node.weights:
        raise Problem("no-weights", "edits.node", edit.node, "a node that has weights")
    weights = dict(node.weights)
    weight = weights["weight"] = weights["weight"].copy()
    if edit.off is not None:
        _turn_off(node, weights, edit.off)
    else:
        _check_index(edit.index, weight.shape)
        weight[edit.index] = (
            edit.value if edit.value is not None else weight[edit.index] * np.float32(edit.scale)
        )
    return replace(node, weights=weights)


def _turn_off(node: Node, weights: dict[str, Array], channel: int) -> None:
    weight, axis = weights["weight"], node.op.output_axis or 0
    groups = int(getattr(node.op, "groups", 1)) if axis == 1 else 1
    each = weight.shape[axis]
    if not 0 <= channel < each * groups:
        raise Problem("index-out-of-range", "edits.off", channel, f"0 to {each * groups - 1}")
    if axis == 1:
        # Weights of a transposed convolution: (inputs, outputs of one group, …).
        rows = weight.shape[0] // groups
        group = channel // each
        weight[group * rows : (group + 1) * rows, channel % each] = 0
    else:
        weight[channel] = 0
    if "bias" in weights:
        bias = weights["bias"] = weights["bias"].copy()
        bias[channel] = 0


def _check_index(index: tuple[int, ...], shape: tuple[int, ...]) -> None:
    fits = 1 <= len(index) <= len(shape) and all(0 <= i < size for i, size in zip(index, shape, strict=False))
    if not fits:
        allowed = f"1 to {len(shape)} indices into {list(shape)}, each from 0"
        raise Problem("index-out-of-range", "edits.index", list(index), allowed)

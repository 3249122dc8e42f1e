"""Changes to the weights of a model for one run: "what if this filter were off?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from app.problems import Problem
from app.services.descriptions import Json
from engine.graph import INPUT, Model, Node
from engine.types import Array


@dataclass(frozen=True)
class Edit:
    """One change; exactly one of ``value``, ``scale`` and ``off`` is given.

    Args:
        node: its name.
        index: into the weight; fewer indices than axes mean all numbers under them.
        value: what the numbers become.
        scale: what they are multiplied by.
        off: the output channel whose weights and bias become 0.
        weight: ``weight`` or ``bias``, which numbers; ``off`` concerns both.
    """

    node: str
    index: tuple[int, ...] = ()
    value: float | None = None
    scale: float | None = None
    off: int | None = None
    weight: str = "weight"

    def json(self) -> Json:
        """As a recipe keeps it."""
        fields = asdict(self)
        if self.weight == "weight":
            del fields["weight"]
        return fields

    def describe(self) -> Json:
        """As an answer tells it."""
        return {name: value for name, value in self.json().items() if value not in (None, ())}


def edited(model: Model, edits: Sequence[Edit]) -> Model:
    """A new model with changed weights; the given one stays as it is.

    Raises:
        EngineError: ``unknown-node``.
        Problem: ``no-weights``, ``index-out-of-range``.
    """
    changed: dict[str, dict[str, Array]] = {}
    for edit in edits:
        node = model.node(edit.node)
        _apply(node, changed.setdefault(node.name, dict(node.weights)), edit)
    nodes = (replace(node, weights=changed[node.name]) if node.name in changed else node for node in model)
    return Model(model.input_shape, tuple(nodes))


def unchanged(model: Model, edits: Sequence[Edit]) -> set[str]:
    """The names of the nodes that no edit reaches, the input among them."""
    reached = {edit.node for edit in edits}
    for node in model:
        if reached.intersection(node.inputs):
            reached.add(node.name)
    return {INPUT, *(node.name for node in model)} - reached


def _apply(node: Node, weights: dict[str, Array], edit: Edit) -> None:
    """Change weights that so far are the node's own, or copies that were changed before."""
    names = ("weight", "bias") if edit.off is not None else (edit.weight,)
    if "weight" not in weights:
        raise Problem("no-weights", "edits.node", edit.node, "a node that has weights")
    for name in names:
        if name in weights and weights[name] is node.weights[name]:
            weights[name] = weights[name].copy()
    if edit.off is not None:
        _turn_off(node, weights, edit.off)
        return
    if edit.weight not in weights:
        raise Problem("unknown-weight", "edits.weight", edit.weight, ", ".join(weights))
    numbers = weights[edit.weight]
    _check_index(edit.index, numbers.shape)
    if edit.value is not None:
        numbers[edit.index] = edit.value
    else:
        numbers[edit.index] *= np.float32(edit.scale)


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
        weights["bias"][channel] = 0


def _check_index(index: tuple[int, ...], shape: tuple[int, ...]) -> None:
    fits = 1 <= len(index) <= len(shape) and all(0 <= i < size for i, size in zip(index, shape, strict=False))
    if not fits:
        allowed = f"1 to {len(shape)} indices into {list(shape)}, each from 0"
        raise Problem("index-out-of-range", "edits.index", list(index), allowed)

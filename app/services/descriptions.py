"""Models, nodes and settings as plain JSON values."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeAlias

from app.stores.memory import MemoryStore
from engine.graph import Model, Node, NodeDescription

Json: TypeAlias = dict[str, Any]
Extents: TypeAlias = dict[str, tuple[float, float]]
"""(least, largest) number of every node's output."""


DESCRIPTIONS_BYTES = 16 << 20
_BYTES_OF_NODE = 2000


class Descriptions:
    """What can be said of the nodes of models; kept, since finding every receptive field takes long."""

    def __init__(self) -> None:
        self._kept: MemoryStore[list[Json]] = MemoryStore(DESCRIPTIONS_BYTES)

    def of(self, model_id: str, model: Model) -> list[Json]:
        """Every node with its settings, shape, cost and receptive field; not to be changed.

        Args:
            model_id: of the model, whatever its size.
            model: that model, for pictures of some size; changed weights make no difference.
        """
        key = f"{model_id} {model.input_shape}"
        nodes = self._kept.get(key)
        if nodes is None:
            nodes = [_describe(description) for description in model.describe()]
            self._kept.put(key, nodes, _BYTES_OF_NODE * len(nodes))
        return nodes


def _describe(description: NodeDescription) -> Json:
    node = description.node
    return {
        "name": node.name,
        "op": node.op.name,
        "inputs": list(node.inputs),
        "attributes": attributes(node),
        "output_shape": list(description.output_shape),
        "weights": {name: list(weight.shape) for name, weight in node.weights.items()},
        "parameters": description.parameters,
        "multiply_adds": description.multiply_adds,
        "receptive_field": {
            "size": list(description.field_size),
            "stride": description.field_stride and list(description.field_stride),
            "start": list(description.field_start),
        },
    }


def attributes(node: Node) -> Json:
    """The settings of a node's operation by their names."""
    values = {field.name: getattr(node.op, field.name) for field in fields(node.op)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

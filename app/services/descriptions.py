"""Models, nodes and settings as plain JSON values."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeAlias

from engine.graph import Model, Node, NodeDescription

Json: TypeAlias = dict[str, Any]
Extents: TypeAlias = dict[str, tuple[float, float]]
"""(least, largest) number of every node's output."""


def describe_nodes(model: Model, extents: Extents | None = None) -> list[Json]:
    """Every node with its settings, shape, cost and receptive field; with its extent where it has run."""
    return [_describe(description, extents) for description in model.describe()]


def _describe(description: NodeDescription, extents: Extents | None) -> Json:
    node = description.node
    described: Json = {
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
            "stride": list(description.field_stride),
            "start": list(description.field_start),
        },
    }
    if extents is not None:
        described["min"], described["max"] = extents[node.name]
    return described


def attributes(node: Node) -> Json:
    """The settings of a node's operation by their names."""
    values = {field.name: getattr(node.op, field.name) for field in fields(node.op)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

"""A model: named nodes in topological order, each an operation with its weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from engine.errors import EngineError
from engine.geometry.receptive_field import Region, whole
from engine.ops.operation import Operation, Weights
from engine.trace import Trace
from engine.types import Array, Pair, Shape, map_shape

INPUT = "input"
"""The name under which nodes refer to the picture."""


@dataclass(frozen=True)
class Node:
    """One step of a model: what is done, to the outputs of which nodes, with which weights."""

    name: str
    op: Operation
    inputs: tuple[str, ...]
    weights: Weights


@dataclass(frozen=True)
class NodeDescription:
    """What can be said of a node before anything runs; one picture, weights in numbers."""

    node: Node
    output_shape: tuple[int, int, int]
    parameters: int
    multiply_adds: int
    field_size: Pair
    field_stride: Pair
    field_start: Pair


class Model:
    """A graph of nodes. It is never changed after it is made, so any number of threads may run it.

    Args:
        input_shape: (channels, rows, columns) of one picture.
        nodes: in an order in which every node follows its inputs.

    Raises:
        EngineError: ``unknown-node``, ``duplicate-node``, ``wrong-inputs`` or ``shape-mismatch``.
    """

    def __init__(self, input_shape: tuple[int, int, int], nodes: tuple[Node, ...]) -> None:
        self.input_shape = input_shape
        self.nodes = nodes
        self._by_name = {node.name: node for node in nodes}
        check_order(nodes)
        self.shapes = self.shapes_for(input_shape)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def node(self, name: str) -> Node:
        """The node of that name.

        Raises:
            EngineError: ``unknown-node``.
        """
        if name not in self._by_name:
            raise EngineError("unknown-node", "node", name, ", ".join(self._by_name))
        return self._by_name[name]

    def consumers(self, name: str) -> list[tuple[Node, int]]:
        """(node, which of its inputs) for every use of a node's output."""
        return [(node, i) for node in self.nodes for i, source in enumerate(node.inputs) if source == name]

    def shapes_for(self, input_shape: tuple[int, int, int]) -> dict[str, Shape]:
        """Output shape (1, …) of every node, and of the input, for another picture size."""
        shapes: dict[str, Shape] = {INPUT: (1, *input_shape)}
        for node in self.nodes:
            shapes[node.name] = node.op.output_shape(*(shapes[source] for source in node.inputs))
        return shapes

    def run(self, x: Array, before_node: Callable[[Node], None] = lambda node: None) -> Trace:
        """Run the model and keep every node's output.

        Args:
            x: (N, C, H, W).
            before_node: called ahead of each node; raise from it to stop between nodes.

        Raises:
            EngineError: ``shape-mismatch`` for a picture that does not fit; ``non-finite`` naming the
                first node whose output is not finite.
        """
        outputs: dict[str, Array] = {INPUT: x}
        for node in self.nodes:
            before_node(node)
            y, _ = node.op.forward([outputs[source] for source in node.inputs], node.weights)
            if not np.isfinite(y).all():
                raise EngineError("non-finite", "node", node.name, "a run whose every number is finite")
            outputs[node.name] = y
        return Trace(self, outputs)

    def describe(self) -> list[NodeDescription]:
        """Shape, parameters, multiply-adds and receptive field of every node."""
        return [self._describe(node) for node in self.nodes]

    def _describe(self, node: Node) -> NodeDescription:
        shapes = [self.shapes[source] for source in node.inputs]
        first = self.receptive_field(node.name, Region((0, 0), (1, 1)))
        second = self.receptive_field(node.name, Region((1, 1), (2, 2)))
        return NodeDescription(
            node=node,
            output_shape=map_shape(self.shapes[node.name]),
            parameters=sum(prod(weight.shape) for weight in node.weights.values()),
            multiply_adds=node.op.multiply_adds(*shapes),
            field_size=first.size,
            field_stride=(second.start[0] - first.start[0], second.start[1] - first.start[1]),
            field_start=first.start,
        )

    def receptive_field(self, name: str, region: Region) -> Region:
        """The part of the picture that a rectangle of a node's output is computed from, padding included."""
        regions = {name: region}
        for node in reversed(self.nodes):
            here = regions.pop(node.name, None)
            if here is None:
                continue
            shapes = [self.shapes[source] for source in node.inputs]
            for index, source in enumerate(node.inputs):
                part = node.op.input_region(shapes, index, here)
                regions[source] = regions[source].union(part) if source in regions else part
        return regions.get(INPUT, whole(self.input_shape[1:]))


def check_order(nodes: tuple[Node, ...]) -> None:
    """Refuse nodes of one name, inputs that do not come first, and wrong numbers of inputs."""
    known = [INPUT]
    for node in nodes:
        if node.name in known:
            raise EngineError("duplicate-node", "name", node.name, "a name of its own for every node")
        for source in node.inputs:
            if source not in known:
                raise EngineError("unknown-node", f"inputs of {node.name}", source, ", ".join(known))
        arity = node.op.arity
        if len(node.inputs) != arity if arity else len(node.inputs) < 2:
            raise EngineError(
                "wrong-inputs",
                f"inputs of {node.name}",
                list(node.inputs),
                f"{arity or 'two or more'} inputs",
            )
        known.append(node.name)

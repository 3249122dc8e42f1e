"""A model: named nodes in topological order, each an operation with its weights."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from engine.errors import EngineError
from engine.geometry.receptive_field import NOWHERE, Region
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
    """What can be said of a node before anything runs.

    Args:
        node: the node itself.
        output_shape: (channels, rows, columns) for one picture; of a vector, (features, 1, 1).
        parameters: numbers in its weights.
        multiply_adds: multiplications, each with its addition, for one picture.
        field_size: (rows, columns) of the picture, padding included, behind output cell (0, 0).
        field_stride: by how much that rectangle moves from output (0, 0) to (1, 1).
        field_start: its first (row, column); below 0 in the padding.

    Source of the field's three pairs: Araujo, Norris & Sim, "Computing receptive fields of
    convolutional neural networks" (2019). Behind a transposed convolution they differ from cell to cell.
    """

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
        EngineError: ``unknown-node``, ``duplicate-node`` or ``wrong-inputs`` for a graph that is none;
            ``shape-mismatch`` or ``invalid-weight`` for weights that do not fit; what an operation
            raises that cannot take its inputs.

    >>> from engine.ops.activations import Relu
    >>> from engine.ops.max_pool2d import MaxPool2d
    >>> pool = Node("pool", MaxPool2d(kernel_size=(2, 2)), (INPUT,), {})
    >>> model = Model((1, 4, 6), (pool, Node("relu", Relu(), ("pool",), {})))
    >>> model.shapes
    {'input': (1, 1, 4, 6), 'pool': (1, 1, 2, 3), 'relu': (1, 1, 2, 3)}
    >>> model.run(np.arange(24, dtype=np.float32).reshape(1, 1, 4, 6)).output("relu")[0, 0]
    array([[ 7.,  9., 11.],
           [19., 21., 23.]], dtype=float32)
    """

    def __init__(self, input_shape: tuple[int, int, int], nodes: tuple[Node, ...]) -> None:
        self.input_shape = input_shape
        self.nodes = nodes
        self._by_name = {node.name: node for node in nodes}
        check_order(nodes)
        self.shapes = self.shapes_for(input_shape)
        self._check_weights(self.shapes)

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
        """Output shape (1, …) of every node, and of the input, for another picture size.

        Args:
            input_shape: (channels, rows, columns) of one picture.

        Raises:
            EngineError: if an operation cannot take an input of its shape.
        """
        shapes: dict[str, Shape] = {INPUT: (1, *input_shape)}
        for node in self.nodes:
            shapes[node.name] = node.op.output_shape(*(shapes[source] for source in node.inputs))
        return shapes

    def run(self, x: Array, before_node: Callable[[Node], None] = lambda node: None) -> Trace:
        """Run the model and keep every node's output.

        Args:
            x: (N, C, H, W), float32 or float64, at least one picture; of another size than
                ``input_shape`` if the nodes and their weights can take it.
            before_node: called ahead of each node; raise from it to stop between nodes.

        Raises:
            EngineError: ``shape-mismatch`` (or what an operation raises) for a picture that does not
                fit, ``invalid-argument`` for another dtype; ``non-finite`` naming the first node,
                or ``input``, whose numbers are not all finite.
        """
        self._check_picture(x)
        _check_finite(INPUT, x)
        outputs: dict[str, Array] = {INPUT: x}
        for node in self.nodes:
            before_node(node)
            # What overflows is found and named below, and needs no warning.
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                y, _ = node.op.forward([outputs[source] for source in node.inputs], node.weights)
            _check_finite(node.name, y)
            outputs[node.name] = y
        return Trace(self, outputs)

    def _check_picture(self, x: Array) -> None:
        if x.ndim != 4 or 0 in x.shape:
            raise EngineError("shape-mismatch", "x", list(x.shape), "(N, C, H, W), at least 1 each")
        if x.dtype not in (np.float32, np.float64):
            raise EngineError("invalid-argument", "x", str(x.dtype), "float32 or float64")
        _, channels, rows, columns = x.shape
        if (channels, rows, columns) != self.input_shape:
            self._check_weights(self.shapes_for((channels, rows, columns)))

    def _check_weights(self, shapes: Mapping[str, Shape]) -> None:
        for node in self.nodes:
            check_weights(node, [shapes[source] for source in node.inputs])

    def describe(self) -> list[NodeDescription]:
        """Shape, parameters, multiply-adds and receptive field of every node, in order."""
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

    def receptive_field(self, name: str, region: Region, shapes: Mapping[str, Shape] | None = None) -> Region:
        """The part of the picture that a rectangle of a node's output is computed from, padding included.

        Where branches meet, the smallest rectangle that holds what each of them reads.

        Args:
            name: of a node, or ``input``.
            region: half-open, in (row, column) of that node's output.
            shapes: of every node and the input in the run that is meant; None means the model's own.

        Returns:
            Half-open, in (row, column) of the picture; empty for cells of a transposed convolution
            that no input reaches.

        Raises:
            EngineError: ``unknown-node``.

        Source: Araujo, Norris & Sim, "Computing receptive fields of convolutional neural networks" (2019).
        """
        if name != INPUT:
            self.node(name)
        shapes = self.shapes if shapes is None else shapes
        regions = {name: region}
        for node in reversed(self.nodes):
            here = regions.pop(node.name, None)
            if here is None:
                continue
            ins = [shapes[source] for source in node.inputs]
            for index, source in enumerate(node.inputs):
                part = node.op.input_region(ins, index, here)
                if not part.empty:
                    regions[source] = regions[source].union(part) if source in regions else part
        return regions.get(INPUT, NOWHERE)


def check_order(nodes: tuple[Node, ...]) -> None:
    """Refuse nodes of one name, inputs that do not come first, and wrong numbers of inputs.

    Raises:
        EngineError: as ``check_links``.
    """
    known = [INPUT]
    for node in nodes:
        check_links(node.name, node.inputs, node.op.arity, known)
        known.append(node.name)


def check_links(name: str, inputs: Sequence[str], arity: int | None, known: Collection[str]) -> None:
    """Refuse a node that cannot follow those known so far.

    Args:
        name: of the node.
        inputs: names of the nodes whose outputs it takes.
        arity: inputs that its operation takes; None means two or more.
        known: names of the nodes before it, and ``input``.

    Raises:
        EngineError: ``duplicate-node``, ``unknown-node`` or ``wrong-inputs``.

    >>> check_links("sum", ["input", "input"], None, ["input"])
    >>> check_links("sum", ["input"], None, ["input"])
    Traceback (most recent call last):
    engine.errors.EngineError: inputs of sum is ['input']; allowed: two or more inputs
    """
    if name in known:
        raise EngineError("duplicate-node", "name", name, "a name of its own for every node")
    for source in inputs:
        if source not in known:
            raise EngineError("unknown-node", f"inputs of {name}", source, ", ".join(known))
    if len(inputs) != arity if arity else len(inputs) < 2:
        wanted = "1 input" if arity == 1 else f"{arity or 'two or more'} inputs"
        raise EngineError("wrong-inputs", f"inputs of {name}", list(inputs), wanted)


def check_weights(node: Node, shapes: Sequence[Shape]) -> None:
    """Refuse weights that a node lacks or does not know, or that do not fit inputs of these shapes.

    Raises:
        EngineError: ``invalid-weight`` or ``shape-mismatch``, naming the weight and the node.
    """
    expected = node.op.weight_shapes(*shapes)
    for name, shape in expected.items():
        if name not in node.weights and name not in node.op.optional_weights:
            raise EngineError(
                "invalid-weight", f"{name} of {node.name}", None, f"numbers of shape {list(shape)}"
            )
    for name, weight in node.weights.items():
        if name not in expected:
            allowed = ", ".join(expected) or "none"
            raise EngineError("invalid-weight", f"{name} of {node.name}", list(weight.shape), allowed)
        if weight.shape != expected[name]:
            inputs = " and ".join(str(list(each[1:])) for each in shapes)
            allowed = f"{list(expected[name])} for an input of {inputs}"
            raise EngineError("shape-mismatch", f"{name} of {node.name}", list(weight.shape), allowed)


def _check_finite(name: str, numbers: Array) -> None:
    if not np.isfinite(numbers).all():
        raise EngineError("non-finite", "node", name, "a run whose every number is finite")

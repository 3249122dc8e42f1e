"""A model: named nodes in topological order, each an operation with its weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.geometry.receptive_field import NOWHERE, Region, even_stride
from engine.ops.operation import Operation, Weights
from engine.trace import Trace
from engine.types import Array, Pair, Shape, map_shape
from engine.weights import is_finite
from engine.wiring import check_order, check_weights, count_parameters, weight_owners

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
        parameters: numbers in its weights that can be learned; 0 for weights that are those of a node before,
            so that the sum over a model counts every number once.
        multiply_adds: multiplications, each with its addition, for one picture.
        field_size: (rows, columns) of the picture, padding included, behind output cell (0, 0).
        field_stride: by how much that rectangle moves from an output to the next; None where it moves
            unevenly, as behind upsampling, and nothing here gives the rectangles of other outputs.
        field_start: its first (row, column); below 0 in the padding.

    Source of the field's three pairs: Araujo, Norris & Sim, "Computing receptive fields of
    convolutional neural networks" (2019).
    """

    node: Node
    output_shape: tuple[int, int, int]
    parameters: int
    multiply_adds: int
    field_size: Pair
    field_stride: Pair | None
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
        check_order(nodes, INPUT)
        self.owners = weight_owners(nodes)
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

    @property
    def weights(self) -> dict[str, Array]:
        """By "<node>.<weight>", every array once: under the first of the nodes that share it."""
        named = {f"{node.name}.{name}": array for node in self for name, array in node.weights.items()}
        return {name: array for name, array in named.items() if self.owners[name] == name}

    def with_weights(self, weights: Mapping[str, Array]) -> Model:
        """The same graph with other arrays in the place of some of ``weights``; what is shared stays so.

        Args:
            weights: by "<node>.<weight>", each in the shape of what it replaces; not copied.

        Raises:
            EngineError: ``unknown-weight`` or ``shape-mismatch``.
        """
        now = self.weights
        for name in weights:
            if name not in now:
                raise EngineError("unknown-weight", "weights", name, ", ".join(now) or "none")
        now.update(weights)
        nodes = [
            replace(node, weights={name: now[self.owners[f"{node.name}.{name}"]] for name in node.weights})
            for node in self
        ]
        return Model(self.input_shape, tuple(nodes))

    def consumers(self, name: str) -> list[tuple[Node, int]]:
        """(node, which of its inputs) for every use of a node's output."""
        return [(node, i) for node in self.nodes for i, source in enumerate(node.inputs) if source == name]

    def shapes_for(self, input_shape: tuple[int, int, int], pictures: int = 1) -> dict[str, Shape]:
        """Output shape of every node, and of the input, for another picture size.

        Args:
            input_shape: (channels, rows, columns) of one picture.
            pictures: in the batch.

        Raises:
            EngineError: if an operation cannot take an input of its shape.
        """
        shapes: dict[str, Shape] = {INPUT: (pictures, *input_shape)}
        for node in self.nodes:
            shapes[node.name] = node.op.output_shape(*(shapes[source] for source in node.inputs))
        return shapes

    def run(
        self,
        x: Array,
        before_node: Callable[[Node], None] = lambda node: None,
        caches: dict[str, Any] | None = None,
    ) -> Trace:
        """Run the model and keep every node's output.

        Args:
            x: (N, C, H, W), float32 or float64, at least one picture; of another size than
                ``input_shape`` if the nodes and their weights can take it.
            before_node: called ahead of each node; raise from it to stop between nodes.
            caches: is filled with what the backward of every node needs; None keeps none of it.

        Raises:
            EngineError: ``shape-mismatch`` (or what an operation raises) for a picture that does not
                fit, ``invalid-argument`` for another dtype; ``non-finite`` naming the first node,
                or ``input``, whose numbers are not all finite.
        """
        self.check_picture(x)
        return Trace(self, run_nodes(self.nodes, {INPUT: x}, before_node, caches))

    def check_picture(self, x: Array) -> None:
        """Refuse what ``run`` cannot take.

        Raises:
            EngineError: ``shape-mismatch``, ``invalid-argument``, or what an operation raises.
        """
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
        output_shape = map_shape(self.shapes[node.name])
        steps = (output_shape[1] - 1, output_shape[2] - 1)
        first, second, last = (
            self.receptive_field(node.name, Region((row, column), (row + 1, column + 1)))
            for row, column in ((0, 0), (1, 1), steps)
        )
        return NodeDescription(
            node=node,
            output_shape=output_shape,
            parameters=self._parameters(node, shapes),
            multiply_adds=node.op.multiply_adds(*shapes),
            field_size=first.size,
            field_stride=even_stride(first, second, last, steps),
            field_start=first.start,
        )

    def _parameters(self, node: Node, shapes: Sequence[Shape]) -> int:
        labels = {name: f"{node.name}.{name}" for name in node.weights}
        own = {
            name: node.weights[name].shape for name, label in labels.items() if self.owners[label] == label
        }
        return count_parameters(node.op, shapes, own)

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


def run_nodes(
    nodes: Iterable[Node],
    inputs: Mapping[str, Array],
    before_node: Callable[[Node], None] = lambda node: None,
    caches: dict[str, Any] | None = None,
) -> dict[str, Array]:
    """Run nodes on arrays of any number and any axes, and keep every output.

    Args:
        nodes: in an order in which every node follows its inputs.
        inputs: by name, float32 or float64, all that the nodes refer to beside each other.
        before_node, caches: as in ``Model.run``.

    Returns:
        The inputs and every node's output, by name.

    Raises:
        EngineError: ``non-finite`` naming the first input or node whose numbers are not all finite.

    >>> from engine.ops.arithmetic import Add
    >>> halves = {"a": np.array([[1.0, 2.0]]), "b": np.array([[10.0, 20.0]])}
    >>> run_nodes([Node("sum", Add(), ("a", "b"), {})], halves)["sum"]
    array([[11., 22.]])
    """
    outputs = dict(inputs)
    for name, x in inputs.items():
        _check_finite(name, x)
    for node in nodes:
        before_node(node)
        outputs[node.name] = _forward(node, outputs, caches)
        _check_finite(node.name, outputs[node.name])
    return outputs


def _forward(node: Node, outputs: Mapping[str, Array], caches: dict[str, Any] | None) -> Array:
    # What overflows is found and named by the caller, and needs no warning.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        y, cache = node.op.forward([outputs[source] for source in node.inputs], node.weights)
    if caches is not None:
        caches[node.name] = cache
    return y


def _check_finite(name: str, numbers: Array) -> None:
    if not is_finite(numbers):
        raise EngineError("non-finite", "node", name, "a run whose every number is finite")

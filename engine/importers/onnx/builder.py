"""From a checked graph to the engine's nodes, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.graph import INPUT, Node
from engine.importers.onnx.call import Call, Flow, Value, Weights
from engine.importers.onnx.constants import FOLDABLE, KNOWN_ANYWAY, folders
from engine.importers.onnx.limits import ImportLimits
from engine.importers.onnx.names import readable_names
from engine.importers.onnx.operators import CONVERTERS
from engine.importers.onnx.reader import Graph, GraphNode
from engine.importers.onnx.report import Fate, NodeReport
from engine.importers.onnx.tensors import Tensor
from engine.ops.operation import Operation
from engine.types import Array, Shape
from engine.wiring import check_weights

IMPOSSIBLE = (ValueError, IndexError, TypeError, OverflowError, ArithmeticError, MemoryError)
"""What NumPy raises for shapes, indices and numbers that do not go together."""


@dataclass
class Built:
    """The engine's nodes, what every ONNX name stands for, and what became of every node."""

    nodes: list[Node] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)
    reports: list[NodeReport] = field(default_factory=list)


def build(
    graph: Graph, flows: Mapping[str, Flow], limits: ImportLimits, dtype: type[np.floating[Any]] = np.float32
) -> Built:
    """Fold what needs no picture, and make engine nodes of the rest.

    Args:
        graph: as the reader checked it.
        flows: by name, the inputs of the graph; each stands for an engine node of its name.
        limits: of nodes and numbers, checked before memory is taken.
        dtype: of the run, which the weights take too.

    Raises:
        EngineError: ``unsupported-operator`` naming all of them, before anything is folded. After that,
            naming the node: ``unsupported-attribute``, ``unsupported-input``, ``unsupported-output``,
            ``malformed-model``, ``model-too-large``, ``non-finite`` for a weight, and what an operation
            raises for inputs that do not fit.
    """
    used = _used(graph)
    _check_operators([node for node in graph.nodes if not used.isdisjoint(node.outputs)])
    return _Builder(graph, flows, limits, dtype, used).build()


def _used(graph: Graph) -> set[str]:
    """Names of the values that an output of the graph depends on."""
    used = set(graph.outputs)
    for node in reversed(graph.nodes):
        if not used.isdisjoint(node.outputs):
            used.update(name for name in node.inputs if name)
    return used


def _check_operators(nodes: Sequence[GraphNode]) -> None:
    lacking = [node for node in nodes if node.op not in CONVERTERS and node.op not in FOLDABLE]
    if lacking:
        named = ", ".join(f"{node.op} ({node.name})" for node in lacking[:20])
        more = f" and {len(lacking) - 20} more" if len(lacking) > 20 else ""
        raise EngineError("unsupported-operator", "operators", named + more, ", ".join(sorted(CONVERTERS)))


class _Builder:
    def __init__(
        self,
        graph: Graph,
        flows: Mapping[str, Flow],
        limits: ImportLimits,
        dtype: type[np.floating[Any]],
        used: set[str],
    ) -> None:
        self.graph = graph
        self.used = used
        self.limits = limits
        self.dtype = dtype
        self.folders = folders(limits)
        self.built = Built()
        self.built.values.update(graph.constants)
        self.built.values.update(flows)
        for name, flow in flows.items():
            check_not_empty(f"input {name}", flow.shape)
        self.taken = {INPUT, *(flow.node for flow in flows.values())}
        self.uses: dict[str, int] = {}
        self.constants = sum(tensor.size for tensor in graph.constants.values())
        self.outputs = self.multiply_adds = 0
        self.cast: dict[int, tuple[Tensor, Array]] = {}

    def build(self) -> Built:
        names = readable_names(self.graph.nodes)
        for node, name in zip(self.graph.nodes, names, strict=True):
            if self.used.isdisjoint(node.outputs):
                self.built.reports.append(NodeReport(node.name, node.op, "unused"))
                continue
            try:
                with np.errstate(all="ignore"):
                    self._add(node, name)
            except EngineError as error:
                raise EngineError(error.code, _where(error, node), error.value, error.allowed) from None
            except IMPOSSIBLE as error:
                allowed = "inputs and settings that go together"
                raise EngineError(
                    "malformed-model", f"node {node.name}", f"{node.op}: {error}", allowed
                ) from None
        return self.built

    def _add(self, node: GraphNode, name: str) -> None:
        before = len(self.built.nodes)

        def emit(op: Operation, inputs: Sequence[Flow], weights: Weights, part: str) -> Flow:
            return self._emit(f"{name}.{part}" if part else name, op, inputs, weights)

        inputs = [self.built.values[each] if each else None for each in node.inputs]
        call = Call(node, self.graph.opset, inputs, emit, self.used)
        fold = node.op in FOLDABLE and not any(isinstance(each, Flow) for each in inputs)
        fold = fold or node.op in KNOWN_ANYWAY
        if fold:
            made = self.folders[node.op](call)
        elif node.op in CONVERTERS:
            made = CONVERTERS[node.op](call)
        else:
            allowed = f"a {node.op} of values known before the run"
            raise EngineError("unsupported-operator", f"node {node.name}", node.op, allowed)
        call.settings.check_all_read()
        values = made if isinstance(made, list) else [made]
        call.check_outputs(len(values))
        for output, value in zip(node.outputs, values, strict=False):
            if output in self.used:
                self.built.values[output] = self._checked(node, value)
        names = tuple(each.name for each in self.built.nodes[before:])
        fate: Fate = "folded" if fold else "kept" if names else "removed"
        self.built.reports.append(NodeReport(node.name, node.op, fate, names))

    def _checked(self, node: GraphNode, value: Value) -> Value:
        if isinstance(value, Flow):
            return value
        tensor = np.asarray(value)
        self.limits.check_shape(f"node {node.name}", tensor.shape)
        self.constants += tensor.size
        self.limits.check_constants(f"node {node.name}", self.constants)
        return tensor

    def _emit(self, name: str, op: Operation, inputs: Sequence[Flow], weights: Weights) -> Flow:
        name = self._free(name)
        shapes = [each.shape for each in inputs]
        shape = op.output_shape(*shapes)
        check_not_empty(f"output of {name}", shape)
        self.limits.check_shape(f"output of {name}", shape)
        self.outputs += prod(shape)
        self.multiply_adds += op.multiply_adds(*shapes)
        self.limits.check_run(f"output of {name}", self.outputs, self.multiply_adds)
        own = {key: self._weight(key, tensor) for key, tensor in weights.items() if tensor is not None}
        node = Node(name, op, tuple(each.node for each in inputs), own)
        check_weights(node, shapes)
        self.built.nodes.append(node)
        self.taken.add(name)
        return Flow(name, shape)

    def _free(self, name: str) -> str:
        """The name, or the first of name_2, name_3, … that no node has."""
        free = name
        while free in self.taken:
            self.uses[name] = self.uses.get(name, 1) + 1
            free = f"{name}_{self.uses[name]}"
        return free

    def _weight(self, name: str, tensor: Tensor) -> Array:
        """The tensor in the run's dtype; one that several nodes use stays one array."""
        if id(tensor) in self.cast:
            return self.cast[id(tensor)][1]
        if tensor.dtype.kind != "f":
            raise EngineError("malformed-model", name, str(tensor.dtype), "floating-point numbers")
        weight = np.asarray(tensor, dtype=self.dtype, order="C")
        if not np.isfinite(weight).all():
            raise EngineError("non-finite", name, list(tensor.shape), "numbers that are all finite")
        # With the tensor itself, so that its id is not given to another one.
        self.cast[id(tensor)] = (tensor, weight)
        return weight


def _where(error: EngineError, node: GraphNode) -> str:
    """What an error is about, with the name of the node."""
    named = error.argument.endswith((f"of {node.name}", f"node {node.name}"))
    return error.argument if named else f"{error.argument} of {node.name}"


def check_not_empty(what: str, shape: Shape) -> None:
    """Refuse an axis of no length in what is computed in a run."""
    if 0 in shape:
        raise EngineError("shape-mismatch", what, list(shape), "at least 1 along every axis")

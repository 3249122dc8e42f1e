"""From the bytes of an ONNX file to a plain graph of which everything but the operators is checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeAlias

from engine.errors import EngineError
from engine.importers.onnx.limits import ImportLimits
from engine.importers.onnx.tensors import Tensor, numpy_type, read_tensor
from engine.importers.onnx.wire import WHOLE, count_fields

OLDEST_OPSET, NEWEST_OPSET = 7, 28
"""Versions of the operators whose every difference is known here."""

MAIN_DOMAINS = ("", "ai.onnx")

Proto: TypeAlias = Any
"""A protobuf message, whose stubs leave what it holds untyped."""

Attribute: TypeAlias = float | int | bytes | list[float] | list[int] | Tensor | None
"""None stands for a kind that no operator known here has, such as a graph within a node."""


@dataclass(frozen=True)
class GraphNode:
    """One node of the file. ``op`` bears its domain unless that is ONNX's own; "" is an input left out."""

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True)
class GraphInput:
    """What the graph is given: its ONNX type and its axes; None is an axis of any length."""

    name: str
    type: int
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True)
class Graph:
    """What a file says: nodes in an order in which every one follows its inputs.

    Args:
        opset: version of the operators.
        producer: name and version of what wrote the file.
        inputs: those that must be given; initialisers are none.
        outputs: names.
        nodes: of the graph.
        constants: initialisers by name.
    """

    opset: int
    producer: str
    inputs: tuple[GraphInput, ...]
    outputs: tuple[str, ...]
    nodes: tuple[GraphNode, ...]
    constants: Mapping[str, Tensor]


def read_graph(data: bytes, limits: ImportLimits) -> Graph:
    """Parse a file and check that its graph is one.

    Args:
        data: of the file.
        limits: checked on the bytes, before anything is parsed, and on every tensor's claimed shape.

    Raises:
        EngineError: ``malformed-model``, ``model-too-large``, ``external-data``, ``unsupported-opset``,
            ``unsupported-model`` (sparse weights, functions), ``cyclic-graph``, ``unsorted-graph``,
            ``unknown-type``. No other exception, whatever the bytes.
    """
    # Only who imports a model pays for the import.
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from onnx.onnx_ml_pb2 import ModelProto

    limits.check_file(len(data))
    count_fields(data, ModelProto.DESCRIPTOR, limits.fields)
    try:
        model = ModelProto.FromString(data)
    except DecodeError as error:
        raise EngineError("malformed-model", "file", str(error), WHOLE) from None
    if not model.HasField("graph"):
        raise EngineError("malformed-model", "graph", None, "a graph")
    if len(model.functions):
        names = [_text(each.name) for each in model.functions]
        raise EngineError("unsupported-model", "functions", names, "a graph without functions of its own")
    return _Reader(model, limits).read()


class _Reader:
    def __init__(self, model: Proto, limits: ImportLimits) -> None:
        self.model = model
        self.graph = model.graph
        self.limits = limits
        self.numbers = 0

    def read(self) -> Graph:
        graph = self.graph
        self.limits.check_nodes(len(graph.node))
        if len(graph.sparse_initializer):
            raise EngineError("unsupported-model", "sparse_initializer", "sparse weights", "dense weights")
        opset = self._opset()
        constants = self._constants()
        inputs = tuple(self._input(each) for each in graph.input if _text(each.name) not in constants)
        nodes = tuple(self._node(each, i) for i, each in enumerate(graph.node))
        outputs = tuple(_text(each.name) for each in graph.output)
        check_graph([*(each.name for each in inputs), *constants], nodes, outputs)
        return Graph(opset, self._producer(), inputs, outputs, nodes, constants)

    def _producer(self) -> str:
        return f"{_text(self.model.producer_name)} {_text(self.model.producer_version)}".strip()

    def _opset(self) -> int:
        versions = [each.version for each in self.model.opset_import if each.domain in MAIN_DOMAINS]
        version = versions[0] if len(versions) == 1 else None
        if version is None or not OLDEST_OPSET <= version <= NEWEST_OPSET:
            allowed = f"one version from {OLDEST_OPSET} to {NEWEST_OPSET}"
            raise EngineError("unsupported-opset", "opset", versions, allowed)
        return int(version)

    def _constants(self) -> dict[str, Tensor]:
        constants: dict[str, Tensor] = {}
        for proto in self.graph.initializer:
            name = _text(proto.name)
            if name in constants or not name:
                raise EngineError("malformed-model", "initializer", name, "a name of its own for each")
            constants[name] = self._tensor(proto, name)
        return constants

    def _tensor(self, proto: Proto, name: str) -> Tensor:
        tensor = read_tensor(proto, name, self.limits)
        self.numbers += tensor.size
        self.limits.check_constants(f"tensor {name}", self.numbers)
        return tensor

    def _input(self, proto: Proto) -> GraphInput:
        kind = proto.type
        if not kind.HasField("tensor_type"):
            raise EngineError("unknown-type", f"input {proto.name}", kind.WhichOneof("value"), "a tensor")
        numpy_type(kind.tensor_type.elem_type, f"input {proto.name}")
        shape = None
        if kind.tensor_type.HasField("shape"):
            # Some exporters write 0 or -1 for what they do not know.
            shape = tuple(
                axis.dim_value if axis.dim_value > 0 else None for axis in kind.tensor_type.shape.dim
            )
        return GraphInput(proto.name, kind.tensor_type.elem_type, shape)

    def _node(self, proto: Proto, index: int) -> GraphNode:
        op, domain = _text(proto.op_type), _text(proto.domain)
        op = op if domain in MAIN_DOMAINS else f"{domain}.{op}"
        name = _text(proto.name) or f"{op}_{index}"
        attributes: dict[str, Attribute] = {}
        for each in proto.attribute:
            if _text(each.name) in attributes:
                raise EngineError(
                    "malformed-model", f"attribute of {name}", each.name, "every attribute once"
                )
            attributes[each.name] = self._attribute(each, name)
        return GraphNode(name, op, _texts(proto.input), _texts(proto.output), attributes)

    def _attribute(self, proto: Proto, node: str) -> Attribute:
        # By ONNX's number of the attribute's kind.
        match proto.type:
            case 1:
                return float(proto.f)
            case 2:
                return int(proto.i)
            case 3:
                return bytes(proto.s)
            case 4:
                return self._tensor(proto.t, f"{proto.name} of {node}")
            case 6:
                return list(proto.floats)
            case 7:
                return list(proto.ints)
        return None


def _text(value: Any) -> str:
    """A name; protobuf gives the bytes of one that is not UTF-8."""
    if not isinstance(value, str):
        raise EngineError("malformed-model", "names", value[:20], "names in UTF-8")
    return value


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(_text(value) for value in values)


def check_graph(given: Iterable[str], nodes: tuple[GraphNode, ...], outputs: tuple[str, ...]) -> None:
    """Refuse a graph in which a value is made twice, never, or after its use.

    Args:
        given: names that need not be made: inputs and initialisers.
        nodes: in the file's order.
        outputs: names that must have been made.

    Raises:
        EngineError: ``malformed-model``, ``cyclic-graph`` or ``unsorted-graph``.

    >>> loop = GraphNode("again", "Relu", ("x",), ("x",), {})
    >>> check_graph([], (loop,), ("x",))
    Traceback (most recent call last):
    engine.errors.EngineError: nodes is 'again'; allowed: nodes that do not feed themselves
    """
    known = dict.fromkeys(given, "")
    maker = {output: node.name for node in nodes for output in node.outputs if output}
    for node in nodes:
        for source in node.inputs:
            if source and source not in known:
                raise _missing(source, node.name, nodes, maker)
        for output in node.outputs:
            if output in known:
                raise EngineError(
                    "malformed-model", f"output of {node.name}", output, "values made once only"
                )
            if output:
                known[output] = node.name
    if not outputs:
        raise EngineError("malformed-model", "outputs", [], "at least one output")
    for output in outputs:
        if output not in known:
            raise EngineError("malformed-model", "outputs", output, "the name of a value that a node makes")


def _missing(source: str, name: str, nodes: tuple[GraphNode, ...], maker: Mapping[str, str]) -> EngineError:
    if source not in maker:
        return EngineError("malformed-model", f"input of {name}", source, "a value that a node makes")
    # By position, since nodes may share a name.
    makers = {output: i for i, node in enumerate(nodes) for output in node.outputs if output}
    after = {i: [makers[each] for each in node.inputs if each in makers] for i, node in enumerate(nodes)}
    try:
        TopologicalSorter(after).prepare()
    except CycleError as error:
        circle = " → ".join(nodes[i].name for i in error.args[1][:-1])
        return EngineError("cyclic-graph", "nodes", circle, "nodes that do not feed themselves")
    return EngineError("unsorted-graph", f"input of {name}", source, "values made by an earlier node")

"""From a JSON-like specification of a model to the model.

``{"input": {"channels": 3, "size": [64, 64]}, "nodes": [{"op": "conv2d", "weight": "sobel_x"}]}``:
names and inputs may be left out in a plain sequence, settings have PyTorch's names, weights are
numbers, presets, initialisations or trained ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import EngineError
from engine.graph import INPUT, Model, Node
from engine.ops.operation import Operation, Weights
from engine.ops.parameters import parameters_of, read_parameters
from engine.ops.registry import OPERATIONS
from engine.types import Array, Shape
from engine.weights import Lookup, known_values, materialise


def build_model(specification: Mapping[str, Any], lookup: Lookup | None = None) -> Model:
    """Check a specification completely and make the model.

    Args:
        specification: as above; every unknown field is refused by name.
        lookup: finds trained weights; without it, sources naming a model are refused.

    Raises:
        EngineError: naming the first thing that cannot be.

    >>> spec = {"input": {"channels": 1, "size": [4, 4]}, "nodes": [{"op": "conv2d", "weight": "box"}]}
    >>> build_model(spec).shapes
    {'input': (1, 1, 4, 4), 'conv2d': (1, 1, 2, 2)}
    """
    _only(specification, "specification", ("input", "nodes"))
    input_shape = _input_shape(specification.get("input"))
    configs = specification.get("nodes")
    if not isinstance(configs, list) or not configs:
        raise EngineError("invalid-argument", "nodes", configs, "a list of at least one node")
    shapes: dict[str, Shape] = {INPUT: (1, *input_shape)}
    nodes: list[Node] = []
    for config in configs:
        node = _build_node(config, shapes, nodes, lookup)
        shapes[node.name] = node.op.output_shape(*(shapes[source] for source in node.inputs))
        nodes.append(node)
    return Model(input_shape, tuple(nodes))


def _input_shape(config: Any) -> tuple[int, int, int]:
    allowed = '{"channels": 3, "size": [rows, columns]}, integers of at least 1'
    if not isinstance(config, Mapping):
        raise EngineError("invalid-argument", "input", config, allowed)
    _only(config, "input", ("channels", "size"))
    size = config.get("size")
    numbers = [config.get("channels"), *(size if isinstance(size, list | tuple) else [None])]
    if len(numbers) != 3 or not all(type(n) is int and n >= 1 for n in numbers):
        raise EngineError("invalid-argument", "input", dict(config), allowed)
    return (numbers[0], numbers[1], numbers[2])


def _build_node(config: Any, shapes: dict[str, Shape], nodes: list[Node], lookup: Lookup | None) -> Node:
    if not isinstance(config, Mapping):
        raise EngineError("invalid-argument", "nodes", config, 'objects such as {"op": "relu"}')
    rest = dict(config)
    op_name = rest.pop("op", None)
    operation = OPERATIONS.get(op_name) if isinstance(op_name, str) else None
    if operation is None:
        raise EngineError("unknown-operation", "op", op_name, ", ".join(OPERATIONS))
    name = rest.pop("name", None) or _free_name(operation.name, shapes)
    if not isinstance(name, str):
        raise EngineError("invalid-argument", "name", name, "a text")
    inputs = rest.pop("inputs", None) or [nodes[-1].name if nodes else INPUT]
    if not isinstance(inputs, list) or not all(isinstance(source, str) for source in inputs):
        raise EngineError("invalid-argument", f"inputs of {name}", inputs, "a list of node names")
    for source in inputs:
        if source not in shapes:
            raise EngineError("unknown-node", f"inputs of {name}", source, ", ".join(shapes))
    op, weights = configure(operation, rest, [shapes[source] for source in inputs], len(nodes), lookup)
    return Node(name, op, tuple(inputs), weights)


def configure(
    operation: type[Operation],
    config: Mapping[str, Any],
    shapes: list[Shape],
    seed: int = 0,
    lookup: Lookup | None = None,
) -> tuple[Operation, Weights]:
    """An operation and its weights from one flat configuration of settings and weight sources.

    Kernel size and output channels follow from a weight given in numbers; a weight left out is
    drawn by He's rule from ``seed``, an optional one is left out.

    Raises:
        EngineError: as ``build_model``.
    """
    settings = {key: value for key, value in config.items() if key not in operation.weight_names}
    sources = {key: config[key] for key in operation.weight_names if config.get(key) is not None}
    asked = read_parameters(operation, settings, operation.weight_names)
    values = {
        name: known_values(name, source, asked.get("kernel_size"), lookup) for name, source in sources.items()
    }
    inferred = _inferred(operation, values.get("weight"), asked)
    op = operation(**{**inferred, **asked})
    op.output_shape(*shapes)
    weights: dict[str, Array] = {}
    for name, shape in op.weight_shapes(*shapes).items():
        if name in sources:
            weights[name] = materialise(name, values[name], sources[name], shape)
        elif name not in operation.optional_weights:
            weights[name] = materialise(name, None, {"init": "he", "seed": seed}, shape)
    return op, weights


def _inferred(operation: type[Operation], weight: Array | None, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that follow from the weight's own shape, or from the groups."""
    names = {p.name for p in parameters_of(operation)}
    inferred: dict[str, Any] = {}
    if "groups" in names and "out_channels" in names:
        inferred["out_channels"] = asked.get("groups", 1)
    if weight is None:
        return inferred
    if "kernel_size" in names and weight.ndim >= 2:
        inferred["kernel_size"] = (weight.shape[-2], weight.shape[-1])
    if operation.output_axis is not None and weight.ndim == operation.weight_ndim:
        outputs = weight.shape[operation.output_axis]
        per_group = outputs * asked.get("groups", 1) if operation.output_axis == 1 else outputs
        inferred["out_features" if "out_features" in names else "out_channels"] = per_group
    return inferred


def _free_name(op: str, taken: Mapping[str, Shape]) -> str:
    candidates = (op if i == 1 else f"{op}_{i}" for i in range(1, len(taken) + 2))
    return next(name for name in candidates if name not in taken)


def _only(config: Mapping[str, Any], where: str, allowed: tuple[str, ...]) -> None:
    for name in config:
        if name not in allowed:
            raise EngineError("unknown-parameter", f"{where}.{name}", config[name], ", ".join(allowed))

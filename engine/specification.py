"""From a JSON-like specification of a model to the model.

``{"input": {"channels": 3, "size": [64, 64]}, "nodes": [{"op": "conv2d", "weight": "sobel_x"}]}``:
names and inputs may be left out in a plain sequence, settings have PyTorch's names, weights are
numbers, presets, initialisations, trained ones or those of a node before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from math import prod
from typing import Any, TypeAlias

from engine.errors import EngineError
from engine.graph import INPUT, Model, Node
from engine.ops.operation import Operation, Weights
from engine.ops.parameters import parameters_of, read_parameters
from engine.ops.registry import OPERATIONS
from engine.types import Array, Shape
from engine.weights import Lookup, is_shared, known_values, materialise, taken
from engine.wiring import check_links

Given: TypeAlias = Callable[[str, Shape], Array | None]
"""From a weight's name and shape to the array that takes the place of what its source would make."""

LARGEST_ARRAY = 1 << 28
"""Numbers in a weight, or in a node's output for one picture: 1 GiB of float32."""

LARGEST_RANK = 16
"""Axes of a node's output; NumPy itself ends at 32, and in between every operation may split its axes."""


def build_model(
    specification: Mapping[str, Any],
    lookup: Lookup | None = None,
    weights: Mapping[str, Array] | None = None,
) -> Model:
    """Check a specification completely and make the model.

    A weight whose source is ``{"node": "conv1"}`` is that node's own, the same array: parameters shared.

    Args:
        specification: as above, such as JSON makes it; every unknown field is refused by name.
        lookup: finds trained weights; without it, sources naming a model are refused.
        weights: by "<node>.<weight>", arrays that take the place of what the sources would make;
            float32 is kept without a copy, and must not be changed afterwards; other real numbers become
            float32.

    Raises:
        EngineError: naming the first thing that cannot be. No other exception, whatever is given.

    >>> import numpy as np
    >>> spec = {"input": {"channels": 1, "size": [4, 4]}, "nodes": [{"op": "conv2d", "weight": "box"}]}
    >>> build_model(spec).shapes
    {'input': (1, 1, 4, 4), 'conv2d': (1, 1, 2, 2)}
    >>> trained = build_model(spec, weights={"conv2d.weight": np.eye(3).reshape(1, 1, 3, 3)})
    >>> trained.node("conv2d").weights["weight"].sum()
    np.float32(3.0)
    """
    _only(specification, "specification", ("input", "nodes"))
    input_shape = _input_shape(specification.get("input"))
    configs = specification.get("nodes")
    if not isinstance(configs, list) or not configs:
        raise EngineError("invalid-argument", "nodes", configs, "a list of at least one node")
    shapes: dict[str, Shape] = {INPUT: (1, *input_shape)}
    nodes: dict[str, Node] = {}
    given = weights or {}
    for config in configs:
        node = _build_node(config, shapes, nodes, lookup, given)
        shape = node.op.output_shape(*(shapes[source] for source in node.inputs))
        _within_memory(f"output of {node.name}", shape)
        shapes[node.name] = shape
        nodes[node.name] = node
    model = Model(input_shape, tuple(nodes.values()))
    known = model.weights
    for name in given:
        if name not in known:
            raise EngineError("unknown-weight", "weights", name, ", ".join(known) or "none")
    return model


def _input_shape(config: Any) -> tuple[int, int, int]:
    allowed = '{"channels": 3, "size": [rows, columns]}, integers of at least 1'
    if not isinstance(config, Mapping):
        raise EngineError("invalid-argument", "input", config, allowed)
    _only(config, "input", ("channels", "size"))
    size = config.get("size")
    numbers = [config.get("channels"), *(size if isinstance(size, list | tuple) else [None])]
    if len(numbers) != 3 or not all(type(n) is int and n >= 1 for n in numbers):
        raise EngineError("invalid-argument", "input", dict(config), allowed)
    _within_memory("input", (1, *numbers))
    return (numbers[0], numbers[1], numbers[2])


def _build_node(
    config: Any,
    shapes: dict[str, Shape],
    nodes: Mapping[str, Node],
    lookup: Lookup | None,
    given: Mapping[str, Array],
) -> Node:
    if not isinstance(config, Mapping):
        raise EngineError("invalid-argument", "nodes", config, 'objects such as {"op": "relu"}')
    rest = dict(config)
    op_name = rest.pop("op", None)
    operation = OPERATIONS.get(op_name) if isinstance(op_name, str) else None
    if operation is None:
        raise EngineError("unknown-operation", "op", op_name, ", ".join(OPERATIONS))
    name, inputs = rest.pop("name", None), rest.pop("inputs", None)
    name = free_name(operation.name, shapes) if name is None else name
    if not isinstance(name, str) or not name:
        raise EngineError("invalid-argument", "name", name, "a text")
    inputs = [next(reversed(shapes))] if inputs is None else inputs
    if not isinstance(inputs, list) or not all(isinstance(source, str) for source in inputs):
        raise EngineError("invalid-argument", f"inputs of {name}", inputs, "a list of node names")
    given_names = [key for key, value in rest.items() if value is not None]
    check_links(name, inputs, operation.inputs_wanted(given_names), shapes)
    shared = {
        weight: _shared(f"{weight} of {name}", weight, rest[weight]["node"], nodes)
        for weight in operation.weight_names
        if is_shared(rest.get(weight))
    }

    def own(weight: str, shape: Shape) -> Array | None:
        label = f"{name}.{weight}"
        return taken(label, given[label], shape) if label in given else None

    sources = [shapes[source] for source in inputs]
    op, weights = configure(operation, {**rest, **shared}, sources, len(nodes), lookup, own)
    return Node(name, op, tuple(inputs), {**weights, **shared})


def _shared(argument: str, weight: str, source: Any, nodes: Mapping[str, Node]) -> Array:
    """The array of that name of a node before."""
    known = [name for name, node in nodes.items() if weight in node.weights]
    if not isinstance(source, str) or source not in known:
        raise EngineError(
            "unknown-node", argument, source, ", ".join(known) or "none: no node before has one"
        )
    return nodes[source].weights[weight]


def configure(
    operation: type[Operation],
    config: Mapping[str, Any],
    shapes: list[Shape],
    seed: int = 0,
    lookup: Lookup | None = None,
    given: Given = lambda name, shape: None,
) -> tuple[Operation, Weights]:
    """An operation and its weights from one flat configuration of settings and weight sources.

    Kernel size and output channels follow from a weight given in numbers; a weight left out is
    drawn by He's rule from ``seed``, an optional one is left out.

    Args:
        operation: what to configure.
        config: settings by PyTorch's names, and sources by the names of the weights.
        shapes: of the inputs, batch included.
        seed: for a weight left out.
        lookup: as for ``build_model``.
        given: asked first for every weight, by its name and shape; None leaves it to the source.

    Returns:
        The operation, and its weights in full, float32; 0 wherever they do not count.

    Raises:
        EngineError: as ``build_model``.

    >>> from engine.ops.conv2d import Conv2d
    >>> op, weights = configure(Conv2d, {"weight": [[1, 2, 3]], "stride": 2}, [(1, 3, 8, 8)])
    >>> op.kernel_size, op.stride, weights["weight"].shape
    ((1, 3), (2, 2), (1, 3, 1, 3))
    """
    settings = {key: value for key, value in config.items() if key not in operation.weight_names}
    sources = {key: config[key] for key in operation.weight_names if config.get(key) is not None}
    asked = read_parameters(operation, settings, operation.weight_names)
    values = {
        name: known_values(name, source, asked.get("kernel_size"), lookup) for name, source in sources.items()
    }
    op = operation(
        **{**inferred_settings(operation, values.get(operation.own_operand or "weight"), asked), **asked}
    )
    op.output_shape(*shapes)
    masks = op.weight_masks(*shapes)
    weights: dict[str, Array] = {}
    for name, shape in op.weight_shapes(*shapes).items():
        if name not in sources and name in operation.optional_weights:
            continue
        _within_memory(name, shape)
        array = given(name, shape)
        if array is None:
            source = sources.get(name, {"init": "he", "seed": seed})
            array = materialise(name, values.get(name), source, shape)
        weights[name] = array * masks[name] if name in masks else array
        # Nobody changes a model, so what is computed from its weights can be kept.
        weights[name].flags.writeable = False
    return op, weights


def inferred_settings(
    operation: type[Operation], weight: Array | None, asked: Mapping[str, Any]
) -> dict[str, Any]:
    """Settings that follow from the weight's own shape or the connections; those asked for come first.

    Args:
        operation: what is configured.
        weight: as given, with the axes that it has by itself; only its shape counts. None if there is none.
            Of an operation that may bring an operand of its own, that one.
        asked: the settings given, as ``Parameter.read`` returns them.

    Returns:
        Some of ``kernel_size``, ``out_channels``, ``out_features`` and the shape of an operand.

    >>> import numpy as np
    >>> from engine.ops.conv2d import Conv2d
    >>> inferred_settings(Conv2d, np.zeros((3, 5)), {"groups": 2})
    {'out_channels': 2, 'kernel_size': (3, 5)}
    """
    names = {p.name for p in parameters_of(operation)}
    inferred: dict[str, Any] = {}
    if "groups" in names and "out_channels" in names:
        inferred["out_channels"] = len(asked.get("connections") or ()) or asked.get("groups", 1)
    if weight is None:
        return inferred
    own_shape = f"{operation.own_operand or 'weight'}_shape"
    if own_shape in names:
        inferred[own_shape] = weight.shape
    if "kernel_size" in names and weight.ndim >= 2:
        inferred["kernel_size"] = (weight.shape[-2], weight.shape[-1])
    if operation.output_axis is not None and weight.ndim == operation.weight_ndim:
        outputs = weight.shape[operation.output_axis]
        per_group = outputs * asked.get("groups", 1) if operation.output_axis == 1 else outputs
        inferred["out_features" if "out_features" in names else "out_channels"] = per_group
    return inferred


def free_name(op: str, taken: Collection[str]) -> str:
    """The operation's name, or the first of name_2, name_3, … that is not taken.

    >>> free_name("relu", ["input", "relu"])
    'relu_2'
    """
    candidates = (op if i == 1 else f"{op}_{i}" for i in range(1, len(taken) + 2))
    return next(name for name in candidates if name not in taken)


def _only(config: Any, where: str, allowed: tuple[str, ...]) -> None:
    if not isinstance(config, Mapping):
        raise EngineError("invalid-argument", where, config, "an object with " + " and ".join(allowed))
    for name in config:
        if name not in allowed:
            raise EngineError("unknown-parameter", f"{where}.{name}", config[name], ", ".join(allowed))


def _within_memory(what: str, shape: Shape) -> None:
    if len(shape) > LARGEST_RANK:
        raise EngineError("model-too-large", what, list(shape), f"up to {LARGEST_RANK} axes")
    if prod(shape) > LARGEST_ARRAY:
        raise EngineError("model-too-large", what, list(shape), f"up to {LARGEST_ARRAY} numbers")

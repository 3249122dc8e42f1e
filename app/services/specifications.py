"""What is checked of a specification before anything of its size is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from app.limits import Limits
from app.problems import Problem
from engine.errors import EngineError
from engine.graph import INPUT, Model
from engine.ops.operation import Operation
from engine.ops.parameters import read_parameters
from engine.ops.registry import OPERATIONS
from engine.presets import PRESETS
from engine.specification import free_name, inferred_settings
from engine.types import Array, Shape

_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.:-]{0,62}[A-Za-z0-9_])?")
NAME_ALLOWED = "1 to 64 of A-Z a-z 0-9 _ and, inside, . : -"

_KERNEL_SIDE = 1024
"""No kernel is longer; a preset of a million rows must not be made only to be refused."""


def with_input(specification: Mapping[str, Any], channels: int, size: tuple[int, int]) -> dict[str, Any]:
    """A specification whose input, where it is left out, is a picture of this shape."""
    if specification.get("input") is not None:
        return dict(specification)
    return {**specification, "input": {"channels": channels, "size": list(size)}}


def check_size(specification: Mapping[str, Any], limits: Limits) -> None:
    """Refuse a model that would be too large, from its settings and shapes alone.

    What is wrong in other ways is left to ``build_model``, which says it better.

    Raises:
        Problem: ``model-too-large``, ``run-too-large``, ``invalid-argument`` for a name unfit for paths.
        EngineError: settings that do not fit their inputs.
    """
    nodes, first = specification.get("nodes"), specification.get("input")
    if not isinstance(nodes, list) or not isinstance(first, Mapping):
        return
    if len(nodes) > limits.model_nodes:
        raise Problem("model-too-large", "nodes", len(nodes), f"up to {limits.model_nodes} nodes")
    size = first.get("size")
    sides = [first.get("channels"), *(size if isinstance(size, list) else ())]
    if len(sides) != 3 or not all(type(side) is int and side >= 1 for side in sides):
        return
    shapes: dict[str, Shape] = {INPUT: (1, *sides)}
    numbers, latest = 0, INPUT
    for config in nodes:
        sized = _sized(config, shapes, latest)
        if sized is None:
            return
        shape, weights = sized
        numbers += weights
        if numbers > limits.weight_numbers:
            raise Problem("model-too-large", "weights", numbers, f"up to {limits.weight_numbers} numbers")
        latest = config.get("name") or free_name(config["op"], shapes)
        shapes[latest] = shape
        check_activations(shapes, limits)


def _sized(config: Any, shapes: Mapping[str, Shape], latest: str) -> tuple[Shape, int] | None:
    """Output shape and weight numbers of one node; None where ``build_model`` will refuse it."""
    operation = (
        OPERATIONS.get(config["op"]) if isinstance(config, Mapping) and _is_text(config.get("op")) else None
    )
    if operation is None:
        return None
    name = config.get("name")
    if name is not None and not (_is_text(name) and _NAME.fullmatch(name)):
        raise Problem("invalid-argument", "name", name, NAME_ALLOWED)
    sources = config.get("inputs") or [latest]
    if not isinstance(sources, list) or not all(_is_text(source) and source in shapes for source in sources):
        return None
    if len(sources) != (operation.arity or max(2, len(sources))):
        wanted = f"{operation.arity or 'two or more'} input(s)"
        raise EngineError("wrong-inputs", f"inputs of {name or operation.name}", sources, wanted)
    settings = {k: v for k, v in config.items() if k not in ("op", "name", "inputs", *operation.weight_names)}
    asked = read_parameters(operation, settings, operation.weight_names)
    stand_ins = {n: _stand_in(config.get(n), asked.get("kernel_size")) for n in operation.weight_names}
    made = operation(**{**inferred_settings(operation, stand_ins.get("weight"), asked), **asked})
    inputs = [shapes[source] for source in sources]
    shape = made.output_shape(*inputs)
    return shape, _weight_numbers(made, inputs, config)


def _weight_numbers(operation: Operation, inputs: list[Shape], config: Mapping[str, Any]) -> int:
    shapes = operation.weight_shapes(*inputs)
    given = [n for n in shapes if n not in operation.optional_weights or config.get(n) is not None]
    return sum(prod(shapes[name]) for name in given)


def _stand_in(source: Any, kernel_size: tuple[int, int] | None) -> Array | None:
    """An array of the shape that a source has by itself, without its numbers or its memory."""
    shape: list[int] = []
    if isinstance(source, str):
        source = {"preset": source}
    if isinstance(source, Mapping):
        preset = PRESETS.get(source["preset"]) if _is_text(source.get("preset")) else None
        if preset is None:
            return None
        shape = _kernel_shape(source.get("size") or kernel_size or preset.default_size)
    while isinstance(source, list) and source:
        shape.append(len(source))
        source = source[0]
    if not shape:
        return None
    return np.broadcast_to(np.float32(0), shape)


def _kernel_shape(size: Any) -> list[int]:
    shape: list[Any] = list(size) if isinstance(size, list | tuple) else [size, size]
    if not all(type(side) is int and 1 <= side <= _KERNEL_SIDE for side in shape) or len(shape) != 2:
        raise EngineError("invalid-argument", "kernel_size", size, f"1 to {_KERNEL_SIDE} a side for a preset")
    return shape


def check_activations(shapes: Mapping[str, Shape], limits: Limits) -> None:
    """Refuse a run whose outputs would take too much memory.

    Raises:
        Problem: ``run-too-large``.
    """
    numbers = sum(prod(shape) for shape in shapes.values())
    if numbers > limits.activation_numbers:
        allowed = f"up to {limits.activation_numbers} numbers in all; a smaller size= or fewer channels"
        raise Problem("run-too-large", "outputs", numbers, allowed)


def fits(model: Model, input_shape: tuple[int, int, int]) -> bool:
    """Whether a model takes pictures of this shape with the weights that it has."""
    try:
        shapes = model.shapes_for(input_shape)
        return all(
            node.op.weight_shapes(*(shapes[source] for source in node.inputs))[name] == weight.shape
            for node in model
            for name, weight in node.weights.items()
        )
    except EngineError:
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str)

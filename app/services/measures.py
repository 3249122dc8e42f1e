"""What a model costs, from its specification alone: nothing of its size is made."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import prod
from typing import Any, NamedTuple

import numpy as np

from app.problems import Problem
from engine.errors import EngineError
from engine.graph import INPUT
from engine.ops.parameters import read_parameters
from engine.ops.registry import OPERATIONS
from engine.presets import PRESETS
from engine.specification import free_name, inferred_settings
from engine.types import Array, Shape
from engine.weights import Lookup, is_shared
from engine.wiring import count_parameters

_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.:-]{0,62}[A-Za-z0-9_])?")
NAME_ALLOWED = "1 to 64 of A-Z a-z 0-9 _ and, inside, . : -"

_KERNEL_SIDE = 1024
"""No kernel is longer; a preset of a million rows must not be made only to be refused."""


class Measure(NamedTuple):
    """What a model costs for one picture."""

    parameters: int
    """Numbers that can be learned, as the engine counts them."""
    weight_numbers: int
    """Numbers that its weights take memory for."""
    multiply_adds: int
    shapes: Mapping[str, Shape]
    """Of every node's output, batch included, and of the input."""


def measures(specification: Mapping[str, Any], lookup: Lookup | None = None) -> Iterator[Measure]:
    """What a model costs up to and with each of its nodes; ends early where it cannot be told.

    Args:
        specification: what ``build_model`` takes, or anything else that JSON can say.
        lookup: finds trained weights, as for ``build_model``.
    """
    nodes, first = specification.get("nodes"), specification.get("input")
    if not isinstance(nodes, list) or not isinstance(first, Mapping):
        return
    size = first.get("size")
    sides = [first.get("channels"), *(size if isinstance(size, list | tuple) else ())]
    if len(sides) != 3 or not all(type(side) is int and side >= 1 for side in sides):
        return
    shapes: dict[str, Shape] = {INPUT: (1, *sides)}
    weights: dict[str, Mapping[str, Shape]] = {}
    parameters, numbers, multiply_adds, latest = 0, 0, 0, INPUT
    for config in nodes:
        sized = _sized(config, shapes, weights, latest, lookup)
        if sized is None:
            return
        latest = config.get("name") or free_name(config["op"], shapes)
        parameters += sized.parameters
        numbers += sum(
            prod(shape) for name, shape in sized.weights.items() if not is_shared(config.get(name))
        )
        multiply_adds += sized.multiply_adds
        shapes[latest], weights[latest] = sized.shape, sized.weights
        yield Measure(parameters, numbers, multiply_adds, shapes)


class _Sized(NamedTuple):
    shape: Shape
    weights: Mapping[str, Shape]
    parameters: int
    multiply_adds: int


def _sized(
    config: Any,
    shapes: Mapping[str, Shape],
    weights: Mapping[str, Mapping[str, Shape]],
    latest: str,
    lookup: Lookup | None,
) -> _Sized | None:
    """Shapes and cost of one node; None where ``build_model`` will refuse it."""
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
    given = [key for key, value in config.items() if value is not None]
    arity = operation.inputs_wanted(given)
    if len(sources) != (arity or max(2, len(sources))):
        wanted = f"{arity or 'two or more'} input(s)"
        raise EngineError("wrong-inputs", f"inputs of {name or operation.name}", sources, wanted)
    settings = {k: v for k, v in config.items() if k not in ("op", "name", "inputs", *operation.weight_names)}
    asked = read_parameters(operation, settings, operation.weight_names)
    shaping = operation.own_operand or "weight"
    weight = _stand_in(shaping, config.get(shaping), asked.get("kernel_size"), weights, lookup)
    made = operation(**{**inferred_settings(operation, weight, asked), **asked})
    inputs = [shapes[source] for source in sources]
    shape = made.output_shape(*inputs)
    kept = {
        name: shape
        for name, shape in made.weight_shapes(*inputs).items()
        if name not in operation.optional_weights or config.get(name) is not None
    }
    own = {name: shape for name, shape in kept.items() if not is_shared(config.get(name))}
    return _Sized(shape, kept, count_parameters(made, inputs, own), made.multiply_adds(*inputs))


def _stand_in(
    name: str,
    source: Any,
    kernel_size: tuple[int, int] | None,
    weights: Mapping[str, Mapping[str, Shape]],
    lookup: Lookup | None,
) -> Array | None:
    """An array of the shape that a source of a weight has by itself, without its numbers or its memory."""
    shape: list[int] = []
    if is_shared(source):
        node = source["node"]
        known = weights[node].get(name) if _is_text(node) and node in weights else None
        return None if known is None else np.broadcast_to(np.float32(0), known)
    if isinstance(source, Mapping) and "model" in source and lookup is not None:
        return lookup(source)
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
    if not shape and not isinstance(source, int | float):
        return None
    return np.broadcast_to(np.float32(0), shape)


def _kernel_shape(size: Any) -> list[int]:
    shape: list[Any] = list(size) if isinstance(size, list | tuple) else [size, size]
    if not all(type(side) is int and 1 <= side <= _KERNEL_SIDE for side in shape) or len(shape) != 2:
        raise EngineError("invalid-argument", "kernel_size", size, f"1 to {_KERNEL_SIDE} a side for a preset")
    return shape


def _is_text(value: Any) -> bool:
    return isinstance(value, str)

"""What is checked of a specification before anything of its size is made."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from app.limits import Limits
from app.problems import Problem
from app.services.measures import measures
from engine.errors import EngineError
from engine.graph import Model
from engine.types import Shape
from engine.weights import Lookup


def with_input(specification: Mapping[str, Any], channels: int, size: tuple[int, int]) -> dict[str, Any]:
    """A specification whose input, where it is left out, is a picture of this shape."""
    if specification.get("input") is not None:
        return dict(specification)
    return {**specification, "input": {"channels": channels, "size": list(size)}}


def check_size(specification: Mapping[str, Any], limits: Limits, lookup: Lookup | None = None) -> None:
    """Refuse a model that would be too large, before anything of its size is made.

    What is wrong in other ways is left to ``build_model``, which says it better.

    Raises:
        Problem: ``model-too-large``, ``run-too-large``, ``invalid-argument`` for a name unfit for paths.
        EngineError: settings that do not fit their inputs.
    """
    nodes = specification.get("nodes")
    if isinstance(nodes, list) and len(nodes) > limits.model_nodes:
        raise Problem("model-too-large", "nodes", len(nodes), f"up to {limits.model_nodes} nodes")
    for measured in measures(specification, lookup):
        if measured.weight_numbers > limits.weight_numbers:
            allowed = f"up to {limits.weight_numbers} numbers"
            raise Problem("model-too-large", "weights", measured.weight_numbers, allowed)
        check_activations(measured.shapes, limits)


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

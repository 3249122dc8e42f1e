"""Sizes, cost and the room of every setting, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

from app.problems import Problem
from app.services.descriptions import Json
from app.services.fields import read_integer, read_pair, read_text
from app.services.operations import operation_named
from engine.ops.conv_transpose2d import ConvTranspose2d
from engine.ops.operation import Operation
from engine.ops.parameters import read_parameters
from engine.ops.ranges import sliding_axes, valid_ranges
from engine.specification import inferred_settings
from engine.types import Shape, map_shape

LARGEST_CHANNELS = 16_384


def geometry(name: str, fields: Mapping[str, str]) -> Json:
    """What an operation makes of an input of this size.

    Args:
        name: of the operation.
        fields: ``input`` (rows,columns), ``channels``, ``bias`` and the operation's settings as texts.

    Raises:
        EngineError: ``unknown-operation``, settings that cannot be.
        Problem: ``missing-parameter``, ``invalid-argument``.
    """
    operation = operation_named(name)
    if "input" not in fields:
        raise Problem("missing-parameter", "input", allowed="rows,columns, such as 28,28")
    size = read_pair("input", fields["input"])
    channels = read_integer("channels", fields.get("channels", "1"), 1, LARGEST_CHANNELS)
    bias = _bias(operation, fields)
    own = {key: text for key, text in fields.items() if key not in ("input", "channels", "bias")}
    settings = read_parameters(
        operation, {key: read_text(key, text) for key, text in own.items()}, ("input", "channels", "bias")
    )
    shape = _input_shape(operation, channels, size)
    # A second matrix has the rows that the first one has columns.
    second = (*shape[:2], *shape[:1:-1]) if operation.name == "matmul" else shape
    shapes = [shape, *[second] * ((operation.arity or 2) - 1)]

    def make(changed: Mapping[str, Any]) -> Operation:
        return operation(**{**inferred_settings(operation, None, changed), **changed})

    made = make(settings)
    output = map_shape(made.output_shape(*shapes))
    ins, outs = sum(prod(each) for each in shapes), prod(output)
    return {
        "op": name,
        "input": {"channels": channels, "size": list(size)},
        "output": {"channels": output[0], "size": list(output[1:])},
        **_window(made, shape, size),
        "positions": output[1] * output[2],
        "cost": {"parameters": _parameters(made, shapes, bias), "multiply_adds": made.multiply_adds(*shapes)},
        "dense": {"parameters": ins * outs + (outs if bias else 0), "multiply_adds": ins * outs},
        "ranges": valid_ranges(make, settings, shapes),
    }


def _bias(operation: type[Operation], fields: Mapping[str, str]) -> bool:
    bias = read_text("bias", fields.get("bias", "false"))
    if not isinstance(bias, bool) or (bias and "bias" not in operation.weight_names):
        allowed = (
            "true or false" if "bias" in operation.weight_names else f"false: {operation.name} has no bias"
        )
        raise Problem("invalid-argument", "bias", fields["bias"], allowed)
    return bias


def _input_shape(operation: type[Operation], channels: int, size: tuple[int, int]) -> Shape:
    vector = operation.name in ("linear", "cross_entropy")
    return (1, channels * prod(size)) if vector else (1, channels, *size)


def _window(made: Operation, shape: Shape, size: tuple[int, int]) -> Json:
    """Padding and what the stride passes over; nothing of either where no window slides."""
    if isinstance(made, ConvTranspose2d):
        # Its window slides over the cells spread, framed and cropped.
        padded = [axis.outputs + axis.span - 1 for axis in made.axes(shape)]
        crop = [cells for cells in made.padding for _ in range(2)]
        return {"padded": padded, "padding": crop, "skipped": [0, 0]}
    axes = sliding_axes(made, shape)
    if axes is None:
        return {"padded": list(size), "padding": [0, 0, 0, 0], "skipped": [0, 0]}
    rows, columns = axes
    return {
        "padded": [rows.padded, columns.padded],
        "padding": [rows.before, rows.after, columns.before, columns.after],
        "skipped": [rows.skipped, columns.skipped],
    }


def _parameters(made: Operation, shapes: list[Shape], bias: bool) -> int:
    sizes = made.weight_shapes(*shapes)
    counted = [n for n in sizes if n not in made.optional_weights or (n == "bias" and bias)]
    return sum(prod(sizes[name]) for name in counted)

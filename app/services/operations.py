"""Single operations: what there is, one call for a script, and the curves of the activations."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import numpy as np

from app.jobs import Lanes, Ticket
from app.limits import Limits
from app.negotiation import Form
from app.pictures import Extents, Look
from app.problems import Problem
from app.representations import Content, Part, json_content
from app.services.answers import array_content
from app.services.decode import Pixels
from app.services.descriptions import Json
from app.services.entries import Color, color_of, enter, read_color
from app.services.fields import read_pair, read_text
from app.services.preprocessing import Preprocessing
from app.services.running import cost_of, shown
from app.services.sent_pictures import SentPictures
from app.services.specifications import check_activations, check_size, with_input
from engine.errors import EngineError
from engine.graph import INPUT, Model
from engine.ops.activations import Activation
from engine.ops.operation import Operation
from engine.ops.parameters import Parameter, parameters_of, read_parameters
from engine.ops.registry import OPERATIONS
from engine.specification import build_model
from engine.types import Pair

Group: TypeAlias = Literal["convolution", "pooling", "activation", "normalisation", "other"]

GROUPS: Mapping[str, Group] = {
    **dict.fromkeys(("conv2d", "conv_transpose2d", "local2d", "tiled2d"), "convolution"),
    **dict.fromkeys(
        (
            "max_pool2d",
            "avg_pool2d",
            "lp_pool2d",
            "global_max_pool2d",
            "global_avg_pool2d",
            "global_lp_pool2d",
        ),
        "pooling",
    ),
    **{name: "activation" for name, op in OPERATIONS.items() if issubclass(op, Activation)},
    **dict.fromkeys(("prelu", "softmax", "log_softmax"), "activation"),
    **dict.fromkeys(
        ("batch_norm2d", "instance_norm2d", "layer_norm", "group_norm", "local_response_norm"),
        "normalisation",
    ),
}
"""The families of operations; all others are ``other``."""


def operation_named(name: str) -> type[Operation]:
    """An operation by its public name.

    Raises:
        EngineError: ``unknown-operation``.
    """
    operation = OPERATIONS.get(name)
    if operation is None:
        raise EngineError("unknown-operation", "op", name, ", ".join(OPERATIONS))
    return operation


def list_operations() -> Json:
    """Every operation with the table of its settings."""
    return {"operations": [describe_operation(operation) for operation in OPERATIONS.values()]}


def describe_operation(operation: type[Operation]) -> Json:
    """One operation: its family, inputs, weights and settings."""
    return {
        "name": operation.name,
        "group": GROUPS.get(operation.name, "other"),
        "arity": operation.arity,
        "weights": [
            {"name": name, "optional": name in operation.optional_weights} for name in operation.weight_names
        ],
        "parameters": [describe_parameter(parameter) for parameter in parameters_of(operation)],
        "url": f"/api/v1/operations/{operation.name}",
    }


def describe_parameter(parameter: Parameter) -> Json:
    """One setting: what it accepts."""
    return {
        "name": parameter.name,
        "kind": parameter.kind,
        "default": parameter.default,
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "choices": list(parameter.choices),
        "allowed": parameter.allowed,
    }


class Operations:
    """Operations on pictures that are not kept."""

    def __init__(self, pictures: SentPictures, lanes: Lanes, limits: Limits) -> None:
        self._pictures = pictures
        self._lanes = lanes
        self._limits = limits

    async def apply(
        self, name: str, image: bytes, fields: Mapping[str, str], form: Form, part: Part, look: Look
    ) -> Content:
        """One operation on one picture.

        Args:
            name: of the operation.
            image: a file.
            fields: ``color``, ``size``, and the operation's settings and weights as texts; ``kernel`` means
                ``weight``. A setting of the operation that is itself called ``size`` goes before.

        Raises:
            Problem, EngineError: whatever cannot be.
        """
        operation = operation_named(name)
        if operation.arity != 1:
            raise Problem(
                "wrong-inputs", "op", name, "an operation on one picture; POST /runs takes several inputs"
            )
        config = _config(operation, fields)
        own_size = "size" in {parameter.name for parameter in parameters_of(operation)}
        size = read_pair("size", fields["size"]) if "size" in fields and not own_size else None
        color = read_color(fields.get("color"))
        pixels = await self._pictures.read(image)
        channels = {"gray": 1, "rgb": 3, None: pixels.shape[0]}[color]
        entered = size or (pixels.shape[1], pixels.shape[2])
        specification = with_input({"nodes": [config]}, channels, entered)
        check_size(specification, self._limits)
        model = await self._lanes.quick.run(secrets.token_hex(8), lambda ticket: build_model(specification))
        check_activations(model.shapes, self._limits)

        def work(ticket: Ticket) -> Content:
            return self._run(model, pixels, color, entered, form, part, look, ticket)

        return await self._lanes.for_cost(cost_of(model)).run(secrets.token_hex(8), work)

    async def curve(
        self, name: str, fields: Mapping[str, str], start: float, stop: float, count: int
    ) -> Content:
        """Points of an activation, (x, y, slope).

        Raises:
            EngineError: ``unknown-operation``, settings that cannot be.
            Problem: ``no-curve`` for an operation that is not a function of one number.
        """
        operation = operation_named(name)
        if not issubclass(operation, Activation):
            allowed = [op for op, each in OPERATIONS.items() if issubclass(each, Activation)]
            raise Problem("no-curve", "op", name, ", ".join(allowed))
        settings = {key: read_text(key, text) for key, text in fields.items()}
        made = operation(**read_parameters(operation, settings))
        return await self._lanes.quick.run(secrets.token_hex(8), lambda _: _curve(made, start, stop, count))

    def _run(
        self,
        model: Model,
        pixels: Pixels,
        color: Color | None,
        size: Pair,
        form: Form,
        part: Part,
        look: Look,
        ticket: Ticket,
    ) -> Content:
        x = enter(pixels, Preprocessing(size, color=color_of(model.input_shape[0], color)))
        trace = model.run(x, before_node=lambda node: ticket.check())
        y = shown(trace.output(model.nodes[-1].name))
        extent = (float(y.min()), float(y.max()))
        return array_content(y, form, part, look, Extents(extent, extent), self._limits)


def _config(operation: type[Operation], fields: Mapping[str, str]) -> dict[str, Any]:
    own = [parameter.name for parameter in parameters_of(operation)]
    config: dict[str, Any] = {"op": operation.name, "inputs": [INPUT]}
    for name, text in fields.items():
        if name in ("color", "size") and name not in own:
            continue
        # "kernel" is what everybody types.
        target = "weight" if name == "kernel" and "weight" in operation.weight_names else name
        known = [*own, *operation.weight_names]
        if target not in known:
            raise Problem("unknown-field", name, text, ", ".join(["image", "color", "size", *known]))
        if target in config:
            raise Problem("invalid-argument", name, text, "kernel or weight, not both")
        config[target] = read_text(name, text)
    return config


def _curve(operation: Operation, start: float, stop: float, count: int) -> Content:
    x = np.linspace(start, stop, count).reshape(1, 1, 1, count)
    # Where a function is not defined, its points are null.
    with np.errstate(all="ignore"):
        y, cache = operation.forward([x], {})
        (slope,), _ = operation.backward(np.ones_like(x), cache)
    points = np.stack([x, y, slope], axis=-1).reshape(count, 3)
    return json_content({"op": operation.name, "settings": _settings(operation), "points": points.tolist()})


def _settings(operation: Operation) -> Json:
    return {p.name: getattr(operation, p.name) for p in parameters_of(type(operation))}

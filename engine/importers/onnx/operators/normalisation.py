"""Normalisations, softmax, and the activation that has a weight."""

from __future__ import annotations

import numpy as np

from engine.errors import EngineError
from engine.importers.onnx.call import Call, Converter, Flow
from engine.importers.onnx.tensors import Tensor
from engine.ops.axes import axis_of
from engine.ops.group_normalisation import GroupNorm, InstanceNorm2d, LayerNorm
from engine.ops.local_response_norm import LocalResponseNorm
from engine.ops.normalisation import BatchNorm2d
from engine.ops.prelu import Prelu
from engine.ops.reshape import Flatten, Reshape
from engine.ops.softmax import LogSoftmax, Shares, Softmax


def _batch_norm(call: Call) -> Flow:
    call.settings.number("momentum", 0.9)
    if call.settings.flag("training_mode") or not call.settings.flag("spatial", True):
        raise call.settings.refusal("training_mode", True, "statistics of a trained network, one per channel")
    names = ("weight", "bias", "running_mean", "running_var")
    weights = {name: call.known(i) for i, name in enumerate(names, start=1)}
    return call.emit(BatchNorm2d, call.flow(0), weights=weights, eps=call.settings.number("epsilon", 1e-5))


def _instance_norm(call: Call) -> Flow:
    weights = {"weight": call.known(1), "bias": call.known(2)}
    return call.emit(InstanceNorm2d, call.flow(0), weights=weights, eps=call.settings.number("epsilon", 1e-5))


def _layer_norm(call: Call) -> Flow:
    x, settings = call.flow(0), call.settings
    # In which precision it is computed: always in that of the run.
    settings.integer("stash_type", 1)
    axis = axis_of("axis", settings.integer("axis", -1), len(x.shape))
    scale, shift = call.known(1), call.known_or_none(2)
    weights = {
        "weight": np.broadcast_to(scale, x.shape[axis:]),
        "bias": None if shift is None else np.broadcast_to(shift, x.shape[axis:]),
    }
    return call.emit(LayerNorm, x, weights=weights, axis=axis, eps=settings.number("epsilon", 1e-5))


def _group_norm(call: Call) -> Flow:
    x, groups = call.flow(0), call.settings.integer("num_groups", 1)
    call.settings.integer("stash_type", 1)

    def per_channel(tensor: Tensor) -> Tensor:
        # Before opset 21 there was one number for each group.
        if call.opset >= 21 or groups < 1 or x.shape[1] % groups:
            return tensor
        return np.repeat(tensor, x.shape[1] // groups)

    weights = {"weight": per_channel(call.known(1)), "bias": per_channel(call.known(2))}
    eps = call.settings.number("epsilon", 1e-5)
    return call.emit(GroupNorm, x, weights=weights, num_groups=groups, eps=eps)


def _local_response_norm(call: Call) -> Flow:
    settings = call.settings
    return call.emit(
        LocalResponseNorm,
        call.flow(0),
        size=settings.integer("size", 0),
        alpha=settings.number("alpha", 1e-4),
        beta=settings.number("beta", 0.75),
        k=settings.number("bias", 1.0),
        longer_side="after",
    )


def _shares(operation: type[Shares]) -> Converter:
    def convert(call: Call) -> Flow:
        x = call.flow(0)
        wanted = call.settings.integer("axis", -1 if call.opset >= 13 else 1)
        axis = axis_of("axis", wanted, len(x.shape))
        if call.opset >= 13 or set(x.shape[axis + 1 :]) <= {1}:
            return call.emit(operation, x, axis=axis)
        # Before opset 13 all axes from that one on shared 1 among them.
        flat = call.emit(Flatten, x, part="flat", axis=axis)
        shares = call.emit(operation, flat, part="shares", axis=1)
        return call.emit(Reshape, shares, shape=(-1, *x.shape[1:]))

    return convert


def _prelu(call: Call) -> Flow:
    slope = call.known(1)
    if slope.ndim == 0:
        raise EngineError("shape-mismatch", f"slope of {call.node.name}", [], "at least one axis")
    return call.emit(Prelu, call.flow(0), weights={"weight": slope}, weight_shape=slope.shape)


NORMALISATION: dict[str, Converter] = {
    "BatchNormalization": _batch_norm,
    "GroupNormalization": _group_norm,
    "InstanceNormalization": _instance_norm,
    "LRN": _local_response_norm,
    "LayerNormalization": _layer_norm,
    "LogSoftmax": _shares(LogSoftmax),
    "PRelu": _prelu,
    "Softmax": _shares(Softmax),
}

"""Reductions along axes, which were a setting first and are an input now."""

from __future__ import annotations

from engine.importers.onnx.call import Call, Converter, Flow
from engine.ops.reduce import (
    ReduceL1,
    ReduceL2,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceProd,
    ReduceSum,
    Reduction,
)


def _reduce(operation: type[Reduction], input_since: int = 18) -> Converter:
    def convert(call: Call) -> Flow:
        x = call.flow(0)
        axes = call.listed("axes", 1, input_since)
        keepdims = call.settings.flag("keepdims", True)
        nothing = call.settings.flag("noop_with_empty_axes")
        if not axes and nothing:
            return x
        return call.emit(operation, x, axes=axes or tuple(range(len(x.shape))), keepdims=keepdims)

    return convert


REDUCTIONS: dict[str, Converter] = {
    "ReduceL1": _reduce(ReduceL1),
    "ReduceL2": _reduce(ReduceL2),
    "ReduceMax": _reduce(ReduceMax),
    "ReduceMean": _reduce(ReduceMean),
    "ReduceMin": _reduce(ReduceMin),
    "ReduceProd": _reduce(ReduceProd),
    "ReduceSum": _reduce(ReduceSum, input_since=13),
}

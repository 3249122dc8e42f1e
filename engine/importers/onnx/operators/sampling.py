"""Resize, and Upsample as it was called before."""

from __future__ import annotations

from math import floor
from typing import Any

from engine.geometry.interpolation import COORDINATE_MODES, INTERPOLATIONS, NEAREST_MODES
from engine.importers.onnx.call import Call, Converter, Flow
from engine.ops.axes import axes_of
from engine.ops.resize import Resize
from engine.types import Shape

POLICIES = ("stretch", "not_larger", "not_smaller")


def _upsample(call: Call) -> Flow:
    """Opset 7 to 9; each output takes the input at its index divided by the scale, as Resize 10 does."""
    x = call.flow(0)
    scales = call.settings.numbers("scales") if call.opset < 9 else call.numbers(1)
    return _emit(call, x, tuple(range(len(x.shape))), scales or (), (), _first_settings(call))


def _resize(call: Call) -> Flow:
    if call.opset < 11:
        x = call.flow(0)
        return _emit(call, x, tuple(range(len(x.shape))), call.numbers(1) or (), (), _first_settings(call))
    x, settings = call.flow(0), call.settings
    named = settings.integers("axes")
    axes = tuple(range(len(x.shape))) if named is None else axes_of("axes", named, len(x.shape))
    scales, sizes = call.numbers(2) or (), call.integers(3) or ()
    policy = settings.choice("keep_aspect_ratio_policy", "stretch", POLICIES)
    if sizes and policy != "stretch":
        scales, sizes = _one_scale([x.shape[axis] for axis in axes], sizes, policy)
    chosen = {
        "mode": settings.choice("mode", "nearest", INTERPOLATIONS),
        "coordinate_transformation_mode": settings.choice(
            "coordinate_transformation_mode", "half_pixel", COORDINATE_MODES
        ),
        "nearest_mode": settings.choice("nearest_mode", "round_prefer_floor", NEAREST_MODES),
        "cubic_coeff_a": settings.number("cubic_coeff_a", -0.75),
        "antialias": settings.flag("antialias"),
        "exclude_outside": settings.flag("exclude_outside"),
        "extrapolation_value": settings.number("extrapolation_value", 0.0),
    }
    if chosen["coordinate_transformation_mode"] == "tf_crop_and_resize":
        chosen["roi"] = call.numbers(1) or ()
    return _emit(call, x, axes, scales, sizes, chosen)


def _first_settings(call: Call) -> dict[str, Any]:
    """All that the first versions knew."""
    mode = call.settings.choice("mode", "nearest", ("nearest", "linear"))
    return {"mode": mode, "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}


def _one_scale(lengths: list[int], sizes: Shape, policy: str) -> tuple[tuple[float, ...], Shape]:
    """The same scale on every axis, and the lengths that it makes."""
    each = [size / length for size, length in zip(sizes, lengths, strict=True)]
    scale = min(each) if policy == "not_larger" else max(each)
    return (scale,) * len(sizes), tuple(floor(length * scale + 0.5) for length in lengths)


def _emit(
    call: Call,
    x: Flow,
    axes: tuple[int, ...],
    scales: tuple[float, ...],
    sizes: Shape,
    settings: dict[str, Any],
) -> Flow:
    if len(scales or sizes) != len(axes):
        raise call.settings.refusal("scales or sizes", list(scales or sizes), f"{len(axes)} numbers")
    # Axes that stay as they are need not be named; a crop changes them all.
    changed = [
        i
        for i, axis in enumerate(axes)
        if "roi" in settings or (scales[i] != 1 if scales else sizes[i] != x.shape[axis])
    ]
    if not changed:
        return x
    return call.emit(
        Resize,
        x,
        axes=tuple(axes[i] for i in changed),
        scales=tuple(scales[i] for i in changed) if scales else (),
        sizes=tuple(sizes[i] for i in changed) if sizes else (),
        **settings,
    )


SAMPLING: dict[str, Converter] = {"Resize": _resize, "Upsample": _upsample}

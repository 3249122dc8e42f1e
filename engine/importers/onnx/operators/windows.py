"""Sliding windows: convolutions and pooling, in two dimensions, and in one as a map of one row."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.errors import EngineError
from engine.geometry.padding import Padding, resolve_padding
from engine.importers.onnx.call import Call, Converter, Flow
from engine.importers.onnx.operators.maps import emit_on_map
from engine.importers.onnx.tensors import Tensor
from engine.ops.avg_pool2d import AvgPool2d
from engine.ops.conv2d import Conv2d
from engine.ops.conv_transpose2d import ConvTranspose2d
from engine.ops.global_pooling import GlobalAvgPool2d, GlobalMaxPool2d
from engine.ops.lp_pool2d import LpPool2d
from engine.ops.max_pool2d import MaxPool2d
from engine.ops.operation import Operation
from engine.ops.slicing import Slice
from engine.types import Pair, Sides

AUTO_PADS = ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")


class Window(NamedTuple):
    """Where windows lie, (rows, columns) each."""

    kernel_size: Pair
    stride: Pair
    dilation: Pair
    padding: Padding


def _spatial(call: Call, x: Flow) -> int:
    """Axes that a window slides along: one or two."""
    axes = len(x.shape) - 2
    if axes not in (1, 2):
        raise EngineError(
            "shape-mismatch", f"input of {call.node.name}", list(x.shape), "one or two axes of places"
        )
    return axes


def _pair(call: Call, name: str, axes: int, default: int | None = 1) -> Pair:
    """A setting for every axis; along the one row of a sequence nothing happens."""
    values = call.settings.integers(name)
    if values is None and default is not None:
        values = (default,) * axes
    return _as_pair(call, name, values, axes)


def _as_pair(call: Call, name: str, values: tuple[int, ...] | None, axes: int) -> Pair:
    if values is None or len(values) != axes:
        raise EngineError("malformed-model", f"{name} of {call.node.name}", values, f"{axes} integers")
    return (values[0], values[1]) if axes == 2 else (1, values[0])


def _sides(call: Call, axes: int) -> Sides:
    """Padding as the engine counts it: ONNX names all beginnings first, then all ends."""
    pads = call.settings.integers("pads") or (0,) * (2 * axes)
    if len(pads) != 2 * axes:
        raise EngineError("malformed-model", f"pads of {call.node.name}", list(pads), f"{2 * axes} integers")
    top, left = (pads[0], pads[1]) if axes == 2 else (0, pads[0])
    bottom, right = (pads[2], pads[3]) if axes == 2 else (0, pads[1])
    return (top, bottom, left, right)


def _window(call: Call, x: Flow, kernel: tuple[int, ...] | None = None) -> Window:
    axes = _spatial(call, x)
    asked = call.settings.integers("kernel_shape")
    kernel_size = _as_pair(call, "kernel_shape", asked or kernel, axes)
    if kernel is not None and kernel_size != _as_pair(call, "kernel_shape", kernel, axes):
        raise EngineError("shape-mismatch", f"kernel_shape of {call.node.name}", asked, str(list(kernel)))
    stride, dilation = _pair(call, "strides", axes), _pair(call, "dilations", axes)
    sides = _sides(call, axes)
    padding: Padding = sides
    match call.settings.choice("auto_pad", "NOTSET", AUTO_PADS):
        case "SAME_UPPER":
            padding = "same"
        case "SAME_LOWER":
            size = (x.shape[-2], x.shape[-1]) if axes == 2 else (1, x.shape[-1])
            top, bottom, left, right = resolve_padding("same", size, kernel_size, stride, dilation)
            padding = (bottom, top, right, left)
        case "VALID":
            padding = 0
    return Window(kernel_size, stride, dilation, padding)


def _kernel(call: Call, axes: int) -> Tensor:
    """The weight, with one row where the input is a sequence."""
    weight = call.known(1)
    if weight.ndim != axes + 2 or 0 in weight.shape:
        raise EngineError(
            "shape-mismatch", f"weight of {call.node.name}", list(weight.shape), f"{axes + 2} axes"
        )
    return weight if axes == 2 else weight[:, :, None]


def _conv(call: Call) -> Flow:
    x = call.flow(0)
    weight = _kernel(call, _spatial(call, x))
    window = _window(call, x, call.known(1).shape[2:])
    return emit_on_map(
        call,
        Conv2d,
        x,
        {"weight": weight, "bias": call.known_or_none(2)},
        out_channels=weight.shape[0],
        groups=call.settings.integer("group", 1),
        **window._asdict(),
    )


def _conv_transpose(call: Call) -> Flow:
    """The end is cropped by less than the beginning through ``output_padding``, by more through a slice."""
    x = call.flow(0)
    axes = _spatial(call, x)
    weight, groups = _kernel(call, axes), call.settings.integer("group", 1)
    window = _window(call, x, call.known(1).shape[2:])
    starts, ends = _crops(call, x, window, axes)
    settings = {
        "out_channels": weight.shape[1] * groups,
        "groups": groups,
        "kernel_size": window.kernel_size,
        "stride": window.stride,
        "dilation": window.dilation,
        "padding": starts,
        "output_padding": tuple(max(0, start - end) for start, end in zip(starts, ends, strict=True)),
    }
    weights = {"weight": weight, "bias": call.known_or_none(2)}
    extra = [max(0, end - start) for start, end in zip(starts, ends, strict=True)][2 - axes :]
    if not any(extra):
        return emit_on_map(call, ConvTranspose2d, x, weights, **settings)
    if axes == 1:
        raise call.settings.refusal("pads", [starts[1], ends[1]], "an end cropped by no more than the start")
    whole = call.emit(ConvTranspose2d, x, weights=weights, part="whole", **settings)
    kept = [size - cut for size, cut in zip(whole.shape[2:], extra, strict=True)]
    return call.emit(Slice, whole, starts=(0, 0), ends=tuple(kept), axes=(2, 3))


def _crops(call: Call, x: Flow, window: Window, axes: int) -> tuple[Pair, Pair]:
    """Cells cropped from the start, and from the end, of (rows, columns); below 0 they are added."""
    top, bottom, left, right = _sides(call, axes)
    extra = _pair(call, "output_padding", axes, 0)
    extra = extra if axes == 2 else (0, extra[1])
    automatic = call.settings.text("auto_pad", "NOTSET")
    wanted = call.settings.integers("output_shape")
    if automatic == "VALID":
        top = bottom = left = right = 0
    if automatic not in ("SAME_UPPER", "SAME_LOWER") and wanted is None:
        return (top, left), (bottom - extra[0], right - extra[1])
    sizes = (x.shape[-2], x.shape[-1]) if axes == 2 else (1, x.shape[-1])
    target = tuple(size * stride for size, stride in zip(sizes, window.stride, strict=True))
    if wanted is not None:
        target = _as_pair(call, "output_shape", wanted[-axes:], axes)
    crops = []
    for i in (0, 1):
        span = (window.kernel_size[i] - 1) * window.dilation[i] + 1
        total = (sizes[i] - 1) * window.stride[i] + extra[i] + span - target[i]
        less, more = total // 2, total - total // 2
        # ONNX: the odd cell is cropped from the end for SAME_UPPER, else from the start.
        first, last = (less, more) if automatic == "SAME_UPPER" else (more, less)
        crops.append((first, last - extra[i]))
    rows, columns = crops
    return (rows[0], columns[0]), (rows[1], columns[1])


def _pool(operation: type[Operation]) -> Converter:
    def convert(call: Call) -> Flow:
        x = call.flow(0)
        window = _window(call, x)
        settings: dict[str, Any] = {**window._asdict(), "ceil_mode": call.settings.flag("ceil_mode")}
        if operation is not MaxPool2d:
            _require_undilated(call, settings.pop("dilation"))
        if operation is AvgPool2d:
            settings["count_include_pad"] = call.settings.flag("count_include_pad")
        elif operation is LpPool2d:
            settings["norm_type"] = float(call.settings.integer("p", 2))
        else:
            # How indices are counted, which are not computed.
            call.settings.integer("storage_order", 0)
        return emit_on_map(call, operation, x, **settings)

    return convert


def _require_undilated(call: Call, dilation: Pair) -> None:
    if dilation != (1, 1):
        raise call.settings.refusal("dilations", list(dilation), "1 throughout")


def _global(operation: type[Operation]) -> Converter:
    return lambda call: emit_on_map(call, operation, call.flow(0))


def _global_lp(call: Call) -> Flow:
    x = call.flow(0)
    size = x.shape[2:] if _spatial(call, x) == 2 else (1, *x.shape[2:])
    norm_type = float(call.settings.integer("p", 2))
    return emit_on_map(call, LpPool2d, x, norm_type=norm_type, kernel_size=size)


WINDOWS: dict[str, Converter] = {
    "AveragePool": _pool(AvgPool2d),
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "GlobalAveragePool": _global(GlobalAvgPool2d),
    "GlobalLpPool": _global_lp,
    "GlobalMaxPool": _global(GlobalMaxPool2d),
    "LpPool": _pool(LpPool2d),
    "MaxPool": _pool(MaxPool2d),
}

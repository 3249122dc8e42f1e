"""conv2d and conv_transpose2d over a grid of settings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (the name that PyTorch's own manual gives it)

from tools.references.case import Case, Draw

KERNELS = ((1, 1), (2, 3), (3, 2), (1, 4), (3, 3))
SPACINGS = (  # stride, dilation
    ((1, 1), (1, 1)),
    ((2, 1), (1, 1)),
    ((1, 3), (2, 1)),
    ((2, 2), (1, 2)),
)
TORCH_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def conv2d_cases(draw: Draw) -> Iterator[Case]:
    """At least 140 settings of conv2d, the axes always different."""
    for kernel, (stride, dilation), padding in product(KERNELS, SPACINGS, (0, [1, 2], "valid")):
        yield _conv2d(draw, kernel_size=kernel, stride=stride, dilation=dilation, padding=padding)
    for kernel, dilation in product(KERNELS, ((1, 1), (2, 1), (1, 2))):
        yield _conv2d(draw, kernel_size=kernel, dilation=dilation, padding="same")
        yield _conv2d(draw, kernel_size=kernel, dilation=dilation, padding="full")
    for kernel, stride in product(((3, 3), (2, 3), (4, 1)), ((2, 2), (3, 2), (1, 4))):
        yield _conv2d(draw, kernel_size=kernel, stride=stride, padding="same")
    for mode, padding in product(
        ("zeros", "reflect", "replicate", "circular"), (2, [0, 3], [1, 3, 2, 0], "same", "full")
    ):
        yield _conv2d(draw, kernel_size=(3, 4), stride=(1, 2), padding=padding, padding_mode=mode)
        yield _conv2d(
            draw, kernel_size=(3, 2), dilation=(2, 1), padding=padding, padding_mode=mode, flip=True
        )
    for groups, batch, out_per_group in product((1, 2, 3, 6), (1, 2), (1, 2)):
        settings = {"kernel_size": (2, 3), "padding": [1, 0], "groups": groups, "bias": batch == 1}
        yield _conv2d(draw, shape=(batch, 6, 5, 7), out_channels=groups * out_per_group, **settings)
    for kernel in ((5, 8), (5, 1), (1, 8)):  # as large as the input
        yield _conv2d(draw, kernel_size=kernel, shape=(2, 2, 5, 8))
    yield _conv2d(draw, kernel_size=(5, 8), shape=(1, 2, 5, 8), padding="full", flip=True)
    yield _conv2d(draw, kernel_size=(1, 1), shape=(1, 3, 1, 1), out_channels=4)
    yield _conv2d(draw, kernel_size=(3, 3), shape=(1, 1, 1, 1), padding=1)
    yield _conv2d(draw, kernel_size=(2, 2), shape=(2, 1, 9, 4), stride=(4, 3), flip=True)


def _conv2d(draw: Draw, shape: tuple[int, ...] = (), bias: bool | None = None, **settings: Any) -> Case:
    turn = int(draw.rng.integers(4))
    shape = shape or ((1, 2, 6, 7), (2, 3, 5, 8), (1, 1, 6, 9), (2, 2, 8, 7))[turn]
    config = {"out_channels": 1 + turn % 3, **settings}
    kernel = config["kernel_size"]
    groups = config.get("groups", 1)
    weights = {"weight": draw.normal(config["out_channels"], shape[1] // groups, *kernel)}
    if turn % 2 if bias is None else bias:
        weights["bias"] = draw.normal(config["out_channels"])
    sides = _sides(
        config.get("padding", 0),
        shape[2:],
        kernel,
        config.get("stride", (1, 1)),
        config.get("dilation", (1, 1)),
    )
    case = Case("conv2d", config, [draw.normal(*shape)], partial(_run_conv2d, config, sides), weights)
    case.differentiate = case.all_arguments()
    return case


def _run_conv2d(
    config: dict[str, Any],
    sides: tuple[int, ...],
    inputs: list[torch.Tensor],
    weights: dict[str, torch.Tensor],
) -> torch.Tensor:
    weight = weights["weight"].flip(2, 3) if config.get("flip") else weights["weight"]
    stride, dilation = config.get("stride", (1, 1)), config.get("dilation", (1, 1))
    groups, padding, mode = (
        config.get("groups", 1),
        config.get("padding", 0),
        config.get("padding_mode", "zeros"),
    )
    x = inputs[0]
    own_words = ("valid", "same") if stride == (1, 1) else ("valid",)
    if mode == "zeros" and (padding in own_words or isinstance(padding, int) or len(padding) == 2):
        return F.conv2d(x, weight, weights.get("bias"), stride, padding, dilation, groups)
    top, bottom, left, right = sides
    padded = F.pad(x, (left, right, top, bottom), mode=TORCH_MODES[mode])
    return F.conv2d(padded, weight, weights.get("bias"), stride, 0, dilation, groups)


def _sides(padding: Any, size: Any, kernel: Any, stride: Any, dilation: Any) -> tuple[int, ...]:
    """(top, bottom, left, right): "same" as TensorFlow defines it, "full" by its definition."""
    if padding == "valid":
        padding = 0
    if isinstance(padding, int):
        return (padding,) * 4
    if not isinstance(padding, str):
        return tuple(padding) if len(padding) == 4 else (padding[0], padding[0], padding[1], padding[1])
    sides: list[int] = []
    for axis in (0, 1):
        reach = dilation[axis] * (kernel[axis] - 1)
        if padding == "full":
            sides += [reach, reach]
            continue
        rest = size[axis] % stride[axis]
        total = max(reach + 1 - (rest or stride[axis]), 0)
        sides += [total // 2, total - total // 2]
    return tuple(sides)


def conv_transpose2d_cases(draw: Draw) -> Iterator[Case]:
    """At least 50 settings of conv_transpose2d."""
    for kernel, stride, dilation in product(
        ((1, 1), (2, 3), (3, 2), (4, 4)), ((1, 1), (2, 1), (2, 3)), ((1, 1), (2, 1))
    ):
        yield _conv_transpose2d(draw, kernel_size=kernel, stride=stride, dilation=dilation)
    for padding, output_padding in product((1, [1, 2], [2, 0]), (0, [1, 0], [1, 2])):
        settings = {"padding": padding, "output_padding": output_padding}
        yield _conv_transpose2d(draw, kernel_size=(3, 5), stride=(2, 3), **settings)
        yield _conv_transpose2d(draw, kernel_size=(3, 3), stride=(3, 3), dilation=(1, 2), **settings)
    for groups, batch in product((1, 2, 4), (1, 2)):
        for out_per_group in (1, 2):
            settings = {"groups": groups, "out_channels": groups * out_per_group, "bias": batch == 2}
            yield _conv_transpose2d(
                draw, shape=(batch, 4, 3, 4), kernel_size=(2, 3), stride=(2, 1), **settings
            )
    yield _conv_transpose2d(draw, shape=(1, 1, 1, 1), kernel_size=(3, 2))
    yield _conv_transpose2d(draw, shape=(1, 2, 4, 4), kernel_size=(3, 3), stride=(1, 1), padding=2)


def _conv_transpose2d(
    draw: Draw, shape: tuple[int, ...] = (), bias: bool | None = None, **settings: Any
) -> Case:
    turn = int(draw.rng.integers(3))
    shape = shape or ((1, 2, 4, 3), (2, 3, 3, 5), (1, 1, 5, 4))[turn]
    config = {"out_channels": 1 + turn, **settings}
    groups = config.get("groups", 1)
    weights = {"weight": draw.normal(shape[1], config["out_channels"] // groups, *config["kernel_size"])}
    if turn != 1 if bias is None else bias:
        weights["bias"] = draw.normal(config["out_channels"])
    case = Case("conv_transpose2d", config, [draw.normal(*shape)], partial(_run_transposed, config), weights)
    case.differentiate = case.all_arguments()
    return case


def _run_transposed(
    config: dict[str, Any], inputs: list[torch.Tensor], weights: dict[str, torch.Tensor]
) -> torch.Tensor:
    return F.conv_transpose2d(
        inputs[0],
        weights["weight"],
        weights.get("bias"),
        stride=config.get("stride", 1),
        padding=config.get("padding", 0),
        output_padding=config.get("output_padding", 0),
        groups=config.get("groups", 1),
        dilation=config.get("dilation", 1),
    )

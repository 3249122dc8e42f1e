"""Pools over a grid of settings."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (the name that PyTorch's own manual gives it)

from tools.references.case import Case, Draw, Function

WINDOWS = (  # kernel_size, stride; None is the kernel size
    ((2, 2), None),
    ((3, 2), (2, 3)),
    ((2, 3), (1, 1)),  # overlapping
    ((1, 4), (2, 2)),
    ((3, 3), (2, 2)),  # AlexNet's overlap
)


def cases(draw: Draw) -> Iterator[Case]:
    """At least 80 settings over the five pools."""
    for (kernel, stride), ceil_mode in product(WINDOWS, (False, True)):
        shared = {"kernel_size": kernel, "ceil_mode": ceil_mode} | ({"stride": stride} if stride else {})
        half = [kernel[0] // 2, kernel[1] // 2]
        for padding in (0, half):
            yield _case(draw, "max_pool2d", {**shared, "padding": padding}, _max_pool)
            for count_include_pad in (False, True):
                config = {**shared, "padding": padding, "count_include_pad": count_include_pad}
                yield _case(draw, "avg_pool2d", config, _average_pool)
        for norm_type in (1, 2, 3):
            yield _case(draw, "lp_pool2d", {**shared, "norm_type": norm_type}, _lp_pool)
    for dilation, ceil_mode, padding in product(((2, 1), (1, 2), (2, 2)), (False, True), (0, 1)):
        config = {"kernel_size": (2, 3), "dilation": dilation, "ceil_mode": ceil_mode, "padding": padding}
        yield _case(draw, "max_pool2d", {**config, "stride": (2, 1)}, _max_pool)
    for shape in ((1, 3, 4, 6), (2, 2, 5, 3), (1, 1, 1, 1)):
        yield _case(
            draw, "global_max_pool2d", {}, lambda inputs, _: F.adaptive_max_pool2d(inputs[0], 1), shape
        )
        yield _case(
            draw, "global_avg_pool2d", {}, lambda inputs, _: F.adaptive_avg_pool2d(inputs[0], 1), shape
        )
    for name, pool in (("max_pool2d", _max_pool), ("avg_pool2d", _average_pool)):
        yield _case(draw, name, {"kernel_size": (4, 6)}, pool, (2, 2, 4, 6))


def _case(
    draw: Draw, op: str, config: dict[str, Any], pool: Function | Any, shape: tuple[int, ...] = ()
) -> Case:
    shape = shape or ((1, 2, 7, 8), (2, 2, 6, 9), (1, 3, 9, 5))[int(draw.rng.integers(3))]
    # PyTorch's Lp pool takes no absolute value: with an odd p it agrees on positive numbers only.
    x = draw.positive(*shape) if config.get("norm_type", 2) % 2 else draw.normal(*shape)
    function = partial(pool, config) if config else pool
    return Case(op, config, [x], function, differentiate=("input0",))


def _max_pool(config: dict[str, Any], inputs: list[torch.Tensor], _: Any) -> torch.Tensor:
    return F.max_pool2d(inputs[0], **config)


def _average_pool(config: dict[str, Any], inputs: list[torch.Tensor], _: Any) -> torch.Tensor:
    return F.avg_pool2d(inputs[0], **config)


def _lp_pool(config: dict[str, Any], inputs: list[torch.Tensor], _: Any) -> torch.Tensor:
    # PyTorch scales a window that hangs over the end as if it were whole; zeros there leave the norm alone.
    stride = config.get("stride", config["kernel_size"])
    places = F.lp_pool2d(inputs[0], **config).shape[2:]
    missing = [
        max(0, (places[i] - 1) * stride[i] + config["kernel_size"][i] - inputs[0].shape[2 + i])
        for i in (0, 1)
    ]
    return F.lp_pool2d(F.pad(inputs[0], (0, missing[1], 0, missing[0])), **config)

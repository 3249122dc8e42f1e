"""Rearrangements, resizing and reductions of tensors of any axes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (the name that PyTorch's own manual gives it)

from tools.references.case import Case, Draw

One = Callable[[torch.Tensor], torch.Tensor]
Row = tuple[str, dict[str, Any], tuple[int, ...], One]
"""Operation, settings, shape of the input, PyTorch's function."""

MAP, TOKENS, VECTOR = (2, 3, 4, 5), (2, 4, 3), (3, 6)


def cases(draw: Draw) -> Iterator[Case]:
    """Every row with random numbers, all of them differentiated."""
    for op, config, shape, function in (*_rearrangements(), *_resizes(), *_reductions()):
        yield Case(
            op,
            config,
            [draw.normal(*shape)],
            lambda inputs, _, function=function: function(inputs[0]),
            differentiate=("input0",),
        )


def _rearrangements() -> Iterator[Row]:
    for shape in (MAP, TOKENS, VECTOR):
        yield "identity", {}, shape, torch.nn.Dropout().eval()
        yield "flatten", {}, shape, torch.nn.Flatten()
        yield "tile", {"repeats": [1, 2]}, shape, lambda x: x.tile(1, 2)
    yield "reshape", {"shape": [0, -1, 10]}, MAP, lambda x: x.reshape(2, -1, 10)
    yield "reshape", {"shape": [0, 2, 3]}, VECTOR, lambda x: x.unflatten(1, (2, 3))
    yield "squeeze", {"axes": [1, 3]}, (2, 1, 4, 1), lambda x: x.squeeze((1, 3))
    yield "unsqueeze", {"axes": [2]}, VECTOR, lambda x: x.unsqueeze(2)
    yield "unsqueeze", {"axes": [-1]}, TOKENS, lambda x: x.unsqueeze(-1)
    yield "transpose", {}, TOKENS, lambda x: x.mT
    for perm in ([0, 2, 3, 1], [0, 3, 2, 1], [0, 1, 3, 2]):
        yield "transpose", {"perm": perm}, MAP, lambda x, perm=perm: x.permute(perm)
    for block in (2, 3):
        shuffled = {"blocksize": block, "mode": "CRD"}
        yield "depth_to_space", shuffled, (2, 2 * block**2, 2, 3), torch.nn.PixelShuffle(block)
        # With one channel after it, or before it, the order of the channels makes no difference.
        yield "depth_to_space", {"blocksize": block}, (1, block**2, 2, 3), torch.nn.PixelShuffle(block)
        yield "space_to_depth", {"blocksize": block}, (2, 1, 6, 12), torch.nn.PixelUnshuffle(block)
        yield "space_to_depth", shuffled, (2, 2, 6, 12), torch.nn.PixelUnshuffle(block)
    part = {"starts": [1, 0], "ends": [9, 4], "axes": [1, 3], "steps": [1, 2]}
    yield "slice", part, MAP, lambda x: x[:, 1:, :, :4:2]
    yield "slice", {"starts": [-1], "ends": [-9], "axes": [2], "steps": [-1]}, MAP, lambda x: x.flip(2)
    yield "slice", {"starts": [2], "ends": [5], "axes": [1]}, VECTOR, lambda x: x.split([2, 3, 1], 1)[1]
    for axis, shape in ((1, VECTOR), (2, TOKENS), (3, MAP)):
        config = {"indices": [2, 0, 2, 1], "axis": axis}
        yield "gather", config, shape, lambda x, axis=axis: x.index_select(axis, torch.tensor([2, 0, 2, 1]))
    for mode, name in (
        ("constant", "constant"),
        ("reflect", "reflect"),
        ("edge", "replicate"),
        ("wrap", "circular"),
    ):
        # PyTorch counts from the last axis: left, right, top, bottom.
        config = {"pads": [1, 2, 3, 0], "mode": mode}
        yield "pad", config, MAP, lambda x, name=name: F.pad(x, (2, 0, 1, 3), mode=name)
    yield "pad", {"pads": [1, -2], "value": 0.5}, VECTOR, lambda x: F.pad(x, (1, -2), value=0.5)
    yield "expand", {"shape": [2, 3, 4]}, (2, 1, 4), lambda x: x.expand(-1, 3, -1)
    yield "expand", {"shape": [3, 4, 5]}, (2, 3, 1, 1), lambda x: x.expand(-1, -1, 4, 5)


def _resizes() -> Iterator[Row]:
    shape = (2, 2, 6, 5)
    for size in ([12, 10], [9, 13], [4, 3], [7, 2], [7, 1]):
        nearest = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor", "sizes": size}
        yield "resize", nearest, shape, _interpolated(size, mode="nearest")
        exact = {"nearest_mode": "round_prefer_ceil", "sizes": size}
        yield "resize", exact, shape, _interpolated(size, mode="nearest-exact")
        for mode, name in (("linear", "bilinear"), ("cubic", "bicubic")):
            config = {"mode": mode, "sizes": size}
            yield "resize", config, shape, _interpolated(size, mode=name)
            corners = {**config, "coordinate_transformation_mode": "align_corners"}
            yield "resize", corners, shape, _interpolated(size, mode=name, align_corners=True)
            if 1 in size:
                continue  # PyTorch 2.13 then repeats the first row of its answer
            # Where PyTorch's antialiasing meets the border it weighs only what is there.
            smooth = {**config, "antialias": True, "exclude_outside": True}
            smooth |= {"cubic_coeff_a": -0.5} if mode == "cubic" else {}
            yield "resize", smooth, shape, _interpolated(size, mode=name, antialias=True)
    yield "resize", {"mode": "linear", "sizes": [7]}, TOKENS, lambda x: F.interpolate(x, 7, mode="linear")


def _interpolated(size: list[int], **settings: Any) -> One:
    return lambda x: F.interpolate(x, size, **settings)


def _reductions() -> Iterator[Row]:
    functions: dict[str, Callable[..., torch.Tensor]] = {
        "sum": torch.sum,
        "mean": torch.mean,
        "max": torch.amax,
        "min": torch.amin,
        "prod": _product,
        "l1": lambda x, dim, keepdim: torch.linalg.vector_norm(x, 1, dim, keepdim),
        "l2": lambda x, dim, keepdim: torch.linalg.vector_norm(x, 2, dim, keepdim),
    }
    for kind, function in functions.items():
        for shape, axes in ((MAP, [2, 3]), (MAP, [1]), (TOKENS, [1]), (VECTOR, [1])):
            for keepdims in (True, False):
                config = {"axes": axes, "keepdims": keepdims}
                yield (
                    f"reduce_{kind}",
                    config,
                    shape,
                    lambda x, f=function, a=axes, k=keepdims: f(x, dim=a, keepdim=k),
                )


def _product(x: torch.Tensor, dim: list[int], keepdim: bool) -> torch.Tensor:
    for axis in sorted(dim, reverse=True):
        x = x.prod(axis, keepdim=keepdim)
    return x

"""Normalisations within one picture, batch normalisation of other shapes, softmax along any axis, norms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (the name that PyTorch's own manual gives it)

from tools.references.case import Case, Draw

Given = dict[str, torch.Tensor]


def cases(draw: Draw) -> Iterator[Case]:
    """With weights and without, on vectors, tokens and maps."""
    for affine in (True, False):
        for shape, axis in (((2, 7), -1), ((2, 3, 5), -1), ((2, 3, 4, 5), 1), ((1, 2, 3, 4), -2)):
            own = shape[axis:]
            yield _case("layer_norm", {"axis": axis, "eps": 1e-3}, draw, shape, own, affine, _layer_norm(own))
        for shape, groups in (((2, 4, 2, 3), 2), ((2, 12), 3), ((1, 4, 5), 1)):
            config = {"num_groups": groups}
            yield _case("group_norm", config, draw, shape, shape[1:2], affine, _group_norm(groups))
        for shape in ((2, 3, 4, 5), (1, 2, 7)):
            yield _case("instance_norm2d", {}, draw, shape, shape[1:2], affine, _instance_norm)
        for shape in ((4, 3), (2, 3, 5), (2, 2, 2, 3, 2)):
            yield _case("batch_norm2d", {}, draw, shape, shape[1:2], affine, _batch_norm)
    for shape, axis in (
        ((2, 3, 4, 5), -1),
        ((2, 3, 4, 5), 2),
        ((2, 3, 5), 2),
        ((2, 7), 1),
        ((2, 3, 4, 5), 1),
    ):
        for op, function in (("softmax", F.softmax), ("log_softmax", F.log_softmax)):
            yield Case(
                op,
                {"axis": axis},
                [draw.normal(*shape) * 3],
                lambda inputs, _, f=function, axis=axis: f(inputs[0], axis),
                differentiate=("input0",),
            )
    for exponent in (1, 2, 3.5):
        yield Case(
            "global_lp_pool2d",
            {"norm_type": exponent},
            [draw.normal(2, 3, 4, 5)],
            lambda inputs, _, p=exponent: torch.linalg.vector_norm(inputs[0], p, (2, 3), keepdim=True),
            differentiate=("input0",),
        )


def _case(
    op: str,
    config: dict[str, Any],
    draw: Draw,
    shape: tuple[int, ...],
    own: tuple[int, ...],
    affine: bool,
    function: Callable[[torch.Tensor, Given], torch.Tensor],
) -> Case:
    weights: dict[str, np.ndarray] = {}
    if affine:
        weights = {"weight": draw.normal(*own), "bias": draw.normal(*own)}
    x = draw.normal(*shape) * 2 + 1
    case = Case(op, config, [x], lambda inputs, given: function(inputs[0], given), weights)
    case.differentiate = case.all_arguments()
    return case


def _layer_norm(own: tuple[int, ...]) -> Callable[[torch.Tensor, Given], torch.Tensor]:
    return lambda x, given: F.layer_norm(x, own, given.get("weight"), given.get("bias"), eps=1e-3)


def _group_norm(groups: int) -> Callable[[torch.Tensor, Given], torch.Tensor]:
    return lambda x, given: F.group_norm(x, groups, given.get("weight"), given.get("bias"))


def _instance_norm(x: torch.Tensor, given: Given) -> torch.Tensor:
    return F.instance_norm(x, weight=given.get("weight"), bias=given.get("bias"))


def _batch_norm(x: torch.Tensor, given: Given) -> torch.Tensor:
    return F.batch_norm(x, None, None, given.get("weight"), given.get("bias"), training=True)

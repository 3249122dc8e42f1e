"""Linear layers, losses, and the operations that only move or add numbers."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F  # noqa: N812 (the name that PyTorch's own manual gives it)

from tools.references.case import Case, Draw


def cases(draw: Draw) -> Iterator[Case]:
    """Each on a batch of one and of more."""
    yield from _linear_cases(draw)
    yield from _loss_cases(draw)
    yield from _moving_cases(draw)


def _linear_cases(draw: Draw) -> Iterator[Case]:
    for pictures, features, outputs in ((1, 4, 3), (2, 7, 5), (3, 1, 4), (2, 6, 1)):
        for bias in (True, False):
            weights = {"weight": draw.normal(outputs, features)} | (
                {"bias": draw.normal(outputs)} if bias else {}
            )
            case = Case(
                "linear",
                {"out_features": outputs},
                [draw.normal(pictures, features)],
                lambda inputs, given: F.linear(inputs[0], given["weight"], given.get("bias")),
                weights,
            )
            case.differentiate = case.all_arguments()
            yield case


def _loss_cases(draw: Draw) -> Iterator[Case]:
    for pictures, classes, target in ((1, 3, 2), (4, 5, 0), (2, 10, 7), (2, 1, 0)):
        labels = torch.full((pictures,), target)
        yield Case(
            "cross_entropy",
            {"target": target},
            [draw.normal(pictures, classes) * 4],
            lambda inputs, _, labels=labels: F.cross_entropy(inputs[0], labels, reduction="none")[:, None],
            differentiate=("input0",),
        )
    for shape in ((1, 4), (3, 5), (2, 2, 3, 4)):
        yield Case(
            "squared_error",
            {},
            [draw.normal(*shape), draw.normal(*shape)],
            lambda inputs, _: F.mse_loss(*inputs, reduction="none").flatten(1).mean(1, keepdim=True),
            differentiate=("input0", "input1"),
        )


def _moving_cases(draw: Draw) -> Iterator[Case]:
    for shape in ((2, 3, 2, 4), (1, 1, 3, 2)):
        inputs = [draw.normal(*shape)]
        yield Case(
            "flatten", {}, inputs, lambda given, _: torch.flatten(given[0], 1), differentiate=("input0",)
        )
    for shape, count in (((2, 2, 3, 4), 2), ((1, 5), 3)):
        inputs = [draw.normal(*shape) for _ in range(count)]
        case = Case("add", {}, inputs, lambda given, _: torch.stack(list(given)).sum(0))
        case.differentiate = case.all_arguments()
        yield case
    for shapes in (((2, 2, 3, 4), (2, 1, 3, 4)), ((1, 5), (1, 2), (1, 1))):
        inputs = [draw.normal(*shape) for shape in shapes]
        case = Case("concat", {}, inputs, lambda given, _: torch.cat(list(given), 1))
        case.differentiate = case.all_arguments()
        yield case

"""Arithmetic between arrays that broadcast, and products of matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (the name that PyTorch's own manual gives it)

from tools.references.case import Case, Draw

OfTwo = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

OF_TWO: dict[str, OfTwo] = {
    "sub": torch.sub,
    "div": torch.div,
    "pow": torch.pow,
}

OF_SEVERAL: dict[str, OfTwo] = {
    "add": torch.add,
    "mul": torch.mul,
    "max": torch.maximum,
    "min": torch.minimum,
}


def cases(draw: Draw) -> Iterator[Case]:
    """Of equal shapes, of shapes that broadcast, and of an operand of the operation's own."""
    for shapes in (((2, 3, 4, 5), (2, 3, 4, 5)), ((2, 3, 4, 5), (2, 3, 1, 1)), ((2, 1, 4), (2, 3, 1))):
        for op, function in (OF_TWO | OF_SEVERAL).items():
            inputs = [draw.positive(*shape) for shape in shapes]
            yield _all(Case(op, {}, inputs, lambda given, _, f=function: f(*given)))
    for shapes in (((2, 5), (2, 5), (2, 1)), ((1, 2, 3, 4), (1, 2, 1, 4), (1, 1, 1, 1))):
        inputs = [draw.normal(*shape) for shape in shapes]
        for op, function in OF_SEVERAL.items():
            yield _all(Case(op, {}, inputs, lambda given, _, f=function: reduce(f, given)))
        yield _all(Case("mean", {}, inputs, lambda given, _: reduce(torch.add, given) / len(given)))
    yield from _operand_cases(draw)
    yield from _product_cases(draw)


def _operand_cases(draw: Draw) -> Iterator[Case]:
    for shape in ((), (3, 1, 1), (3, 4, 5)):
        own = {"operand_shape": list(shape)}
        for op, function in (OF_TWO | OF_SEVERAL).items():
            yield _with_operand(op, own, draw, shape, lambda x, operand, f=function: f(x, operand))
        for op, function in OF_TWO.items():
            config = {**own, "reverse": True}
            yield _with_operand(op, config, draw, shape, lambda x, operand, f=function: f(operand, x))


def _with_operand(
    op: str, config: dict[str, Any], draw: Draw, shape: tuple[int, ...], function: OfTwo
) -> Case:
    inputs, weights = [draw.positive(2, 3, 4, 5)], {"operand": draw.positive(*shape)}
    return _all(Case(op, config, inputs, lambda given, own: function(given[0], own["operand"]), weights))


def _product_cases(draw: Draw) -> Iterator[Case]:
    for shapes in (((2, 3, 4), (2, 4, 5)), ((2, 2, 3, 4), (2, 1, 4, 2)), ((2, 3), (3, 2))):
        inputs = [draw.normal(*shape) for shape in shapes]
        yield _all(Case("matmul", {}, inputs, lambda given, _: given[0] @ given[1]))
    for shape, weight in (((2, 3, 4), (4, 5)), ((2, 4), (4, 3)), ((2, 2, 3, 4), (2, 4, 2))):
        yield _all(
            Case(
                "matmul",
                {"weight_shape": list(weight)},
                [draw.normal(*shape)],
                lambda inputs, given: inputs[0] @ given["weight"],
                {"weight": draw.normal(*weight)},
            )
        )
    yield _all(
        Case(
            "matmul",
            {"weight_shape": [2, 3], "side": "left"},
            [draw.normal(2, 2, 3, 4)],
            lambda inputs, given: given["weight"] @ inputs[0],
            {"weight": draw.normal(2, 3)},
        )
    )
    for shape in ((2, 3, 4), (1, 2, 3, 4)):
        yield _all(
            Case(
                "linear",
                {"out_features": 5},
                [draw.normal(*shape)],
                lambda inputs, given: F.linear(inputs[0], given["weight"], given["bias"]),
                {"weight": draw.normal(5, 4), "bias": draw.normal(5)},
            )
        )


def _all(case: Case) -> Case:
    case.differentiate = case.all_arguments()
    return case

"""PReLU: a leaky ReLU whose slope below zero is learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.errors import EngineError
from engine.explanation import Explanation, Formula
from engine.ops.broadcasting import broadcast_shape, place_read, summed_to
from engine.ops.operation import Weights, cell_index, cells
from engine.ops.parameters import parameter
from engine.ops.pointwise import Pointwise, read_terms
from engine.types import Array, Cell, Shape


class PreluCache(NamedTuple):
    """What ``prelu_backward`` needs."""

    x: Array
    weight: Array


def prelu(x: Array, weight: Array) -> tuple[Array, PreluCache]:
    """Keep x where x > 0, else take weight times x.

    Args:
        x: any shape, float32 or float64.
        weight: a shape that broadcasts to that of x; (C, 1, 1) is one slope for every channel of a map.

    Source: He et al., "Delving deep into rectifiers" (2015), eq. 1.

    >>> prelu(np.array([[-2.0, 3.0]]), np.array([0.1]))[0]
    array([[-0.2,  3. ]])
    """
    return np.where(x > 0, x, x * weight), PreluCache(x, weight)


def prelu_backward(grad_output: Array, cache: PreluCache) -> tuple[Array, Array]:
    """Gradients by x and by weight: 1 and 0 where x > 0, else weight and x."""
    x, weight = cache
    by_weight = summed_to(np.where(x > 0, 0, grad_output * x), weight.shape)
    return np.where(x > 0, grad_output, grad_output * weight), by_weight


@dataclass(frozen=True)
class Prelu(Pointwise):
    """prelu as a node of a model.

    Args:
        weight_shape: of the weight; (1,) is one slope for all.
    """

    name: ClassVar[str] = "prelu"
    weight_names: ClassVar[tuple[str, ...]] = ("weight",)

    weight_shape: Shape = parameter("integers", (1,), minimum=1)

    def output_shape(self, *shapes: Shape) -> Shape:
        if broadcast_shape("weight of prelu", shapes[0], self.weight_shape) != shapes[0]:
            allowed = f"a shape that broadcasts to {list(shapes[0])}"
            raise EngineError("shape-mismatch", "weight of prelu", list(self.weight_shape), allowed)
        return shapes[0]

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        return {"weight": self.weight_shape}

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return prelu(inputs[0], weights["weight"])

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        by_input, by_weight = prelu_backward(grad_output, cache)
        return (by_input,), {"weight": by_weight}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        terms = read_terms(inputs[0], cells([cell]), (1, 1, 1))
        weight = weights["weight"]
        slope = float(weight.reshape(-1)[place_read(weight.shape, output.shape, cell)])
        steepness = 1.0 if terms.values[0] > 0 else slope
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[cell_index(output.shape, cell)]),
            combine="function",
            terms=terms,
            formula=Formula("prelu", {"function": "prelu", "negative_slope": slope, "slope": steepness}),
            function=lambda x: x if x > 0 else slope * x,
        )

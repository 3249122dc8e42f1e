"""What arithmetic between arrays has in common: operands whose shapes broadcast, one perhaps a weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np

from engine.errors import EngineError
from engine.explanation import OWN, Combine, Explanation, Flags, Floats, Formula, Terms
from engine.geometry.axis import OUTSIDE
from engine.geometry.receptive_field import Region
from engine.ops.broadcasting import broadcast_shape, cells_fed, place_read, region_read, summed_to
from engine.ops.operation import Operation, Weights, cell_index
from engine.ops.parameters import parameter
from engine.ops.places import cells_at
from engine.types import Array, Cell, Integers, Shape

Function: TypeAlias = Callable[..., Array]
"""From the operands to the output."""

Slopes: TypeAlias = Callable[[Sequence[Array], Array], Sequence[Array | float]]
"""From the operands and the output to the derivative by every operand, broadcast or to be broadcast."""


class ElementwiseCache(NamedTuple):
    """What the backward needs: the operands in order, the output, and which operand is a weight."""

    operands: Sequence[Array]
    output: Array
    own: int | None


@dataclass(frozen=True)
class Elementwise(Operation):
    """Operands are two or more inputs, or one input and ``operand``, a weight of the operation's own.

    Args:
        operand_shape: of the weight, any that broadcasts with the input by NumPy's rules.
    """

    arity: ClassVar[int | None] = None
    own_operand: ClassVar[str | None] = "operand"
    weight_names: ClassVar[tuple[str, ...]] = ("operand",)
    functions: ClassVar[tuple[Function, Slopes]]
    combine: ClassVar[Combine]

    operand_shape: Shape | None = parameter("integers", None, minimum=1)

    @property
    def own_first(self) -> bool:
        """Whether the operation's own operand comes before the input."""
        return False

    def output_shape(self, *shapes: Shape) -> Shape:
        if (len(shapes) == 1) is (self.operand_shape is None):
            wanted = "two" if self.arity else "two or more"
            allowed = f"{wanted} inputs, or one and an operand of known shape"
            raise EngineError("wrong-inputs", f"inputs of {self.name}", len(shapes), allowed)
        own = () if self.operand_shape is None else (self.operand_shape,)
        return broadcast_shape(f"{'operand' if own else 'input'} of {self.name}", *shapes, *own)

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        return {} if self.operand_shape is None else {"operand": self.operand_shape}

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        operands, own = self._operands(inputs, weights)
        # What is not finite is found and named by the run, and needs no warning.
        with np.errstate(divide="ignore", invalid="ignore"):
            y = self.functions[0](*operands)
        return y, ElementwiseCache(operands, y, own)

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        operands, output, own = cache
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = self.functions[1](operands, output)
        # An array each, so that adding to one operand's gradient leaves the others alone.
        grads = [summed_to(grad_output * slope, x.shape) for x, slope in zip(operands, slopes, strict=True)]
        by_weight = {} if own is None else {"operand": grads.pop(own)}
        return tuple(grads), by_weight

    def _operands(self, inputs: Sequence[Array], weights: Weights) -> tuple[list[Array], int | None]:
        """The operands in order, and which of them is the operation's own."""
        operands = list(inputs)
        if self.operand_shape is None:
            return operands, None
        own = 0 if self.own_first else len(operands)
        operands.insert(own, weights["operand"])
        return operands, own

    def formula_params(self, operands: int) -> Mapping[str, float | int | str]:
        """The numbers that go into the formula beside the terms."""
        return {}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        operands, own = self._operands(inputs, weights)
        which = list(range(len(inputs)))
        if own is not None:
            which.insert(own, OWN)
        places = [place_read(x.shape, output.shape, cell) for x in operands]
        read = [x.reshape(-1)[place] for x, place in zip(operands, places, strict=True)]
        values = np.array(read, dtype=np.float64)
        # The operation's own operand stands in no input.
        sources = [
            cells_at(x.shape, np.array([OUTSIDE if i == OWN else place]))
            for i, x, place in zip(which, operands, places, strict=True)
        ]
        terms = Terms(
            grid=(len(operands), 1, 1),
            positions=np.concatenate(sources),
            sources=np.concatenate(sources),
            values=values,
            inputs=np.array(which),
            selected=_winner(self.combine, values),
        )
        formula = Formula(self.name, self.formula_params(len(operands)))
        value = float(output[cell_index(output.shape, cell)])
        return Explanation(self.name, cell, value, self.combine, terms, formula)

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        return cells_fed(shapes[index], self.output_shape(*shapes), cell)

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        return region_read(shapes[index], self.output_shape(*shapes), region)


def _winner(combine: Combine, values: Floats) -> Flags | None:
    """(T,) which marks the value that is taken, the first one among equals, if only one is."""
    if combine not in ("max", "min"):
        return None
    best = values.argmax() if combine == "max" else values.argmin()
    winner: Flags = np.arange(len(values)) == best
    return winner

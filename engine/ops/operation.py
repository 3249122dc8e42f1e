"""What every operation can be asked: shapes, cost, forward, backward, explain, uses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np

from engine.errors import EngineError
from engine.explanation import Explanation, Flags
from engine.geometry.receptive_field import Region
from engine.ops.places import place_of
from engine.types import Array, Cell, Integers, Shape, map_shape

Weights = Mapping[str, Array]


@dataclass(frozen=True)
class Operation(ABC):
    """One configured operation. It holds settings only: no weights, no state, nothing of a run.

    Subclasses are frozen dataclasses whose fields are declared by ``parameter(...)``.
    Shapes include the batch: (N, C, H, W) for maps, (N, F) for vectors. Any other shape is shown as
    ``map_shape`` lays it out, and every cell is counted in that layout.
    """

    name: ClassVar[str]
    arity: ClassVar[int | None] = 1
    """Number of inputs; None means two or more."""
    weight_names: ClassVar[tuple[str, ...]] = ()
    optional_weights: ClassVar[tuple[str, ...]] = ()
    buffers: ClassVar[tuple[str, ...]] = ()
    """Weights that are kept and never learned (PyTorch's word): they are no parameters."""
    own_operand: ClassVar[str | None] = None
    """The weight that, where it is given, takes the place of all inputs but the first; its shape is the
    setting of the same name with ``_shape``."""
    weight_ndim: ClassVar[int] = 0
    """Axes of ``weight`` in full; with fewer, the same numbers serve every channel."""
    output_axis: ClassVar[int | None] = None
    """The axis of ``weight`` that counts output channels (or features), if there is one."""

    @classmethod
    def inputs_wanted(cls, given: Collection[str]) -> int | None:
        """Number of inputs where settings and weights of these names are given; None means two or more."""
        own = cls.own_operand
        return 1 if own and (own in given or f"{own}_shape" in given) else cls.arity

    @abstractmethod
    def output_shape(self, *shapes: Shape) -> Shape:
        """Shape of the output, before anything runs.

        Raises:
            EngineError: if the operation cannot take inputs of these shapes.
        """

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        """Shape of every weight for inputs of these shapes; optional ones included."""
        return {}

    def weight_masks(self, *shapes: Shape) -> dict[str, Flags]:
        """By weight, where its numbers count: elsewhere they are 0, and no parameters.

        Each can be multiplied with its weight. Weights that count throughout are left out.
        """
        return {}

    def multiply_adds(self, *shapes: Shape) -> int:
        """Multiplications (each with its addition) for one picture; 0 where there are none."""
        return 0

    @abstractmethod
    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        """The output, and what ``backward`` needs; arguments are never written to."""

    @abstractmethod
    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        """Gradients of the loss by every input and by every weight that was given."""

    def backward_weights(self, grad_output: Array, cache: Any) -> dict[str, Array]:
        """The gradients by the weights alone, where nobody asks for those by the inputs."""
        return self.backward(grad_output, cache)[1]

    @abstractmethod
    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        """How the number at ``cell`` of the first picture was made. The cell has been checked to exist."""

    def explain_each(
        self, inputs: Sequence[Array], weights: Weights, output: Array, cells: Sequence[Cell]
    ) -> list[Explanation]:
        """The same of several cells; an operation that can look them up together does."""
        return [self.explain(inputs, weights, output, cell) for cell in cells]

    @abstractmethod
    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        """(U, 3) output cells, in scan order, that cell ``cell`` of input ``index`` feeds."""

    @abstractmethod
    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        """The rectangle of input ``index`` that a rectangle of the output is computed from."""


def require_map(name: str, shape: Shape) -> tuple[int, int, int]:
    """(channels, rows, columns) of a batch of maps.

    Raises:
        EngineError: ``shape-mismatch`` if the shape is not (N, C, H, W).
    """
    if len(shape) != 4:
        raise EngineError("shape-mismatch", f"input of {name}", list(shape[1:]), "[channels, rows, columns]")
    return map_shape(shape)


def require_shape(argument: str, shape: Shape, expected: Shape) -> None:
    """Refuse an argument of another shape than expected.

    Raises:
        EngineError: ``shape-mismatch``.
    """
    if shape != expected:
        raise EngineError("shape-mismatch", argument, list(shape), f"the shape {list(expected)}")


def cell_index(shape: Shape, cell: Cell) -> tuple[int, ...]:
    """Index of a cell of the first picture: (0, c, r, q) in a map, (0, f) in a vector.

    >>> cell_index((2, 49, 96), (0, 5, 7))
    (0, 5, 7)
    """
    if len(shape) == 4:
        return (0, *cell)
    return tuple(int(i) for i in np.unravel_index(place_of(shape, cell), shape))


def every_cell(shape: Shape) -> Integers:
    """(C*H*W, 3) all cells of one picture, in scan order."""
    return np.argwhere(np.ones(map_shape(shape), dtype=bool))


def cells(rows: Sequence[Cell]) -> Integers:
    """(U, 3) array of cells, also when there are none."""
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def count(shape: Shape) -> int:
    """Numbers in one picture's worth of a batch shape."""
    return prod(map_shape(shape))

"""Where branches meet: their sum (skip connections) or their channels one after the other (Inception)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, ClassVar

import numpy as np

from engine.errors import EngineError
from engine.explanation import Explanation, Formula, Terms
from engine.geometry.receptive_field import Region
from engine.ops.operation import Operation, Weights, cell_index, cells
from engine.types import Array, Cell, Integers, Shape


def add(*inputs: Array) -> tuple[Array, int]:
    """The sum of two or more arrays, number by number; nothing is broadcast.

    Args:
        inputs: equal shapes, (N, C, H, W) or (N, F), float32 or float64.

    Returns:
        The same shape, a new array, and the cache for ``add_backward``: the number of inputs.

    Raises:
        EngineError: ``shape-mismatch``.

    Source: He et al., "Deep residual learning for image recognition" (2015), eq. 1.

    >>> add(np.array([[1.0, 2.0]]), np.array([[10.0, 20.0]]))[0]
    array([[11., 22.]])
    """
    _require_equal([x.shape for x in inputs])
    y = inputs[0].copy()
    for x in inputs[1:]:
        y += x
    return y, len(inputs)


def add_backward(grad_output: Array, cache: int) -> tuple[Array, ...]:
    """The gradient, undiminished, to every input: what keeps deep residual networks trainable."""
    # An array each, so that adding to one branch's gradient leaves the others alone.
    return tuple(grad_output.copy() for _ in range(cache))


def concat(*inputs: Array) -> tuple[Array, tuple[int, ...]]:
    """The channels of two or more arrays, one array after the other.

    Args:
        inputs: (N, C_i, H, W) or (N, F_i), equal but for axis 1, float32 or float64.

    Returns:
        (N, ΣC_i, H, W) or (N, ΣF_i), and the cache for ``concat_backward``: every input's channels.

    Raises:
        EngineError: ``shape-mismatch``.

    Source: Szegedy et al., "Going deeper with convolutions" (2014), figure 2.

    >>> concat(np.array([[1.0, 2.0]]), np.array([[3.0]]))[0]
    array([[1., 2., 3.]])
    """
    _require_alike([x.shape for x in inputs])
    return np.concatenate(inputs, axis=1), tuple(x.shape[1] for x in inputs)


def concat_backward(grad_output: Array, cache: tuple[int, ...]) -> tuple[Array, ...]:
    """To every input the gradient of its own channels."""
    return tuple(part.copy() for part in np.split(grad_output, _offsets(cache)[1:], axis=1))


def _offsets(channels: Sequence[int]) -> list[int]:
    """The first channel of every input in the output."""
    return [0, *accumulate(channels)][:-1]


def _require_equal(shapes: Sequence[Shape]) -> None:
    for shape in shapes:
        if shape != shapes[0]:
            raise EngineError("shape-mismatch", "input of add", list(shape[1:]), f"{list(shapes[0][1:])}")


def _require_alike(shapes: Sequence[Shape]) -> None:
    first = shapes[0]
    for shape in shapes:
        if (shape[0], *shape[2:]) != (first[0], *first[2:]):
            allowed = f"any channels of {list(first[2:])}" if len(first) == 4 else "[features]"
            raise EngineError("shape-mismatch", "input of concat", list(shape[1:]), allowed)


@dataclass(frozen=True)
class Merge(Operation):
    """What add and concat have in common: two or more inputs of the same size, which is the output's."""

    arity: ClassVar[int | None] = None

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        return region


@dataclass(frozen=True)
class Add(Merge):
    """add as a node of a model."""

    name: ClassVar[str] = "add"

    def output_shape(self, *shapes: Shape) -> Shape:
        _require_equal(shapes)
        return shapes[0]

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return add(*inputs)

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return add_backward(grad_output, cache), {}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        here = cell_index(output.shape, cell)
        places = cells([cell] * len(inputs))
        terms = Terms(
            grid=(len(inputs), 1, 1),
            positions=places,
            sources=places,
            values=np.array([x[here] for x in inputs], dtype=np.float64),
            inputs=np.arange(len(inputs)),
        )
        return Explanation(self.name, cell, float(output[here]), "add", terms, Formula("add"))

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        return cells([cell])


@dataclass(frozen=True)
class Concat(Merge):
    """concat as a node of a model."""

    name: ClassVar[str] = "concat"

    def output_shape(self, *shapes: Shape) -> Shape:
        _require_alike(shapes)
        return (shapes[0][0], sum(shape[1] for shape in shapes), *shapes[0][2:])

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return concat(*inputs)

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return concat_backward(grad_output, cache), {}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        offsets = _offsets([x.shape[1] for x in inputs])
        which = int(np.searchsorted(offsets, cell[0], side="right")) - 1
        source = (cell[0] - offsets[which], cell[1], cell[2])
        terms = Terms(
            grid=(1, 1, 1),
            positions=cells([source]),
            sources=cells([source]),
            values=np.array([inputs[which][cell_index(output.shape, source)]], dtype=np.float64),
            inputs=np.array([which]),
        )
        value = float(output[cell_index(output.shape, cell)])
        return Explanation(self.name, cell, value, "copy", terms, Formula("concat"))

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        first = _offsets([shape[1] for shape in shapes])[index]
        return cells([(first + cell[0], cell[1], cell[2])])

"""The matrix product: of two inputs, or of one input and a weight on either side of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, ClassVar, NamedTuple, TypeVar

import numpy as np

from engine.errors import EngineError
from engine.explanation import Explanation, Formula
from engine.geometry.receptive_field import Region, whole
from engine.ops.broadcasting import summed_to
from engine.ops.operation import Operation, Weights, cell_index, count
from engine.ops.parameters import parameter
from engine.ops.places import cells_at, crossing, terms_at
from engine.types import Array, Cell, Integers, Shape, map_shape

_Factor = TypeVar("_Factor")


class MatmulCache(NamedTuple):
    """What ``matmul_backward`` needs."""

    a: Array
    b: Array


def matmul(a: Array, b: Array) -> tuple[Array, MatmulCache]:
    """The product of matrices, row by column; axes before the last two are a batch, and broadcast.

    Args:
        a: (…, M, K), float32 or float64.
        b: (…, K, P).

    Returns:
        (…, M, P), and the cache for ``matmul_backward``.

    Raises:
        EngineError: ``shape-mismatch``.

    Source: NumPy, ``matmul``; ONNX, operator MatMul.

    >>> a = np.array([[1.0, 2.0]])
    >>> matmul(a, np.array([[3.0, 5.0], [4.0, 6.0]]))[0]
    array([[11., 17.]])
    """
    matmul_shape(a.shape, b.shape)
    return a @ b, MatmulCache(a, b)


def matmul_backward(grad_output: Array, cache: MatmulCache) -> tuple[Array, Array]:
    """Gradients by a and b.

    y[m,p] = Σ a[m,k] b[k,p], so da[m,k] = Σ dy[m,p] b[k,p] and db[k,p] = Σ a[m,k] dy[m,p]; what was
    broadcast along the batch is summed.

    Args:
        grad_output: (…, M, P).
        cache: what ``matmul`` returned.
    """
    a, b = cache
    by_a = summed_to(grad_output @ b.swapaxes(-1, -2), a.shape)
    return by_a, summed_to(a.swapaxes(-1, -2) @ grad_output, b.shape)


def matmul_shape(a: Shape, b: Shape) -> Shape:
    """The shape of the product.

    Raises:
        EngineError: ``shape-mismatch`` if one is no matrix, or they do not fit together.

    >>> matmul_shape((2, 4, 3, 5), (5, 6))
    (2, 4, 3, 6)
    """
    try:
        if min(len(a), len(b)) >= 2 and a[-1] == b[-2]:
            return (*np.broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])
    except ValueError:
        pass
    rows = a[-1] if len(a) >= 2 else "K"
    allowed = f"[…, {rows}, P] for a product with {list(a)}: columns of a are rows of b, batches broadcast"
    raise EngineError("shape-mismatch", "second factor of matmul", list(b), allowed)


@dataclass(frozen=True)
class Matmul(Operation):
    """matmul as a node of a model, of two inputs, or of one and ``weight``.

    Args:
        weight_shape: of the weight, where there is one.
        side: on which the weight stands: the input times it, or it times the input.
    """

    name: ClassVar[str] = "matmul"
    arity: ClassVar[int | None] = 2
    own_operand: ClassVar[str | None] = "weight"
    weight_names: ClassVar[tuple[str, ...]] = ("weight",)

    weight_shape: Shape | None = parameter("integers", None, minimum=1)
    side: str = parameter("choice", "right", choices=("right", "left"))

    def _factors(self, inputs: Sequence[_Factor], weight: Any) -> tuple[_Factor, _Factor]:
        """Of inputs and a weight, or of their shapes, the first factor and the second."""
        if self.weight_shape is None:
            return inputs[0], inputs[1]
        return (weight, inputs[0]) if self.side == "left" else (inputs[0], weight)

    def output_shape(self, *shapes: Shape) -> Shape:
        if (len(shapes) == 1) is (self.weight_shape is None):
            allowed = "two inputs, or one and a weight of known shape"
            raise EngineError("wrong-inputs", f"inputs of {self.name}", len(shapes), allowed)
        return matmul_shape(*self._factors(shapes, self.weight_shape))

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        return {} if self.weight_shape is None else {"weight": self.weight_shape}

    def multiply_adds(self, *shapes: Shape) -> int:
        first, _ = self._factors(shapes, self.weight_shape)
        return count(self.output_shape(*shapes)) * first[-1]

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return matmul(*self._factors(inputs, weights.get("weight")))

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        by_first, by_second = matmul_backward(grad_output, cache)
        if self.weight_shape is None:
            return (by_first, by_second), {}
        grads = {"left": (by_second, by_first), "right": (by_first, by_second)}[self.side]
        return (grads[0],), {"weight": grads[1]}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        first, second = self._factors(inputs, weights.get("weight"))
        *batch, row, column = cell_index(output.shape, cell)
        inner = np.arange(first.shape[-1])
        by_row = _places(first.shape, batch, np.array([row]), inner)
        by_column = _places(second.shape, batch, inner, np.array([column]))
        weight_first = self.weight_shape is not None and self.side == "left"
        read, against = (by_column, by_row) if weight_first else (by_row, by_column)
        x, weight = (second, first) if weight_first else (first, second)
        own = weight.reshape(-1)[against].astype(np.float64)
        terms = terms_at(x, read, (len(inner), 1, 1), weights=own)
        if self.weight_shape is None:
            # The second input's numbers stand where weights would.
            terms = replace(terms, weight_sources=cells_at(weight.shape, against))
        else:
            terms = replace(terms, weight_indices=np.stack(np.unravel_index(against, weight.shape), axis=1))
        value = float(output[cell_index(output.shape, cell)])
        return Explanation(self.name, cell, value, "sum", terms, Formula("matmul"))

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        output = self.output_shape(*shapes)
        shape, here = shapes[index], cell_index(shapes[index], cell)
        lists = [np.arange(size) for size in output]
        for axis in range(2, len(shape)):
            # Of the batch, what is broadcast goes everywhere.
            if shape[-axis - 1] == output[-axis - 1]:
                lists[-axis - 1] = np.array([here[-axis - 1]])
        is_first = self.side == "right" if self.weight_shape is not None else index == 0
        kept = -2 if is_first else -1
        lists[kept] = np.array([here[kept]])
        places, _ = crossing(output, lists)
        return cells_at(output, places[places < count(output)])

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        shape = shapes[index]
        _, rows, columns = map_shape(shape)
        if len(shape) < 3:
            return whole((1, 1))
        is_first = self.side == "right" if self.weight_shape is not None else index == 0
        if is_first:
            return Region((region.start[0], 0), (region.stop[0], columns))
        return Region((0, region.start[1]), (rows, region.stop[1]))


def _places(shape: Shape, batch: Sequence[int], rows: Integers, columns: Integers) -> Integers:
    """The places of a row or a column of the factor that makes a matrix of the batch."""
    sizes = shape[:-2]
    own = [0 if size == 1 else at for at, size in zip(batch[len(batch) - len(sizes) :], sizes, strict=True)]
    matrix = int(np.ravel_multi_index(own, sizes)) if prod(sizes) > 1 else 0
    return (matrix * shape[-2] + rows) * shape[-1] + columns

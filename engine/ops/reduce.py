"""Reductions: one number for all that stand along some axes, such as their sum."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, ClassVar

import numpy as np

from engine.explanation import Combine, Explanation, Formula
from engine.geometry.receptive_field import Region
from engine.ops.axes import axes_of, region_by_axes
from engine.ops.operation import Operation, Weights, cell_index, count
from engine.ops.parameters import parameter
from engine.ops.places import cells_at, crossing, terms_at
from engine.types import Array, Cell, Integers, Shape


@dataclass(frozen=True)
class Reduction(Operation):
    """What is left to say is how the numbers along the axes make one.

    Args:
        axes: those that are reduced; left out, all but the batch.
        keepdims: keep them with length 1.

    Source: ONNX, operators Reduce….
    """

    combine: ClassVar[Combine]

    axes: tuple[int, ...] = parameter("integers", ())
    keepdims: bool = parameter("boolean", True)

    @abstractmethod
    def reduced(self, rows: Array) -> Array:
        """Of (M, K) numbers the M results, in their dtype."""

    @abstractmethod
    def slopes(self, rows: Array, results: Array) -> Array:
        """(M, K): by how much each result, (M, 1), grows with each of its numbers."""

    def formula_params(self, terms: int) -> Mapping[str, float | int | str]:
        """The numbers that go into the formula beside the terms."""
        return {}

    def reduced_axes(self, shape: Shape) -> tuple[int, ...]:
        """The axes that are reduced, counted from 0, in order."""
        return tuple(sorted(axes_of("axes", self.axes or range(1, len(shape)), len(shape))))

    def _kept(self, shape: Shape) -> list[int]:
        reduced = self.reduced_axes(shape)
        return [axis for axis in range(len(shape)) if axis not in reduced]

    def output_shape(self, *shapes: Shape) -> Shape:
        kept = self._kept(shapes[0])
        if self.keepdims:
            return tuple(size if axis in kept else 1 for axis, size in enumerate(shapes[0]))
        return tuple(shapes[0][axis] for axis in kept)

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        x = inputs[0]
        y = self.reduced(self._rows(x))
        return y.reshape(self.output_shape(x.shape)), x

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        rows = self._rows(cache)
        results = self.reduced(rows)[:, None]
        grad = self.slopes(rows, results) * grad_output.reshape(-1, 1)
        order = [*self._kept(cache.shape), *self.reduced_axes(cache.shape)]
        taken = grad.reshape([cache.shape[axis] for axis in order])
        return (np.array(taken.transpose(np.argsort(order)), order="C"),), {}

    def _rows(self, x: Array) -> Array:
        """(M, K): the K numbers of each result in a row, in C order."""
        kept, reduced = self._kept(x.shape), self.reduced_axes(x.shape)
        size = prod(x.shape[axis] for axis in reduced)
        return x.transpose([*kept, *reduced]).reshape(-1, size)

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        shape, here = inputs[0].shape, cell_index(output.shape, cell)
        kept = self._kept(shape)
        at = {axis: here[axis if self.keepdims else i] for i, axis in enumerate(kept)}
        read = [np.array([at[axis]]) if axis in at else np.arange(size) for axis, size in enumerate(shape)]
        places, grid = crossing(shape, read)
        terms = terms_at(inputs[0], places, grid)
        if self.combine in ("max", "min"):
            best = terms.values.argmax() if self.combine == "max" else terms.values.argmin()
            terms = replace(terms, selected=np.arange(len(places)) == best)
        formula = Formula(self.name, self.formula_params(len(places)))
        return Explanation(self.name, cell, float(output[here]), self.combine, terms, formula)

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        shape, output = shapes[0], self.output_shape(shapes[0])
        here, kept = cell_index(shape, cell), self._kept(shape)
        if self.keepdims:
            there = [at if axis in kept else 0 for axis, at in enumerate(here)]
        else:
            there = [here[axis] for axis in kept]
        places, _ = crossing(output, [np.array([at]) for at in there])
        return cells_at(output, places[places < count(output)])

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        kept = self._kept(shapes[0])
        lands = {axis: axis if self.keepdims else i for i, axis in enumerate(kept)}
        return region_by_axes(shapes[0], len(self.output_shape(shapes[0])), lands.get, region)


@dataclass(frozen=True)
class ReduceSum(Reduction):
    """Their sum.

    >>> ReduceSum(axes=(1,)).forward([np.array([[1.0, 2.0, 3.0]])], {})[0]
    array([[6.]])
    """

    name: ClassVar[str] = "reduce_sum"
    combine: ClassVar[Combine] = "add"

    def reduced(self, rows: Array) -> Array:
        results: Array = rows.sum(axis=1)
        return results

    def slopes(self, rows: Array, results: Array) -> Array:
        return np.ones_like(rows)


@dataclass(frozen=True)
class ReduceMean(Reduction):
    """Their mean.

    >>> ReduceMean(axes=(1,)).forward([np.array([[1.0, 2.0, 3.0]])], {})[0]
    array([[2.]])
    """

    name: ClassVar[str] = "reduce_mean"
    combine: ClassVar[Combine] = "mean"

    def formula_params(self, terms: int) -> Mapping[str, float | int | str]:
        return {"divisor": terms}

    def reduced(self, rows: Array) -> Array:
        results: Array = rows.mean(axis=1)
        return results

    def slopes(self, rows: Array, results: Array) -> Array:
        return np.full_like(rows, 1 / rows.shape[1])


@dataclass(frozen=True)
class ReduceMax(Reduction):
    """The largest of them; its gradient goes to the first in scan order among equals.

    >>> ReduceMax(axes=(1,)).forward([np.array([[1.0, 3.0, 2.0]])], {})[0]
    array([[3.]])
    """

    name: ClassVar[str] = "reduce_max"
    combine: ClassVar[Combine] = "max"

    def reduced(self, rows: Array) -> Array:
        results: Array = rows.max(axis=1)
        return results

    def slopes(self, rows: Array, results: Array) -> Array:
        return _marked(rows.argmax(axis=1), rows)


@dataclass(frozen=True)
class ReduceMin(Reduction):
    """The smallest of them; its gradient goes to the first in scan order among equals.

    >>> ReduceMin(axes=(1,)).forward([np.array([[2.0, 1.0, 3.0]])], {})[0]
    array([[1.]])
    """

    name: ClassVar[str] = "reduce_min"
    combine: ClassVar[Combine] = "min"

    def reduced(self, rows: Array) -> Array:
        results: Array = rows.min(axis=1)
        return results

    def slopes(self, rows: Array, results: Array) -> Array:
        return _marked(rows.argmin(axis=1), rows)


@dataclass(frozen=True)
class ReduceProd(Reduction):
    """Their product.

    >>> ReduceProd(axes=(1,)).forward([np.array([[2.0, 3.0, 4.0]])], {})[0]
    array([[24.]])
    """

    name: ClassVar[str] = "reduce_prod"
    combine: ClassVar[Combine] = "product"

    def reduced(self, rows: Array) -> Array:
        results: Array = rows.prod(axis=1)
        return results

    def slopes(self, rows: Array, results: Array) -> Array:
        # The product of the others: of those before times those after, since one may be 0.
        ones = np.ones_like(rows[:, :1])
        before = np.concatenate([ones, rows[:, :-1]], axis=1).cumprod(axis=1)
        after = np.concatenate([ones, rows[:, :0:-1]], axis=1).cumprod(axis=1)[:, ::-1]
        slopes: Array = before * after
        return slopes


@dataclass(frozen=True)
class ReduceL1(Reduction):
    """The sum of their sizes.

    >>> ReduceL1(axes=(1,)).forward([np.array([[3.0, -4.0]])], {})[0]
    array([[7.]])
    """

    name: ClassVar[str] = "reduce_l1"
    combine: ClassVar[Combine] = "lp"

    def formula_params(self, terms: int) -> Mapping[str, float | int | str]:
        return {"norm_type": 1}

    def reduced(self, rows: Array) -> Array:
        results: Array = np.abs(rows).sum(axis=1)
        return results

    def slopes(self, rows: Array, results: Array) -> Array:
        slopes: Array = np.sign(rows)
        return slopes


@dataclass(frozen=True)
class ReduceL2(Reduction):
    """Their Euclidean length; where it is 0, its gradient is taken as 0.

    >>> ReduceL2(axes=(1,)).forward([np.array([[3.0, -4.0]])], {})[0]
    array([[5.]])
    """

    name: ClassVar[str] = "reduce_l2"
    combine: ClassVar[Combine] = "lp"

    def formula_params(self, terms: int) -> Mapping[str, float | int | str]:
        return {"norm_type": 2}

    def reduced(self, rows: Array) -> Array:
        results: Array = np.sqrt(np.square(rows).sum(axis=1))
        return results

    def slopes(self, rows: Array, results: Array) -> Array:
        return np.divide(rows, results, out=np.zeros_like(rows), where=results > 0)


def _marked(winners: Integers, rows: Array) -> Array:
    """(M, K): 1 at the winner of each row, else 0."""
    marked = np.zeros_like(rows)
    np.put_along_axis(marked, winners[:, None], 1, axis=1)
    return marked

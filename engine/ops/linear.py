"""The fully connected layer: every output is all features times weights of its own, summed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.errors import EngineError
from engine.explanation import Explanation, Formula
from engine.geometry.receptive_field import Region, whole
from engine.ops.operation import Operation, Weights, count
from engine.ops.parameters import parameter
from engine.ops.places import cells_at, place_of, terms_at
from engine.threads import TEAM, cut
from engine.types import Array, Cell, Integers, Shape


class LinearCache(NamedTuple):
    """What ``linear_backward`` needs."""

    x: Array
    weight: Array
    has_bias: bool


class LinearGrads(NamedTuple):
    """Gradients by x (…, F), weight (OF, F) and bias (OF,) or None."""

    x: Array
    weight: Array
    bias: Array | None


def linear(x: Array, weight: Array, bias: Array | None = None) -> tuple[Array, LinearCache]:
    """Multiply x by the transposed weight and add the bias.

    Args:
        x: (N, …, F), float32 or float64: vectors of F features, one for each picture or more.
        weight: (OF, F), one row per output.
        bias: (OF,) or None.

    Returns:
        (N, …, OF) in the dtype of x, and the cache for ``linear_backward``.

    Raises:
        EngineError: ``shape-mismatch`` if weight has another number of columns than x has features.

    Source: Goodfellow et al., Deep Learning (2016), section 6.1. Book: Affine, whose W is (F, OF).

    >>> x = np.array([[1, 2]], dtype=np.float32)
    >>> linear(x, np.array([[3, 4], [5, 6], [0, 1]], dtype=np.float32))[0]
    array([[11., 17.,  2.]], dtype=float32)
    """
    features = _features(x.shape)
    if weight.shape[1:] != (features,):
        raise EngineError("shape-mismatch", "weight", list(weight.shape), f"[out_features, {features}]")
    # nf,of->no: as one product, however many axes count the vectors
    y = _product(x.reshape(-1, features), weight.T).reshape(*x.shape[:-1], len(weight))
    if bias is not None:
        y += bias
    return y, LinearCache(x, weight, bias is not None)


SHARED_PRODUCTS = 1 << 23
"""Of a matrix product: fewer are done by one thread before another one has been woken."""


def _product(a: Array, b: Array) -> Array:
    """The matrix product (N, K) @ (K, M), a large one by columns on all threads."""
    product = np.empty((len(a), b.shape[1]), np.result_type(a, b))
    parts = 1 if a.size * b.shape[1] < SHARED_PRODUCTS else TEAM.size

    def some(part: slice) -> None:
        np.matmul(a, b[:, part], out=product[:, part])

    TEAM.each(some, cut(b.shape[1], parts))
    return product


def linear_backward(grad_output: Array, cache: LinearCache) -> LinearGrads:
    """Gradients of a linear layer.

    y[o] = Σ w[o,f] x[f] + b[o], so dx[f] = Σ dy[o] w[o,f], dw[o,f] = dy[o] x[f], summed over the batch,
    and db[o] = dy[o], likewise.

    Args:
        grad_output: (N, …, OF).
        cache: what ``linear`` returned.
    """
    x, weight, has_bias = cache
    rows = grad_output.reshape(-1, len(weight))
    # no,of->nf   and   no,nf->of
    grad_x = _product(rows, weight).reshape(x.shape)
    grad_weight = _product(rows.T, x.reshape(-1, weight.shape[1]))
    return LinearGrads(grad_x, grad_weight, rows.sum(axis=0) if has_bias else None)


@dataclass(frozen=True)
class Linear(Operation):
    """linear as a node of a model."""

    name: ClassVar[str] = "linear"
    weight_names: ClassVar[tuple[str, ...]] = ("weight", "bias")
    optional_weights: ClassVar[tuple[str, ...]] = ("bias",)
    weight_ndim: ClassVar[int] = 2
    output_axis: ClassVar[int | None] = 0

    out_features: int = parameter("integer", 1, minimum=1)

    def output_shape(self, *shapes: Shape) -> Shape:
        _features(shapes[0])
        return (*shapes[0][:-1], self.out_features)

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        return {"weight": (self.out_features, shapes[0][-1]), "bias": (self.out_features,)}

    def multiply_adds(self, *shapes: Shape) -> int:
        return self.out_features * count(shapes[0])

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return linear(inputs[0], weights["weight"], weights.get("bias"))

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        grads = linear_backward(grad_output, cache)
        by_weight = {"weight": grads.weight}
        return (grads.x,), by_weight if grads.bias is None else {**by_weight, "bias": grads.bias}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        features = inputs[0].shape[-1]
        vector, o = divmod(place_of(output.shape, cell), self.out_features)
        places = vector * features + np.arange(features)
        own = weights["weight"][o].astype(np.float64)
        read = terms_at(inputs[0], places, (features, 1, 1), weights=own)
        bias = weights.get("bias")
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output.reshape(-1, self.out_features)[vector, o]),
            combine="sum",
            terms=replace(read, weight_indices=np.stack([np.full(features, o), np.arange(features)], axis=1)),
            formula=Formula("linear"),
            bias=None if bias is None else float(bias[o]),
        )

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        vector = place_of(shapes[0], cell) // shapes[0][-1]
        places = vector * self.out_features + np.arange(self.out_features)
        return cells_at(self.output_shape(shapes[0]), places)

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        if len(shapes[0]) < 3:
            return whole((1, 1))
        return Region((region.start[0], 0), (region.stop[0], shapes[0][-1]))


def _features(shape: Shape) -> int:
    if len(shape) < 2:
        raise EngineError("shape-mismatch", "input of linear", list(shape), "a batch of vectors, (N, …, F)")
    return shape[-1]


def require_vector(name: str, shape: Shape) -> int:
    """Features of a batch of vectors; a map must be flattened first, even one of a single cell.

    Raises:
        EngineError: ``shape-mismatch`` if the shape is not (N, F).

    >>> require_vector("cross_entropy", (1, 10))
    10
    """
    if len(shape) != 2:
        raise EngineError(
            "shape-mismatch", f"input of {name}", list(shape[1:]), "[features]; put a flatten before it"
        )
    return shape[1]

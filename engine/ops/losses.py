"""Losses: one number that says how far an answer is from the right one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from engine.errors import EngineError
from engine.explanation import Explanation, Formula
from engine.geometry.receptive_field import Region, whole
from engine.ops.linear import require_vector
from engine.ops.operation import Operation, Weights, cells, count, every_cell
from engine.ops.parameters import parameter
from engine.ops.pointwise import channels_at, read_terms
from engine.ops.softmax import softmax
from engine.types import Array, Cell, Integers, Shape, as_map, map_shape

Reduction: TypeAlias = Literal["mean", "sum", "none"]
REDUCTIONS: tuple[Reduction, ...] = get_args(Reduction)


class CrossEntropyCache(NamedTuple):
    """What ``cross_entropy_backward`` needs; ``probabilities`` are softmax's, (N, K)."""

    probabilities: Array
    target: Integers
    reduction: Reduction


def cross_entropy(
    logits: Array, target: Integers, reduction: Reduction = "mean"
) -> tuple[Array, CrossEntropyCache]:
    """-log of the share that softmax gives to the right class, straight from the scores.

    Args:
        logits: (N, K) scores before softmax, float32 or float64.
        target: (N,) integers, the right class of every picture, from 0 to K - 1.
        reduction: ``mean`` or ``sum`` over the batch, or ``none``.

    Returns:
        () or, for ``none``, (N,), in the dtype of the logits; and the cache for
        ``cross_entropy_backward``.

    Raises:
        EngineError: ``shape-mismatch`` or ``invalid-argument``.

    Source: Goodfellow et al., Deep Learning (2016), eq. 6.30. Book: cross_entropy_error after softmax.

    >>> loss, _ = cross_entropy(np.array([[0.0, 0.0], [1000.0, 0.0]]), np.array([1, 0]), "none")
    >>> loss.round(4)
    array([0.6931, 0.    ])
    """
    classes = require_vector("cross_entropy", logits.shape)
    _require_classes(target, logits.shape[0], classes)
    shifted = logits - logits.max(axis=1, keepdims=True)
    # log of softmax without softmax: a share that rounds to 0 would have no logarithm.
    log_sum = np.log(np.exp(shifted).sum(axis=1))
    losses = log_sum - shifted[np.arange(len(target)), target]
    return _reduce(losses, reduction), CrossEntropyCache(softmax(logits)[0], target, reduction)


def cross_entropy_backward(grad_output: Array | float, cache: CrossEntropyCache) -> Array:
    """Gradient by the logits, (N, K).

    With p = softmax(x) and loss = log Σ exp(x[j]) - x[t]: dx[j] = p[j] - 1{j=t}, what the answer has
    too much; divided by N for ``mean``.

    Args:
        grad_output: () or, for ``none``, (N,).
        cache: what ``cross_entropy`` returned.
    """
    probabilities, target, reduction = cache
    grad = probabilities.copy()
    grad[np.arange(len(target)), target] -= 1
    grad *= np.asarray(grad_output, dtype=grad.dtype).reshape(-1, 1)
    return grad / len(target) if reduction == "mean" else grad


class SquaredErrorCache(NamedTuple):
    """``difference`` is prediction - target."""

    difference: Array
    reduction: Reduction


class SquaredErrorGrads(NamedTuple):
    """Gradients by prediction and by target, of their shape."""

    prediction: Array
    target: Array


def squared_error(
    prediction: Array, target: Array, reduction: Reduction = "mean"
) -> tuple[Array, SquaredErrorCache]:
    """(prediction - target)², averaged or summed over all numbers.

    Args:
        prediction: any shape, float32 or float64.
        target: the same shape and dtype.
        reduction: ``mean`` over all numbers of the batch, ``sum``, or ``none``.

    Returns:
        () or, for ``none``, the shape of the prediction; and the cache for ``squared_error_backward``.

    Raises:
        EngineError: ``shape-mismatch`` or ``invalid-argument``.

    Source: Goodfellow et al., Deep Learning (2016), eq. 5.4, PyTorch's mse_loss.
    Book: E = ½Σ(y - t)², which is half of ``sum``.

    >>> squared_error(np.array([[1.0, 5.0]]), np.array([[0.0, 2.0]]))[0]
    array(5.)
    """
    _require_equal(prediction.shape, target.shape)
    difference = prediction - target
    return _reduce(np.square(difference), reduction), SquaredErrorCache(difference, reduction)


def squared_error_backward(grad_output: Array | float, cache: SquaredErrorCache) -> SquaredErrorGrads:
    """d(y - t)²/dy = 2 (y - t), divided by the count for ``mean``; the target's is its negative.

    Args:
        grad_output: () or, for ``none``, the shape of the prediction.
        cache: what ``squared_error`` returned.
    """
    difference, reduction = cache
    grad = difference * (2 / difference.size if reduction == "mean" else 2.0)
    grad *= np.asarray(grad_output, dtype=grad.dtype)
    return SquaredErrorGrads(grad, -grad)


def _reduce(losses: Array, reduction: Reduction) -> Array:
    match reduction:
        case "none":
            return losses
        case "sum":
            return np.asarray(losses.sum())
        case "mean":
            return np.asarray(losses.mean())
    raise EngineError("invalid-argument", "reduction", reduction, "one of " + ", ".join(REDUCTIONS))


def _require_classes(target: Integers, pictures: int, classes: int) -> None:
    if target.shape != (pictures,):
        raise EngineError("shape-mismatch", "target", list(target.shape), f"[{pictures}]: one class each")
    # A negative index would silently count from the end.
    if target.dtype.kind not in "iu" or np.any((target < 0) | (target >= classes)):
        raise EngineError("invalid-argument", "target", target.tolist(), f"integers from 0 to {classes - 1}")


def _require_equal(prediction: Shape, target: Shape) -> None:
    if prediction != target:
        raise EngineError("shape-mismatch", "target", list(target), f"the prediction's {list(prediction)}")


@dataclass(frozen=True)
class CrossEntropy(Operation):
    """cross_entropy as a node of a model: (N, K) scores to (N, 1) losses, one per picture."""

    name: ClassVar[str] = "cross_entropy"

    target: int = parameter("integer", 0, minimum=0)

    def output_shape(self, *shapes: Shape) -> Shape:
        classes = require_vector(self.name, shapes[0])
        if self.target >= classes:
            raise EngineError("invalid-argument", "target", self.target, f"from 0 to {classes - 1}")
        return (shapes[0][0], 1)

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        target = np.full(inputs[0].shape[0], self.target)
        losses, cache = cross_entropy(inputs[0], target, "none")
        return losses[:, None], cache

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (cross_entropy_backward(grad_output[:, 0], cache),), {}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        classes = inputs[0].shape[1]
        right = np.arange(classes) == self.target
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[0, 0]),
            combine="cross_entropy",
            terms=read_terms(inputs[0], channels_at(classes, 0, 0), (classes, 1, 1), right),
            formula=Formula("cross_entropy", {"target": self.target}),
        )

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        return cells([(0, 0, 0)])

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        return whole((1, 1))


@dataclass(frozen=True)
class SquaredError(Operation):
    """squared_error as a node of a model: prediction and target to (N, 1), each picture's mean."""

    name: ClassVar[str] = "squared_error"
    arity: ClassVar[int | None] = 2

    def output_shape(self, *shapes: Shape) -> Shape:
        _require_equal(shapes[0], shapes[1])
        return (shapes[0][0], 1)

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        squares, cache = squared_error(inputs[0], inputs[1], "none")
        return squares.reshape(squares.shape[0], -1).mean(axis=1, keepdims=True), cache

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        shape = cache.difference.shape
        each = (grad_output / count(shape)).reshape(-1, *(1 for _ in shape[1:]))
        return tuple(squared_error_backward(each, cache)), {}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        prediction, target = inputs
        everywhere = every_cell(prediction.shape)
        terms = read_terms(prediction, everywhere, map_shape(prediction.shape))
        # The target stands where a weight would: the number that each value is held against.
        against = as_map(target)[0].reshape(-1).astype(np.float64)
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[0, 0]),
            combine="squared_error",
            terms=replace(terms, weights=against, weight_sources=everywhere),
            formula=Formula("squared_error", {"divisor": count(prediction.shape)}),
        )

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        return cells([(0, 0, 0)])

    def input_region(self, shapes: Sequence[Shape], index: int, region: Region) -> Region:
        _, rows, columns = map_shape(shapes[index])
        return whole((rows, columns))

"""How one number was made: the terms, how they combine, and combining them.

Every operation answers with the same record, so a page needs one routine for highlighting and one
for arithmetic, whatever the layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from engine.types import Cell, Integers, Pair

Combine: TypeAlias = Literal[
    "sum",
    "max",
    "min",
    "mean",
    "product",
    "lp",
    "function",
    "softmax",
    "normalise",
    "copy",
    "add",
    "subtract",
    "divide",
    "power",
    "log_softmax",
    "cross_entropy",
    "squared_error",
]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
_Part = TypeVar("_Part")

OWN = -1
"""Stands for the input of a term that is a number of the operation's own: it was read from none."""


@dataclass(frozen=True)
class Terms:
    """The numbers that one output was made of, as T parallel entries in C order of ``grid``.

    Args:
        grid: (channels, rows, columns) in which the terms are best drawn; its product is T.
        positions: (T, 3) integers, (channel, row, column) in the input's own coordinates;
            a padding position lies outside it.
        sources: (T, 3) integers, the input cell whose value stands there; -1 thrice where there is none.
        values: (T,) the value read; NaN where nothing is counted (beyond the padding of a pool).
        inputs: (T,) which of the operation's inputs, or OWN; None means the first, throughout.
        weights: (T,) the weight that meets each value, if there are weights.
        weight_indices: (T, k) integers, where each weight stands in the stored array.
        weight_sources: (T, 3) integers, the cell of the second input that each weight is, if weights are
            no stored array but that input's numbers.
        selected: (T,) marks the term that won (arg-max) or is asked for (softmax).
    """

    grid: tuple[int, int, int]
    positions: Integers
    sources: Integers
    values: Floats
    inputs: Integers | None = None
    weights: Floats | None = None
    weight_indices: Integers | None = None
    weight_sources: Integers | None = None
    selected: Flags | None = None

    @property
    def padding(self) -> Flags:
        """(T,) where the position is not a cell of the input."""
        outside: Flags = np.any(self.positions != self.sources, axis=1) | (self.sources[:, 0] < 0)
        return outside if self.inputs is None else outside & (self.inputs != OWN)

    def positions_in(self, index: int) -> Integers:
        """(U, 3) positions of what was read of one of the inputs."""
        if self.weight_sources is not None:
            return self.weight_sources if index else self.positions
        return self.positions if self.inputs is None else self.positions[self.inputs == index]

    @property
    def products(self) -> Floats | None:
        """(T,) value times weight: exact, since two float32 fit a float64's digits."""
        return None if self.weights is None else self.values * self.weights


@dataclass(frozen=True)
class Formula:
    """The name of a formula that a page can show, and the numbers that go into it."""

    id: str
    params: Mapping[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Window:
    """Where the window starts on the input (may be negative: padding), its taps and their spacing."""

    start: Pair
    size: Pair
    dilation: Pair = (1, 1)


@dataclass(frozen=True)
class Explanation:
    """How ``value``, the number at ``cell`` of an operation's output, was made.

    ``total`` is ``terms`` combined anew in float64: it equals ``value`` up to the rounding of the run.
    """

    op: str
    cell: Cell
    value: float
    combine: Combine
    terms: Terms
    formula: Formula
    bias: float | None = None
    window: Window | None = None
    function: Callable[[float], float] | None = None
    """What ``combine="function"`` applies to its one term."""

    @property
    def total(self) -> float:
        return combine(self)


def combine(explanation: Explanation) -> float:
    """Combine the terms of an explanation in float64.

    Raises:
        KeyError: if the formula lacks a number that its kind needs.
        ValueError: if weights, a selected term or a function are lacking that the kind needs.
    """
    return _COMBINERS[explanation.combine](explanation)


def _sum(e: Explanation) -> float:
    products = _needed(e, "weights", e.terms.products)
    return math.fsum(products.tolist()) + (e.bias or 0.0)


def _selected(e: Explanation) -> float:
    return float(e.terms.values[_needed(e, "a selected one", e.terms.selected)][0])


def _product(e: Explanation) -> float:
    return float(math.prod(_counted(e).tolist()))


def _mean(e: Explanation) -> float:
    return math.fsum(_counted(e)) / float(e.formula.params["divisor"])


def _lp(e: Explanation) -> float:
    p = float(e.formula.params["norm_type"])
    sizes = np.abs(_counted(e))
    # Taking the largest out leaves powers of at most 1, which cannot overflow.
    largest = float(sizes.max(initial=0.0))
    return largest * float(math.fsum((sizes / largest) ** p) ** (1 / p)) if largest else 0.0


def _function(e: Explanation) -> float:
    return _needed(e, "a function", e.function)(float(e.terms.values[0]))


def _softmax(e: Explanation) -> float:
    # Subtracting the largest changes no quotient and keeps exp in range.
    largest = float(e.terms.values.max())
    return math.exp(_selected(e) - largest) / math.fsum(np.exp(e.terms.values - largest))


def _log_softmax(e: Explanation) -> float:
    return -_cross_entropy(e)


def _cross_entropy(e: Explanation) -> float:
    largest = float(e.terms.values.max())
    return math.log(math.fsum(np.exp(e.terms.values - largest))) - (_selected(e) - largest)


def _squared_error(e: Explanation) -> float:
    targets = _needed(e, "weights", e.terms.weights)
    return math.fsum((e.terms.values - targets) ** 2) / float(e.formula.params["divisor"])


def _normalise(e: Explanation) -> float:
    p = {name: float(value) for name, value in e.formula.params.items() if not isinstance(value, str)}
    if e.formula.id == "local_response_norm":
        mean_square = math.fsum(_counted(e) ** 2) / p["size"]
        return _selected(e) / float((p["k"] + p["alpha"] * mean_square) ** p["beta"])
    x = float(e.terms.values[0])
    return (x - p["mean"]) / math.sqrt(p["variance"] + p["eps"]) * p["gamma"] + p["beta"]


def _add(e: Explanation) -> float:
    return math.fsum(_counted(e))


def _subtract(e: Explanation) -> float:
    first, second = e.terms.values.tolist()
    return float(first - second)


def _divide(e: Explanation) -> float:
    first, second = e.terms.values.tolist()
    return float(first / second)


def _power(e: Explanation) -> float:
    base, exponent = e.terms.values.tolist()
    return float(base**exponent)


def _counted(e: Explanation) -> Floats:
    return e.terms.values[~np.isnan(e.terms.values)]


def _needed(e: Explanation, part: str, values: _Part | None) -> _Part:
    if values is None:
        raise ValueError(f"combine {e.combine!r} of {e.op} needs {part}; there is none")
    return values


_COMBINERS: dict[Combine, Callable[[Explanation], float]] = {
    "sum": _sum,
    "max": _selected,
    "min": _selected,
    "product": _product,
    "copy": _add,
    "mean": _mean,
    "lp": _lp,
    "function": _function,
    "softmax": _softmax,
    "normalise": _normalise,
    "add": _add,
    "subtract": _subtract,
    "divide": _divide,
    "power": _power,
    "log_softmax": _log_softmax,
    "cross_entropy": _cross_entropy,
    "squared_error": _squared_error,
}

"""Local response normalisation: a strong channel dims its neighbours at the same place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.explanation import Explanation, Formula, Terms
from engine.geometry.axis import OUTSIDE
from engine.ops.operation import Weights, require_map
from engine.ops.parameters import parameter
from engine.ops.pointwise import Pointwise, channels_at
from engine.threads import TEAM
from engine.types import Array, Cell, Integers, Pair, Shape

LARGEST_SIZE = 4096
"""More neighbours than any network has channels; an explanation lists them all."""


PART_NUMBERS = 1 << 18
"""Numbers that are worked on at once."""


class LocalResponseNormCache(NamedTuple):
    """``base`` is what is raised to beta, (N, C, H, W)."""

    x: Array
    base: Array
    around: Pair
    alpha: float
    beta: float


def local_response_norm(
    x: Array, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0, longer_side: str = "before"
) -> tuple[Array, LocalResponseNormCache]:
    """Divide x by (k + alpha / size * Σ x²)^beta, the sum over ``size`` neighbouring channels at one place.

    Channel c is in the company of as many channels before it as after it; those beyond the map count 0 and
    still count in ``size``.

    Args:
        x: (N, C, H, W), float32 or float64.
        size: channels in the sum, at least 1.
        alpha, beta, k: as in the formula.
        longer_side: where one neighbour more stands if size is even: "before" in PyTorch, "after" in ONNX.

    Returns:
        The shape and dtype of x, and the cache for ``local_response_norm_backward``.

    Raises:
        EngineError: ``shape-mismatch`` if x is not a map.

    Source: Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural
    networks" (2012), section 3.3. Its alpha is not divided by ``size``: for its 1e-4 with size 5, give
    5e-4 here.

    >>> x = np.array([1, 2, 3], dtype=np.float32).reshape(1, 3, 1, 1)
    >>> local_response_norm(x, size=2, alpha=2.0, beta=1.0, k=0.0)[0].ravel()
    array([1.        , 0.4       , 0.23076923], dtype=float32)
    """
    require_map("local_response_norm", x.shape)
    around = neighbours(size, longer_side)
    y, base = np.empty_like(x), np.empty_like(x)

    def some(x: Array, y: Array, base: Array) -> None:
        _sum_neighbours(np.square(x), *around, base)
        base *= float(alpha) / size
        base += float(k)
        np.divide(x, _power(base, float(beta)), out=y)

    _by_place(some, x, y, base)
    return y, LocalResponseNormCache(x, base, around, float(alpha), float(beta))


def local_response_norm_backward(grad_output: Array, cache: LocalResponseNormCache) -> Array:
    """Gradient by x.

    y[i] = x[i] b[i]^-beta with b[i] = k + alpha/size Σ x[j]², so x[j] acts directly and through every
    b[i] that counts it: dx[j] = dy[j] b[j]^-beta - 2 alpha beta / size x[j] Σ dy[i] x[i] b[i]^(-beta-1),
    i running over the channels that have j for a neighbour: before and after change places.

    Args:
        grad_output: (N, C, H, W).
        cache: what ``local_response_norm`` returned.
    """
    x, base, (before, after), alpha, beta = cache
    grad = np.empty_like(x)

    def some(x: Array, base: Array, grad_output: Array, grad: Array) -> None:
        direct = grad_output / _power(base, beta)
        through = direct * x
        through /= base
        _sum_neighbours(through, after, before, grad)
        grad *= -2 * alpha * beta / (before + 1 + after)
        grad *= x
        grad += direct

    _by_place(some, x, base, grad_output, grad)
    return grad


def _by_place(compute: Callable[..., None], *maps: Array) -> None:
    """Call ``compute`` with a part of every map, all channels of some places, until all are done."""
    n, channels, rows, columns = maps[0].shape
    height = max(1, min(rows, PART_NUMBERS // (channels * columns)))
    pictures = max(1, PART_NUMBERS // (channels * columns * rows))
    parts = [
        (slice(first, first + pictures), slice(None), slice(top, top + height))
        for first in range(0, n, pictures)
        for top in range(0, rows, height)
    ]
    TEAM.each(lambda part: compute(*(x[part] for x in maps)), parts)


def _power(base: Array, exponent: float) -> Array:
    """``base ** exponent``; for 3/4, the exponent of the paper, by roots, which are quicker."""
    if exponent != 0.75:
        return base**exponent
    root = np.sqrt(base)
    power = np.sqrt(root)
    power *= root
    return power


def neighbours(size: int, longer_side: str) -> Pair:
    """How many channels before the own one and after it are summed with it, ``size`` in all.

    >>> neighbours(5, "before"), neighbours(4, "before"), neighbours(4, "after")
    ((2, 2), (2, 1), (1, 2))
    """
    more, fewer = size // 2, (size - 1) // 2
    return (fewer, more) if longer_side == "after" else (more, fewer)


def _sum_neighbours(x: Array, before: int, after: int, total: Array) -> None:
    """Write for every channel the sum of the channels from ``before`` below it to ``after`` above it."""
    channels = x.shape[1]
    total[...] = x
    for offset in range(-min(before, channels - 1), min(after, channels - 1) + 1):
        first, last = max(0, -offset), min(channels, channels - offset)
        if offset:
            total[:, first:last] += x[:, first + offset : last + offset]


@dataclass(frozen=True)
class LocalResponseNorm(Pointwise):
    """local_response_norm as a node of a model."""

    name: ClassVar[str] = "local_response_norm"

    size: int = parameter("integer", 5, minimum=1, maximum=LARGEST_SIZE)
    alpha: float = parameter("number", 1e-4, minimum=0)
    beta: float = parameter("number", 0.75)
    k: float = parameter("number", 1.0, minimum=0)
    longer_side: str = parameter("choice", "before", choices=("before", "after"))

    def output_shape(self, *shapes: Shape) -> Shape:
        require_map(self.name, shapes[0])
        return shapes[0]

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return local_response_norm(inputs[0], self.size, self.alpha, self.beta, self.k, self.longer_side)

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        return (local_response_norm_backward(grad_output, cache),), {}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        params = {"size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k}
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[0, *cell]),
            combine="normalise",
            terms=self._terms(inputs[0], cell),
            formula=Formula("local_response_norm", params),
        )

    def _terms(self, x: Array, cell: Cell) -> Terms:
        channel, row, column = cell
        before, _ = neighbours(self.size, self.longer_side)
        positions = channels_at(self.size, row, column, first=channel - before)
        beyond = (positions[:, 0] < 0) | (positions[:, 0] >= x.shape[1])
        values = np.full(self.size, np.nan)
        values[~beyond] = x[0, positions[~beyond, 0], row, column]
        return Terms(
            grid=(self.size, 1, 1),
            positions=positions,
            sources=np.where(beyond[:, None], OUTSIDE, positions),
            values=values,
            selected=positions[:, 0] == channel,
        )

    def uses(self, shapes: Sequence[Shape], index: int, cell: Cell) -> Integers:
        channel, row, column = cell
        before, after = neighbours(self.size, self.longer_side)
        first = max(0, channel - after)
        last = min(shapes[0][1] - 1, channel + before)
        return channels_at(last - first + 1, row, column, first)

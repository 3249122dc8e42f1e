"""Batch normalisation: every channel is brought to mean 0 and variance 1, then scaled and shifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from engine.errors import EngineError
from engine.explanation import Explanation, Floats, Formula
from engine.ops.operation import Weights, cell_index, cells
from engine.ops.parameters import parameter
from engine.ops.parts import in_parts, parts_worth
from engine.ops.pointwise import Pointwise, read_terms
from engine.threads import TEAM, cut
from engine.types import Array, Cell, Shape


class BatchNorm2dCache(NamedTuple):
    """``mean`` and ``variance`` (C,) are those that were used, for whoever keeps running statistics."""

    x: Array
    weight: Array | None
    has_bias: bool
    mean: Array
    variance: Array
    eps: float
    of_batch: bool


class BatchNorm2dGrads(NamedTuple):
    """Gradients by x (N, C, …), and by weight and bias (C,) where they were given."""

    x: Array
    weight: Array | None
    bias: Array | None


def batch_norm2d(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    eps: float = 1e-5,
) -> tuple[Array, BatchNorm2dCache]:
    """(x - mean) / sqrt(variance + eps) * weight + bias, channel by channel.

    With running statistics it uses those (evaluation); without, the batch's own mean and biased
    variance (training). It keeps nothing: to update running statistics from ``cache.mean`` and
    ``cache.variance``, PyTorch takes 0.9 * running + 0.1 * batch and calls 0.1 the momentum, with the
    unbiased variance (times m / (m - 1) for m numbers per channel).

    Args:
        x: (N, C, …), mostly (N, C, H, W), float32 or float64.
        weight, bias: (C,) scale and shift; None means 1 and 0.
        running_mean, running_var: (C,), both or neither.
        eps: added to the variance; at least 0.

    Returns:
        The shape and dtype of x, and the cache for ``batch_norm2d_backward``.

    Raises:
        EngineError: ``shape-mismatch`` if x has no channels, ``invalid-argument`` if only one of the
            running statistics is given.

    Source: Ioffe & Szegedy, "Batch normalization" (2015), algorithm 1 (training) and 2 (evaluation).
    Book: gamma is weight, beta is bias; its momentum 0.9 is what is kept, PyTorch's 0.1 what is taken,
    and its running variance is the biased one.

    >>> x = np.array([1, 3], dtype=np.float32).reshape(2, 1, 1, 1)
    >>> batch_norm2d(x, eps=0.0)[0].ravel()
    array([-1.,  1.], dtype=float32)
    """
    require_channels("batch_norm2d", x.shape)
    mean, variance = _statistics(x, running_mean, running_var)
    of_batch = running_mean is None
    scale = _scale(weight, variance, eps)
    shift = 0 if bias is None else bias.astype(np.float64)
    y = np.empty_like(x)
    if of_batch:
        # A channel that hardly varies is blown up: its mean must go first.
        in_parts(_centred, x, _spread(mean, x), _spread(scale, x), _spread(shift, x), y, passes=3)
    else:
        in_parts(_scaled, x, _spread(scale, x), _spread(shift - mean * scale, x), y, passes=2)
    return y, BatchNorm2dCache(x, weight, bias is not None, mean, variance, float(eps), of_batch)


def _centred(x: Array, mean: Array, scale: Array, shift: Array, y: Array) -> None:
    np.subtract(x, mean, out=y)
    y *= scale
    y += shift


def _scaled(x: Array, scale: Array, shift: Array, y: Array) -> None:
    np.multiply(x, scale, out=y)
    y += shift


def batch_norm2d_backward(grad_output: Array, cache: BatchNorm2dCache) -> BatchNorm2dGrads:
    """Gradients of batch normalisation; running statistics are constants and get none.

    With n = (x - mean) / s and g = dy * weight, constant statistics give dx = g / s. The batch's own
    move with x: ds/dx[i] = n[i] / m and dmean/dx[i] = 1 / m, so from each g the part along 1 and the
    part along n are taken away: dx = (g - mean(g) - n mean(g n)) / s.

    Args:
        grad_output: (N, C, …).
        cache: what ``batch_norm2d`` returned.
    """
    x, weight, has_bias, mean, variance, eps, of_batch = cache
    scale, unit = _scale(weight, variance, eps), _scale(None, variance, eps)
    sums, products = _sums(x, mean, grad_output)
    products *= unit
    grad = np.empty_like(x)
    if of_batch:
        count = x.size // x.shape[1]
        # (g - mean(g) - n mean(g n)) / s = scale dy + along (x - mean) + constant
        along, constant = -scale * unit * products / count, -scale * sums / count
        per_channel = [_spread(values, x) for values in (mean, along, scale, constant)]
        in_parts(_combined, x, grad_output, *per_channel, grad, passes=5)
    else:
        in_parts(lambda dy, s, dx: np.multiply(dy, s, out=dx), grad_output, _spread(scale, x), grad)
    return BatchNorm2dGrads(
        grad,
        products.astype(x.dtype) if weight is not None else None,
        sums.astype(x.dtype) if has_bias else None,
    )


def _combined(
    x: Array, grad_output: Array, mean: Array, along: Array, scale: Array, constant: Array, grad: Array
) -> None:
    np.subtract(x, mean, out=grad)
    grad *= along
    grad += grad_output * scale
    grad += constant


def _scale(weight: Array | None, variance: Array, eps: float) -> Floats:
    """What a centred channel is multiplied by, (C,) in float64."""
    scale: Floats = 1 / np.sqrt(variance.astype(np.float64) + eps)
    return scale if weight is None else scale * weight


def _statistics(x: Array, running_mean: Array | None, running_var: Array | None) -> tuple[Array, Array]:
    if running_mean is not None and running_var is not None:
        return running_mean.astype(x.dtype, copy=False), running_var.astype(x.dtype, copy=False)
    if running_mean is not None or running_var is not None:
        missing = "running_mean" if running_mean is None else "running_var"
        raise EngineError("invalid-argument", missing, None, "an array (C,), since the other one is given")
    count = x.size // x.shape[1]
    # Twice: eps is small, so the rounded mean of an even channel would be blown up, and is corrected here.
    rough = (_by_channel(x) @ np.ones(x[0, 0].size, x.dtype)).sum(axis=0, dtype=np.float64) / count
    rough = rough.astype(x.dtype)
    sums, squares = _sums(x, rough)
    off = sums / count
    mean, variance = rough + off, np.maximum(squares / count - np.square(off), 0)
    return mean.astype(x.dtype), variance.astype(x.dtype)


def _sums(x: Array, centre: Array, grad_output: Array | None = None) -> tuple[Floats, Floats]:
    """By channel, with d = x - centre: Σ d and Σ d², or with a gradient g: Σ g and Σ d g; (C,) in float64."""
    sums, products = np.empty((2, *x.shape[:2]), x.dtype)
    flat, ones = _by_channel(x), np.ones(x[0, 0].size, x.dtype)
    grads = None if grad_output is None else _by_channel(grad_output)

    def some(part: slice) -> None:
        centred = flat[part] - centre[:, None]
        summed = centred if grads is None else grads[part]
        np.matmul(summed, ones, out=sums[part])
        np.einsum("ncp,ncp->nc", centred, summed, out=products[part])

    TEAM.each(some, cut(len(x), parts_worth(x.nbytes, passes=4)))
    return sums.sum(axis=0, dtype=np.float64), products.sum(axis=0, dtype=np.float64)


def _by_channel(x: Array) -> Array:
    """(N, C, all other places)."""
    return x.reshape(*x.shape[:2], -1)


def _spread(values: Floats | Array | int, like: Array) -> Array:
    """Of every channel one number, (C,), for all of its places: a view."""
    per_channel = np.broadcast_to(np.asarray(values, like.dtype), like.shape[1:2])
    return np.broadcast_to(per_channel.reshape(-1, *(1 for _ in like.shape[2:])), like.shape)


def require_channels(name: str, shape: Shape) -> int:
    """Channels of a batch, which stand on axis 1.

    Raises:
        EngineError: ``shape-mismatch`` if there is no such axis.

    >>> require_channels("batch_norm2d", (2, 3, 4, 5))
    3
    """
    if len(shape) < 2:
        raise EngineError("shape-mismatch", f"input of {name}", list(shape), "a batch of channels, (N, C, …)")
    return shape[1]


@dataclass(frozen=True)
class BatchNorm2d(Pointwise):
    """batch_norm2d as a node of a model.

    ``uses`` and ``input_region`` name the cell that is normalised. Where the statistics are the
    batch's own, every cell of the channel also has an indirect influence, through them.
    """

    name: ClassVar[str] = "batch_norm2d"
    weight_names: ClassVar[tuple[str, ...]] = ("weight", "bias", "running_mean", "running_var")
    optional_weights: ClassVar[tuple[str, ...]] = ("weight", "bias", "running_mean", "running_var")
    buffers: ClassVar[tuple[str, ...]] = ("running_mean", "running_var")

    eps: float = parameter("number", 1e-5, minimum=0)

    def output_shape(self, *shapes: Shape) -> Shape:
        require_channels(self.name, shapes[0])
        return shapes[0]

    def weight_shapes(self, *shapes: Shape) -> dict[str, Shape]:
        return dict.fromkeys(self.weight_names, (shapes[0][1],))

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        weight, bias, running_mean, running_var = (weights.get(name) for name in self.weight_names)
        return batch_norm2d(inputs[0], weight, bias, running_mean, running_var, self.eps)

    def backward(self, grad_output: Array, cache: Any) -> tuple[tuple[Array, ...], dict[str, Array]]:
        grads = batch_norm2d_backward(grad_output, cache)
        by_weight = {"weight": grads.weight, "bias": grads.bias}
        return (grads.x,), {name: grad for name, grad in by_weight.items() if grad is not None}

    def explain(self, inputs: Sequence[Array], weights: Weights, output: Array, cell: Cell) -> Explanation:
        here = cell_index(output.shape, cell)
        channel, own = here[1], slice(here[1], here[1] + 1)
        weight, bias, running_mean, running_var = (weights.get(name) for name in self.weight_names)
        mean, variance = _statistics(
            inputs[0][:, own],
            None if running_mean is None else running_mean[own],
            None if running_var is None else running_var[own],
        )
        params = {
            "statistics": "batch" if running_mean is None else "running",
            "mean": float(mean[0]),
            "variance": float(variance[0]),
            "eps": self.eps,
            "gamma": 1.0 if weight is None else float(weight[channel]),
            "beta": 0.0 if bias is None else float(bias[channel]),
        }
        return Explanation(
            op=self.name,
            cell=cell,
            value=float(output[here]),
            combine="normalise",
            terms=read_terms(inputs[0], cells([cell]), (1, 1, 1)),
            formula=Formula("batch_norm2d", params),
        )

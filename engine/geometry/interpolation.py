"""One axis at another length: where each output lies between the inputs, and how much each of those counts.

Interpolation is separable, so one axis at a time says everything.
Source: ONNX, operator Resize; Keys, "Cubic convolution interpolation for digital image processing" (1981).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from engine.types import Integers

Interpolation: TypeAlias = Literal["nearest", "linear", "cubic"]
CoordinateMode: TypeAlias = Literal[
    "half_pixel",
    "half_pixel_symmetric",
    "pytorch_half_pixel",
    "align_corners",
    "asymmetric",
    "tf_crop_and_resize",
]
NearestMode: TypeAlias = Literal["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]
INTERPOLATIONS: tuple[Interpolation, ...] = get_args(Interpolation)
COORDINATE_MODES: tuple[CoordinateMode, ...] = get_args(CoordinateMode)
NEAREST_MODES: tuple[NearestMode, ...] = get_args(NearestMode)

_Floats: TypeAlias = npt.NDArray[np.float64]


class Taps(NamedTuple):
    """Output i is the sum over t of ``weights[i, t]`` times input ``first[i] + t``; read-only.

    Args:
        first: (outputs,) from 0 on; first + T never exceeds the input.
        weights: (outputs, T); a row of zeros where the output lies outside the input.
        outside: (outputs,) whether it does; only ``tf_crop_and_resize`` leads there.

    Inputs that go into no output have such rows in the adjoint.
    """

    first: Integers
    weights: _Floats
    outside: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ResizedAxis:
    """One axis of a resized tensor.

    Args:
        size: cells of the input, at least 1.
        outputs: cells of the output, at least 1.
        scale: outputs for each input cell; need not be exactly ``outputs / size``.
        mode: how the value between cells is found.
        coordinates: how an output index becomes a coordinate on the input.
        nearest: which of two neighbours counts as the nearest.
        cubic_a: the slope parameter of the cubic: -0.75 as in PyTorch, -0.5 as Keys.
        antialias: when shrinking, widen the kernel so that every input cell counts.
        exclude_outside: cells beyond the border count nothing, instead of repeating the outermost one.
        crop: (from, to) on the input as shares of its length, for ``tf_crop_and_resize``.
    """

    size: int
    outputs: int
    scale: float
    mode: Interpolation = "linear"
    coordinates: CoordinateMode = "half_pixel"
    nearest: NearestMode = "round_prefer_floor"
    cubic_a: float = -0.75
    antialias: bool = False
    exclude_outside: bool = False
    crop: tuple[float, float] = (0.0, 1.0)

    @property
    def taps(self) -> Taps:
        """Which inputs make each output, and with which weights.

        >>> ResizedAxis(size=2, outputs=4, scale=2.0).taps.weights.tolist()
        [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
        """
        return _taps(self)

    @property
    def adjoint(self) -> Taps:
        """The same the other way round: which outputs each input goes into, and with which weights.

        >>> ResizedAxis(size=2, outputs=4, scale=2.0).adjoint.weights.tolist()
        [[1.0, 0.75, 0.25], [0.25, 0.75, 1.0]]
        """
        return _adjoint(self)

    def coordinate(self) -> _Floats:
        """(outputs,) where each output lies on the input, whose cells are at the integers.

        >>> ResizedAxis(size=2, outputs=4, scale=2.0).coordinate()
        array([-0.25,  0.25,  0.75,  1.25])
        """
        x, last, length = np.arange(self.outputs, dtype=np.float64), self.size - 1, self.size * self.scale
        match self.coordinates:
            case "asymmetric":
                return x / self.scale
            case "align_corners":
                return x * last / (length - 1) if length > 1 else np.zeros_like(x)
            case "tf_crop_and_resize":
                start, stop = self.crop
                if self.outputs == 1:
                    return x + (start + stop) / 2 * last
                return start * last + x * (stop - start) * last / (length - 1)
            case "pytorch_half_pixel" if self.outputs == 1:
                return np.zeros_like(x)
        half_pixel = (x + 0.5) / self.scale - 0.5
        if self.coordinates == "half_pixel_symmetric":
            # What rounding the length cut off is missing on both sides alike.
            half_pixel += self.size / 2 * (1 - self.outputs / length)
        return half_pixel


@lru_cache(maxsize=64)
def _taps(axis: ResizedAxis) -> Taps:
    x = axis.coordinate()
    nearest = axis.mode == "nearest"
    first, weights = _nearest(axis, x) if nearest else _kernel(axis, x)
    crops = axis.coordinates == "tf_crop_and_resize"
    outside = crops & ((x < 0) | (x > axis.size - 1))
    weights[outside] = 0
    found = Taps(*_within(first, weights, axis.size), outside)
    for table in found:
        table.flags.writeable = False
    return found


@lru_cache(maxsize=64)
def _adjoint(axis: ResizedAxis) -> Taps:
    first, weights, _ = axis.taps
    outputs, taps = np.nonzero(weights)
    inputs = first[outputs] + taps
    lowest, highest = np.full(axis.size, axis.outputs), np.full(axis.size, -1)
    np.minimum.at(lowest, inputs, outputs)
    np.maximum.at(highest, inputs, outputs)
    reach = max(1, int((highest - lowest).max()) + 1)
    lowest = np.minimum(lowest, axis.outputs - reach)
    spread = np.zeros((axis.size, reach))
    spread[inputs, outputs - lowest[inputs]] = weights[outputs, taps]
    return Taps(lowest, spread, highest < 0)


def _nearest(axis: ResizedAxis, x: _Floats) -> tuple[Integers, _Floats]:
    match axis.nearest:
        case "floor":
            chosen = np.floor(x)
        case "ceil":
            chosen = np.ceil(x)
        case "round_prefer_floor":
            chosen = np.ceil(x - 0.5)
        case "round_prefer_ceil":
            chosen = np.floor(x + 0.5)
    return chosen.astype(np.int64), np.ones((len(x), 1))


def _kernel(axis: ResizedAxis, x: _Floats) -> tuple[Integers, _Floats]:
    """First taps, which may lie outside, and their weights, (outputs, T)."""
    squeezed = min(axis.scale, 1.0) if axis.antialias else 1.0
    reach = ceil((1 if axis.mode == "linear" else 2) / squeezed)
    first = np.floor(x).astype(np.int64) - reach + 1
    positions = first[:, None] + np.arange(2 * reach)
    distance = np.abs(positions - x[:, None]) * squeezed
    weights = np.maximum(0, 1 - distance) if axis.mode == "linear" else _cubic(distance, axis.cubic_a)
    if axis.exclude_outside:
        weights[(positions < 0) | (positions >= axis.size)] = 0
    if axis.exclude_outside or axis.antialias:
        weights /= weights.sum(axis=1, keepdims=True)
    return first, weights


def _cubic(distance: _Floats, a: float) -> _Floats:
    """Keys, eq. 4 with its parameter free: two cubics that meet at distance 1 and end at 2."""
    d = distance
    near = ((a + 2) * d - (a + 3)) * d**2 + 1
    far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return np.where(d < 1, near, np.where(d < 2, far, 0.0))


def _within(first: Integers, weights: _Floats, size: int) -> tuple[Integers, _Floats]:
    """The same taps with those beyond the border added to the outermost cell."""
    reach = weights.shape[1]
    kept = min(reach, size)
    inside = np.clip(first, 0, size - kept)
    cells = np.clip(first[:, None] + np.arange(reach), 0, size - 1) - inside[:, None]
    folded = np.zeros((len(first), kept))
    np.add.at(folded, (np.arange(len(first))[:, None], cells), weights)
    return inside, folded

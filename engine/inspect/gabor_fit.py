"""Gabor functions laid over many small maps at once, by least squares.

What enters in a straight line (cosine, sine, offset) is solved for exactly at every step, so the search
is over six numbers only: variable projection. It starts from the best of a coarse grid in each band of
wavelengths and walks by Levenberg and Marquardt's damped steps.
Source: Golub & Pereyra, "Separable nonlinear least squares" (2003); Kaufman (1975) for the slopes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.inspect.gabor import (
    ANGLE,
    COLUMN,
    LOG_ASPECT,
    LOG_SIGMA,
    LOG_WAVELENGTH,
    ROW,
    Shapes,
    Waves,
)
from engine.types import Array, Pair

SHORTEST_WAVE_PX = 2.0
"""The finest stripes that pixels can hold."""

WIDEST_PX = 50.0
"""The preset ``gabor`` takes no larger sigma, and no wave longer than twice this."""

FIRST_STEPS, LAST_STEPS, CARRIED_ON = 12, 40, 2
"""Steps of every start, then of the best few; ten times as many win no learned filter 0.01 of r2."""

_LARGEST_STEP = np.array([1.5, 1.5, 0.5, 0.5, 0.5, 0.5])
_RIDGE = 1e-4
"""Keeps a long wave and the offset from growing against each other without end."""

_CHUNK = 1 << 21
"""Numbers in one array of slopes; more filters than that are fitted in turns."""


@dataclass(frozen=True)
class Fits:
    """One Gabor function per map: even * cosine + odd * sine + offset.

    Args:
        shapes: (N, 6).
        even, odd, offset: (N,).
        r2: (N,), share of the map's variance explained.
    """

    shapes: Shapes
    even: Array
    odd: Array
    offset: Array
    r2: Array


def fit_gabors(maps: Array) -> Fits:
    """The Gabor function closest to each map.

    Args:
        maps: (N, KH, KW) float64, none of them constant.

    Returns:
        Lengths within what the map can show: waves from 2 px to four times its longer side, sigma
        from half a px to twice that side, aspect 0.2 to 3, the centre on the map.
    """
    size = (maps.shape[1], maps.shape[2])
    flat = maps.reshape(len(maps), -1)
    means = flat.mean(axis=1)
    norms = np.linalg.norm(flat - means[:, None], axis=1)
    unit = (flat - means[:, None]) / norms[:, None]
    starts = len(_grid(size)[0])
    per_turn = max(1, _CHUNK // (starts * flat.shape[1] * 6))
    turns = [_fit(unit[first : first + per_turn], size) for first in range(0, len(unit), per_turn)]
    shapes = np.concatenate([walk.shapes for walk in turns])
    linear = np.concatenate([walk.linear for walk in turns]) * norms[:, None]
    r2 = 1 - np.concatenate([walk.errors for walk in turns])
    return Fits(shapes, linear[:, 0], linear[:, 1], linear[:, 2] + means, r2)


def _fit(maps: Array, size: Pair) -> _Walk:
    starts = _starts(maps, size)
    count, each = starts.shape[:2]
    first = _Walk(np.repeat(maps, each, axis=0), starts.reshape(count * each, 6), size)
    first.walk(FIRST_STEPS)
    order = np.argsort(first.errors.reshape(count, each), axis=1)[:, :CARRIED_ON]
    chosen = (order + each * np.arange(count)[:, None]).ravel()
    last = _Walk(np.repeat(maps, CARRIED_ON, axis=0), first.shapes[chosen], size)
    last.walk(LAST_STEPS)
    best = last.errors.reshape(count, CARRIED_ON).argmin(axis=1) + CARRIED_ON * np.arange(count)
    last.keep(best)
    return last


class _Walk:
    """Shapes on their way down the squared error, each beside its own map.

    Args:
        maps: (N, P), mean 0, length 1.
        shapes: (N, 6) to start from.
        size: (rows, columns) of a map.
    """

    def __init__(self, maps: Array, shapes: Shapes, size: Pair) -> None:
        self.maps = maps
        self.places = np.indices(size, dtype=np.float64).reshape(2, -1)
        self.low, self.high = _bounds(size)
        self.shapes = shapes
        self.damping = np.full(len(maps), 1e-2)
        self.linear, self.errors, self.downhill, self.curvature = self._look(shapes)

    def walk(self, steps: int) -> None:
        """So many steps, each taken only by those whom it brings lower."""
        for _ in range(steps):
            there = np.clip(self.shapes + self._step(), self.low, self.high)
            linear, errors, downhill, curvature = self._look(there)
            lower = errors < self.errors
            self.shapes[lower], self.errors[lower] = there[lower], errors[lower]
            self.linear[lower] = linear[lower]
            self.downhill[lower], self.curvature[lower] = downhill[lower], curvature[lower]
            self.damping = np.clip(np.where(lower, self.damping / 4, self.damping * 5), 1e-7, 1e6)

    def keep(self, chosen: Array) -> None:
        """Only these walks, by index, with where they have come to."""
        self.shapes, self.linear, self.errors = self.shapes[chosen], self.linear[chosen], self.errors[chosen]

    def _step(self) -> Array:
        """Where the damped Gauss-Newton step leads from every shape, (N, 6)."""
        at_bound = ((self.shapes <= self.low) & (self.downhill < 0)) | (
            (self.shapes >= self.high) & (self.downhill > 0)
        )
        free = ~at_bound
        diagonal = np.einsum("nii->ni", self.curvature)
        scale = diagonal.max(axis=1, keepdims=True) + 1e-12
        # Damped in each direction by its own curvature; what leaves the map is held where it is.
        added = self.damping[:, None] * (diagonal + 1e-3 * scale) + 1e-9 * scale + at_bound * scale
        system = self.curvature * (free[:, :, None] & free[:, None, :]) + added[:, :, None] * np.eye(6)
        step = np.linalg.solve(system, (self.downhill * free)[:, :, None])[:, :, 0]
        return np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)

    def _look(self, shapes: Shapes) -> tuple[Array, Array, Array, Array]:
        """The best linear part (N, 3) of every shape, its error, and Jᵀr and JᵀJ there."""
        waves = Waves(shapes, *self.places)
        basis = np.stack([waves.even, waves.odd, np.ones_like(waves.even)], axis=2)
        transposed = basis.swapaxes(1, 2)
        gram = transposed @ basis + np.diag([_RIDGE, _RIDGE, 0.0])
        linear = np.linalg.solve(gram, transposed @ self.maps[:, :, None])
        residual = self.maps - (basis @ linear)[:, :, 0]
        slopes = waves.slopes(linear[:, 0], linear[:, 1])
        # What the linear part would follow by itself is no slope of the error.
        slopes -= basis @ np.linalg.solve(gram, transposed @ slopes)
        turned = slopes.swapaxes(1, 2)
        return (
            linear[:, :, 0],
            (residual**2).sum(axis=1),
            (turned @ residual[:, :, None])[:, :, 0],
            turned @ slopes,
        )


def _bounds(size: Pair) -> tuple[Array, Array]:
    side = max(size)
    low, high = np.full(6, -np.inf), np.full(6, np.inf)
    low[[ROW, COLUMN]] = -0.5
    high[ROW], high[COLUMN] = size[0] - 0.5, size[1] - 0.5
    low[LOG_WAVELENGTH] = np.log(SHORTEST_WAVE_PX)
    high[LOG_WAVELENGTH] = np.log(min(4.0 * side, 2 * WIDEST_PX))
    low[LOG_SIGMA], high[LOG_SIGMA] = np.log(0.5), np.log(min(2.0 * side, WIDEST_PX))
    low[LOG_ASPECT], high[LOG_ASPECT] = np.log(0.2), np.log(3.0)
    return low, high


def _starts(maps: Array, size: Pair) -> Array:
    """For every map the best shape of the grid in each band of wavelengths, (N, bands, 6)."""
    grid, even, odd = _grid(size)
    explained = (even @ maps.T) ** 2 + (odd @ maps.T) ** 2
    best = explained.reshape(*grid.shape[:2], -1).argmax(axis=1)
    return np.stack([band[chosen] for band, chosen in zip(grid, best, strict=True)], axis=1)


@lru_cache(maxsize=8)
def _grid(size: Pair) -> tuple[Array, Array, Array]:
    """Coarse shapes (bands, K, 6); the pair of unit vectors that each spans, (bands * K, P) twice."""
    side = np.sqrt(size[0] * size[1])
    offsets = np.array([-0.22, 0.0, 0.22])
    axes = [np.empty(0)] * 6
    axes[ROW], axes[COLUMN] = (size[0] - 1) / 2 + offsets * size[0], (size[1] - 1) / 2 + offsets * size[1]
    axes[ANGLE] = np.arange(8) * np.pi / 8
    axes[LOG_SIGMA], axes[LOG_ASPECT] = np.log([0.16 * side, 0.32 * side]), np.log([0.5, 1.0])
    bands = []
    for wavelength in np.geomspace(2.4, 2.2 * side, 5):
        axes[LOG_WAVELENGTH] = np.log([wavelength])
        bands.append(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 6))
    grid = np.stack(bands)
    waves = Waves(grid.reshape(-1, 6), *np.indices(size, dtype=np.float64).reshape(2, -1))
    even, odd = (wave - wave.mean(axis=1, keepdims=True) for wave in (waves.even, waves.odd))
    even /= np.linalg.norm(even, axis=1, keepdims=True)
    odd -= even * (even * odd).sum(axis=1, keepdims=True)
    odd /= np.maximum(np.linalg.norm(odd, axis=1, keepdims=True), 1e-9)
    for array in (grid, even, odd):
        array.flags.writeable = False
    return grid, even, odd

"""What a fitted filter is called: Gabor-like, edge, blob, or none of these. The rules, and their numbers.

A filter is named by what the fit draws on its cells, not by the fit's numbers: several sets of them
draw nearly the same few stripes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np

from engine.inspect.gabor import GaborFit, draw_gabor
from engine.types import Array, Pair

Kind: TypeAlias = Literal["gabor", "edge", "blob", "other"]
KINDS: tuple[Kind, ...] = ("gabor", "edge", "blob", "other")
"""In the order in which sorted filters are laid out."""

FITTED_NUMBERS = 9
"""Of one pattern: orientation, wavelength, phase, sigma, aspect, centre (2), amplitude, offset."""

LEAST_R2 = 0.6
"""A fit that explains less names nothing.

Of 2,000 filters of white noise one in a hundred has an adjusted r2 above 0.57 (5×5), 0.37 (7×7) or
0.17 (11×11); those learned from photographs by k-means have an r2 of 0.6 to 0.99.
"""

LEAST_LOBE = 0.25
"""A stripe fainter than this part of the strongest one is not counted."""

LEAST_COHERENCE = 0.6
"""From here on a shape has an orientation. A Gaussian twice as long as wide, a blob to the eye, has 0.6."""

LEAST_PARTNER = 0.5
"""A light and a dark spot side by side are an edge, however round, if the fainter is half as strong."""

_POINTS_PER_PX = 4


def kind_of(fit: GaborFit, size: Pair) -> Kind:
    """What a fitted filter is called.

    * ``other`` if the fit does not explain enough of it, see ``explains``;
    * two stripes, a light and a dark one: ``edge``, or ``blob`` if they have no orientation;
    * one stripe, or three and more, which is a cycle and a half: ``gabor``, or ``blob`` if they have no
      orientation, as a spot in its surround.

    Args:
        fit: of the filter.
        size: (rows, columns) of the filter.

    >>> upright = dict(orientation_deg=0, wavelength_px=9, sigma_px=2, aspect=0.5, center=(3, 3))
    >>> rest = dict(amplitude=1, direction=(1,), offset=(0,), r2=1, pattern_r2=1)
    >>> [kind_of(GaborFit(phase_deg=phase, **upright, **rest), (7, 7)) for phase in (0, 90)]
    ['gabor', 'edge']
    """
    if not explains(fit, size):
        return "other"
    heights = stripe_heights(fit, size)
    oriented = coherence(fit, size) >= LEAST_COHERENCE
    if len(heights) == 2:
        return "edge" if oriented or min(heights) >= LEAST_PARTNER else "blob"
    return "gabor" if oriented else "blob"


def explains(fit: GaborFit, size: Pair) -> bool:
    """Whether the fit says enough of the filter, and more than it could say of noise.

    All channels count in the filter's r2. That of its main pattern is adjusted for the nine numbers that
    were free, which matters where there are few cells: 1 - (1 - r2) (n - 1) / (n - 9 - 1).
    """
    cells = size[0] * size[1]
    adjusted = 1 - (1 - fit.pattern_r2) * (cells - 1) / (cells - FITTED_NUMBERS - 1)
    return fit.r2 >= LEAST_R2 and adjusted >= LEAST_R2


def stripe_heights(fit: GaborFit, size: Pair) -> list[float]:
    """How strong the light and dark stripes on the filter's cells are, side by side, the strongest 1.

    They are measured from the median, which is the ground that a small pattern stands on. A single stripe
    cut off by the border has that ground for a partner, of height 0.
    """
    rows, columns = _points(size)
    surface = draw_gabor(fit, rows, columns)
    surface = surface - np.median(surface)
    angle = np.deg2rad(fit.orientation_deg)
    # Along each line half a px wide, the strongest value: one profile through all that is there.
    lines = np.floor(2 * (columns * np.cos(angle) - rows * np.sin(angle)))
    order = np.lexsort((np.abs(surface), lines))
    profile = surface[order][np.diff(lines[order], append=np.inf) > 0]
    profile /= np.abs(profile).max()
    firsts = np.flatnonzero(np.diff(np.sign(profile), prepend=0.0))
    heights = np.maximum.reduceat(np.abs(profile), firsts)
    counted: list[float] = heights[heights >= LEAST_LOBE].tolist()
    cut_off = np.abs(profile[[0, -1]]).max() >= LEAST_LOBE
    return [*counted, 0.0] if len(counted) == 1 and cut_off else counted


def coherence(fit: GaborFit, size: Pair) -> float:
    """How much all slopes of the pattern share one direction: 0 round, 1 straight stripes.

    Source: Bigün & Granlund, "Optimal orientation detection of linear symmetry" (1987).
    """
    rows, columns = _points(size)
    grid = (_POINTS_PER_PX * (size[0] - 1) + 1, _POINTS_PER_PX * (size[1] - 1) + 1)
    down, right = np.gradient(draw_gabor(fit, rows, columns).reshape(grid))
    turned = np.hypot((right**2 - down**2).sum(), 2 * (right * down).sum())
    return float(turned / (right**2 + down**2).sum())


@lru_cache(maxsize=8)
def _points(size: Pair) -> tuple[Array, Array]:
    """(rows, columns) of points, (P,) each, from the middle of the first cell to that of the last."""
    axes = [np.linspace(0, cells - 1, _POINTS_PER_PX * (cells - 1) + 1) for cells in size]
    rows, columns = (axis.ravel() for axis in np.meshgrid(*axes, indexing="ij"))
    return rows, columns

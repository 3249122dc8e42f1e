"""The Gabor function with a place of its own, for many filters at once, and a filter as it draws it.

Angles, phases and lengths are those of the preset ``gabor``; only the centre may lie anywhere.
Source: Goodfellow, Bengio & Courville, Deep Learning (2016), eq. 9.16.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from engine.types import Array, Pair

ROW, COLUMN, ANGLE, LOG_WAVELENGTH, LOG_SIGMA, LOG_ASPECT = range(6)
"""Columns of an array of shapes, (N, 6): what a Gabor function depends on in a curved way.

Angles are in radians. Lengths go by their logarithm: twice as long and half as long are equally far.
"""

Shapes: TypeAlias = Array


@dataclass(frozen=True)
class GaborFit:
    """A Gabor function laid over a filter: offset + direction * amplitude * envelope * cos.

    Args:
        orientation_deg: in [0, 180), of the direction across the stripes: 0 for upright ones; angles turn
            counter-clockwise as seen.
        wavelength_px: from stripe to stripe.
        phase_deg: in (-180, 180], of the cosine at the centre: 0 a bright stripe, 180 a dark one.
        sigma_px: deviation of the envelope across the stripes.
        aspect: deviation across divided by deviation along the stripes; under 1 is long.
        center: (row, column) of the envelope in cells, 0 at the middle of the first.
        amplitude: of the envelope's top, at least 0.
        direction: (C,), of length 1: how much of the pattern each input channel carries.
        offset: (C,), the weight of each input channel far from the pattern.
        r2: share of the whole filter's variance that is explained, all channels together, each
            measured from its own mean.
        pattern_r2: the same of the main pattern alone, the one that ``direction`` carries.
    """

    orientation_deg: float
    wavelength_px: float
    phase_deg: float
    sigma_px: float
    aspect: float
    center: tuple[float, float]
    amplitude: float
    direction: tuple[float, ...]
    offset: tuple[float, ...]
    r2: float
    pattern_r2: float

    @property
    def settings(self) -> dict[str, float]:
        """The settings with which the preset ``gabor`` draws it about the centre of a kernel."""
        return {
            "orientation_deg": self.orientation_deg,
            "wavelength_px": self.wavelength_px,
            "phase_deg": self.phase_deg,
            "sigma_px": self.sigma_px,
            "aspect": self.aspect,
        }


def fitted_filter(fit: GaborFit, size: Pair) -> Array:
    """The filter as the fit describes it, (C, KH, KW) float32, to be laid beside the true one.

    Args:
        fit: of a filter.
        size: (rows, columns) of that filter.

    >>> upright = dict(orientation_deg=0, wavelength_px=4, phase_deg=0, sigma_px=2, aspect=0.5)
    >>> fit = GaborFit(**upright, center=(0, 1), amplitude=3, direction=(1,), offset=(1,), r2=1, pattern_r2=1)
    >>> fitted_filter(fit, (1, 3)).round(3).tolist()
    [[[1.0, 4.0, 1.0]]]
    """
    offset = np.array(fit.offset)[:, None, None]
    direction = np.array(fit.direction)[:, None, None]
    rows, columns = np.indices(size, dtype=np.float64).reshape(2, -1)
    pattern = draw_gabor(fit, rows, columns).reshape(size)
    return np.asarray(offset + direction * pattern, dtype=np.float32)


def draw_gabor(fit: GaborFit, rows: Array, columns: Array) -> Array:
    """The pattern of a fit, without offset and direction, at any places (P,), given in cells.

    Returns:
        (P,) float64.
    """
    lengths = np.log([fit.wavelength_px, fit.sigma_px, fit.aspect])
    shape = np.array([[*fit.center, np.deg2rad(fit.orientation_deg), *lengths]])
    wave = Waves(shape, rows, columns)
    phase = np.deg2rad(fit.phase_deg)
    return np.asarray(fit.amplitude * (np.cos(phase) * wave.even[0] - np.sin(phase) * wave.odd[0]))


class Waves:
    """The even (cosine) and the odd (sine) Gabor function of every shape, at every place.

    Args:
        shapes: (N, 6), see ``ROW`` and the others.
        rows, columns: (P,), places in cells.

    Attributes:
        across, along: (N, P), places from the centre, across the stripes and along them, in px.
        even, odd: (N, P).
    """

    def __init__(self, shapes: Shapes, rows: Array, columns: Array) -> None:
        down, right = rows - shapes[:, ROW, None], columns - shapes[:, COLUMN, None]
        self.cos, self.sin = np.cos(shapes[:, ANGLE, None]), np.sin(shapes[:, ANGLE, None])
        self.across = right * self.cos - down * self.sin
        self.along = right * self.sin + down * self.cos
        self.frequency = 2 * np.pi * np.exp(-shapes[:, LOG_WAVELENGTH, None])
        self.across_decay = np.exp(-2 * shapes[:, LOG_SIGMA, None])
        self.along_decay = self.across_decay * np.exp(2 * shapes[:, LOG_ASPECT, None])
        envelope = np.exp(-(self.across_decay * self.across**2 + self.along_decay * self.along**2) / 2)
        self.even = envelope * np.cos(self.frequency * self.across)
        self.odd = envelope * np.sin(self.frequency * self.across)

    def slopes(self, even: Array, odd: Array) -> Array:
        """How even * cosine + odd * sine changes with each of the six numbers of its shape.

        Args:
            even, odd: (N, 1), the two amplitudes.

        Returns:
            (N, P, 6).
        """
        wave = even * self.even + odd * self.odd
        quarter_on = odd * self.even - even * self.odd
        by_across = self.frequency * quarter_on - self.across_decay * self.across * wave
        by_along = -self.along_decay * self.along * wave
        along = self.along_decay * self.along**2
        columns = [np.empty(0)] * 6
        # The centre's (row, column) to (across, along) is a turn, and lessens both.
        columns[ROW] = by_across * self.sin - by_along * self.cos
        columns[COLUMN] = -by_across * self.cos - by_along * self.sin
        # d across / d angle = -along, d along / d angle = across.
        columns[ANGLE] = by_along * self.across - by_across * self.along
        columns[LOG_WAVELENGTH] = -self.frequency * self.across * quarter_on
        columns[LOG_SIGMA] = (self.across_decay * self.across**2 + along) * wave
        columns[LOG_ASPECT] = -along * wave
        return np.stack(columns, axis=2)

"""The leading colour and spatial part of a first-layer filter, and where its spectrum peaks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.types import Array

FINE = 32
"""Frequencies on each axis at which the spectrum is read."""


class Peak(NamedTuple):
    """``colour`` (channels,) and ``spatial`` (KH, KW) of length 1; ``row``, ``column`` cycles a pixel."""

    colour: Array
    spatial: Array
    row: float
    column: float

    @property
    def frequency(self) -> float:
        """Cycles a pixel across the stripes."""
        return float(np.hypot(self.row, self.column))

    @property
    def direction(self) -> float:
        """Where the stripes' normal points, in radians from the columns' axis, at least 0 and below π."""
        return float(np.arctan2(self.row, self.column) % np.pi)

    @property
    def chroma(self) -> float:
        """The share of energy that a grey picture never excites: 0 for a grey filter, 1 for a pure colour."""
        return float(1 - self.colour.sum() ** 2 / len(self.colour))


def spectral_peak(kernel: Array) -> Peak:
    """The best product of one colour and one spatial pattern, with the pattern's strongest frequency.

    Args:
        kernel: (channels, KH, KW), float.

    >>> peak = spectral_peak(np.ones((3, 1, 1)) * [[[1.0, -1.0, 1.0, -1.0]]])
    >>> peak.frequency, round(abs(peak.chroma), 6)
    (0.5, 0.0)
    """
    left, _, right = np.linalg.svd(kernel.reshape(len(kernel), -1), full_matrices=False)
    spatial = right[0].reshape(kernel.shape[1:])
    strength = np.abs(np.fft.fft2(spatial, (FINE, FINE)))[: FINE // 2 + 1]
    row, column = np.unravel_index(int(strength.argmax()), strength.shape)
    frequencies = np.fft.fftfreq(FINE)
    return Peak(left[:, 0], spatial, abs(float(frequencies[row])), float(frequencies[column]))

"""Choosing filters that differ from each other, not only by a shift or by their sign."""

from __future__ import annotations

import numpy as np

from engine.types import Array


def diverse_filters(bank: Array, count: int) -> Array:
    """The filters of ``bank`` that are least alike, in the bank's order.

    Starting from the first, the filter is taken whose closest relative among those taken is farthest.
    Two filters are as alike as their largest correlation over all shifts, either way.

    Args:
        bank: (filters, channels, KH, KW), each of length 1.
        count: how many to take, up to the number of filters.

    >>> bank = np.zeros((3, 1, 1, 2))
    >>> bank[0, 0, 0], bank[1, 0, 0], bank[2, 0, 0] = (1, 0), (0, -1), (0.6, -0.8)
    >>> diverse_filters(bank, 2)[:, 0, 0].tolist()
    [[1.0, 0.0], [0.6, -0.8]]
    """
    rows, columns = (2 * side - 1 for side in bank.shape[2:])
    spectra = np.fft.fft2(bank, (rows, columns))
    taken = [0]
    closest = np.zeros(len(bank))
    while len(taken) < count:
        products = (spectra * spectra[taken[-1]].conj()).sum(axis=1)
        likeness = np.abs(np.fft.ifft2(products).real).max(axis=(1, 2))
        closest = np.maximum(closest, likeness)
        closest[taken] = np.inf
        taken.append(int(closest.argmin()))
    return bank[sorted(taken)]

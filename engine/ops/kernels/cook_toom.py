"""The matrices of Winograd's minimal filtering, from its interpolation points, in exact fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import NamedTuple, TypeAlias

import numpy as np

from engine.explanation import Floats

Points: TypeAlias = tuple[Fraction, ...]


class Transforms(NamedTuple):
    """Of F(m, r): outputs (m,) = output @ ((kernel @ weights (r,)) * (input @ numbers (m + r - 1,)))."""

    output: Floats
    """(m, m + r - 1), Aᵀ of the paper."""
    kernel: Floats
    """(m + r - 1, r), G."""
    input: Floats
    """(m + r - 1, m + r - 1), Bᵀ."""


@lru_cache(maxsize=8)
def transforms(outputs: int, taps: int, points: Points) -> Transforms:
    """Transforms of F(outputs, taps), float64.

    Outputs are the coefficients of a product of polynomials, transposed: evaluating at m + r - 2 points
    and at infinity takes m + r - 1 products where the definition takes m r.

    Args:
        outputs, taps: m and r, at least 1.
        points: m + r - 2 different numbers; the small ones round least.

    Source: Lavin & Gray, "Fast algorithms for convolutional neural networks" (2016), section 4.1; Blahut,
    Fast Algorithms for Signal Processing (2010), section 5.2 (Cook–Toom).

    >>> output, kernel, taken = transforms(2, 3, (Fraction(0), Fraction(1), Fraction(-1)))
    >>> numbers, weights = np.array([1.0, 2, 3, 4]), np.array([1.0, 10, 100])
    >>> output @ ((kernel @ weights) * (taken @ numbers))
    array([321., 432.])
    """
    size = outputs + taps - 1
    others = [[a for a in points if a != own] for own in points]
    scales = [
        prod((own - a for a in rest), start=Fraction(1)) for own, rest in zip(points, others, strict=True)
    ]
    output = [[own**j for own in points] + [Fraction(j == outputs - 1)] for j in range(outputs)]
    kernel = [[own**k / scale for k in range(taps)] for own, scale in zip(points, scales, strict=True)]
    kernel.append([Fraction(k == taps - 1) for k in range(taps)])
    taken = [_coefficients(rest) for rest in others] + [_coefficients(points)]
    padded = [row + [Fraction(0)] * (size - len(row)) for row in taken]
    return Transforms(*(np.array(rows, dtype=np.float64) for rows in (output, kernel, padded)))


def _coefficients(roots: Sequence[Fraction]) -> list[Fraction]:
    """Of Π (x - root), the constant first."""
    found = [Fraction(1)]
    for root in roots:
        shifted, scaled = [Fraction(0), *found], [*(-root * c for c in found), Fraction(0)]
        found = [a + b for a, b in zip(shifted, scaled, strict=True)]
    return found

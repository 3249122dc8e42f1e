"""The error function and its complement, which NumPy lacks.

Source: W. J. Cody, "Rational Chebyshev approximations for the error function",
Mathematics of Computation 23 (1969); coefficients as in his CALERF. The form of the one that is fast, and
good for float32 alone: C. Hastings, Approximations for Digital Computers (1955), sheet 43.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.types import Array

SMALL = 0.46875
LARGE = 4.0
BEYOND = 30.0
"""erfc is 0 from here on, even in float64."""

# Highest power first. |x| <= SMALL: erf(x) = x R(x²).
ERF_TOP = (
    1.85777706184603153e-1,
    3.16112374387056560e0,
    1.13864154151050156e2,
    3.77485237685302021e2,
    3.20937758913846947e3,
)
ERF_BOTTOM = (
    1.0,
    2.36012909523441209e1,
    2.44024637934444173e2,
    1.28261652607737228e3,
    2.84423683343917062e3,
)
# SMALL < x <= LARGE: erfc(x) = exp(-x²) R(x).
MIDDLE_TOP = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e0,
    6.61191906371416295e1,
    2.98635138197400131e2,
    8.81952221241769090e2,
    1.71204761263407058e3,
    2.05107837782607147e3,
    1.23033935479799725e3,
)
MIDDLE_BOTTOM = (
    1.0,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3,
)
# x > LARGE: erfc(x) = exp(-x²) / x (1/√π - R(1/x²) / x²).
TAIL_TOP = (
    1.63153871373020978e-2,
    3.05326634961232344e-1,
    3.60344899949804439e-1,
    1.25781726111229246e-1,
    1.60837851487422766e-2,
    6.58749161529837803e-4,
)
TAIL_BOTTOM = (
    1.0,
    2.56852019228982242e0,
    1.87295284992346725e0,
    5.27905102951428412e-1,
    6.05183413124413191e-2,
    2.33520497626869185e-3,
)
# Φ(-x) = exp(-x²/2) P(1 / (1 + NORMAL_SCALE x)) for x >= 0; of all P of degree 7 the one whose largest
# relative error, 3e-7, is least.
NORMAL_SCALE = 0.25809397513308985
NORMAL = (
    -8.099366788e-2,
    2.676810123e-1,
    -1.660129833e-1,
    2.153193056e-1,
    4.927740862e-2,
    1.128588406e-1,
    1.018133644e-1,
    5.659398125e-5,
)


def erf(x: Array) -> Array:
    """2/√π times the integral of exp(-t²) from 0 to x, to a few units in the last place.

    Args:
        x: any shape, float32 or float64; computed and returned in its dtype.

    >>> erf(np.array([-1, 0, 1], dtype=np.float32)).round(4)
    array([-0.8427,  0.    ,  0.8427], dtype=float32)
    """
    size = np.abs(x)
    small = size <= SMALL
    result = np.empty_like(x)
    result[small] = _erf_small(x[small])
    result[~small] = np.copysign(1 - _erfc_large(size[~small]), x[~small])
    return result


def erfc(x: Array) -> Array:
    """1 - erf(x), without the cancellation that leaves nothing of it for large x.

    Args:
        x: any shape, float32 or float64; computed and returned in its dtype.

    >>> print(erfc(np.array([0.0, 10.0])))
    [1.00000000e+00 2.08848758e-45]
    """
    size = np.abs(x)
    small = size <= SMALL
    result = np.empty_like(x)
    result[small] = 1 - _erf_small(x[small])
    tail = _erfc_large(size[~small])
    result[~small] = np.where(x[~small] < 0, 2 - tail, tail)
    return result


def normal_tail(x: Array) -> Array:
    """Φ(-x) = erfc(x / √2) / 2, the probability that a standard normal number is above x.

    Args:
        x: any shape, at least 0, float32 or float64; in float32 it is right to 1e-6 of itself up to x = 5,
            and quick.

    >>> normal_tail(np.array([0.0, 1.0, 2.0])).round(6)
    array([0.5     , 0.158655, 0.02275 ])
    """
    if x.dtype != np.float32:
        return 0.5 * erfc(x * math.sqrt(0.5))
    work = x * NORMAL_SCALE
    work += 1
    np.divide(1, work, out=work)
    tail = _polynomial(work, NORMAL)
    np.square(x, out=work)
    work *= -0.5
    tail *= np.exp(work, out=work)
    return tail


def _erf_small(x: Array) -> Array:
    return x * _ratio(x * x, ERF_TOP, ERF_BOTTOM)


def _erfc_large(x: Array) -> Array:
    x = np.minimum(x, BEYOND)
    middle = x <= LARGE
    scaled = np.empty_like(x)
    scaled[middle] = _ratio(x[middle], MIDDLE_TOP, MIDDLE_BOTTOM)
    far = x[~middle]
    inverse_square = 1 / (far * far)
    tail = inverse_square * _ratio(inverse_square, TAIL_TOP, TAIL_BOTTOM)
    scaled[~middle] = (math.sqrt(1 / math.pi) - tail) / far
    # The rounding of x² would be multiplied by x² in exp(-x²); the square of sixteenths is exact.
    coarse = np.trunc(x * 16) / 16
    return scaled * np.exp(-coarse * coarse) * np.exp((coarse - x) * (coarse + x))


def _ratio(x: Array, top: Sequence[float], bottom: Sequence[float]) -> Array:
    return _polynomial(x, top) / _polynomial(x, bottom)


def _polynomial(x: Array, coefficients: Sequence[float]) -> Array:
    total = x * coefficients[0]
    for coefficient in coefficients[1:-1]:
        total += coefficient
        total *= x
    total += coefficients[-1]
    return total

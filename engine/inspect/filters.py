"""What each filter of a layer is: an edge, a blob, a Gabor function, of which colour, and how surely.

A filter of several channels is looked at through its main pattern: the one picture that, weighted by a
colour, comes closest to it (the first principal component over the input channels).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from engine.errors import EngineError
from engine.inspect.filter_kinds import KINDS, Kind, kind_of
from engine.inspect.gabor import ANGLE, COLUMN, LOG_ASPECT, LOG_SIGMA, LOG_WAVELENGTH, ROW, GaborFit
from engine.inspect.gabor_fit import fit_gabors
from engine.types import Array, Pair

Reason: TypeAlias = Literal["too-small", "too-large", "deep", "dead", "flat"]
"""Why a filter has no fit; see ``describe_filters``."""

SMALLEST_SIDE, LARGEST_SIDE = 5, 32
"""Nine numbers cannot be fitted to the nine cells of a 3×3 kernel: anything would seem to fit."""

FITTED_CHANNELS = (1, 3)
"""Filters of gray and of colour pictures. Those of deeper layers have no one pattern to be fitted."""

DEAD = 1e-3
"""A filter whose norm is at most this part of the layer's largest does nothing."""

FLAT = 0.9
"""From this part of its energy in the channels' means, a filter has no pattern worth a name."""


@dataclass(frozen=True)
class FilterDescription:
    """What one filter is.

    Args:
        index: of the output channel.
        kind: what it is called; ``other`` also where there is a reason not to fit, except ``flat``,
            which is a ``blob`` as large as the filter.
        color: whether it compares channels more than it adds them up: over half of its energy is not in
            the sum of red, green and blue. Never for other numbers of channels.
        norm: length of all its weights.
        fit: the Gabor function laid over it, also where that explains too little to name it.
        reason: why there is no fit.
    """

    index: int
    kind: Kind
    color: bool
    norm: float
    fit: GaborFit | None
    reason: Reason | None

    @property
    def sort_key(self) -> tuple[int, float, float, int]:
        """By kind, then orientation, then wavelength; what has no fit comes last in its kind."""
        place = KINDS.index(self.kind)
        if self.fit is None:
            return (place, np.inf, np.inf, self.index)
        return (place, self.fit.orientation_deg, self.fit.wavelength_px, self.index)


def describe_filters(weight: Array) -> tuple[FilterDescription, ...]:
    """What each filter of a convolution is; see ``kind_of`` for the names.

    Filters are fitted from 5×5 to 32×32 (else ``too-small``, ``too-large``), with 1 or 3 input channels
    (else ``deep``), if they are not ``dead`` beside the layer's strongest and not ``flat``.

    Args:
        weight: (OC, C, KH, KW), as a cross-correlation applies it; depthwise weights have C = 1.

    Returns:
        One description per output channel, in their order.

    Raises:
        EngineError: ``shape-mismatch`` unless there are four axes and a filter, ``invalid-weight``
            unless the entries are real numbers, ``non-finite``.

    >>> from engine.presets import make_kernel
    >>> waves = [make_kernel("gabor", (7, 7), {"orientation_deg": angle}) for angle in (30, 120)]
    >>> [(each.kind, round(each.fit.orientation_deg)) for each in describe_filters(np.stack(waves)[:, None])]
    [('gabor', 30), ('gabor', 120)]
    >>> describe_filters(make_kernel("sobel_x")[None, None])[0].reason
    'too-small'
    """
    weight = _checked(weight)
    # Neither squares of huge weights nor those of tiny ones may leave the range of float64.
    peak = float(np.abs(weight).max()) or 1.0
    kernels = weight.reshape(*weight.shape[:2], -1) / peak
    size = (weight.shape[2], weight.shape[3])
    norms = np.linalg.norm(kernels, axis=(1, 2))
    reasons = [_reason(kernel, size, norm, norms.max()) for kernel, norm in zip(kernels, norms, strict=True)]
    fitted = [index for index, reason in enumerate(reasons) if reason is None]
    fits = dict(zip(fitted, _fit(kernels[fitted], size, peak), strict=True))
    return tuple(
        FilterDescription(
            index=index,
            kind=_kind(fits.get(index), size, reason),
            color=_is_color(kernels[index]),
            norm=float(norms[index]) * peak,
            fit=fits.get(index),
            reason=reason,
        )
        for index, reason in enumerate(reasons)
    )


def _checked(weight: Array) -> Array:
    given = np.asarray(weight)
    if given.ndim != 4 or given.size == 0:
        raise EngineError("shape-mismatch", "weight", given.shape, "(OC, C, KH, KW), each at least 1")
    if given.dtype.kind not in "fiu":
        raise EngineError("invalid-weight", "weight", str(given.dtype), "real numbers")
    if not np.isfinite(given).all():
        raise EngineError("non-finite", "weight", "NaN or infinity", "finite numbers")
    return given.astype(np.float64)


def _reason(kernel: Array, size: Pair, norm: float, largest: float) -> Reason | None:
    if min(size) < SMALLEST_SIDE:
        return "too-small"
    if max(size) > LARGEST_SIDE:
        return "too-large"
    if len(kernel) not in FITTED_CHANNELS:
        return "deep"
    if norm <= DEAD * largest:
        return "dead"
    means = kernel.mean(axis=1)
    return "flat" if (means**2).sum() * kernel.shape[1] >= FLAT * norm**2 else None


def _kind(fit: GaborFit | None, size: Pair, reason: Reason | None) -> Kind:
    if fit is not None:
        return kind_of(fit, size)
    return "blob" if reason == "flat" else "other"


def _is_color(kernel: Array) -> bool:
    # The sum over channels, as a vector along (1, 1, 1) / √3.
    brightness = (kernel.sum(axis=0) ** 2).sum() / 3
    return len(kernel) == 3 and bool(brightness < (kernel**2).sum() / 2)


def _fit(kernels: Array, size: Pair, scale: float) -> list[GaborFit]:
    """The Gabor function of the main pattern of each kernel (N, C, P), for weights ``scale`` times larger."""
    if len(kernels) == 0:
        return []
    means = kernels.mean(axis=2)
    centred = kernels - means[:, :, None]
    # ncp,nep->nce: the covariance of the channels, whose largest eigenvector is the main colour.
    directions = np.linalg.eigh(centred @ centred.swapaxes(1, 2))[1][:, :, -1]
    # A pattern and its colour may both be turned round; most of the colour shall be positive.
    directions *= np.where(directions.sum(axis=1) < 0, -1.0, 1.0)[:, None]
    patterns = (directions[:, None] @ centred)[:, 0]
    fits = fit_gabors(patterns.reshape(-1, *size))
    shares = (patterns**2).sum(axis=1) / (centred**2).sum(axis=(1, 2))
    offsets = scale * (means + directions * fits.offset[:, None])
    amplitudes = scale * np.hypot(fits.even, fits.odd)
    orientations, phases = _principal(fits.shapes[:, ANGLE], np.arctan2(-fits.odd, fits.even))
    return [
        GaborFit(
            orientation_deg=float(orientations[i]),
            wavelength_px=float(np.exp(shape[LOG_WAVELENGTH])),
            phase_deg=float(phases[i]),
            sigma_px=float(np.exp(shape[LOG_SIGMA])),
            aspect=float(np.exp(shape[LOG_ASPECT])),
            center=(float(shape[ROW]), float(shape[COLUMN])),
            amplitude=float(amplitudes[i]),
            direction=tuple(directions[i].tolist()),
            offset=tuple(offsets[i].tolist()),
            r2=float(shares[i] * fits.r2[i]),
            pattern_r2=float(fits.r2[i]),
        )
        for i, shape in enumerate(fits.shapes)
    ]


def _principal(angles: Array, phases: Array) -> tuple[Array, Array]:
    """Orientations in [0, 180) and phases in (-180, 180], in degrees, from radians.

    Seen from the other side, half a turn on, the same stripes have the opposite phase.
    """
    turned = np.rad2deg(angles)
    halves = np.floor(turned / 180)
    rest = turned - 180 * halves
    # Just below 0, what is left of a half turn rounds to all of it.
    whole = rest >= 180
    rest, halves = np.where(whole, 0.0, rest), halves + whole
    signed = np.rad2deg(np.where(halves % 2 == 1, -phases, phases))
    return rest, np.where(signed <= -180, 180.0, signed)

"""A layer's filters in a few numbers, and filters of noise to hold beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.inspect.filter_kinds import KINDS, Kind
from engine.inspect.filters import FilterDescription
from engine.types import Array


@dataclass(frozen=True)
class FilterSummary:
    """What the filters of a layer are, taken together.

    Args:
        kinds: how many there are of each kind; every kind is named.
        color: how many compare colours.
        fitted: how many could be fitted.
        median_r2: of those that could; None if none could.
    """

    kinds: dict[Kind, int]
    color: int
    fitted: int
    median_r2: float | None


def summarise_filters(filters: Sequence[FilterDescription]) -> FilterSummary:
    """Counts by kind and the median quality of the fits.

    >>> from engine.inspect.filters import describe_filters
    >>> summarise_filters(describe_filters(np.ones((2, 1, 5, 5)))).kinds
    {'gabor': 0, 'edge': 0, 'blob': 2, 'other': 0}
    """
    counts = Counter(each.kind for each in filters)
    r2 = [each.fit.r2 for each in filters if each.fit is not None]
    return FilterSummary(
        kinds={kind: counts[kind] for kind in KINDS},
        color=sum(each.color for each in filters),
        fitted=len(r2),
        median_r2=float(np.median(r2)) if r2 else None,
    )


def random_filters(weight: Array, seed: int) -> Array:
    """White noise in the shape of a layer's filters, each as long as the one whose place it takes.

    What a fit finds in these it finds by chance: the measure for what it finds in learned ones.

    Args:
        weight: (OC, C, KH, KW), finite.
        seed: the same one gives the same noise.

    Returns:
        New array of the weight's shape and dtype.

    >>> noise = random_filters(np.full((2, 1, 2, 2), 0.5), seed=0)
    >>> (noise**2).sum(axis=(1, 2, 3)).round(6).tolist()
    [1.0, 1.0]
    """
    noise = np.random.default_rng(seed).standard_normal(weight.shape)
    lengths = [
        np.sqrt((each.astype(np.float64) ** 2).sum(axis=(1, 2, 3), keepdims=True)) for each in (weight, noise)
    ]
    return np.asarray(noise * lengths[0] / lengths[1], dtype=weight.dtype)

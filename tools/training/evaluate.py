"""How good trained weights are, in the engine that will run them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.graph import Model
from engine.inspect.filters import describe_filters
from engine.types import Array
from tools.training.data import Labelled

BATCH = 100


def as_unit(pictures: Array) -> Array:
    """(N, C, rows, columns) float32 in [0, 1] from (N, rows, columns, C) uint8."""
    return np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), dtype=np.float32) / 255


def held_out(model: Model, data: Labelled, prepare: Callable[[Array], Array] = as_unit) -> dict[str, Any]:
    """For the card: the share of pictures whose likeliest class is right, and of how many.

    Args:
        model: the engine's, with the trained weights.
        data: pictures that nothing was learnt from.
        prepare: from pictures as read to what enters the network.
    """
    last, right = model.nodes[-1].name, 0
    for start in range(0, len(data.labels), BATCH):
        scores = model.run(prepare(data.pictures[start : start + BATCH])).output(last)
        right += int((scores.argmax(axis=1) == data.labels[start : start + BATCH]).sum())
    return {
        "held_out": right / len(data.labels),
        "pictures": len(data.labels),
        "evaluated": "on the whole test set, by this project's engine",
    }


def filter_figures(weight: Array) -> dict[str, Any]:
    """For the card: what kinds of filters a first layer has, and how well Gabor functions describe them."""
    described = describe_filters(weight)
    r2 = [each.fit.r2 for each in described if each.fit is not None]
    kinds = [each.kind for each in described]
    return {
        "gabor_r2_median": round(float(np.median(r2)), 3),
        "fitted": len(r2),
        "kinds": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        "color": sum(each.color for each in described),
    }

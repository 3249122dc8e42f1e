"""What routes make of weights, kept for as long as the weights live: once per model, not once per run."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Hashable
from typing import Any

from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.dispatch import ALGORITHMS
from engine.types import Array

WORTH_KEEPING = 4096
"""Smaller weights are prepared anew: that takes microseconds."""

_held: dict[int, dict[Hashable, Any]] = {}
_lock = threading.Lock()


def prepared(name: str, weight: Array, bias: Array | None, task: Convolution) -> Any:
    """What the route of that name wants of the weights.

    Remembered only for a weight that cannot change, one whose array is read-only, and the bias's too.
    """
    route = ALGORITHMS[name]
    can_change = weight.flags.writeable or (bias is not None and bias.flags.writeable)
    if can_change or weight.size < WORTH_KEEPING:
        return route.prepare(weight, bias, task)
    own = _of(weight)
    key = (name, id(bias), route.prepared_for(task))
    if key not in own:
        # The bias is kept beside it, so that its id stays its own. The weight must not be, or it would never
        # be freed: a route that takes weights as they lie gets a copy.
        own[key] = bias, route.prepare(weight.copy(), bias, task)
    return own[key][1]


def kept_bytes(weight: Array) -> int:
    """Memory that routes may keep beside a weight: Winograd's kernels are 4 times as large, others as large.

    >>> import numpy as np
    >>> kept_bytes(np.zeros((64, 64, 3, 3), np.float32)), kept_bytes(np.zeros((1000, 512), np.float32))
    (589824, 0)
    """
    if weight.ndim != 4 or weight.size < WORTH_KEEPING:
        return 0
    return weight.nbytes * (4 if weight.shape[2:] == (3, 3) else 1)


def _of(weight: Array) -> dict[Hashable, Any]:
    with _lock:
        key = id(weight)
        if key not in _held:
            _held[key] = {}
            weakref.finalize(weight, _held.pop, key, None)
        return _held[key]

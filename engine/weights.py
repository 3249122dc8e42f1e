"""From the ways of writing a weight (numbers, a preset, an initialisation) to its array."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod, sqrt
from typing import Any, TypeAlias

import numpy as np

from engine.errors import EngineError
from engine.presets import make_kernel
from engine.types import Array, Pair, Shape

Source: TypeAlias = Any
"""Nested numbers, a preset's name, {"preset": …}, {"init": …, "seed": …} or {"model": …, "node": …}."""

Lookup: TypeAlias = Callable[[Mapping[str, Any]], Array]
"""Finds a trained weight for {"model", "node", "channel"?}; given by whoever keeps models."""

INITIALISATIONS = ("he", "xavier", "zeros", "ones")
FORMS = "numbers, a preset's name, {'preset': …}, {'init': …, 'seed': …} or {'model': …, 'node': …}"


def known_values(name: str, source: Source, size: Pair | None, lookup: Lookup | None = None) -> Array | None:
    """The numbers that a source names by itself; None for an initialisation, which needs a shape.

    Args:
        name: the weight's name, for messages.
        size: kernel size asked for, or None.

    Raises:
        EngineError: ``invalid-weight``, ``non-finite``, or what presets and models raise.
    """
    if isinstance(source, str):
        return make_kernel(source, size)
    if not isinstance(source, Mapping):
        return _numbers(name, source)
    if "preset" in source:
        settings = {key: value for key, value in source.items() if key not in ("preset", "size")}
        own = source.get("size")
        return make_kernel(str(source["preset"]), _pair(own) if own is not None else size, settings)
    if "init" in source:
        return None
    if "model" in source and lookup is not None:
        return lookup(source)
    raise EngineError("invalid-weight", name, dict(source), FORMS)


def materialise(name: str, values: Array | None, source: Source, shape: Shape) -> Array:
    """The weight in its full shape, float32; a kernel given once serves every channel.

    Args:
        values: what ``known_values`` found; its axes must be the last ones of ``shape``.

    Raises:
        EngineError: ``shape-mismatch`` if the values do not fit.
    """
    if values is None:
        return _initialised(name, source, shape)
    if values.shape != shape[len(shape) - values.ndim :]:
        raise EngineError("shape-mismatch", name, list(values.shape), f"{list(shape)} or its last axes")
    return np.array(np.broadcast_to(values, shape), dtype=np.float32)


def _numbers(name: str, source: Source) -> Array:
    try:
        values = np.asarray(source, dtype=np.float64).astype(np.float32)
    except (TypeError, ValueError):
        raise EngineError("invalid-weight", name, source, FORMS) from None
    if not np.isfinite(values).all():
        raise EngineError("non-finite", name, source, "finite numbers")
    if values.size == 0:
        raise EngineError("invalid-weight", name, source, "at least one number")
    return values


def _pair(size: Any) -> Pair:
    both = [size, size] if isinstance(size, int) else list(size)
    if len(both) != 2 or not all(isinstance(cells, int) and cells >= 1 for cells in both):
        raise EngineError("invalid-argument", "size", size, "an integer of at least 1, or [rows, columns]")
    return (both[0], both[1])


def _initialised(name: str, source: Mapping[str, Any], shape: Shape) -> Array:
    """He (2015) and Xavier (Glorot & Bengio 2010) normal initialisations, zeros and ones.

    Book: Xavier is 1 / sqrt(n) of the inputs; here, as in PyTorch, sqrt(2 / (inputs + outputs)).
    """
    kind, seed = source.get("init"), source.get("seed", 0)
    unknown = [key for key in source if key not in ("init", "seed")]
    if kind not in INITIALISATIONS or unknown:
        raise EngineError(
            "invalid-weight", name, dict(source), f"init {', '.join(INITIALISATIONS)}, with a seed"
        )
    if not isinstance(seed, int) or seed < 0:
        raise EngineError("invalid-argument", "seed", seed, "an integer of at least 0")
    if kind in ("zeros", "ones"):
        return np.full(shape, float(kind == "ones"), dtype=np.float32)
    fan_in, fan_out = prod(shape[1:]), shape[0] * prod(shape[2:])
    deviation = sqrt(2 / fan_in) if kind == "he" else sqrt(2 / (fan_in + fan_out))
    return (np.random.default_rng(seed).standard_normal(shape) * deviation).astype(np.float32)

"""From the ways of writing a weight (numbers, a preset, an initialisation) to its array."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from math import prod, sqrt
from numbers import Real
from typing import Any, TypeAlias

import numpy as np

from engine.errors import EngineError
from engine.ops.parameters import Parameter
from engine.presets import LARGEST_SIDE, make_kernel
from engine.types import Array, Pair, Shape

Source: TypeAlias = Any
"""Nested numbers, a preset's name, {"preset": …}, {"init": …, "seed": …} or {"model": …, "node": …}."""

Lookup: TypeAlias = Callable[[Mapping[str, Any]], Array]
"""Finds a trained weight for {"model", "node", "channel"?}; given by whoever keeps models."""

INITIALISATIONS = ("he", "xavier", "zeros", "ones")
"""Names of the rules by which a weight can be drawn; see ``materialise``."""

FINITE = "finite numbers within the range of float32"
FORMS = "numbers, a preset's name, {'preset': …}, {'init': …, 'seed': …} or {'model': …, 'node': …}"

_SIZE = Parameter("pair", minimum=1, maximum=LARGEST_SIDE, name="size")


def known_values(name: str, source: Source, size: Pair | None, lookup: Lookup | None = None) -> Array | None:
    """The numbers that a source names by itself; None for an initialisation, which needs a shape.

    Args:
        name: the weight's name, for messages.
        source: see ``Source``; lists nest as deep as the array has axes, booleans are no numbers.
        size: (rows, columns) of the kernel asked for, or None; a preset's own ``size`` comes first.
        lookup: see ``Lookup``; without it, sources naming a model are refused.

    Returns:
        float32, the axes that the source has by itself: () for a number, (KH, KW) for a preset.

    Raises:
        EngineError: ``invalid-weight``, ``non-finite``, or what presets and models raise.

    >>> known_values("weight", [[1, 2, 3]], None)
    array([[1., 2., 3.]], dtype=float32)
    >>> known_values("weight", {"preset": "box", "size": [1, 2]}, (3, 3))
    array([[0.5, 0.5]], dtype=float32)
    >>> known_values("weight", {"init": "he", "seed": 7}, (3, 3)) is None
    True
    """
    if isinstance(source, str):
        return make_kernel(source, size)
    if not isinstance(source, Mapping):
        return _numbers(name, source)
    if "preset" in source:
        if not isinstance(source["preset"], str):
            raise EngineError("invalid-weight", name, source["preset"], "a preset's name")
        settings = {key: value for key, value in source.items() if key not in ("preset", "size")}
        own = source.get("size")
        return make_kernel(source["preset"], size if own is None else _SIZE.read(own), settings)
    if "init" in source:
        return None
    if "model" in source and lookup is not None:
        return lookup(source)
    raise EngineError("invalid-weight", name, dict(source), FORMS)


def materialise(name: str, values: Array | None, source: Source, shape: Shape) -> Array:
    """The weight in its full shape, float32; a kernel given once serves every channel.

    Args:
        name: the weight's name, for messages.
        values: what ``known_values`` found; its axes must be the last ones of ``shape``.
        source: where the values came from; asked for its initialisation if there are none.
        shape: of the weight in full.

    Returns:
        ``shape``, float32, always a new array.

    Raises:
        EngineError: ``shape-mismatch`` if the values do not fit; ``invalid-weight`` or
            ``invalid-argument`` for an initialisation that is none.

    >>> materialise("weight", np.float32([[1, 2]]), [[1, 2]], (2, 1, 1, 2)).tolist()
    [[[[1.0, 2.0]]], [[[1.0, 2.0]]]]
    >>> materialise("bias", None, {"init": "ones"}, (3,))
    array([1., 1., 1.], dtype=float32)
    """
    if values is None:
        return _initialised(name, source, shape)
    if values.shape != shape[len(shape) - values.ndim :]:
        raise EngineError("shape-mismatch", name, list(values.shape), f"{list(shape)} or its last axes")
    return np.array(np.broadcast_to(values, shape), dtype=np.float32)


def _numbers(name: str, source: Source) -> Array:
    try:
        with np.errstate(over="ignore"):
            values = np.asarray(source, dtype=np.float64).astype(np.float32)
    except OverflowError:
        raise EngineError("non-finite", name, source, FINITE) from None
    except (TypeError, ValueError):
        raise EngineError("invalid-weight", name, source, FORMS) from None
    if not all(_is_number(kind) for kind in _kinds(source, values.ndim)):
        raise EngineError("invalid-weight", name, source, FORMS)
    if values.size == 0:
        raise EngineError("invalid-weight", name, source, "at least one number")
    if not np.isfinite(values).all():
        raise EngineError("non-finite", name, source, FINITE)
    return values


def _kinds(source: Source, axes: int) -> set[type]:
    """The types that stand where numbers should; NumPy would read "1", True and None as numbers."""
    if isinstance(source, np.ndarray):
        return {source.dtype.type}
    numbers: Iterable[Any] = [source]
    for _ in range(axes):
        numbers = chain.from_iterable(numbers)
    return set(map(type, numbers))


def _is_number(kind: type) -> bool:
    return kind is not bool and issubclass(kind, Real)


def _initialised(name: str, source: Mapping[str, Any], shape: Shape) -> Array:
    """He (2015) and Xavier (Glorot & Bengio 2010) normal initialisations, zeros and ones.

    He's deviation is sqrt(2 / inputs), inputs counting the numbers in one kernel.
    Book: Xavier is 1 / sqrt(n) of the inputs; here, as in PyTorch, sqrt(2 / (inputs + outputs)).
    """
    kind, seed = source.get("init"), source.get("seed", 0)
    unknown = [key for key in source if key not in ("init", "seed")]
    if kind not in INITIALISATIONS or unknown:
        raise EngineError(
            "invalid-weight", name, dict(source), f"init {', '.join(INITIALISATIONS)}, with a seed"
        )
    if type(seed) is not int or seed < 0:
        raise EngineError("invalid-argument", "seed", seed, "an integer of at least 0")
    if kind in ("zeros", "ones"):
        return np.full(shape, float(kind == "ones"), dtype=np.float32)
    # Six axes: a kernel for every place of the output, and each reads its own window alone.
    kernels = shape if len(shape) < 6 else (shape[0], *shape[3:])
    fan_in, fan_out = prod(kernels[1:]), kernels[0] * prod(kernels[2:])
    deviation = sqrt(2 / fan_in) if kind == "he" else sqrt(2 / (fan_in + fan_out))
    return (np.random.default_rng(seed).standard_normal(shape) * deviation).astype(np.float32)

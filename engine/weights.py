"""From the ways of writing a weight (numbers, a preset, an initialisation, a trained one) to its array."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from math import isfinite, prod, sqrt
from numbers import Real
from typing import Any, TypeAlias

import numpy as np

from engine.errors import EngineError
from engine.ops.parameters import Parameter
from engine.presets import LARGEST_SIDE, make_kernel
from engine.types import Array, Pair, Shape

Source: TypeAlias = Any
"""What ``FORMS`` lists; {"node": …} alone names a node of the same model."""

Lookup: TypeAlias = Callable[[Mapping[str, Any]], Array]
"""Finds a trained weight for {"model", "node", "channel"?}; given by whoever keeps models."""

INITIALISATIONS = ("he", "xavier", "zeros", "ones")
"""Names of the rules by which a weight can be drawn; see ``materialise``."""

BLOCK = 1 << 20
"""Numbers that are drawn from one seed; a layer of 100 million has a hundred such blocks."""

FINITE = "finite numbers within the range of float32"
FORMS = (
    "numbers, a preset's name, {'preset': …}, {'init': …, 'seed': …}, {'model': …, 'node': …} or {'node': …}"
)

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


def is_shared(source: Source) -> bool:
    """Whether a source is {"node": …}: the weight of the same name of another node of the same model.

    >>> is_shared({"node": "conv1"}), is_shared({"model": "lenet-5", "node": "c1"})
    (True, False)
    """
    return isinstance(source, Mapping) and list(source) == ["node"]


def taken(name: str, array: Array, shape: Shape) -> Array:
    """An array given from outside, as a weight.

    Args:
        name: the weight's name, for messages.
        array: real numbers; float32 is not copied.
        shape: that the weight must have.

    Returns:
        ``shape``, float32.

    Raises:
        EngineError: ``invalid-weight``, ``shape-mismatch`` or ``non-finite``.

    >>> taken("conv1.bias", np.array([1, 2]), (2,))
    array([1., 2.], dtype=float32)
    """
    values = np.asarray(array)
    if values.dtype.kind not in "fiu":
        raise EngineError("invalid-weight", name, str(values.dtype), "an array of real numbers")
    if values.shape != shape:
        raise EngineError("shape-mismatch", name, list(values.shape), f"the shape {list(shape)}")
    with np.errstate(over="ignore"):
        # A view, so that one array given for two weights does not count as one that they share.
        values = values.astype(np.float32, copy=False).view()
    if not is_finite(values):
        raise EngineError("non-finite", name, "NaN or infinite", FINITE)
    return values


def is_finite(numbers: Array) -> bool:
    """Whether every number is finite: NaN is the least and the largest of any company it is in.

    >>> is_finite(np.array([1.0, 2.0])), is_finite(np.array([1.0, np.nan])), is_finite(np.array([-np.inf]))
    (True, False, False)
    """
    # No array of flags is made, which np.isfinite would need.
    return numbers.size == 0 or (isfinite(numbers.min()) and isfinite(numbers.max()))


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
        return np.ones(shape, np.float32) if kind == "ones" else np.zeros(shape, np.float32)
    # Six axes: a kernel for every place of the output, and each reads its own window alone.
    kernels = shape or (1,) if len(shape) < 6 else (shape[0], *shape[3:])
    fan_in, fan_out = prod(kernels[1:]), kernels[0] * prod(kernels[2:])
    deviation = sqrt(2 / fan_in) if kind == "he" else sqrt(2 / (fan_in + fan_out))
    return _normal(shape, deviation, seed)


def _normal(shape: Shape, deviation: float, seed: int) -> Array:
    """Normal numbers in blocks with seeds of their own: however many threads draw them, they are the same."""
    drawn = np.empty(shape, dtype=np.float32)
    blocks = np.array_split(drawn.reshape(-1), max(1, drawn.size // BLOCK))

    def draw(index: int) -> None:
        np.random.Generator(np.random.SFC64([seed, index])).standard_normal(
            dtype=np.float32, out=blocks[index]
        )
        blocks[index][...] *= np.float32(deviation)

    if len(blocks) == 1:
        draw(0)
    else:
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            list(pool.map(draw, range(len(blocks))))
    return drawn

"""Numbers as the protocol writes them: in JSON, or as bytes in little-endian, row-major order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from math import prod
from typing import Any

import numpy as np

from app.problems import Problem
from app.representations import Numbers

DATATYPES: dict[str, np.dtype[Any]] = {
    "FP32": np.dtype("<f4"),
    "FP16": np.dtype("<f2"),
    "UINT8": np.dtype("u1"),
    "INT8": np.dtype("i1"),
    "UINT16": np.dtype("<u2"),
    "INT16": np.dtype("<i2"),
}
"""Those whose every number FP32 holds: nothing is rounded on the way in."""


def dtype_of(datatype: str, at: str) -> np.dtype[Any]:
    """NumPy's word for a datatype.

    Args:
        datatype: as the protocol calls it.
        at: where it stands in the request, such as ``inputs.0``.

    Raises:
        Problem: ``invalid-argument`` for one that is not taken.
    """
    dtype = DATATYPES.get(datatype)
    if dtype is None:
        allowed = f"{', '.join(DATATYPES)}: the model reads FP32, which holds all their numbers"
        raise Problem("invalid-argument", f"{at}.datatype", datatype, allowed)
    return dtype


def from_bytes(data: memoryview, datatype: str, shape: Sequence[int], at: str) -> Numbers:
    """A tensor from its bytes, which are not copied.

    Raises:
        Problem: ``invalid-argument`` for a datatype that is not taken; ``shape-mismatch`` for more or fewer
            bytes than the shape has.

    >>> from_bytes(memoryview(bytes([1, 0, 2, 0])), "UINT16", [1, 2], "inputs.0").tolist()
    [[1, 2]]
    """
    dtype = dtype_of(datatype, at)
    size = prod(shape) * dtype.itemsize
    if len(data) != size:
        allowed = f"{size}: {datatype} of shape {list(shape)}"
        raise Problem("shape-mismatch", f"{at}.parameters.binary_data_size", len(data), allowed)
    return np.frombuffer(data, dtype).reshape(shape)


def from_numbers(data: list[Any], datatype: str, shape: Sequence[int], at: str) -> Numbers:
    """A tensor from JSON, flat or nested as its shape says.

    Raises:
        Problem: ``invalid-argument`` for a datatype that is not taken, for what is no number, and for
            numbers that an integer datatype does not have; ``shape-mismatch`` for another shape.

    >>> from_numbers([[1, 2.5]], "FP32", [1, 2], "inputs.0").tolist()
    [[1.0, 2.5]]
    """
    dtype = dtype_of(datatype, at)
    nested = bool(data) and isinstance(data[0], list)
    flat = _flat(data, shape if nested else (prod(shape),))
    if flat is None:
        allowed = f"{prod(shape)} numbers in row-major order, flat or nested as {list(shape)}"
        raise Problem("shape-mismatch", f"{at}.data", f"a list of {len(data)}", allowed)
    kinds = {type(number) for number in flat} - {int, float}
    if kinds:
        raise Problem("invalid-argument", f"{at}.data", f"a {kinds.pop().__name__} in it", "numbers")
    # What overflows becomes infinite here, and is refused by the model, which takes finite numbers.
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            given = np.array(flat, dtype=np.float64)
        except OverflowError:
            raise Problem("non-finite", f"{at}.data", allowed="finite numbers") from None
        stored = given.astype(dtype)
    if dtype.kind in "iu" and not np.array_equal(stored, given):
        wrong = given[stored != given][0]
        bounds = np.iinfo(dtype)
        allowed = f"integers from {bounds.min} to {bounds.max}"
        raise Problem("invalid-argument", f"{at}.data", float(wrong), allowed)
    return stored.reshape(shape)


def _flat(data: list[Any], shape: Sequence[int]) -> list[Any] | None:
    """The elements of nested lists, or None where they are not nested as the shape says.

    >>> _flat([[1, 2], [3, 4]], (2, 2)), _flat([[1, 2], [3]], (2, 2))
    ([1, 2, 3, 4], None)
    """
    level: list[Any] = [data]
    for size in shape:
        if not all(isinstance(part, list) and len(part) == size for part in level):
            return None
        level = list(chain.from_iterable(level))
    return level

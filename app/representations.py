"""Arrays as bytes: .npy, .npz and JSON, in part or averaged, in the type that is asked for."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic_core import to_json

from app.negotiation import MEDIA_TYPES, Dtype, Form
from app.problems import Problem

Numbers: TypeAlias = npt.NDArray[Any]

FLOAT16_MAX = 60_000.0
"""Beyond it values are divided by a power of two first; float16 itself ends at 65,504."""


@dataclass(frozen=True)
class Content:
    """An answer's bytes, what they are, and what belongs to them."""

    body: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """Which part of an array is asked for, and in which type."""

    dtype: Dtype = "float32"
    channels: str | None = None
    """``start:stop`` on the first axis."""
    max_px: int | None = None
    """The longer side at most so many cells, each the average of an area."""


def json_content(value: Any) -> Content:
    """A JSON answer; numbers that JSON cannot write are null."""
    return Content(to_json(value, inf_nan_mode="null"), MEDIA_TYPES["json"])


def select(array: Numbers, part: Part) -> Numbers:
    """The part of a map (channels, rows, columns) or a vector that is asked for.

    Raises:
        Problem: ``invalid-argument`` for channels that are not there.
    """
    if part.channels is not None:
        array = array[read_range("channels", part.channels, array.shape[0])]
    if part.max_px is not None and array.ndim >= 2 and max(array.shape[-2:]) > part.max_px:
        array = area_averaged(array, part.max_px)
    return array


def read_range(argument: str, text: str, size: int) -> slice:
    """``start:stop`` as a slice of at least one of ``size`` things; either end may be left out.

    >>> read_range("rows", "2:", 5)
    slice(2, 5, None)
    """
    start, colon, stop = text.partition(":")
    if colon and all(not end or (end.isascii() and end.isdigit() and len(end) < 12) for end in (start, stop)):
        first, last = int(start or 0), int(stop or size)
        if first < last <= size:
            return slice(first, last)
    raise Problem("invalid-argument", argument, text, f"start:stop with 0 <= start < stop <= {size}")


def area_averaged(array: Numbers, max_px: int) -> Numbers:
    """Shrink the last two axes so that the longer is ``max_px``; every cell is the average of what it covers.

    >>> area_averaged(np.array([[[1.0, 3.0, 5.0, 7.0]]]), 2)
    array([[[2., 6.]]])
    """
    rows, columns = array.shape[-2:]
    ratio = max_px / max(rows, columns)
    down = _averages(rows, max(1, round(rows * ratio))).astype(array.dtype)
    across = _averages(columns, max(1, round(columns * ratio))).astype(array.dtype)
    return np.asarray(down @ array @ across.T)


def _averages(cells: int, kept: int) -> npt.NDArray[np.float64]:
    """(kept, cells) matrix whose rows average equal stretches, cells at the edges by their share."""
    edges = np.linspace(0, cells, kept + 1)
    index = np.arange(cells)
    shares = np.minimum(edges[1:, None], index + 1) - np.maximum(edges[:-1, None], index)
    return np.asarray(np.maximum(shares, 0) * kept / cells)


def encode(array: Numbers, form: Form, part: Part, json_numbers: int, offered: str = ".npy") -> Content:
    """An array as .npy or JSON.

    Args:
        json_numbers: more than these are not written as JSON.
        offered: the other forms, for the hint.

    Raises:
        Problem: ``too-many-numbers`` for JSON that would be too long.
    """
    array = select(array, part)
    if form == "json":
        if array.size > json_numbers:
            hint = f"up to {json_numbers} numbers as JSON; ask for {offered}, or for fewer channels or max_px"
            raise Problem("too-many-numbers", "Accept", MEDIA_TYPES["json"], hint)
        return json_content({"shape": list(array.shape), "dtype": "float32", "data": array.tolist()})
    stored = convert(array, part.dtype)
    return Content(npy_bytes(stored.numbers), MEDIA_TYPES["npy"], stored.headers)


@dataclass(frozen=True)
class Stored:
    """An array in the type in which it travels: a value is ``number × scale + offset``."""

    numbers: Numbers
    scale: float = 1.0
    offset: float = 0.0

    @property
    def headers(self) -> dict[str, str]:
        """``X-Scale`` and ``X-Offset`` where they are needed."""
        if self.numbers.dtype == np.uint8:
            return {"X-Scale": repr(self.scale), "X-Offset": repr(self.offset)}
        return {} if self.scale == 1 else {"X-Scale": repr(self.scale)}


def convert(array: Numbers, dtype: Dtype) -> Stored:
    """The array in the type asked for, scaled where it has to be.

    >>> convert(np.array([-1.0, 0.0, 1.5]), "uint8")
    Stored(numbers=array([  0, 102, 255], dtype=uint8), scale=0.00980392156862745, offset=-1.0)
    """
    if dtype == "uint8":
        low, high = _extent(array)
        scale = (high - low) / 255 or 1.0
        steps = (array - low) / scale
        np.rint(steps, out=steps)
        # What is no number becomes the least, and the infinities become the ends.
        np.fmin(np.fmax(steps, 0, out=steps), 255, out=steps)
        return Stored(steps.astype(np.uint8), scale, low)
    if dtype == "float16":
        largest = max(map(abs, _extent(array)))
        if largest <= FLOAT16_MAX:
            return Stored(array.astype("<f2"))
        scale = 2.0 ** math.ceil(math.log2(largest / FLOAT16_MAX))
        return Stored((array / array.dtype.type(scale)).astype("<f2"), scale)
    return Stored(array.astype("<f4"))


def _extent(array: Numbers) -> tuple[float, float]:
    if array.size:
        low, high = float(array.min()), float(array.max())
        if math.isfinite(low) and math.isfinite(high):
            return low, high
    finite = array[np.isfinite(array)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def npy_bytes(array: Numbers) -> bytes:
    """A .npy file, little-endian and in C order."""
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(array), allow_pickle=False)
    return file.getvalue()


def npz_content(arrays: Mapping[str, Numbers], dtype: Dtype) -> Content:
    """Several arrays as one .npz file; the header ``X-Scale: name=scale+offset`` tells what is scaled.

    The entries are stored as they are, without compression: a script in a page reads them where they lie.
    """
    scales: list[str] = []
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            stored = convert(array, dtype)
            scales += [f"{name}={stored.scale!r}+{stored.offset!r}"] if stored.headers else []
            # By itself an entry is dated 1980: the same arrays make the same bytes.
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), npy_bytes(stored.numbers))
    return Content(file.getvalue(), MEDIA_TYPES["npz"], {"X-Scale": ", ".join(scales)} if scales else {})

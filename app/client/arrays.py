"""Arrays as they come: .npy and .npz, read strictly, without pickles, and put back to scale."""

from __future__ import annotations

import io
import math
import re
import zipfile
from typing import Any, TypeAlias

import httpx
import numpy as np
import numpy.typing as npt

from .errors import expecting

Array: TypeAlias = npt.NDArray[Any]

Scale: TypeAlias = tuple[float, float]
"""What stored numbers are multiplied by, and what is then added."""

DTYPES = ("<f4", "<f2", "|u1")

_NUMBER = r"[-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?"
_SCALE = re.compile(rf"(?P<name>.+)=(?P<scale>{_NUMBER})\+(?P<offset>{_NUMBER})")


def array_of(response: httpx.Response) -> Array:
    """The array of a .npy answer: as sent, or float32 where the headers tell a scale.

    Raises:
        BadAnswer: unless it is a whole .npy file of a type that the API has.
    """
    with expecting(response, "a .npy file"):
        scale, offset = response.headers.get("x-scale"), response.headers.get("x-offset", "0")
        return restored(read_npy(response.content), None if scale is None else (float(scale), float(offset)))


def arrays_of(response: httpx.Response) -> dict[str, Array]:
    """The arrays of a .npz answer in their order; float32.

    Raises:
        BadAnswer: unless it is a whole .npz file, without compression.
    """
    with expecting(response, "a .npz file"):
        scales = read_scales(response.headers.get("x-scale", ""))
        arrays = {}
        with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
            for entry in archive.infolist():
                if entry.compress_type != zipfile.ZIP_STORED:
                    raise ValueError(f"{entry.filename!r} is compressed")
                name = entry.filename.removesuffix(".npy")
                arrays[name] = restored(read_npy(archive.read(entry)), scales.get(name))
        return arrays


def read_npy(data: bytes) -> Array:
    """A .npy file whose length is what its header says, to the byte.

    ``numpy.load`` would take pickles, and set memory aside for whatever shape a header claims.

    Raises:
        ValueError: for anything else.

    >>> file = io.BytesIO()
    >>> np.save(file, np.float32([[1, 2]]))
    >>> read_npy(file.getvalue())
    array([[1., 2.]], dtype=float32)
    >>> read_npy(file.getvalue()[:-1])
    Traceback (most recent call last):
    ...
    ValueError: 7 bytes of numbers, where (1, 2) of <f4 takes 8
    """
    file = io.BytesIO(data)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }.get(np.lib.format.read_magic(file))
    if read_header is None:
        raise ValueError("a .npy file of a version that is not known here")
    shape, in_columns, dtype = read_header(file)
    if dtype.str not in DTYPES or in_columns:
        raise ValueError(f"numbers of type {dtype.str}; known: {', '.join(DTYPES)}, in C order")
    rest = len(data) - file.tell()
    if math.prod(shape) * dtype.itemsize != rest or any(side < 0 for side in shape):
        raise ValueError(
            f"{rest} bytes of numbers, where {shape} of {dtype.str} takes {math.prod(shape) * dtype.itemsize}"
        )
    return np.frombuffer(data, dtype, offset=file.tell()).reshape(shape).copy()


def read_scales(header: str) -> dict[str, Scale]:
    """``X-Scale`` of several arrays: by name, what their numbers are multiplied by, and what is added.

    >>> read_scales("conv=0.5+-3.0, a=b=1e+20+0.0")
    {'conv': (0.5, -3.0), 'a=b': (1e+20, 0.0)}
    """
    scales = {}
    for part in header.split(", ") if header else []:
        found = _SCALE.fullmatch(part)
        if found is None:
            raise ValueError(f"X-Scale is {part!r}; known: name=scale+offset")
        scales[found["name"]] = (float(found["scale"]), float(found["offset"]))
    return scales


def restored(stored: Array, scale: Scale | None) -> Array:
    """Numbers as they were before they were made to fit a smaller type; pixels stay as they are.

    >>> restored(np.uint8([0, 255]), (0.01, -1.0))
    array([-1.  ,  1.55], dtype=float32)
    """
    if scale is None:
        return stored.astype(np.float32) if stored.dtype == np.float16 else stored
    return (stored * np.float64(scale[0]) + scale[1]).astype(np.float32)

"""The binary messages of a live connection: pictures on their way up, maps on their way down."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from pydantic_core import to_json

from app.problems import Problem
from app.representations import Numbers
from app.services.descriptions import Json

_NUMBER = struct.Struct("<I")
_ALIGNED = 8
"""Arrays begin at multiples of so many bytes: the longest number that any of them may hold."""


class Frame(NamedTuple):
    """A picture with the number that its sender gave it."""

    number: int
    file: bytes


def read_frame(message: bytes) -> Frame:
    r"""A message as a picture: four bytes of its number, then a file.

    Raises:
        Problem: ``malformed-body``.

    >>> read_frame(b"\x11\0\0\0GIF89a")
    Frame(number=17, file=b'GIF89a')
    """
    if len(message) < _NUMBER.size:
        raise Problem("malformed-body", "message", f"{len(message)} bytes", "four bytes, then a picture")
    return Frame(_NUMBER.unpack_from(message)[0], message[_NUMBER.size :])


def pack(header: Json, arrays: Sequence[Numbers]) -> bytes:
    r"""A header and the arrays that it tells of, as one message.

    >>> pack({"n": 1}, [np.array([1, 2, 3], np.uint8)])
    b'\x0c\x00\x00\x00{"n":1}     \x01\x02\x03\x00\x00\x00\x00\x00'
    """
    text = to_json(header, inf_nan_mode="null")
    text += b" " * _missing(_NUMBER.size + len(text))
    parts: list[bytes | memoryview] = [_NUMBER.pack(len(text)), text]
    for array in arrays:
        parts += [np.ascontiguousarray(array).reshape(-1).view(np.uint8).data, bytes(_missing(array.nbytes))]
    return b"".join(parts)


def _missing(length: int) -> int:
    """Bytes up to the next multiple of ``_ALIGNED``."""
    return -length % _ALIGNED

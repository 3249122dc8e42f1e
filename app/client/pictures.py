"""Pictures as a script has them: a file, its bytes, pixels, or the name of one that the server knows."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt

Picture: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO | npt.NDArray[np.uint8]
"""One of:

* a path, as text with a dot or a slash in it or as a ``Path``;
* any other text: a sample's name, or the id of an uploaded picture;
* the bytes of a file, or a file opened for reading bytes;
* uint8 pixels, (rows, columns), (rows, columns, 3) or (channels, rows, columns).
"""

_GREY, _RGB = 0, 2
_UP = 2


def file_or_name(picture: Picture) -> bytes | str:
    r"""The bytes of a picture's file, or the name under which the server has it.

    Raises:
        OSError: for a file that cannot be read.
        ValueError: for an array that is no picture.

    >>> file_or_name("chelsea")
    'chelsea'
    >>> file_or_name(np.zeros((2, 3), np.uint8))[:4]
    b'\x89PNG'
    """
    if isinstance(picture, str) and not set(picture) & set("./\\"):
        return picture
    if isinstance(picture, np.ndarray):
        return png(_lines_first(picture))
    return file_bytes(picture)


def file_bytes(file: str | os.PathLike[str] | bytes | BinaryIO) -> bytes:
    """The bytes of a file, however it is given.

    Raises:
        OSError: for a path that cannot be read.
        TypeError: for anything but a path, bytes or a file of bytes.
    """
    if isinstance(file, str | os.PathLike):
        return Path(file).read_bytes()
    data: object = file.read() if hasattr(file, "read") else file
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"{file!r} gives no bytes; allowed: a path, bytes, a file opened with 'rb'")
    return bytes(data)


def png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """A PNG file of these pixels, uint8, (rows, columns) or (rows, columns, 3).

    Each line is stored as its difference from the one above (RFC 2083, 6.4), which for photographs packs
    better than the line itself.
    """
    rows, columns = pixels.shape[:2]
    flat = pixels.reshape(rows, -1)
    lines = np.full((rows, 1 + flat.shape[1]), _UP, np.uint8)
    lines[:, 1:] = flat
    lines[1:, 1:] -= flat[:-1]
    header = struct.pack(">2I5B", columns, rows, 8, _RGB if pixels.ndim == 3 else _GREY, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 2)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _lines_first(pixels: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """(rows, columns) or (rows, columns, 3).

    >>> _lines_first(np.zeros((3, 4, 5), np.uint8)).shape, _lines_first(np.zeros((1, 4, 5), np.uint8)).shape
    ((4, 5, 3), (4, 5))
    """
    if pixels.dtype != np.uint8:
        raise ValueError(f"picture has numbers of type {pixels.dtype}; allowed: uint8, from 0 to 255")
    allowed = "(rows, columns), (rows, columns, 3) or (channels, rows, columns) with 1 or 3 channels"
    shape = pixels.shape
    if pixels.size == 0 or pixels.ndim not in (2, 3):
        raise ValueError(f"picture has the shape {shape}; allowed: {allowed}")
    if pixels.ndim == 2:
        return pixels
    first, last = shape[0] in (1, 3), shape[2] in (1, 3)
    if first == last:
        why = "which may be read in two ways" if first else "which has no axis of channels"
        raise ValueError(f"picture has the shape {shape}, {why}; allowed: {allowed}")
    moved = np.moveaxis(pixels, 0, 2) if first else pixels
    return moved[:, :, 0] if moved.shape[2] == 1 else moved

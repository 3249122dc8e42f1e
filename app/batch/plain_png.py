"""A PNG of the plainest kind without detours: small pictures spend more time on those than on pixels.

Whatever is the least bit special, or damaged, is left to ``app.services.decode``; the pixels are the same.
"""

from __future__ import annotations

import struct
from zlib import crc32

import numpy as np
from PIL import Image

from app.services.decode import DecodeLimits, Pixels

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">8sI4sIIBBBBBI")
"""The signature, and the first chunk: size and kind of the picture."""

_CHUNK = struct.Struct(">I4s")
_END = struct.pack(">I4sI", 0, b"IEND", crc32(b"IEND"))
_MODES = {0: "L", 2: "RGB"}
"""By colour type: grey, and colours, neither with transparency."""


def plain_pixels(data: bytes, limits: DecodeLimits) -> Pixels | None:
    """The pixels of a PNG of 8 bits, grey or RGB, not interlaced, that says nothing else about itself.

    Args:
        data: the file.
        limits: beyond them no pixel is decoded.

    Returns:
        As ``decode`` does, (channels, rows, columns) uint8; None where that has to look.
    """
    if len(data) < _HEADER.size:
        return None
    signature, length, kind, columns, rows, depth, color, *others, check = _HEADER.unpack_from(data)
    mode = _MODES.get(color)
    if (signature, length, kind, depth, others) != (_SIGNATURE, 13, b"IHDR", 8, [0, 0, 0]) or mode is None:
        return None
    if check != crc32(data[12:29]) or not 0 < max(rows, columns) <= limits.side_px:
        return None
    if not 0 < rows * columns <= limits.pixels:
        return None
    packed = _packed(data)
    if packed is None:
        return None
    try:
        image = Image.frombytes(mode, (columns, rows), packed, "zip", (mode,))
    except Exception:  # Pillow's decoders raise whatever comes to hand; ``decode`` says what it means
        return None
    pixels = np.asarray(image).reshape(rows, columns, -1)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _packed(data: bytes) -> bytes | None:
    """What the chunks of pixels hold, if no other chunk is there and all are whole."""
    parts, at, end = [], _HEADER.size, len(data) - len(_END)
    while at < end:
        length, kind = _CHUNK.unpack_from(data, at)
        stop = at + _CHUNK.size + length
        if kind != b"IDAT" or stop + 4 > end:
            return None
        if data[stop : stop + 4] != crc32(data[at + 4 : stop]).to_bytes(4, "big"):
            return None
        parts.append(data[at + _CHUNK.size : stop])
        at = stop + 4
    return b"".join(parts) if data[at:] == _END else None

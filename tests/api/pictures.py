"""Pictures to send: noise as files of every format."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Bytes = npt.NDArray[np.uint8]


def noise(rows: int = 6, columns: int = 9, channels: int = 3, seed: int = 0) -> Bytes:
    """(channels, rows, columns)."""
    return np.random.default_rng(seed).integers(0, 256, (channels, rows, columns), np.uint8)


def pil(pixels: npt.NDArray[Any], mode: str | None = None) -> Image.Image:
    """(channels, rows, columns) as a Pillow picture."""
    array = pixels[0] if pixels.shape[0] == 1 else pixels.transpose(1, 2, 0)
    image = Image.fromarray(np.ascontiguousarray(array))
    assert mode is None or image.mode == mode
    return image


def encode(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png(pixels: npt.NDArray[Any], **options: Any) -> bytes:
    return encode(pil(pixels), "PNG", **options)


def exif(orientation: int) -> bytes:
    """An EXIF block that holds the orientation alone."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0" + b"II*\0" + struct.pack("<IH", 8, 1) + entry + b"\0\0\0\0"

"""Bytes of a picture to its pixels. Runs in a process of its own, see ``decoder``; trusts nothing.

What comes out is uint8, (channels, rows, columns), with one channel (grey) or three (RGB):

* the first frame of an animation; turned as EXIF says;
* grey stays grey, also where a palette holds only greys; 16 bits of grey are divided by 257 and rounded;
* what is transparent is laid over white;
* colour profiles are not applied: the numbers are those of the file.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import BmpImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from app.problems import Problem

Pixels = npt.NDArray[np.uint8]
"""(channels, rows, columns), C order."""

FORMATS = {
    "jpeg": JpegImagePlugin,
    "png": PngImagePlugin,
    "gif": GifImagePlugin,
    "webp": WebPImagePlugin,
    "bmp": BmpImagePlugin,
}
"""What is taken; imported here, so that the worker has them before the first picture."""

TAKEN = "a JPEG, PNG, GIF, WebP or BMP picture"

_TAKEN_WHOLE = ("gif", "webp")
"""These take the memory of a whole frame while they are opened, before their size can be asked."""

_ORIENTATION_TAG = 0x0112
_WHITE = 255
_PNG_COLOR_TYPE = 25
_PNG_GREYS = (0, 4)


@dataclass(frozen=True)
class DecodeLimits:
    """Bounds that are checked from the header, before any pixel is decoded."""

    pixels: int = 40_000_000
    side_px: int = 16_384
    jpeg_scans: int = 100
    jpeg_scan_pixels: int = 400_000_000


@dataclass(frozen=True)
class Decoded:
    """A decoded picture and the format that it came in, a key of ``FORMATS``."""

    pixels: Pixels
    format: str


def sniff(data: bytes) -> str | None:
    """The format by the first bytes, whatever the name says; None when it is not one of ``FORMATS``.

    >>> sniff(b"GIF89a"), sniff(b"hello")
    ('gif', None)
    """
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    # "BM" alone begins many a text; the reserved bytes are zero in every BMP.
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0" and len(data) >= 26:
        return "bmp"
    return None


def decode(data: bytes, limits: DecodeLimits) -> Decoded:
    """Decode a picture.

    Args:
        data: the file.
        limits: beyond them it is refused unseen.

    Raises:
        Problem: ``empty-picture``, ``not-a-picture``, ``picture-too-large``, ``too-many-scans``,
            ``truncated-picture``, ``broken-picture``.
    """
    if not data:
        raise Problem("empty-picture", "file", "0 bytes", TAKEN)
    kind = sniff(data)
    if kind is None:
        raise Problem("not-a-picture", "file", allowed=TAKEN)
    # Our own limits are checked below, before the pixels, and name the sides; Pillow's name none, and come
    # at twice this number.
    Image.MAX_IMAGE_PIXELS = limits.pixels if kind in _TAKEN_WHOLE else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=[kind.upper()]) as image:
                _check_size(image.size, limits)
                if kind == "jpeg":
                    _check_scans(data, image.size, limits)
                image.seek(0)
                image.load()
                pixels = _turned(_pixels(image), _orientation(image))
                if kind == "png" and data[_PNG_COLOR_TYPE] in _PNG_GREYS:
                    pixels = pixels[:1]  # Pillow makes colours of 16 bits of grey with transparency
        except (Problem, MemoryError):
            raise
        except Image.DecompressionBombError as error:
            found = f"more than {2 * limits.pixels} pixels"
            allowed = f"up to {limits.pixels} pixels in all"
            raise Problem("picture-too-large", "size", found, allowed) from error
        # Pillow's decoders raise whatever comes to hand: struct.error, IndexError, zlib.error …
        except Exception as error:
            raise _broken(kind, error) from error
    return Decoded(np.ascontiguousarray(pixels), kind)


def _broken(kind: str, error: Exception) -> Problem:
    text = str(error).lower()
    cut = isinstance(error, EOFError) or any(
        word in text for word in ("truncat", "eof", "not enough", "end of file")
    )
    code = "truncated-picture" if cut else "broken-picture"
    return Problem(
        code, "file", kind, "a whole file; this one ends too early" if cut else "a file without damage"
    )


def _check_size(size: tuple[int, int], limits: DecodeLimits) -> None:
    columns, rows = size
    if min(size) < 1:
        raise Problem("broken-picture", "size", [rows, columns], "at least 1 pixel a side")
    if max(size) > limits.side_px:
        raise Problem("picture-too-large", "size", [rows, columns], f"up to {limits.side_px} pixels a side")
    if rows * columns > limits.pixels:
        raise Problem("picture-too-large", "size", [rows, columns], f"up to {limits.pixels} pixels in all")


def _check_scans(data: bytes, size: tuple[int, int], limits: DecodeLimits) -> None:
    """A progressive JPEG may ask for any number of passes over all its pixels."""
    scans = count_scans(data)
    if scans > limits.jpeg_scans or scans * size[0] * size[1] > limits.jpeg_scan_pixels:
        allowed = f"up to {limits.jpeg_scans} scans, and {limits.jpeg_scan_pixels} scans × pixels"
        raise Problem("too-many-scans", "scans", scans, allowed)


def count_scans(data: bytes) -> int:
    r"""The scans of a JPEG; those of a thumbnail in its header are not counted.

    >>> header = b"\xff\xd8" + b"\xff\xe1\x00\x06" + b"\xff\xda" * 2
    >>> count_scans(header + 2 * b"\xff\xda\x00\x02data")
    2
    """
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            at += 1
        elif data[at + 1] == 0xDA:
            # From here on, FF DA is always a scan: within one, FF is followed by 00.
            return data.count(b"\xff\xda", at)
        elif data[at + 1] in (0x00, 0x01, 0xFF) or 0xD0 <= data[at + 1] <= 0xD9:
            at += 1
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 0


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    # Damaged EXIF is no reason to refuse good pixels.
    except Exception:
        return 1


def _turned(pixels: Pixels, orientation: int) -> Pixels:
    """As EXIF orientation 1–8 wants it seen; (channels, rows, columns)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(1, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[:, ::-1, :]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, :, ::-1]
    return pixels


def _pixels(image: Image.Image) -> Pixels:
    transparent = "transparency" in image.info
    if image.mode.startswith("I"):
        return _deep_grey(image)
    if image.mode in ("1", "L") and not transparent:
        return _planes(image.convert("L"))
    if image.mode in ("L", "LA", "La", "1"):
        return _over_white(_planes(image.convert("LA")))
    if image.mode in ("P", "PA"):
        see_through = transparent or image.mode == "PA"
        pixels = _over_white(_planes(image.convert("RGBA"))) if see_through else _planes(image.convert("RGB"))
        grey = bool((pixels[0] == pixels[1]).all() and (pixels[0] == pixels[2]).all())
        return pixels[:1] if grey else pixels
    if transparent or image.mode in ("RGBA", "RGBa"):
        return _over_white(_planes(image.convert("RGBA")))
    return _planes(image.convert("RGB"))


def _deep_grey(image: Image.Image) -> Pixels:
    """16 bits of grey: 65535 becomes 255, and each value the nearest."""
    values: npt.NDArray[Any] = np.asarray(image).astype(np.uint32)
    pixels = ((values + 128) // 257).clip(0, 255).astype(np.uint8)
    see_through = image.info.get("transparency")
    if isinstance(see_through, int):
        pixels[values == see_through] = _WHITE
    return pixels[np.newaxis]


def _planes(image: Image.Image) -> Pixels:
    """(rows, columns, channels) as Pillow has it to (channels, rows, columns)."""
    array: Pixels = np.asarray(image)
    return array[np.newaxis] if array.ndim == 2 else array.transpose(2, 0, 1)


def _over_white(planes: Pixels) -> Pixels:
    """(colours + alpha, rows, columns) laid over white and rounded."""
    alpha = planes[-1]
    if (alpha == _WHITE).all():
        return planes[:-1]
    # 255·255 twice would not fit into 16 bits, but alpha and its rest never exceed 255 together.
    cover = alpha.astype(np.uint16)
    out = np.empty(planes[:-1].shape, np.uint8)
    for channel, plane in enumerate(planes[:-1]):
        out[channel] = (plane * cover + _WHITE * (_WHITE - cover) + 127) // 255
    return out

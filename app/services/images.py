"""Pictures: those that visitors bring, known by the digest of their file, and the samples, known by name."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import unicodedata
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PillowImage

from app.ids import content_id, is_id
from app.jobs import Gate
from app.limits import Limits
from app.problems import Problem
from app.representations import npy_bytes
from app.services.decode import DecodeLimits, Pixels, decode
from app.services.decoder import Decoder
from app.services.sent_pictures import decode_limits
from app.stores.memory import MemoryStore
from app.stores.store import Store
from engine.patterns import PATTERNS

log = logging.getLogger("convscope")

PHOTOGRAPHS = ("chelsea", "coffee", "astronaut", "rocket")
"""Files of these names in the folder of samples, before the drawn patterns."""

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_NAME_LENGTH = 100


@dataclass(frozen=True)
class ImageRecord:
    """What is known of a picture; nothing of who brought it, nor under which file name."""

    id: str
    height: int
    width: int
    channels: int
    format: str
    bytes: int
    sample: str | None = None
    """The plain name of a sample."""


@dataclass(frozen=True)
class StoredImage:
    """A picture: what is known of it, and its pixels: uint8, (channels, rows, columns), read-only."""

    record: ImageRecord
    pixels: Pixels
    is_stored: bool = True
    """False while there is no room for it but in memory."""


class Images:
    """The use cases of pictures.

    Args:
        decoder: turns files into pixels.
        gate: before the decoder; so many uploads wait there, the next ones are refused at once.
        memory: pictures used lately.
        store: all of them, as bytes and a description.
        limits: of one upload.
        samples_dir: folder with the photographs; those missing are left out.
    """

    def __init__(
        self,
        decoder: Decoder,
        gate: Gate,
        memory: MemoryStore[StoredImage],
        store: Store,
        limits: Limits,
        samples_dir: Path,
    ) -> None:
        self._decoder = decoder
        self._gate = gate
        self._memory = memory
        self._store = store
        self._limits = limits
        self._samples_dir = samples_dir

    async def add(self, data: bytes) -> tuple[ImageRecord, bool]:
        """Keep a picture.

        Args:
            data: the file, in one of the formats of ``decode.FORMATS``.

        Returns:
            The record, and whether it is new here.

        Raises:
            Problem: as ``Decoder.decode``, and ``file-too-large``.
            Busy: too many uploads wait already.
            TooSlow: this one waited too long.
        """
        limit = self._limits.upload_bytes
        if len(data) > limit:
            allowed = f"up to {limit} bytes ({limit / (1 << 20):.4g} MiB)"
            raise Problem("file-too-large", "file", len(data), allowed)
        # Not here: twenty megabytes would hold up everybody for twenty milliseconds.
        image_id = await asyncio.to_thread(content_id, "img", data)
        return await self._gate.run(image_id, lambda ticket: self._add(image_id, data))

    def _add(self, image_id: str, data: bytes) -> tuple[ImageRecord, bool]:
        known = self._sample_of_id(image_id) or self._kept(image_id)
        if known is not None:
            return known.record, False
        decoded = self._decoder.decode(data, decode_limits(self._limits), self._limits.decode_s)
        image = _stored(image_id, decoded.pixels, decoded.format, len(data))
        self._memory.put(image_id, replace(image, is_stored=self._write(image)), image.pixels.nbytes)
        return image.record, True

    def _write(self, image: StoredImage) -> bool:
        try:
            return self._store.put(image.record.id, _parts(image))
        except OSError:  # a full disk: for now the picture is in memory
            log.exception("%s could not be written", image.record.id)
            return False

    def get(self, image: str) -> StoredImage:
        """A picture by the id of an upload, or a sample by its name or id.

        Raises:
            Problem: ``unknown-image``.
        """
        found = self._sample_of_name(image)
        if found is None and is_id(image, "img"):
            found = self._sample_of_id(image) or self._kept(image)
        if found is None:
            allowed = f"the id of an upload, or a sample: {', '.join(self._names())}"
            raise Problem("unknown-image", "image", image, allowed)
        return found

    def samples(self) -> list[ImageRecord]:
        """The samples, never an upload."""
        return [found.record for name in self._names() if (found := self._sample_of_name(name)) is not None]

    def delete(self, image: str) -> None:
        """Forget an upload.

        Raises:
            Problem: ``unknown-image``; ``built-in`` for a sample.
        """
        if self.get(image).record.sample is not None:
            raise Problem("built-in", "image", image, "the id of an upload; the samples stay")
        self._memory.delete(image)
        self._store.delete(image)

    def png(self, image: str, max_px: int | None = None) -> bytes:
        """The picture as a PNG file, shrunk where its longer side would exceed ``max_px``.

        Raises:
            Problem: ``unknown-image``.
        """
        pixels = self.get(image).pixels
        return png_bytes(pixels if max_px is None else shrink(pixels, max_px))

    def npy(self, image: str) -> bytes:
        """The pixels as a ``.npy`` file, uint8, (channels, rows, columns).

        Raises:
            Problem: ``unknown-image``.
        """
        return npy_bytes(self.get(image).pixels)

    def _names(self) -> tuple[str, ...]:
        return PHOTOGRAPHS + tuple(PATTERNS)

    def _sample_of_name(self, name: str) -> StoredImage | None:
        if name in PATTERNS:
            return _pattern(name)
        if name not in PHOTOGRAPHS:
            return None
        paths = (self._samples_dir / (name + suffix) for suffix in _SUFFIXES)
        path = next((path for path in paths if path.is_file()), None)
        return None if path is None else _photograph(name, path, path.stat().st_mtime_ns)

    def _sample_of_id(self, image_id: str) -> StoredImage | None:
        found = (self._sample_of_name(name) for name in self._names())
        return next((image for image in found if image is not None and image.record.id == image_id), None)

    def _kept(self, image_id: str) -> StoredImage | None:
        image = self._memory.get(image_id)
        if image is not None and (not image.is_stored or self._store.touch(image_id)):
            return image
        # Not there, or deleted by another server that shares the store.
        self._memory.delete(image_id)
        description, array = self._store.get(image_id, "meta.json"), self._store.get(image_id, "pixels")
        if description is None or array is None:
            return None
        image = _read(description, array)
        if image is None:
            self._store.delete(image_id)  # it would stand in the way of the same picture, brought again
            return None
        self._memory.put(image_id, image, image.pixels.nbytes)
        return image


def display_name(name: str | None) -> str | None:
    r"""A file's name as it may be shown: its last part, without invisible characters, not too long.

    >>> display_name("../../holiday\x00\u202e.jpg"), display_name("  ")
    ('holiday.jpg', None)
    """
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    # Category C: control characters, and those that turn the direction of the text around.
    shown = "".join(char for char in last if not unicodedata.category(char).startswith("C")).strip()
    return shown[:_NAME_LENGTH] or None


def shrink(pixels: Pixels, max_px: int) -> Pixels:
    """A picture whose longer side is at most ``max_px``; each pixel is the mean of the area it covers.

    >>> shrink(np.array([[[0, 100, 10, 30]]], np.uint8), 2).tolist()
    [[[50, 20]]]
    """
    rows, columns = pixels.shape[1:]
    scale = max_px / max(rows, columns)
    if scale >= 1:
        return pixels
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    planes = [PillowImage.fromarray(plane).resize(size, PillowImage.Resampling.BOX) for plane in pixels]
    return np.stack([np.asarray(plane) for plane in planes])


def png_bytes(pixels: Pixels) -> bytes:
    """A grey or RGB picture, (channels, rows, columns), as a PNG file that holds nothing but its pixels."""
    planes = [PillowImage.fromarray(plane) for plane in pixels]
    image = planes[0] if len(planes) == 1 else PillowImage.merge("RGB", planes)
    file = io.BytesIO()
    # A photograph grows by a tenth and is written four times quicker than at level 6.
    image.save(file, "PNG", compress_level=2)
    return file.getvalue()


@lru_cache(maxsize=64)
def _pattern(name: str) -> StoredImage:
    pixels = PATTERNS[name]()[np.newaxis]
    file = npy_bytes(pixels)
    return _stored(content_id("img", file), pixels, "npy", len(file), name)


@lru_cache(maxsize=16)
def _photograph(name: str, path: Path, changed_ns: int) -> StoredImage:
    """A photograph of ours, decoded here: it needs no guarding; ``changed_ns`` only tells versions apart."""
    data = path.read_bytes()
    decoded = decode(data, DecodeLimits())
    return _stored(content_id("img", data), decoded.pixels, decoded.format, len(data), name)


def _stored(
    image_id: str, pixels: Pixels, kind: str, size_bytes: int, sample: str | None = None
) -> StoredImage:
    pixels = np.ascontiguousarray(pixels)
    pixels.flags.writeable = False
    channels, height, width = pixels.shape
    return StoredImage(ImageRecord(image_id, height, width, channels, kind, size_bytes, sample), pixels)


def _parts(image: StoredImage) -> dict[str, bytes | memoryview]:
    # The pixels as they lie in memory: a copy of 120 MB would hold up every other thread.
    return {"pixels": image.pixels.reshape(-1).data, "meta.json": json.dumps(asdict(image.record)).encode()}


def _read(description: bytes, array: bytes) -> StoredImage | None:
    """An entry of the store; None where it is damaged or of another version."""
    try:
        meta: dict[str, Any] = json.loads(description)
        record = ImageRecord(**meta)
        shape = (record.channels, record.height, record.width)
        pixels = np.frombuffer(array, np.uint8).reshape(shape)
    except (ValueError, TypeError, KeyError):
        return None
    return StoredImage(record, pixels)

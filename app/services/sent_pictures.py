"""Pictures that come with a request and are not kept."""

from __future__ import annotations

import secrets

from app.jobs import Lanes
from app.limits import Limits
from app.problems import Problem
from app.services.decode import DecodeLimits, Pixels
from app.services.decoder import Decoder


class SentPictures:
    """Decodes what a script sends.

    Args:
        decoder: turns files into pixels.
    """

    def __init__(self, decoder: Decoder, lanes: Lanes, limits: Limits) -> None:
        self._decoder = decoder
        self._lanes = lanes
        self._limits = limits

    async def read(self, image: bytes) -> Pixels:
        """The pixels of a file.

        Raises:
            Problem: ``file-too-large``, and as ``Decoder.decode``.
        """
        limit = self._limits.upload_bytes
        if len(image) > limit:
            raise Problem("file-too-large", "image", len(image), f"up to {limit} bytes")
        return await self._lanes.heavy.run(secrets.token_hex(8), lambda ticket: self._decode(image))

    def _decode(self, image: bytes) -> Pixels:
        return self._decoder.decode(image, decode_limits(self._limits), self._limits.decode_s).pixels


def decode_limits(limits: Limits) -> DecodeLimits:
    """Those of the server's limits that concern one picture."""
    return DecodeLimits(limits.image_pixels, limits.image_side_px, limits.jpeg_scans, limits.jpeg_scan_pixels)

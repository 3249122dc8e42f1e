"""One picture of a batch from the disk to its pixels; trusts no file."""

from __future__ import annotations

import os
import signal
import stat

from app.batch.plain_png import plain_pixels
from app.limits import Limits
from app.problems import Problem
from app.services.decode import Pixels, decode
from app.services.sent_pictures import decode_limits

_OPENED = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""A pipe that nobody writes into must not hold us either."""


class Reading:
    """Reads pictures within the limits of one.

    Args:
        limits: of the server.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._decode_limits = decode_limits(limits)

    def file(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            Problem: ``unreadable-picture``, ``file-too-large``.
        """
        most = self._limits.upload_bytes
        try:
            opened = os.open(path, _OPENED)
            try:
                told = os.fstat(opened)
                # Devices and pipes have no end.
                if not stat.S_ISREG(told.st_mode):
                    raise Problem("unreadable-picture", "file", "no file", "a file that may be read")
                if told.st_size > most:
                    raise Problem("file-too-large", "file", told.st_size, f"up to {most} bytes")
                return _all_of(opened, told.st_size)
            finally:
                os.close(opened)
        except OSError as error:
            raise Problem("unreadable-picture", "file", error.strerror, "a file that may be read") from None

    def pixels(self, data: bytes) -> Pixels:
        """The pixels of a file, (channels, rows, columns) uint8; the process ends where that takes too long.

        Raises:
            Problem: as ``decode``.
        """
        set_alarm(self._limits.decode_s)
        try:
            pixels = plain_pixels(data, self._decode_limits)
            return decode(data, self._decode_limits).pixels if pixels is None else pixels
        finally:
            set_alarm(0)


def set_alarm(seconds: float) -> None:
    """Let the system end this process after so long: nothing else stops a decoder that hangs. 0: never."""
    # By the time of the processor: a machine busy with other things makes no picture slow.
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _all_of(opened: int, size: int) -> bytes:
    data = os.read(opened, size)
    while len(data) < size and (more := os.read(opened, size - len(data))):
        data += more  # some file systems give a part at a time
    return data

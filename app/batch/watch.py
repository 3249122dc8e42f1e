"""What a worker process is busy with, told through a few bytes of a file that its starter sees too.

Where a picture kills the process that decodes it, nothing else is left to tell which one it was.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

_STATE = struct.Struct("<qq")
NOTHING = -1


class Watch:
    """The state of one worker process.

    Args:
        path: of the file; one that is there is shared.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_STATE.pack(NOTHING, 0))
        with path.open("r+b") as file:
            self._bytes = mmap.mmap(file.fileno(), _STATE.size)

    def tell(self, position: int, done: int) -> None:
        """Which picture is being decoded, by its position, and how many of the share have been."""
        _STATE.pack_into(self._bytes, 0, position, done)

    @property
    def position(self) -> int:
        """Of the picture that is being decoded; ``NOTHING`` in between."""
        return int(_STATE.unpack_from(self._bytes)[0])

    @property
    def done(self) -> int:
        """Pictures of the share that have been decoded."""
        return int(_STATE.unpack_from(self._bytes)[1])

    def close(self) -> None:
        self._bytes.close()

"""A worker process whose decoder dies over one picture, hangs over another, and once over a third."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import app.batch.reading as reading
from app.batch.process import answer
from app.services.decode import Decoded, DecodeLimits, decode
from app.services.workers import serve

DEADLY, ENDLESS, ONCE = b"deadly", b"endless", b"once:"


def dying(data: bytes, limits: DecodeLimits) -> Decoded:
    """Decode, unless the file says otherwise; ``once:PATH`` kills as long as the path is there."""
    if data.endswith(DEADLY):
        os.kill(os.getpid(), signal.SIGKILL)
    while data.endswith(ENDLESS):
        pass
    if ONCE in data:
        path = Path(data.rpartition(ONCE)[2].decode())
        if path.exists():
            path.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
    return decode(data, limits)


def sooner(seconds: float) -> None:
    """Not to wait for five seconds."""
    signal.setitimer(signal.ITIMER_PROF, min(seconds, 0.3))


if __name__ == "__main__":
    reading.decode = dying
    reading.set_alarm = sooner
    serve(answer)

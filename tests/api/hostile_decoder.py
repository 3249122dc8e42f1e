"""A decoder's process in which a file's last bytes decide what goes wrong over it."""

from __future__ import annotations

import os
import signal
import sys
import time

import app.services.decoder as decoder
from app.services.decode import Decoded, DecodeLimits, decode
from app.services.workers import serve

CRASH, SEGFAULT, HANG, SWALLOW = b"crash", b"segfault", b"hang", b"swallow"
GARBAGE, BABBLE = b"garbage", b"babble"


def hostile(data: bytes, limits: DecodeLimits) -> Decoded:
    """Decode, unless the file says otherwise."""
    if data.endswith(CRASH):
        os._exit(1)
    if data.endswith(SEGFAULT):
        os.kill(os.getpid(), signal.SIGSEGV)
    while data.endswith(HANG):
        time.sleep(1)
    if data.endswith(SWALLOW):
        taken = []
        while True:
            taken.append(bytes(1 << 26))
    if data.endswith(GARBAGE):
        # As a decoder would whose memory was overwritten: frames of any length, that hold anything.
        os.write(frames, b"\xff" * 64)
        os._exit(0)
    if data.endswith(BABBLE):
        sys.stdout.write("a library speaks")
        os.write(1, b"in C, too")
    return decode(data, limits)


if __name__ == "__main__":
    frames = os.dup(sys.stdout.fileno())
    decoder.decode = hostile
    serve(decoder.answer)

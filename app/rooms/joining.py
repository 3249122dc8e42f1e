"""The addresses that lead into a room, and what a telephone reads them from."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from itertools import groupby
from urllib.parse import urlencode, urlsplit

import segno

from app.addresses import join_origins
from app.settings import Settings

QUIET = 4
"""Light cells around the code: fewer, and cameras do not find it."""


def origins(settings: Settings, own: str) -> list[str]:
    """The origins under which followers reach this server, the best one first.

    Args:
        settings: of the server.
        own: the origin under which whoever asks has reached it, which others may not.
    """
    known = join_origins(settings)
    hosts = {urlsplit(each).hostname for each in known}
    return known if is_loopback(own) or urlsplit(own).hostname in hosts else [*known, own]


def is_loopback(origin: str) -> bool:
    """Whether an origin leads every computer to itself.

    >>> is_loopback("http://localhost:8000"), is_loopback("http://[::1]"), is_loopback("http://192.0.2.1")
    (True, True, False)
    """
    host = urlsplit(origin).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def follower_address(origin: str, code: str) -> str:
    """What followers open.

    >>> follower_address("http://192.0.2.1:8000", "K7M4PX")
    'http://192.0.2.1:8000/r/K7M4PX'
    """
    return f"{origin}/r/{code}"


def presenter_address(origin: str, code: str, secret: str) -> str:
    """What the presenter opens; browsers send what stands behind ``#`` to nobody.

    >>> presenter_address("http://192.0.2.1:8000", "K7M4PX", "s3")
    'http://192.0.2.1:8000/lecture#room=K7M4PX&secret=s3'
    """
    return f"{origin}/lecture#{urlencode({'room': code, 'secret': secret})}"


def qr_svg(text: str) -> str:
    """A QR code as a picture of its own: dark on light in any theme, sharp at any size.

    >>> qr_svg("http://192.0.2.1:8000/r/K7M4PX")[:60]
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 37 37" '
    """
    matrix: Sequence[Sequence[int]] = segno.make(text, error="m", micro=False).matrix
    side = len(matrix) + 2 * QUIET
    made = StringIO()
    made.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" ')
    made.write(f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="')
    for row, cells in enumerate(matrix, QUIET):
        column = QUIET
        for dark, run in groupby(cells):
            length = len(list(run))
            if dark:
                made.write(f"M{column} {row}h{length}v1h-{length}z")
            column += length
    made.write('"/></svg>')
    return made.getvalue()

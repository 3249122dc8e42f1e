"""Whether a server that is left running grows: ten minutes of the mixed load of fifty clients."""

from __future__ import annotations

import asyncio

from bench.load import CACHES, MIB, WARM_UP_S, by_status, load
from bench.server_process import running_server
from bench.table import Table

MINUTES = 10
PAUSE_MS = 200


def table() -> Table:
    """Memory of the server and answers by status, minute by minute."""
    with running_server(**CACHES) as server:
        asyncio.run(load(server, PAUSE_MS, WARM_UP_S))
        lines = [("0", f"{server.resident_bytes() / MIB:.0f} MiB", "")]
        for minute in range(1, MINUTES + 1):
            figures = asyncio.run(load(server, PAUSE_MS, 60))
            lines.append(
                (str(minute), f"{server.resident_bytes() / MIB:.0f} MiB", by_status(figures.statuses))
            )
    return Table(("minute", "server, resident", "answers by status"), lines)

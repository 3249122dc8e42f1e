"""A server process as users start it, for as long as a benchmark runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def running_server(folder: str) -> Iterator[tuple[str, int]]:
    """(host, port) of a server on a free port that keeps its data in ``folder``; stopped in the end."""
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    environment = {**os.environ, "CONVSCOPE_DATA_DIR": folder, "CONVSCOPE_HOST": "127.0.0.1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            host, _, port = line.strip().rpartition("//")[2].partition(":")
            yield host, int(port)
        finally:
            process.terminate()

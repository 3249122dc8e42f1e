"""A server process as users start it, for as long as a benchmark runs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Server(NamedTuple):
    """Where it listens, and which process it is."""

    host: str
    port: int
    pid: int

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    def resident_bytes(self) -> int:
        """Memory that the process holds; its decoders, processes of their own, are not counted."""
        told = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, text=True, check=True
        )
        return int(told.stdout) * 1024


@contextmanager
def running_server(**settings: str) -> Iterator[Server]:
    """A server on a free port that keeps its data in a folder of its own; both are gone in the end.

    Args:
        settings: environment variables, beside those that are set here.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CONVSCOPE_DATA_DIR": folder, "CONVSCOPE_HOST": "127.0.0.1", **settings}
        with subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        ) as process:
            try:
                line = process.stdout.readline() if process.stdout else ""
                host, _, port = line.strip().rpartition("//")[2].partition(":")
                yield Server(host, int(port), process.pid)
            finally:
                process.terminate()

"""Servers as users start them: processes of their own, at ports that were free a moment before."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.settings import ROOT

SERVE = [sys.executable, "-m", "app", "serve"]


class ServerProcess:
    """A running server.

    Args:
        data_dir: folder of its stores.
        arguments: behind ``serve``; a free port of the loopback if none are given.
        settings: environment variables, such as ``REDIS_URL`` for ``CONVSCOPE_REDIS_URL``.
    """

    def __init__(self, data_dir: Path, *arguments: str, **settings: Any) -> None:
        environment = {**os.environ, "CONVSCOPE_DATA_DIR": str(data_dir)}
        environment |= {f"CONVSCOPE_{name}": str(value) for name, value in settings.items()}
        self.process = subprocess.Popen(
            [*SERVE, *(arguments or ("--host", "127.0.0.1", "--port", "0"))],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        first = self.line()
        found = re.match(r"ConvScope is at (http://\S+)", first)
        assert found, first
        self.address = found[1]

    def line(self) -> str:
        """The next line of what it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    @property
    def socket_address(self) -> str:
        """Where its WebSockets are."""
        return self.address.replace("http", "ws", 1)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Ask it to end; the seconds that it took."""
        start = time.perf_counter()
        self.process.send_signal(number)
        self.process.wait(timeout=15)
        self._close()
        return time.perf_counter() - start

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()
        self._close()

    def _close(self) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def running_server(data_dir: Path, *arguments: str, **settings: Any) -> Iterator[ServerProcess]:
    """A server that is gone in the end."""
    server = ServerProcess(data_dir, *arguments, **settings)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()

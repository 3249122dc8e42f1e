"""The real server as a process of its own, as a visitor would meet it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

ROOT = Path(__file__).resolve().parents[2]
# On a machine that has nothing else to do, a second each.
START_S = 60.0
STOP_S = 30.0
ADDRESS = re.compile(r"http://127\.0\.0\.1:[1-9]\d*")


class ServerProcess:
    """``python -m app serve`` on a free port, with stores of its own."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "server.log"
        environment = os.environ | {
            "CONVSCOPE_DATA_DIR": str(folder / "data"),
            # All tests open their rooms from one address.
            "CONVSCOPE_LIMITS__ROOMS_PER_ADDRESS": "1000",
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "-m", "app", "serve", "--host", "127.0.0.1", "--port", "0"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            self.url = self._wait_until_ready()
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise

    @property
    def pid(self) -> int:
        """The process id, for tests that measure memory."""
        return self._process.pid

    def log(self) -> str:
        """All that the server has written so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Ask the server to go, as a service manager would.

        Raises:
            AssertionError: it took too long, was gone before, or had met an unforeseen error.
        """
        assert self._process.poll() is None, f"the server ended by itself:\n{self.log()}"
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"the server was still there {STOP_S:g} s after SIGTERM") from None
        assert "Traceback" not in self.log(), f"the server met an error:\n{self.log()}"

    def _wait_until_ready(self) -> str:
        # The server says itself which free port it took.
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            address = ADDRESS.search(self.log())
            if address and _answers(address.group() + "/healthz"):
                return address.group()
            time.sleep(0.05)
        raise RuntimeError(f"the server did not start within {START_S:g} s:\n{self.log()}")


def _answers(url: str) -> bool:
    # A proxy from the environment would be asked for our own address.
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as response:
            return response.status == 200
    except (URLError, OSError):
        return False

"""SIGTERM: what runs is finished, what comes is refused, and the process is gone in time."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.api.server_process import running_server

RUN = {"image": "chelsea", "model": "resnet-50"}


def in_flight(address: str) -> float:
    """Requests being answered, the one that asks not counted."""
    lines = httpx.get(f"{address}/metrics").text.splitlines()
    told = next(line for line in lines if line.startswith("convscope_requests_in_flight "))
    return float(told.split()[1]) - 1


def test_what_runs_is_finished_and_the_rest_is_refused(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        answers: list[httpx.Response] = []
        running = threading.Thread(
            target=lambda: answers.append(httpx.post(f"{server.address}/api/v1/runs", json=RUN, timeout=30))
        )
        running.start()
        ends = time.monotonic() + 10
        while in_flight(server.address) < 1 and time.monotonic() < ends:
            time.sleep(0.005)
        assert not answers, "it was too quick to be interrupted"
        seconds = server.stop(signal.SIGTERM)
        running.join()
        assert seconds < 10
        assert answers[0].status_code == 201
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.address}/healthz")

"""A real server process: its start, its end, and bodies as they come over a real connection."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.settings import ROOT

COMMAND = [sys.executable, "-m", "app", "serve", "--host", "127.0.0.1", "--port"]


def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "CONVSCOPE_DATA_DIR": str(tmp_path / "data"), "CONVSCOPE_LIMITS__BODY_S": "1"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], str]]:
    options = {"cwd": ROOT, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([*COMMAND, "0"], env=environment(tmp_path_factory.mktemp("serve")), **options)
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.fullmatch(r"ConvScope is at (http://127\.0\.0\.1:\d+)\n", line)
    assert found, line
    yield process, found[1]
    process.send_signal(signal.SIGTERM)
    start = time.perf_counter()
    process.wait(timeout=10)
    process.stdout.close()
    assert time.perf_counter() - start < 10


def connect(address: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", int(address.rsplit(":", 1)[1])), timeout=10)
    connection.sendall(b"POST /api/v1/images HTTP/1.1\r\nHost: test\r\n")
    return connection


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while part := connection.recv(65536):
        received += part
    return received


def test_it_says_where_it_is_and_answers(server: tuple[subprocess.Popen[str], str]) -> None:
    answer = httpx.get(server[1] + "/readyz")
    assert answer.json() == {"status": "ready"}
    assert "server" not in answer.headers


def test_a_length_beyond_the_limit_is_refused_before_the_body(
    server: tuple[subprocess.Popen[str], str],
) -> None:
    with connect(server[1]) as connection:
        start = time.perf_counter()
        connection.sendall(b"Content-Length: 30000000\r\n\r\n")
        assert b"413" in connection.recv(65536)
        assert time.perf_counter() - start < 1


def test_endless_chunks_are_refused(server: tuple[subprocess.Popen[str], str]) -> None:
    with connect(server[1]) as connection:
        connection.sendall(b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b"x" * (1 << 20) + b"\r\n"
        for _ in range(22):
            connection.sendall(chunk)
        # It reads on for a moment, so the answer is not lost with the connection.
        received = read_all(connection)
    assert received.startswith(b"HTTP/1.1 413 ")
    assert b"body-too-large" in received


def test_half_a_body_is_given_up(server: tuple[subprocess.Popen[str], str]) -> None:
    with connect(server[1]) as connection:
        start = time.perf_counter()
        connection.sendall(b"Content-Length: 100\r\n\r\nhalf")
        received = read_all(connection)
        assert received.startswith(b"HTTP/1.1 408 ")
        assert time.perf_counter() - start < 4


def test_a_client_that_goes_away_harms_nobody(server: tuple[subprocess.Popen[str], str]) -> None:
    for _ in range(20):
        with connect(server[1]) as connection:
            connection.sendall(b"Content-Length: 100000\r\n\r\nhalf")
    assert httpx.get(server[1] + "/healthz").status_code == 200


def test_a_taken_port_is_one_clear_sentence(
    server: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    port = server[1].rsplit(":", 1)[1]
    done = subprocess.run(
        [*COMMAND, port],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"Port {port} of 127.0.0.1 is taken by another program; choose one with --port (0: any free one)."
    ]


@pytest.mark.parametrize("port", ["-1", "65536", "many"])
def test_ports_that_are_none(port: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND[:-1], f"--port={port}"],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "is not a port" in done.stderr

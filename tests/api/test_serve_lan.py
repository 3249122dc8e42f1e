"""A server for a lecture hall: HTTP and HTTPS from one process, and one room behind both."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import socket
import ssl
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.addresses import join_origins, lan_addresses
from app.settings import ROOT, Settings
from tests.api.pictures import noise, png
from tests.api.room_server import Member, Place
from tests.api.server_process import SERVE, ServerProcess, running_server

LAN = ("--lan", "--port", "0", "--tls-port", "0")


class Hall:
    """A server for a hall, and what it said of itself."""

    def __init__(self, server: ServerProcess, data_dir: Path) -> None:
        self.server = server
        self.tls_dir = data_dir / "tls"
        self.lines = [server.line()]
        while "fingerprint" not in self.lines[-1] and "No other computer" not in self.lines[-1]:
            self.lines.append(server.line())
        self.trust = ssl.create_default_context(cafile=str(self.tls_dir / "certificate.pem"))

    @property
    def tls_port(self) -> int:
        found = next(re.search(r"https://.*:(\d+)$", line) for line in self.lines if "https://" in line)
        assert found
        return int(found[1])

    @property
    def secure(self) -> str:
        return f"https://localhost:{self.tls_port}"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    if not lan_addresses():
        pytest.fail("this machine has no address in a network")
    data_dir = tmp_path_factory.mktemp("hall")
    with running_server(data_dir, *LAN) as server:
        yield Hall(server, data_dir)


def test_it_says_where_each_of_them_goes(hall: Hall) -> None:
    assert re.fullmatch(r"http://localhost:\d+", hall.server.address)
    port = hall.server.address.rsplit(":", 1)[1]
    for address in (each for each in lan_addresses() if ":" not in each):
        assert any(line.endswith(f"http://{address}:{port}") for line in hall.lines)
        assert any(line.endswith(f"https://{address}:{hall.tls_port}") for line in hall.lines)
    assert "warns, once" in hall.lines[-2]
    der = ssl.get_server_certificate(("127.0.0.1", hall.tls_port))
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(der)).hexdigest().upper()
    assert hall.lines[-1].endswith(":".join(re.findall("..", digest)))


def test_both_ports_answer_under_every_address(hall: Hall) -> None:
    port = hall.server.address.rsplit(":", 1)[1]
    for host in ("127.0.0.1", *(each for each in lan_addresses() if ":" not in each)):
        assert httpx.get(f"http://{host}:{port}/readyz").json() == {"status": "ready"}
        secure = httpx.get(f"https://{host}:{hall.tls_port}/readyz", verify=hall.trust)
        assert secure.json() == {"status": "ready"}


def test_nobody_is_asked_to_trust_what_was_not_made_here(hall: Hall) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{hall.secure}/readyz")


def test_only_its_owner_may_read_the_key(hall: Hall) -> None:
    assert stat.S_IMODE((hall.tls_dir / "key.pem").stat().st_mode) == 0o600


def test_a_picture_of_one_port_is_known_at_the_other(hall: Hall) -> None:
    posted = httpx.post(f"{hall.secure}/api/v1/images", content=png(noise()), verify=hall.trust).json()
    assert httpx.get(f"{hall.server.address}{posted['url']}").json()["id"] == posted["id"]


def test_a_room_led_over_https_is_followed_over_http(hall: Hall) -> None:
    with Place(hall.server.address) as plain, SecurePlace(hall) as secure:
        room = secure.post_room("Hall")
        assert room["url"] == f"{hall_origins(hall)[0]}/r/{room['code']}"
        joining = plain.http.get(f"/api/v1/rooms/{room['code']}").json()["join"]
        assert joining == [f"{each}/r/{room['code']}" for each in hall_origins(hall)]
        with secure.lead(room) as lead, plain.follower(room) as follower:
            lead.set("view", {"address": "/operation?stride=2"})
            for each in (lead, follower):
                assert each.updated("view")["value"] == {"address": "/operation?stride=2"}


class SecurePlace(Place):
    """A server asked over HTTPS, by a client that trusts it."""

    def __init__(self, hall: Hall) -> None:
        self.address = hall.secure
        self.http = httpx.Client(base_url=hall.secure, verify=hall.trust)
        self._trust = hall.trust

    def connect(self, code: str, **options: Any) -> Member:
        return super().connect(code, ssl=self._trust, **options)


def hall_origins(hall: Hall) -> list[str]:
    port = int(hall.server.address.rsplit(":", 1)[1])
    return join_origins(Settings(host="0.0.0.0", port=port))


def test_sigterm_ends_both_within_ten_seconds_whatever_is_under_way(tmp_path: Path) -> None:
    with running_server(tmp_path, *LAN) as server:
        hall = Hall(server, tmp_path)
        with (
            httpx.Client() as kept,
            socket.create_connection(("127.0.0.1", int(server.address.rsplit(":", 1)[1]))) as half,
            socket.create_connection(("127.0.0.1", hall.tls_port)) as silent,
        ):
            kept.get(f"{server.address}/readyz")
            half.sendall(b"POST /api/v1/images HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\nhalf")
            silent.sendall(b"\x16")  # a handshake that does not go on
            time.sleep(0.2)
            assert server.stop() < 10
        assert server.process.returncode == 0


def test_sigint_ends_both_at_once_where_nothing_is_under_way(tmp_path: Path) -> None:
    with running_server(tmp_path, *LAN) as server:
        Hall(server, tmp_path)
        assert server.stop(signal.SIGINT) < 5
        assert server.process.returncode == 0


def test_a_taken_port_of_https_is_one_clear_sentence(hall: Hall, tmp_path: Path) -> None:
    done = refused(tmp_path, "--lan", "--port", "0", "--tls-port", str(hall.tls_port))
    assert done == [
        f"Port {hall.tls_port} of 0.0.0.0 is taken by another program; "
        "choose one with --tls-port (0: any free one)."
    ]


def test_a_certificate_of_ones_own(hall: Hall, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for name in ("certificate.pem", "key.pem"):
        (own / name).write_bytes((hall.tls_dir / name).read_bytes())
    given = ("--certificate", str(own / "certificate.pem"), "--key", str(own / "key.pem"))
    with running_server(tmp_path / "data", *LAN, *given) as server:
        lines = [server.line() for _ in range(2)]
        port = next(re.findall(r"https://.*:(\d+)$", line) for line in lines if "https://" in line)[0]
        assert httpx.get(f"https://localhost:{port}/readyz", verify=hall.trust).status_code == 200
        assert not (tmp_path / "data" / "tls").exists()


@pytest.mark.parametrize("file", ["missing.pem", "key.pem"])
def test_a_certificate_that_is_none_is_one_clear_sentence(hall: Hall, tmp_path: Path, file: str) -> None:
    lines = refused(tmp_path, *LAN, "--certificate", str(hall.tls_dir / file))
    assert len(lines) == 1
    assert "wanted: a certificate and its key, as PEM" in lines[0]


def refused(data_dir: Path, *arguments: str) -> list[str]:
    done = subprocess.run(
        [*SERVE, *arguments],
        cwd=ROOT,
        env={**os.environ, "CONVSCOPE_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr.splitlines()

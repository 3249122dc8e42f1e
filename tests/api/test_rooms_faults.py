"""Rooms under bad luck and bad manners: silence, floods, full halls, guessers, and the end of the server."""

from __future__ import annotations

import signal
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.limits import Limits
from app.rooms.assembly import PLACES_FOR_A_LEAD
from app.services.decoder import Decoder
from app.settings import Settings
from tests.api.room_server import Member, Place, running_rooms
from tests.api.server_process import ServerProcess

Limited = Callable[..., AbstractContextManager[Place]]


@pytest.fixture
def limited(tmp_path: Path, decoder: Decoder) -> Limited:
    """Starts servers that have other limits."""

    def start(**limits: Any) -> AbstractContextManager[Place]:
        return running_rooms(
            Settings(_env_file=None, data_dir=tmp_path / "data", limits=Limits(**limits)), decoder
        )

    return start


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path / "data", LIMITS__ROOM_MESSAGES_PER_SECOND=10_000)
    yield server
    server.kill()


class SilentFollower:
    """A connection that says hello and then takes nothing from the network, until it is asked to."""

    def __init__(self, address: str, code: str) -> None:
        host, port = address.removeprefix("http://").split(":")
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(20)
        self._socket.connect((host, int(port)))
        self._stream = self._socket.makefile("rb")
        key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        request = f"GET /api/v1/rooms/{code} HTTP/1.1\r\nHost: {host}:{port}\r\n{upgrade}{key}\r\n"
        self._socket.sendall(request.encode())
        assert self._stream.readline().startswith(b"HTTP/1.1 101")
        while self._stream.readline() != b"\r\n":
            pass
        hello = b'{"type":"hello","role":"follower","participant":"participant-silent"}'
        self._socket.sendall(bytes([0x81, 0x80 | len(hello)]) + bytes(4) + hello)

    def __enter__(self) -> SilentFollower:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()
        self._socket.close()

    def texts(self) -> Iterator[bytes]:
        """What the server has sent, as it is read."""
        while head := self._stream.read(2):
            length = head[1]
            if length == 126:
                length = struct.unpack("!H", self._stream.read(2))[0]
            elif length == 127:
                length = struct.unpack("!Q", self._stream.read(8))[0]
            content = self._stream.read(length)
            if head[0] == 0x81:
                yield content


# Listeners


def test_who_does_not_read_gets_the_latest_state_alone_and_costs_nobody_anything(
    process: ServerProcess,
) -> None:
    updates, padding = 400, "a" * 50_000
    with Place(process.address) as place, ExitStack() as stack:
        room = place.post_room()
        lead, other = stack.enter_context(place.lead(room)), stack.enter_context(place.follower(room))
        silent = stack.enter_context(SilentFollower(process.address, room["code"]))
        other.until("audience", lambda m: m["followers"] == 2)
        slowest = 0.0
        for i in range(updates):
            start = time.perf_counter()
            lead.set("view", {"address": f"/operation?{padding}&i={i}"})
            assert other.updated("view")["n"] == i + 1
            slowest = max(slowest, time.perf_counter() - start)
            lead.updated("view")
        assert slowest < 2
        size = updates * len(padding)
        received, before, last = 0, 0, b""
        for content in silent.texts():
            received += len(content)
            if b'"type":"snapshot"' in content[:40] and f'"n":{updates}'.encode() in content[:60]:
                last = content
                break
            before += b'"type":"update"' in content[:40]
        # What the operating system holds for a connection is old; behind it comes the newest state at once.
        assert f"&i={updates - 1}".encode() in last
        assert before < updates - 64
        assert received < size / 2
        lead.set("live", True)
        assert b'"n":401' in next(each for each in silent.texts() if b'"slice":"live"' in each)


def test_a_hall_at_n_and_n_plus_one(limited: Limited) -> None:
    with limited(room_listeners=3) as place, ExitStack() as stack:
        room = place.post_room()
        lead = stack.enter_context(place.lead(room))
        members = [stack.enter_context(place.follower(room, f"participant-number-{i}")) for i in range(2)]
        members.append(stack.enter_context(place.screen(room)))
        full = place.refusal(room["code"])
        assert (full.status_code, full.json()["code"]) == (503, "room-full")
        members.pop(0).connection.close()
        lead.until("audience", lambda m: m["followers"] == 1)
        stack.enter_context(place.follower(room, "participant-number-9"))


def test_a_full_hall_does_not_lock_out_its_lecturer(limited: Limited) -> None:
    with limited(room_listeners=2) as place, ExitStack() as stack:
        room = place.post_room()
        for i in range(2):
            stack.enter_context(place.follower(room, f"participant-number-{i}"))
        with place.connect(room["code"]) as late:
            late.say(type="hello", role="follower", participant="participant-number-3")
            assert late.closed() == 4503
            assert late.heard[0]["code"] == "room-full"
        waiting = [stack.enter_context(place.connect(room["code"])) for _ in range(PLACES_FOR_A_LEAD - 1)]
        lead = stack.enter_context(place.lead(room))
        assert place.refusal(room["code"]).status_code == 503
        assert waiting
        assert lead.snapshot["audience"] == {"followers": 2, "present": True}


def test_who_does_not_say_hello_has_to_go(limited: Limited) -> None:
    with limited(room_hello_s=0.3) as place:
        room = place.post_room()
        with place.connect(room["code"]) as member:
            start = time.perf_counter()
            assert member.closed() == 4408
            assert 0.2 < time.perf_counter() - start < 3
            assert member.heard[0]["code"] == "no-hello"


def test_who_says_too_much_has_to_go(limited: Limited) -> None:
    with limited(room_messages_per_second=20) as place:
        room = place.post_room()
        with place.lead(room) as lead, place.follower(room) as follower:
            for _ in range(40):  # two seconds' worth at once, as a connection that was held up sends it
                lead.set("live", True)
            lead.until("update", lambda m: m["n"] == 40)
            for _ in range(60):
                follower.say(type="reveal")
            assert follower.closed() == 4429
            told = [message["code"] for message in follower.heard if message["type"] == "problem"]
            assert told[-1] == "too-many-messages"
            assert 40 <= told.count("not-the-presenter") <= 50
        with place.lead(room) as lead:
            lead.set("live", False).updated("live")


def test_guessing_by_handshakes(limited: Limited) -> None:
    with limited(room_codes_per_minute=4) as place:
        room = place.post_room()
        for code in ("K7M4P3", "nonsense"):
            assert place.http.get(f"/api/v1/rooms/{code}").status_code == 404
        told = [place.refusal(code) for code in ("K7M4P4", "K7M4P6", "K7M4P7")]
        assert [answer.status_code for answer in told] == [404, 404, 429]
        assert told[-1].json()["code"] == "too-many-guesses"
        assert int(told[-1].headers["Retry-After"]) > 0
        with place.follower(room) as follower:  # its address has opened the room
            assert follower.snapshot["code"] == room["code"]


def test_pages_of_others_stay_outside(limited: Limited) -> None:
    with limited() as place:
        room = place.post_room()
        refused = place.refusal(room["code"], origin="https://evil.example")
        assert (refused.status_code, refused.json()["code"]) == (403, "wrong-origin")
        with place.connect(room["code"], origin=place.address):
            pass


def test_a_code_may_be_typed_in_small_letters(limited: Limited) -> None:
    with limited() as place:
        room = place.post_room()
        with place.connect(room["code"].lower()[:3] + "-" + room["code"].lower()[3:]) as member:
            member.hello("screen")
            assert member.snapshot["code"] == room["code"]


def test_a_slow_queue_holds_no_more_than_its_places(limited: Limited) -> None:
    with limited(room_queue=1, room_messages_per_second=1000) as place:
        room = place.post_room()
        with place.lead(room) as lead, place.follower(room) as follower:
            for i in range(300):
                lead.set("view", {"address": f"/operation?i={i}"})
            ends = follower.until(
                "update" if follower.heard[-1].get("n") == 299 else "snapshot", lambda m: m["n"] >= 1
            )
            while ends["n"] < 300:
                ends = follower.hear()
                ends.setdefault("n", 0)
            numbers = [m["n"] for m in follower.heard if m["type"] in ("update", "snapshot")]
            assert numbers == sorted(numbers)


# The server ends


def test_sigterm_with_open_rooms(process: ServerProcess) -> None:
    with Place(process.address) as place, ExitStack() as stack:
        room = place.post_room()
        members: list[Member] = [place.lead(room)]
        members += [place.follower(room, f"participant-number-{i}") for i in range(5)]
        waiting = place.connect(room["code"])
        for member in (*members, waiting):
            stack.enter_context(member)
        stack.enter_context(SilentFollower(process.address, room["code"]))
        for i in range(200):
            members[0].set("view", {"address": f"/operation?{'a' * 50_000}&i={i}"})
            # Who says all of it before listening may be told the last of it alone.
            assert members[0].updated("view")["n"] == i + 1
        start = time.perf_counter()
        process.process.send_signal(signal.SIGTERM)
        for member in (*members, waiting):
            assert member.closed() in (1001, 1012)
        assert time.perf_counter() - start < 3
        process.process.wait(timeout=10)
        assert time.perf_counter() - start < 10

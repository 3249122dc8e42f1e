"""Live connections: who may open one, how much may come over it, and how it ends."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.api.camera import PATH, Camera
from tests.api.nets import CONV
from tests.api.pictures import encode, noise, pil, png
from tests.api.threaded_server import StartServer, ThreadedServer, until

FILE = png(noise(6, 9))
RUN = {"specification": {"nodes": [CONV]}}


def close_code(camera: Camera) -> int:
    """The code with which the server closes a connection, whatever it says before."""
    with pytest.raises(ConnectionClosed) as closed:
        hear_all(camera)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def hear_all(camera: Camera) -> None:
    while True:
        camera.hear()


class TestHandshake:
    def test_pages_of_other_origins_are_refused(self, live_server: ThreadedServer) -> None:
        answer = live_server.refusal(PATH, origin="https://evil.example")
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "wrong-origin"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
        assert "content-security-policy" in answer.headers

    def test_our_own_pages_and_those_allowed_are_not(self, start_server: StartServer) -> None:
        server = start_server(cors_origins="https://lecture.example")
        for origin in (f"http://127.0.0.1:{server.port}", "https://lecture.example"):
            with Camera(server, origin=origin) as camera:
                camera.configure(RUN, "conv")
                camera.seen(FILE)
        assert server.refusal(PATH, origin="https://evil.example").status_code == 403

    def test_as_many_as_there_is_room_for(self, start_server: StartServer) -> None:
        server = start_server(limits={"live_connections": 2})
        with Camera(server) as first:
            with Camera(server) as second:
                answer = server.refusal(PATH)
                assert (answer.status_code, answer.json()["code"]) == (503, "busy")
                assert int(answer.headers["retry-after"]) >= 1
                for camera in (first, second):
                    camera.configure(RUN, "conv")
                    camera.seen(FILE)
            until(lambda: server.services.live.cameras == 1)
            with Camera(server) as third:
                third.configure(RUN, "conv")
                third.seen(FILE)

    def test_no_place_is_lost(self, start_server: StartServer) -> None:
        server = start_server(limits={"live_connections": 1})
        for _ in range(5):
            server.refusal(PATH, origin="https://evil.example")
            with Camera(server) as camera:
                camera.send(FILE)
                camera.problem("missing-field")
            until(lambda: server.services.live.cameras == 0)


class TestEnds:
    def test_messages_up_to_the_limit(self, start_server: StartServer) -> None:
        server = start_server(limits={"live_frame_bytes": 2000})
        with Camera(server) as camera:
            camera.configure(RUN, "conv")
            camera.seen(FILE + bytes(2000 - 4 - len(FILE)))
            camera.send(FILE + bytes(2001 - 4 - len(FILE)))
            assert close_code(camera) == 1009

    def test_a_message_that_no_limit_lets_through(self, camera: Camera) -> None:
        camera.send(bytes(1 << 20))
        assert close_code(camera) == 1009

    def test_nothing_for_too_long(self, start_server: StartServer) -> None:
        server = start_server(limits={"live_idle_s": 1})
        with Camera(server) as camera:
            camera.configure(RUN, "conv")
            for _ in range(3):
                time.sleep(0.4)
                camera.seen(FILE)
            began = time.monotonic()
            assert close_code(camera) == 4408
            assert 0.5 < time.monotonic() - began < 3

    def test_the_server_ends(self, start_server: StartServer) -> None:
        server = start_server()
        with Camera(server) as camera:
            camera.configure(RUN, "conv")
            camera.seen(FILE)
            server.stop()
            assert close_code(camera) == 1012  # it may come back: uvicorn's word for a server that ends

    def test_work_stops_when_the_camera_goes(
        self, live_server: ThreadedServer, slow_runs: tuple[threading.Event, threading.Event]
    ) -> None:
        begun, stopped = slow_runs
        with Camera(live_server) as camera:
            camera.configure(RUN, "conv")
            camera.send(FILE)
            assert begun.wait(10)
        assert stopped.wait(1)
        until(
            lambda: not live_server.services.lanes.quick.accepted and live_server.services.live.cameras == 0
        )

    def test_one_line_of_log(self, start_server: StartServer, caplog: pytest.LogCaptureFixture) -> None:
        def lines() -> list[str]:
            told = [record.getMessage() for record in caplog.records if record.name == "convscope.access"]
            return [line for line in told if line.startswith("WS ")]

        server = start_server()
        with caplog.at_level(logging.INFO, "convscope.access"):
            with Camera(server, additional_headers={"X-Request-Id": "camera-1"}) as camera:
                camera.configure(RUN, "conv")
                camera.seen(FILE)
            server.refusal(PATH, origin="https://evil.example")
            until(lambda: len(lines()) == 2)
        # Two messages came; the model and the maps went.
        assert lines()[0].startswith(f"WS {PATH} 1000 2 in 2 out ")
        assert lines()[0].endswith(" camera-1")
        assert lines()[1].startswith(f"WS {PATH} 403 0 in 0 out ")


def test_a_full_server_tells_it_of_the_frame(start_server: StartServer) -> None:
    server = start_server(workers=1, queue_length=0)
    quick = server.services.lanes.quick
    with Camera(server) as camera:
        camera.configure(RUN, "conv")
        camera.seen(FILE)
        taken, quick.accepted = quick.accepted, quick.places
        number = camera.send(FILE)
        told = camera.problem("busy")
        assert (told["frame"], told["status"]) == (number, 503)
        quick.accepted = taken
        camera.seen(FILE)


class TestLimits:
    """Each at n and n + 1."""

    @pytest.fixture
    def refused(self, start_server: StartServer) -> Callable[..., None]:
        def check(limits: dict[str, int], code: str, *, fits: Any, exceeds: Any, file: bytes = FILE) -> None:
            with Camera(start_server(limits=limits)) as camera:
                camera.configure(RUN, *fits)
                camera.seen(file)
                camera.configure(RUN, *exceeds)
                camera.send(file)
                camera.problem(code, "outputs")

        return check

    def test_outputs(self, refused: Callable[..., None]) -> None:
        refused({"live_outputs": 2}, "invalid-argument", fits=["conv"] * 2, exceeds=["conv"] * 3)

    def test_numbers(self, refused: Callable[..., None]) -> None:
        # Three channels of 6 × 11.
        limits = {"answer_numbers": 198 + 66}
        third = {"node": "conv", "channels": "1:2"}
        fits = ["conv", third]
        refused(limits, "answer-too-large", fits=fits, exceeds=[*fits, {**third, "max_px": 1}])

    def test_pixels(self, start_server: StartServer) -> None:
        with Camera(start_server(limits={"live_frame_pixels": 54})) as camera:
            camera.configure(RUN, "conv")
            camera.seen(FILE)
            camera.send(png(noise(5, 11)))
            camera.problem("picture-too-large", "size")

    def test_scans(self, live_server: ThreadedServer) -> None:
        progressive = encode(pil(noise(40, 60)), "JPEG", progressive=True)
        with Camera(live_server) as camera:
            camera.configure(RUN, "conv")
            camera.seen(progressive)
            start = progressive.rindex(b"\xff\xda")
            camera.send(progressive[:-2] + progressive[start:-2] * 10 + progressive[-2:])
            camera.problem("too-many-scans", "scans")

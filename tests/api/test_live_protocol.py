"""Live connections: the newest frame wins, everything that is wrong is told, and nothing breaks them."""

from __future__ import annotations

import json
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services import live
from tests.api.camera import NUMBER, Camera, Maps
from tests.api.nets import CONV
from tests.api.pictures import noise, png
from tests.api.threaded_server import ThreadedServer

FILE = png(noise(6, 9))
RUN = {"specification": {"nodes": [CONV]}}


class TestNewestWins:
    def test_all_that_wait_are_overtaken_by_the_last(
        self, camera: Camera, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        begun, go_on = threading.Event(), threading.Event()
        enter = live.enter

        def held(*arguments: Any) -> Any:
            begun.set()
            assert go_on.wait(10)
            return enter(*arguments)

        monkeypatch.setattr(live, "enter", held)
        camera.configure(RUN, "conv")
        camera.send(FILE)
        assert begun.wait(10)
        for _ in range(9):
            camera.send(FILE)
        # Told by the task that listens: it has all the frames by now.
        camera.say("what?")
        camera.problem("malformed-json")
        go_on.set()
        answers = [camera.maps().header for _ in range(2)]
        assert [(header["frame"], header["skipped"]) for header in answers] == [(0, 0), (9, 8)]
        assert camera.seen(FILE).header["skipped"] == 0

    def test_as_quickly_as_can_be(self, camera: Camera) -> None:
        camera.configure({"model": "tiny-vgg"}, "conv_1_1")
        last = [camera.send(FILE) for _ in range(200)][-1]
        frames, skipped = [], 0
        while not frames or frames[-1] < last:
            header = camera.maps().header
            frames.append(header["frame"])
            skipped += header["skipped"]
        assert frames == sorted(set(frames))
        assert len(frames) + skipped == 200

    def test_a_frame_belongs_to_the_configuration_before_it(self, camera: Camera) -> None:
        first = camera.configure(RUN, "conv")
        camera.send(FILE)
        second = camera.configure({"model": "lenet-5"}, "input")
        maps = camera.maps()
        assert (maps.header["configuration"], maps.arrays[0].shape) == (first, (3, 6, 11))
        assert camera.configured["configuration"] == first
        assert camera.seen(FILE).header["configuration"] == second


class TestProblems:
    @pytest.mark.parametrize(
        ("file", "code"),
        [
            (b"hello", "not-a-picture"),
            (b"", "empty-picture"),
            (FILE[:60], "truncated-picture"),
            (png(np.zeros((1, 1500, 1500), np.uint8)), "picture-too-large"),
        ],
    )
    def test_a_bad_frame_and_then_a_good_one(self, camera: Camera, file: bytes, code: str) -> None:
        configuration = camera.configure(RUN, "conv")
        number = camera.send(file)
        told = camera.problem(code)
        assert (told["frame"], told["configuration"]) == (number, configuration)
        assert camera.seen(FILE).arrays[0].shape == (3, 6, 11)

    def test_less_than_a_number(self, camera: Camera) -> None:
        for message in (b"", b"\0", b"\0\0\0"):
            camera.socket.send(message)
            assert camera.problem("malformed-body", "message")["frame"] is None

    def test_a_frame_before_any_configuration(self, camera: Camera) -> None:
        number = camera.send(FILE)
        assert camera.problem("missing-field", "configure")["frame"] == number

    @pytest.mark.parametrize("number", [7, 6, 0])
    def test_numbers_that_do_not_grow(self, camera: Camera, number: int) -> None:
        camera.configure(RUN, "conv")
        camera.send(FILE, 7)
        camera.maps()
        camera.send(FILE, number)
        assert camera.problem("invalid-argument", "frame")["frame"] == number
        camera.send(FILE, 8)
        assert camera.maps().header["frame"] == 8

    @pytest.mark.parametrize(
        ("changed", "code", "argument"),
        [
            ({"type": "begin"}, "invalid-argument", "type"),
            ({"type": None}, "missing-field", "type"),
            ({"configuration": 1}, "invalid-argument", "configuration"),
            ({"configuration": "2"}, "invalid-argument", "configuration"),
            ({"configuration": True}, "invalid-argument", "configuration"),
            ({"run": {}}, "invalid-argument", "run"),
            ({"run": {**RUN, "image": "chelsea"}}, "unknown-field", "run.image"),
            ({"run": {**RUN, "edits": [{"node": "conv"}]}}, "missing-field", "run.edits.0.index"),
            ({"outputs": None}, "missing-field", "outputs"),
            ({"outputs": "conv"}, "invalid-argument", "outputs"),
            ({"outputs": [{"node": "conv", "fold": 1}]}, "invalid-argument", "outputs.0.fold"),
            ({"outputs": [{"node": "conv", "max_px": 0}]}, "invalid-argument", "outputs.0.max_px"),
            (
                {"outputs": [{"node": "conv", "fold": 8, "channels": "0:1"}]},
                "invalid-argument",
                "outputs.0",
            ),
            ({"outputs": [{"node": "conv"}] * 257}, "invalid-argument", "outputs"),
            ({"dtype": "int8"}, "invalid-argument", "dtype"),
            ({"cell": {"node": "conv", "cell": [0, 1]}}, "invalid-argument", "cell.cell"),
            ({"cell": {"node": "conv", "cell": [0, 1, -1]}}, "invalid-argument", "cell.cell.2"),
            ({"picture": 1}, "unknown-field", "picture"),
            ({"\ud800": 1}, "invalid-argument", "message"),
        ],
    )
    def test_a_message_that_cannot_be_changes_nothing(
        self, camera: Camera, changed: dict[str, Any], code: str, argument: str | None
    ) -> None:
        camera.configure(RUN, "conv")
        message = {"type": "configure", "configuration": 2, "run": RUN, "outputs": [], **changed}
        camera.say({name: value for name, value in message.items() if value is not None})
        camera.problem(code, argument)
        assert camera.seen(FILE).header["configuration"] == 1

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "malformed-json"),
            ("{", "malformed-json"),
            ("[" * 100_000, "malformed-json"),
            ('{"type": "configure", "type": "configure"}', "malformed-json"),
            ('{"type": "configure", "configuration": NaN}', "non-finite"),
            ('{"type": "configure", "configuration": 1e999}', "non-finite"),
            ("3", "invalid-argument"),
            ("[]", "invalid-argument"),
            ("null", "invalid-argument"),
        ],
    )
    def test_a_text_that_is_no_message(self, camera: Camera, text: str, code: str) -> None:
        camera.say(text)
        camera.problem(code)

    @pytest.mark.parametrize(
        ("run", "outputs", "more", "code", "argument"),
        [
            ({"model": "nobody"}, [], {}, "unknown-model", "model"),
            ({"model": "tiny-vgg"}, ["nobody"], {}, "unknown-node", "node"),
            (
                {"model": "tiny-vgg"},
                [{"node": "conv_1_1", "channels": "5:11"}],
                {},
                "invalid-argument",
                "outputs.channels",
            ),
            ({"model": "tiny-vgg", "size": [80, 64]}, [], {}, "shape-mismatch", "size"),
            ({"model": "tiny-vgg", "color": "gray"}, [], {}, "shape-mismatch", "color"),
            (
                {"model": "tiny-vgg", "edits": [{"node": "conv_1_1", "index": 10, "off": True}]},
                [],
                {},
                "index-out-of-range",
                "edits.off",
            ),
            ({"specification": {"nodes": [{"op": "nothing"}]}}, [], {}, "unknown-operation", None),
            (
                {"specification": {"nodes": [{"op": "conv2d", "kernel_size": 9}]}},
                [],
                {},
                "kernel-too-large",
                "kernel_size",
            ),
            (RUN, [], {"cell": {"node": "nobody", "cell": [0, 0, 0]}}, "unknown-node", "node"),
            (RUN, [], {"cell": {"node": "input", "cell": [0, 0, 0]}}, "unknown-node", "node"),
            (RUN, [], {"cell": {"node": "conv", "cell": [0, 6, 0]}}, "cell-out-of-range", "cell"),
        ],
    )
    def test_what_cannot_be_run_is_told_of_its_frames(
        self,
        camera: Camera,
        run: dict[str, Any],
        outputs: list[Any],
        more: dict[str, Any],
        code: str,
        argument: str | None,
    ) -> None:
        configuration = camera.configure(run, *outputs, **more)
        for _ in range(2):
            number = camera.send(FILE)
            told = camera.problem(code, argument)
            assert (told["frame"], told["configuration"], told["skipped"]) == (number, configuration, 0)
        camera.configure(RUN, "conv")
        assert camera.seen(FILE).arrays[0].shape == (3, 6, 11)

    def test_a_mistake_of_ours_is_told_and_logged(
        self, camera: Camera, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        camera.configure(RUN, "conv")
        with monkeypatch.context() as patch:
            patch.setattr(live, "enter", None)
            number = camera.send(FILE)
            told = camera.problem("internal")
        assert (told["frame"], told["status"]) == (number, 500)
        assert "NoneType" not in told["detail"]
        assert any(record.exc_info for record in caplog.records)
        camera.seen(FILE)


# --- Whatever comes ------------------------------------------------------------------------------------

CONFIGURE = {"type": "configure", "run": RUN, "outputs": [{"node": "conv"}], "dtype": "uint8", "cell": None}
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
almost = st.builds(
    lambda name, value, number: json.dumps({**CONFIGURE, "configuration": number, name: value}),
    st.sampled_from([*CONFIGURE, "configuration", "more"]),
    values,
    st.integers(1, 1000),
)
texts = st.text() | values.map(json.dumps) | almost
messages = st.lists(texts | st.binary(max_size=40), max_size=8)


@settings(max_examples=60, deadline=None)
@given(messages=messages)
def test_whatever_comes_a_good_frame_is_answered(
    live_server: ThreadedServer, messages: list[str | bytes]
) -> None:
    with Camera(live_server) as camera:
        for message in messages:
            camera.socket.send(message)
        camera.say({**CONFIGURE, "configuration": (1 << 53) - 1})
        camera.send(FILE, (1 << 32) - 1)
        problems = 0
        heard = camera.hear()
        while not isinstance(heard, Maps):
            assert heard["type"] in ("problem", "configured"), heard
            problems += heard["type"] == "problem"
            heard = camera.hear()
        assert heard.header["frame"] == NUMBER.unpack(b"\xff" * 4)[0]
        assert heard.arrays[0].shape == (3, 6, 11)
        assert problems >= sum(len(m) < NUMBER.size for m in messages if isinstance(m, bytes))

"""A camera of the tests: sends pictures over a live connection and reads the maps that come back."""

from __future__ import annotations

import json
import struct
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from websockets.sync.client import ClientConnection

from tests.api.threaded_server import WAIT_S, ThreadedServer

PATH = "/api/v1/live"
NUMBER = struct.Struct("<I")


class Maps(NamedTuple):
    """An answer: what is told, and the arrays as they were stored."""

    header: dict[str, Any]
    arrays: list[npt.NDArray[Any]]

    def values(self, index: int = 0) -> npt.NDArray[Any]:
        """One array as the numbers that it stands for."""
        output = self.header["outputs"][index]
        return self.arrays[index] * np.float64(output["scale"]) + output["offset"]


def read_maps(message: bytes) -> Maps:
    """Take an answer apart, by the rules of docs/live.md alone."""
    length = NUMBER.unpack_from(message)[0]
    at = NUMBER.size + length
    assert at % 8 == 0
    header = json.loads(message[NUMBER.size : at])
    arrays = []
    for output in header["outputs"]:
        dtype = np.dtype(output["dtype"]).newbyteorder("<")
        count = int(np.prod(output["shape"]))
        arrays.append(np.frombuffer(message, dtype, count, at).reshape(output["shape"]))
        padding = -arrays[-1].nbytes % 8
        assert message[at + arrays[-1].nbytes : at + arrays[-1].nbytes + padding] == bytes(padding)
        at += arrays[-1].nbytes + padding
    assert at == len(message)
    return Maps(header, arrays)


class Camera:
    """One live connection."""

    def __init__(self, server: ThreadedServer, **options: Any) -> None:
        self._opening = server.connect(PATH, **options)
        self.socket: ClientConnection = self._opening.__enter__()
        self.configured: dict[str, Any] = {}
        """What was last told of the model."""
        self._configuration = 0
        self._frame = -1

    def __enter__(self) -> Camera:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opening.__exit__(kind, error, trace)

    def say(self, message: Any) -> None:
        """A text, or what becomes one."""
        self.socket.send(message if isinstance(message, str) else json.dumps(message))

    def configure(self, run: dict[str, Any], *outputs: str | dict[str, Any], **fields: Any) -> int:
        """What is wanted from here on; the number of this configuration."""
        self._configuration += 1
        listed = [{"node": output} if isinstance(output, str) else output for output in outputs]
        self.say(
            {
                "type": "configure",
                "configuration": self._configuration,
                "run": run,
                "outputs": listed,
                **fields,
            }
        )
        return self._configuration

    def send(self, file: bytes, number: int | None = None) -> int:
        """A frame; its number."""
        self._frame = self._frame + 1 if number is None else number
        self.socket.send(NUMBER.pack(self._frame) + file)
        return self._frame

    def hear(self) -> Maps | dict[str, Any]:
        """Whatever comes next."""
        message = self.socket.recv(WAIT_S)
        if isinstance(message, bytes):
            return read_maps(message)
        told: dict[str, Any] = json.loads(message)
        if told["type"] == "configured":
            self.configured = told
        return told

    def maps(self) -> Maps:
        """The next answer; what is told of the model is kept on the way."""
        heard = self.hear()
        if not isinstance(heard, Maps):
            assert heard["type"] == "configured", heard
            heard = self.hear()
        assert isinstance(heard, Maps), heard
        return heard

    def seen(self, file: bytes) -> Maps:
        """Send a picture, and see what becomes of it."""
        number = self.send(file)
        maps = self.maps()
        assert maps.header["frame"] == number
        return maps

    def problem(self, code: str, argument: str | None = None) -> dict[str, Any]:
        """The next message, which must be a problem of this kind."""
        told = self.hear()
        assert not isinstance(told, Maps), told.header
        assert (told["type"], told["code"]) == ("problem", code), told
        assert told["title"], told
        assert told["detail"], told
        assert argument is None or told["params"]["argument"] == argument, told
        return told

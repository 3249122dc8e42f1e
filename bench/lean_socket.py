"""A WebSocket of a few lines: three hundred of them share two cores with the server that is measured."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import struct
import time
from collections.abc import Callable

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class LeanSocket(asyncio.Protocol):
    """A WebSocket of texts.

    Args:
        hear: called with each text and the time of its arrival (``time.perf_counter``).
    """

    def __init__(self, hear: Callable[[bytes, float], None]) -> None:
        self._hear = hear
        self._rest = b""
        self._opened: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport

    @classmethod
    async def connect(
        cls, host: str, port: int, path: str, hear: Callable[[bytes, float], None], narrow: bool = False
    ) -> LeanSocket:
        """A connection.

        Args:
            narrow: small segments, as Wi-Fi has them, and little that the operating systems keep of what is
                not read; on the loopback they would keep megabytes.

        Raises:
            RuntimeError: where the handshake is refused.
        """
        loop = asyncio.get_running_loop()
        plain = socket.socket()
        if narrow:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        plain.setblocking(False)
        await loop.sock_connect(plain, (host, port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _, protocol = await loop.create_connection(lambda: cls(hear), sock=plain)
        key = base64.b64encode(os.urandom(16)).decode()
        protocol.transport.write(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        status = await protocol._opened
        if status != 101:
            raise RuntimeError(f"the handshake was answered by {status}")
        return protocol

    def say(self, text: bytes, kind: int = TEXT) -> None:
        """Send one frame, masked by zeros: clients must mask, and that mask costs nothing."""
        length = len(text)
        head = (
            struct.pack("!BB", 0x80 | kind, 0x80 | length)
            if length < 126
            else struct.pack("!BBH", 0x80 | kind, 0xFE, length)
        )
        self.transport.write(head + b"\0\0\0\0" + text)

    def close(self) -> None:
        self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._opened.done():
            self._opened.set_exception(exc or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        data = self._rest + data
        if not self._opened.done():
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self._opened.set_result(int(head[9:12]))
        start = 0
        while len(data) - start >= 2:
            length, body = data[start + 1], start + 2
            if length == 126:
                length, body = int.from_bytes(data[start + 2 : start + 4]), start + 4
            elif length == 127:
                length, body = int.from_bytes(data[start + 2 : start + 10]), start + 10
            if len(data) < body + length:
                break
            self._frame(data[start] & 15, data[body : body + length], now)
            start = body + length
        self._rest = data[start:]

    def _frame(self, kind: int, content: bytes, now: float) -> None:
        if kind == TEXT:
            self._hear(content, now)
        elif kind == PING:
            self.say(content, PONG)

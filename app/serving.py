"""One application at several addresses of this machine: plain HTTP for everybody, HTTPS for cameras."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from types import FrameType

import uvicorn
from fastapi import FastAPI

from app.certificates import Certificate
from app.limits import Limits

SHUTDOWN_S = 8
"""What still runs then is cancelled; the process is gone within ten seconds."""

CUT_OFF_S = 3
"""So long a client may take for the last that it was sent."""


class CannotListenError(Exception):
    """An address or port that cannot be had; the message is one sentence for the terminal."""


@dataclass(frozen=True)
class Listener:
    """A bound socket, and what it proves itself with if it speaks HTTPS."""

    socket: socket.socket
    certificate: Certificate | None = None

    @property
    def port(self) -> int:
        """The port that it really has, also where any free one was asked for."""
        return int(self.socket.getsockname()[1])


def listen(host: str, port: int, option: str = "--port", certificate: Certificate | None = None) -> Listener:
    """Bind before anything is loaded, so that a taken port is known at once.

    Args:
        host: a name or address of this machine.
        port: 0 takes a free one.
        option: of the command line, by which another port is chosen.
        certificate: makes it an HTTPS listener.

    Raises:
        CannotListenError: with what to do.
    """
    try:
        return Listener(_bound(host, port), certificate)
    except socket.gaierror:
        raise CannotListenError(f"{host} is not an address of this machine; try --host 127.0.0.1.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotListenError(
                f"Port {port} of {host} is taken by another program; "
                f"choose one with {option} (0: any free one)."
            ) from None
        reason = error.strerror or error
        raise CannotListenError(f"Cannot listen at {host}, port {port}: {reason}.") from None


def serve(app: FastAPI, listeners: list[Listener], limits: Limits, on_start: Callable[[], None]) -> None:
    """Serve until a signal says to stop: SIGINT, SIGTERM.

    Args:
        app: one application, started once and shared by all listeners.
        listeners: closed in the end.
        on_start: called when all of them answer.
    """
    servers = [_Server(_config(app, listener.certificate, limits)) for listener in listeners]
    with asyncio.Runner(loop_factory=servers[0].config.get_loop_factory()) as runner:
        runner.run(_serve(app, servers, listeners, on_start))


async def _serve(
    app: FastAPI, servers: list[_Server], listeners: list[Listener], on_start: Callable[[], None]
) -> None:
    with _stopped_by_signals(app, servers):
        async with app.router.lifespan_context(app), asyncio.TaskGroup() as running:
            for server, listener in zip(servers, listeners, strict=True):
                running.create_task(server.serve([listener.socket]))
            for server in servers:
                await server.answers.wait()
            on_start()


class _Server(uvicorn.Server):
    """One of several, none of which minds signals by itself."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        cutting = asyncio.get_running_loop().call_later(CUT_OFF_S, self._cut_off)
        try:
            await super().shutdown(sockets)
        finally:
            cutting.cancel()

    def _cut_off(self) -> None:
        """A closed WebSocket whose other end reads nothing would be waited for to the last moment."""
        for connection in list(self.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None and transport.is_closing():
                transport.abort()

    def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]
        return nullcontext()


def _config(app: FastAPI, certificate: Certificate | None, limits: Limits) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",  # the application starts once, not once for each listener
        log_config=None,
        access_log=False,  # ours says more
        server_header=False,
        limit_concurrency=2048,  # counts connections, half-sent uploads too
        timeout_graceful_shutdown=SHUTDOWN_S,  # the default waits for ever
        ws_max_size=max(limits.live_frame_bytes, limits.room_message_bytes, 2 * limits.lesson_bytes),
        ws_per_message_deflate=False,
        ssl_certfile=None if certificate is None else certificate.certificate,
        ssl_keyfile=None if certificate is None else certificate.key,
    )


@contextmanager
def _stopped_by_signals(app: FastAPI, servers: list[_Server]) -> Iterator[None]:
    """A signal stops all servers; a second SIGINT stops them without waiting for anybody."""

    def stop(number: int, frame: FrameType | None) -> None:
        # Known before the connections end: who sends visitors here sends them elsewhere.
        app.state.stopping = True
        for server in servers:
            server.handle_exit(number, frame)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere the option would share a port in use
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.set_inheritable(True)
        # Two servers may bind one port; only one can listen.
        bound.listen(2048)
    except OSError:
        bound.close()
        raise
    return bound

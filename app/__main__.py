"""``python -m app serve``: the server from a terminal."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import socket
import sys

import uvicorn

from app.main import create_app
from app.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit status: 0, or 1 where the server could not start.
    """
    settings = Settings()
    given = settings.model_fields_set
    host = settings.host if "host" in given else os.environ.get("HOST", settings.host)
    port = settings.port if "port" in given else os.environ.get("PORT", str(settings.port))
    parser = argparse.ArgumentParser(
        prog="python -m app", description="ConvScope opens convolutional networks."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="start the server")
    serve.add_argument("--host", default=host, help="address to listen at; 0.0.0.0 for all (%(default)s)")
    serve.add_argument("--port", default=port, type=_port, help="0 takes a free one (%(default)s)")
    options = parser.parse_args(arguments)
    return _serve(settings.model_copy(update={"host": options.host, "port": options.port}))


def _port(text: str | int) -> int:
    if not str(text).isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, an integer from 0 to 65535")
    return int(text)


def _serve(settings: Settings) -> int:
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as error:
        print(_refusal(settings.host, settings.port, error), file=sys.stderr)
        return 1
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,  # ours says more
        server_header=False,
        limit_concurrency=2048,  # counts connections, half-sent uploads too
        timeout_graceful_shutdown=10,  # the default waits for ever
        ws_max_size=1 << 20,
        ws_per_message_deflate=False,
    )
    with listener:
        server = _Server(config)
        server.run(sockets=[listener])
    return 0 if server.started else 1


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            # Nobody can visit 0.0.0.0, and an IPv6 address stands in brackets.
            shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
            print(f"ConvScope is at http://{shown}:{port}", flush=True)


def _listen(host: str, port: int) -> socket.socket:
    """A socket bound before anything is loaded, so that a taken port is known at once."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere the option would share a port in use
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.set_inheritable(True)
        # Two servers may bind one port; only one can listen.
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener


def _refusal(host: str, port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"{host} is not an address of this machine; try --host 127.0.0.1."
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is taken by another program; choose one with --port (0: any free one)."
    return f"Cannot listen at {host}, port {port}: {error.strerror or error}."


if __name__ == "__main__":
    sys.exit(main())

"""``serve``: the server."""

from __future__ import annotations

import logging
import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from pathlib import Path

from app.addresses import join_origins, listens_everywhere, origin, origins
from app.certificates import Certificate, certificate_for, own_names
from app.commands.terminal import note, say
from app.main import create_app
from app.serving import CannotListenError, Listener, listen, serve
from app.settings import Settings

TLS_PORT = 8443


def configure(command: ArgumentParser, words: list[str]) -> None:
    """The options; what they are without being given, the environment says."""
    settings = Settings()
    host, port = _from_environment(settings, "host"), _from_environment(settings, "port")
    command.add_argument("--host", help=f"address to listen at; 0.0.0.0 for all ({host})")
    command.add_argument("--port", default=port, type=_port, help="0 takes a free one (%(default)s)")
    lan = command.add_argument_group("for a lecture hall")
    lan.add_argument(
        "--lan", action="store_true", help="listen at all addresses, and for cameras elsewhere over HTTPS too"
    )
    lan.add_argument("--tls-port", default=TLS_PORT, type=_port, help="the port of HTTPS (%(default)s)")
    lan.add_argument("--certificate", type=Path, help="one of your own, PEM; without it, one is made")
    lan.add_argument("--key", type=Path, help="its key, where the file of the certificate does not hold it")


def run(options: Namespace) -> int:
    """Serve until a signal ends it.

    Returns:
        The exit status: 0, or 1 where the server could not start.
    """
    settings = Settings()
    host = options.host or ("0.0.0.0" if options.lan else _from_environment(settings, "host"))
    try:
        listeners = [listen(host, options.port)]
        if options.lan:
            certificate = _certificate(options, settings)
            listeners.append(listen(host, options.tls_port, "--tls-port", certificate))
    except CannotListenError as refusal:
        note(str(refusal))
        return 1
    settings = settings.model_copy(update={"host": host, "port": listeners[0].port})
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    lines = _announcement(settings, *listeners[1:])
    serve(create_app(settings), listeners, settings.limits, lambda: say("\n".join(lines)))
    return 0


def _from_environment(settings: Settings, name: str) -> str:
    """A setting, or what is called so without our prefix, as containers have it."""
    own = str(getattr(settings, name))
    return own if name in settings.model_fields_set else os.environ.get(name.upper(), own)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is not a port, an integer from 0 to 65535")
    return int(text)


def _certificate(options: Namespace, settings: Settings) -> Certificate:
    if options.certificate is None:
        return certificate_for(own_names(), settings.data_dir / "tls")
    own = Certificate(options.certificate, options.key)
    try:
        own.check()
    except OSError as error:
        wanted = "wanted: a certificate and its key, as PEM"
        raise CannotListenError(f"{options.certificate} cannot be used; {wanted} ({error}).") from None
    return own


def _announcement(settings: Settings, camera: Listener | None = None) -> Iterator[str]:
    """Where the server is, and for whom."""
    # Nobody can visit 0.0.0.0.
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    if camera is None or camera.certificate is None:
        yield f"ConvScope is at {origin('http', near, settings.port)}"
        return
    yield f"ConvScope is at {origin('http', 'localhost', settings.port)}  (on this computer, with its camera)"
    elsewhere = origins("https", settings.host, camera.port)
    if not elsewhere and listens_everywhere(settings.host):
        yield "No other computer reaches it: this one has no address in a network."
        return
    yield from _listed("For those who follow:", join_origins(settings))
    yield from _listed("With a camera on another computer:", elsewhere)
    yield "There the browser warns, once: the certificate was made here, and nobody else vouches for it."
    yield f"Its SHA-256 fingerprint: {camera.certificate.fingerprint}"


def _listed(head: str, addresses: list[str]) -> Iterator[str]:
    for number, address in enumerate(addresses):
        yield f"  {'' if number else head:<36}{address}"

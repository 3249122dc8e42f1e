"""A certificate made on the spot.

Browsers give a camera to HTTPS alone, and no authority vouches for a laptop in a lecture hall.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import socket
import ssl
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.addresses import lan_addresses

VALID = timedelta(days=397)
"""Browsers take none that is valid for longer than 398 days."""

RENEWED_BEFORE = timedelta(days=30)
"""Its end; a lecture does not begin with a new warning in the middle of a course."""

_CLOCKS = timedelta(days=1)
"""A telephone's clock may be behind ours."""


@dataclass(frozen=True)
class Certificate:
    """Two files in PEM form; without a key, the first holds both."""

    certificate: Path
    key: Path | None = None

    @property
    def fingerprint(self) -> str:
        """SHA-256 as browsers show it: pairs of hexadecimal digits."""
        made = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        return made.fingerprint(hashes.SHA256()).hex(":").upper()

    def check(self) -> None:
        """Make sure that a server can use it.

        Raises:
            OSError: a file cannot be read.
            ssl.SSLError: it is no certificate, or the key is that of another one.
        """
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.key)


def own_names() -> list[str]:
    """All names and addresses under which this machine may be visited."""
    host = socket.gethostname().lower()
    hosts = [host, f"{host.partition('.')[0]}.local"] if re.fullmatch(r"[a-z0-9][a-z0-9.-]*", host) else []
    return list(dict.fromkeys(["localhost", *hosts, "127.0.0.1", "::1", *lan_addresses()]))


def certificate_for(names: Collection[str], folder: Path, now: datetime | None = None) -> Certificate:
    """A certificate for these names: the one of last time where it still serves, else a new one.

    Args:
        names: host names and IP addresses.
        folder: where it is kept; only its owner may read the key.
        now: with a time zone; None asks the clock.
    """
    now = now or datetime.now(UTC)
    kept = Certificate(folder / "certificate.pem", folder / "key.pem")
    if not _serves(kept, names, now):
        secret, made = _made(names, now)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Should it end between the two, they do not fit each other, and the next start makes both anew.
        _write(folder / "key.pem", secret)
        _write(folder / "certificate.pem", made)
    return kept


def _serves(kept: Certificate, names: Collection[str], now: datetime) -> bool:
    try:
        kept.check()
        made = x509.load_pem_x509_certificate(kept.certificate.read_bytes())
        vouched = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):  # an SSLError is an OSError
        return False
    in_time = made.not_valid_before_utc <= now <= made.not_valid_after_utc - RENEWED_BEFORE
    return in_time and set(map(_general_name, names)) <= set(vouched)


def _made(names: Collection[str], now: datetime) -> tuple[bytes, bytes]:
    """A new key and its certificate, both as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ConvScope on this computer")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS)
        .not_valid_after(now - _CLOCKS + VALID)
        .add_extension(x509.SubjectAlternativeName(list(map(_general_name, names))), critical=False)
        # It vouches for this machine and for nothing else.
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return secret, made.public_bytes(serialization.Encoding.PEM)


def _write(path: Path, content: bytes) -> None:
    """Replace a file at once; temporary files are their owner's alone from the beginning."""
    descriptor, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)

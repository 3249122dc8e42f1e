"""The certificate made on the spot: what it vouches for, who may read its key, when it is made anew."""

from __future__ import annotations

import hashlib
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from app.certificates import Certificate, certificate_for, own_names

NAMES = ["localhost", "hall.local", "127.0.0.1", "::1", "192.168.1.20"]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "tls"


def loaded(made: Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(made.certificate.read_bytes())


def handshake(made: Certificate, name: str, trusted: Certificate | None = None) -> None:
    """TLS without a network, by a strict client that trusts this certificate and no other."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(made.certificate, made.key)
    client_side = ssl.create_default_context(cafile=str((trusted or made).certificate))
    client_side.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(to_client, to_server, server_hostname=name)
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    done: set[ssl.SSLObject] = set()
    while len(done) < 2:
        for side in (client, server):
            try:
                side.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                pass


@pytest.mark.parametrize("name", NAMES)
def test_a_client_that_trusts_it_connects_under_every_name(folder: Path, name: str) -> None:
    handshake(certificate_for(NAMES, folder), name)


@pytest.mark.parametrize("name", ["192.168.1.21", "convscope.example"])
def test_it_vouches_for_nothing_else(folder: Path, name: str) -> None:
    made = certificate_for(NAMES, folder)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"mismatch|not valid for"):
        handshake(made, name)


def test_another_one_made_for_the_same_names_is_not_trusted(folder: Path) -> None:
    made, other = certificate_for(NAMES, folder), certificate_for(NAMES, folder / "other")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(made, "localhost", trusted=other)


def test_what_browsers_ask_of_it(folder: Path) -> None:
    made = loaded(certificate_for(NAMES, folder, NOW))
    key = made.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    assert made.not_valid_after_utc - made.not_valid_before_utc == timedelta(days=397)
    assert made.not_valid_before_utc < NOW
    assert made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False


def test_only_its_owner_may_read_the_key(folder: Path) -> None:
    made = certificate_for(NAMES, folder)
    assert made.key is not None
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == ["certificate.pem", "key.pem"]


@pytest.mark.parametrize(
    ("names", "days", "kept"),
    [
        (NAMES, 0, True),
        (NAMES[:2], 365, True),
        ([*NAMES, "10.0.0.7"], 0, False),  # another network
        (NAMES, 367, False),  # a month before its end
        (NAMES, 400, False),
        (NAMES, -2, False),  # the clock was wrong
    ],
)
def test_it_is_kept_while_it_serves(folder: Path, names: list[str], days: int, kept: bool) -> None:
    first = certificate_for(NAMES, folder, NOW).fingerprint
    second = certificate_for(names, folder, NOW + timedelta(days=days)).fingerprint
    assert (first == second) is kept


@pytest.mark.parametrize("file", ["certificate.pem", "key.pem"])
@pytest.mark.parametrize("damage", ["gone", "cut", "of another"])
def test_what_is_damaged_is_made_anew(folder: Path, file: str, damage: str) -> None:
    first = certificate_for(NAMES, folder)
    fingerprint = first.fingerprint
    certificate_for(NAMES, folder / "other")
    if damage == "gone":
        (folder / file).unlink()
    elif damage == "cut":
        (folder / file).write_bytes((folder / file).read_bytes()[:60])
    else:
        (folder / file).write_bytes((folder / "other" / file).read_bytes())
    second = certificate_for(NAMES, folder)
    assert second.fingerprint != fingerprint
    handshake(second, "localhost")


def test_the_fingerprint_is_written_as_browsers_write_it(folder: Path) -> None:
    made = certificate_for(NAMES, folder)
    content = ssl.PEM_cert_to_DER_cert(made.certificate.read_text())
    assert made.fingerprint.replace(":", "").lower() == hashlib.sha256(content).hexdigest()
    assert len(made.fingerprint.split(":")) == 32


def test_names_of_this_machine_include_the_loopback_and_are_told_apart(folder: Path) -> None:
    names = own_names()
    assert {"localhost", "127.0.0.1", "::1"} <= set(names)
    assert len(set(names)) == len(names)
    handshake(certificate_for(names, folder), "127.0.0.1")

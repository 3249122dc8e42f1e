"""What opens a room: a short code for everybody, a long secret for the presenter."""

from __future__ import annotations

import hashlib
import hmac
import secrets

ALPHABET = "34679CDFGHJKMNPQRTWXY"
"""No vowel, so no words; and nothing that looks like another sign: 0 O, 1 I L, 2 Z, 5 S, 8 B, U V."""

LENGTH = 6
"""85 million codes: too few to be secret for ever, enough against guessing at 30 a minute."""


def new_code() -> str:
    """A code that nobody can foresee."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalise(text: str) -> str | None:
    """A code as typed, in its one form; None where it can be none.

    >>> normalise("k7m-4px"), normalise(" K7 M4 PX "), normalise("K7M4P0"), normalise("K7M4")
    ('K7M4PX', 'K7M4PX', None, None)
    """
    code = text.upper().replace(" ", "").replace("-", "")
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def new_secret() -> str:
    """192 random bits, writable in an address."""
    return secrets.token_urlsafe(24)


def digest_of(secret: str) -> str:
    """What a room keeps of its secret. So many random bits need neither salt nor slowness.

    >>> digest_of("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def opens(secret: str, digest: str) -> bool:
    """Whether this is the secret; the time it takes says nothing.

    >>> opens("right", digest_of("right")), opens("wrong", digest_of("right"))
    (True, False)
    """
    return hmac.compare_digest(digest_of(secret), digest)

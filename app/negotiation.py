"""Which form an answer takes: by the suffix of the path, or by the Accept header, or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

from app.problems import Problem

Form: TypeAlias = Literal["json", "npy", "npz", "png"]
FORMS: tuple[Form, ...] = get_args(Form)

Dtype: TypeAlias = Literal["float32", "float16", "uint8"]
"""In which numbers travel and are kept."""

MEDIA_TYPES: dict[Form, str] = {
    "json": "application/json",
    "npy": "application/x-npy",
    "npz": "application/zip",
    "png": "image/png",
}


def choose_form(suffix: str | None, accept: str | None, offered: Sequence[Form]) -> Form:
    """The form that the client asks for.

    Args:
        suffix: ``npy`` where the path ends in ``.npy``; it decides before the header.
        accept: the Accept header; missing or ``*/*`` means the first form offered.

    Raises:
        Problem: ``not-acceptable`` when nothing offered is asked for.

    >>> choose_form("npy", "text/html", ("json", "npy"))
    'npy'
    >>> choose_form(None, "image/png, */*;q=0.1", ("json", "png"))
    'png'
    """
    if suffix is not None:
        for form in offered:
            if form == suffix:
                return form
        raise not_acceptable("suffix", f".{suffix}", offered)
    # Among forms of one quality the server's order decides.
    best = max(offered, key=lambda form: _quality(accept or "*/*", MEDIA_TYPES[form]))
    if _quality(accept or "*/*", MEDIA_TYPES[best]) == 0:
        raise not_acceptable("Accept", accept, offered)
    return best


def is_json_type(content_type: str) -> bool:
    """Whether a body of this type is JSON.

    >>> [is_json_type(kind) for kind in ("application/json; charset=utf-8", "application/geo+json", "")]
    [True, True, False]
    """
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def not_acceptable(argument: str, value: object, offered: Sequence[Form]) -> Problem:
    """The problem that names what would have been acceptable."""
    allowed = ", ".join(f".{form} ({MEDIA_TYPES[form]})" for form in offered)
    return Problem("not-acceptable", argument, value, allowed)


def _quality(accept: str, media_type: str) -> float:
    """The q of the most specific range that matches (RFC 9110, 12.5.1); 0 where none does."""
    kind = media_type.split("/")[0]
    specificity = {media_type: 3, f"{kind}/*": 2, "*/*": 1}
    found = (0, 0.0)
    for part in accept.lower().split(","):
        name, _, parameters = part.partition(";")
        rank = specificity.get(name.strip(), 0)
        if rank > found[0]:
            found = (rank, _q(parameters))
    return found[1]


def _q(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return max(0.0, min(1.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0

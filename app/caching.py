"""What a browser may keep: things named by their digest for ever, all else after asking."""

from __future__ import annotations

from fastapi import Request, Response

IMMUTABLE = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


def cache_headers(tag: str, *, immutable: bool) -> dict[str, str]:
    """The headers of an answer whose content ``tag`` determines.

    >>> cache_headers("img_1-png", immutable=False)
    {'ETag': '"img_1-png"', 'Cache-Control': 'no-cache'}
    """
    return {"ETag": f'"{tag}"', "Cache-Control": IMMUTABLE if immutable else ASK_AGAIN}


def not_modified(request: Request, tag: str, *, immutable: bool) -> Response | None:
    """The answer 304, where the client has the content already; else None."""
    if matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=cache_headers(tag, immutable=immutable))
    return None


def matches(if_none_match: str | None, tag: str) -> bool:
    """Whether an If-None-Match header names this tag.

    >>> matches('W/"a", "b"', "a"), matches("*", "a"), matches('"b"', "a"), matches(None, "a")
    (True, True, False, False)
    """
    if if_none_match is None:
        return False
    given = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return "*" in given or f'"{tag}"' in given

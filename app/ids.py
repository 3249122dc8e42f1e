"""Names made from content: the same input has the same id, everywhere and tomorrow."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Literal

Kind = Literal["img", "mdl", "run"]

_ID = re.compile(r"(img|mdl|run)_[0-9a-f]{20}")


def content_id(kind: Kind, content: bytes) -> str:
    """The id of what these bytes determine: 80 bits of SHA-256.

    >>> content_id("img", b"")
    'img_e3b0c44298fc1c149afb'
    """
    return f"{kind}_{hashlib.sha256(content).hexdigest()[:20]}"


def recipe_id(kind: Kind, recipe: Mapping[str, Any]) -> str:
    """The id of a JSON recipe; the order of its fields and its spaces do not matter.

    >>> recipe_id("run", {"a": 1, "b": 2}) == recipe_id("run", {"b": 2, "a": 1})
    True
    """
    return content_id(kind, canonical_json(recipe))


def canonical_json(value: Any) -> bytes:
    r"""The one way to write a JSON value.

    >>> canonical_json({"b": [1.5, None], "a": "é"})
    b'{"a":"\\u00e9","b":[1.5,null]}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def is_id(text: str, kind: Kind | None = None) -> bool:
    """Whether a text has the form of an id (of this kind).

    >>> is_id("img_e3b0c44298fc1c149afb"), is_id("img_../../etc/passwd"), is_id("mdl_" + "0" * 20, "img")
    (True, False, False)
    """
    return _ID.fullmatch(text) is not None and (kind is None or text.startswith(kind + "_"))

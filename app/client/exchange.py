"""How the API is asked, without saying by whom: requests as data, retries as a generator.

Everything that the client can do is a generator that yields what is to be done, an ``Ask`` to be sent or a
``Wait`` to be waited, and is sent what came of it. ``blocking`` and ``awaiting`` drive such generators; so
each request is written once, for both.
"""

from __future__ import annotations

import functools
import inspect
import json
import random
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote

import httpx
import numpy as np

from .errors import PASSING, BadAnswer, Unreachable, refusal, retry_after_s

T = TypeVar("T")


@dataclass(frozen=True)
class Ask:
    """A request that is to be sent."""

    method: str
    url: str
    options: Mapping[str, Any] = field(default_factory=dict)
    """As ``httpx.Client.build_request`` takes them."""


@dataclass(frozen=True)
class Wait:
    """Time that is to pass first."""

    seconds: float


Outcome: TypeAlias = httpx.Response | httpx.RequestError | None
Exchange: TypeAlias = Generator[Ask | Wait, Outcome, T]

BROKEN = (httpx.NetworkError, httpx.ConnectTimeout, httpx.RemoteProtocolError, httpx.ProxyError)
"""No answer, although there might have been one. Not the time that ran out: its work would begin anew."""


@dataclass(frozen=True)
class Patience:
    """When to ask again, and when to give up.

    Asking again is safe for every request of this API, POST included: what it makes is named by its
    content, so the second time it is there already.

    Args:
        total_s: no retry begins later than this after the first try.
        first_s: before the first retry, where the server does not say; twice as long before each next one.
        longest_s: of these.
        connections: tries where nobody answers: that is more often a wrong address than a server at work.
    """

    total_s: float = 30.0
    first_s: float = 0.25
    longest_s: float = 8.0
    connections: int = 4

    def pause_s(self, outcome: Outcome, tries: int, passed_s: float) -> float | None:
        """How long to wait after a try; None to take the outcome as it is.

        Args:
            outcome: of the last try.
            tries: how many there were.
            passed_s: since the first began.

        >>> Patience().pause_s(httpx.Response(404), 1, 0) is None
        True
        >>> 3 <= Patience().pause_s(httpx.Response(503, headers={"Retry-After": "3"}), 1, 0) <= 3.25
        True
        """
        asked: float | None = None
        if isinstance(outcome, httpx.Response):
            if outcome.status_code not in PASSING:
                return None
            asked = retry_after_s(outcome)
        elif not isinstance(outcome, BROKEN) or tries >= self.connections:
            return None
        # By chance, so that all whom the server sent away do not come back at once.
        pause = min(self.longest_s, self.first_s * 2.0 ** (tries - 1)) * random.uniform(0.5, 1)
        if asked:
            pause = asked + self.first_s * random.random()
        return pause if passed_s + pause <= self.total_s else None


class Api:
    """The addresses of one server's API, and how patiently they are asked.

    >>> next(Api("http://127.0.0.1:8000/", Patience()).get("models", "a/b", "nodes", "c")).url
    'http://127.0.0.1:8000/api/v1/models/a%2Fb/nodes/c'
    """

    def __init__(self, url: str, patience: Patience) -> None:
        parsed = httpx.URL(url)
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise ValueError(f"url is {url!r}; allowed: such as 'http://127.0.0.1:8000'")
        self.server = url.rstrip("/").removesuffix("/api/v1")
        self.is_here = parsed.host in ("localhost", "127.0.0.1", "::1")
        self.patience = patience

    def get(
        self, *path: str, suffix: str = "", query: Mapping[str, Any] | None = None
    ) -> Exchange[httpx.Response]:
        """GET; what is None is left out of the query."""
        return self._answered(Ask("GET", self._url(path, suffix), {"params": texts(query or {})}))

    def post(
        self, *path: str, suffix: str = "", query: Mapping[str, Any] | None = None, **options: Any
    ) -> Exchange[httpx.Response]:
        """POST; the options are httpx's."""
        return self._answered(Ask("POST", self._url(path, suffix), {**options, "params": texts(query or {})}))

    def post_json(self, *path: str, body: Mapping[str, Any]) -> Exchange[httpx.Response]:
        """POST of JSON, in which arrays may stand; what is None on its first level is left out."""
        given = {name: value for name, value in body.items() if value is not None}
        return self.post(*path, content=to_json(given), headers={"Content-Type": "application/json"})

    def delete(self, *path: str) -> Exchange[httpx.Response]:
        """DELETE."""
        return self._answered(Ask("DELETE", self._url(path, "")))

    def _url(self, path: tuple[str, ...], suffix: str) -> str:
        return "/".join([self.server, "api", "v1", *(quote(part, safe="") for part in path)]) + suffix

    def _answered(self, ask: Ask) -> Exchange[httpx.Response]:
        """The answer to a request, asked for again as long as it makes sense.

        Raises:
            ConvScopeError: for every other answer, or none.
        """
        began, tries = time.monotonic(), 0
        while True:
            outcome = yield ask
            tries += 1
            pause_s = self.patience.pause_s(outcome, tries, time.monotonic() - began)
            if pause_s is None:
                break
            yield Wait(pause_s)
        if isinstance(outcome, httpx.Response):
            if not outcome.is_success:
                raise refusal(outcome)
            return outcome
        if isinstance(outcome, httpx.DecodingError):
            detail = f"{ask.url} answered in a code that it does not keep to: {outcome}"
            raise BadAnswer("bad-answer", None, "Bad answer", detail) from outcome
        why = f"{type(outcome).__name__}: {outcome}".rstrip(": ")
        detail = f"No answer from {self.server} ({why}); is the server running?"
        raise Unreachable("no-answer", None, "No answer", detail) from outcome


def texts(fields: Mapping[str, Any]) -> dict[str, str]:
    """Settings as forms and addresses take them: texts as they are, the rest as JSON; None is left out.

    >>> texts({"kernel": "sobel_x", "stride": (2, 1), "flip": True, "bias": None, "weight": np.eye(2)})
    {'kernel': 'sobel_x', 'stride': '[2, 1]', 'flip': 'true', 'weight': '[[1.0, 0.0], [0.0, 1.0]]'}
    """
    given = {name: value for name, value in fields.items() if value is not None}
    return {name: value if isinstance(value, str) else to_json(value) for name, value in given.items()}


def to_json(value: Any) -> str:
    """JSON, with arrays as lists.

    Raises:
        ValueError: for NaN and infinity, which JSON does not know.
    """
    return json.dumps(value, default=_plain, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} cannot be sent; allowed: numbers, texts, lists, arrays")


def like(call: Callable[..., Exchange[Any]]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Gives a method the name, the description and the signature of the generator that it drives."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        named: Any = functools.wraps(call)(method)
        signature = inspect.signature(call)
        returned = str(signature.return_annotation).removeprefix("Exchange[").removesuffix("]")
        named.__signature__ = signature.replace(return_annotation=returned)
        return method

    return decorate

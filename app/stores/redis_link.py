"""The way to Redis that all stores of a server share; it soon says where there is none."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.problems import Problem

T = TypeVar("T")

log = logging.getLogger("convscope")

CONNECT_S = 0.5
ANSWER_S = 1.0
PAUSE_S = 1.0
"""After a failure one caller tries again so often; the others need not wait for its outcome."""


def unreachable() -> Problem:
    """The problem of a server that cannot reach Redis; it goes away by itself."""
    detail = "What is shared with other servers cannot be reached at the moment."
    return Problem("store-unreachable", detail=detail, retry_after_s=2)


class RedisLink:
    """A pool of connections for worker threads.

    Args:
        url: ``redis://host:port/number``, ``rediss://`` for TLS.
    """

    def __init__(self, url: str) -> None:
        # A kept connection may be older than the server at its other end: once more, with a new one.
        again = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
        self._client: redis.Redis = redis.Redis.from_url(
            url, socket_connect_timeout=CONNECT_S, socket_timeout=ANSWER_S, retry=again
        )
        self._lock = Lock()
        self._down_until: float | None = None

    def ask(self, work: Callable[[redis.Redis], T]) -> T:
        """What ``work`` finds out.

        Raises:
            Problem: ``store-unreachable``, within two seconds.
        """
        if self._is_down():
            raise unreachable()
        try:
            result = work(self._client)
        except redis.RedisError as error:
            self._failed(error)
            raise unreachable() from error
        self._down_until = None
        return result

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _is_down(self) -> bool:
        """Whether it failed lately; the first who asks after the pause is told no, and finds out."""
        with self._lock:
            if self._down_until is None:
                return False
            if time.monotonic() < self._down_until:
                return True
            self._down_until = time.monotonic() + PAUSE_S
            return False

    def _failed(self, error: redis.RedisError) -> None:
        if not isinstance(error, redis.ConnectionError | redis.TimeoutError):
            log.error("Redis refuses: %s", error)  # the next question may be another one
            return
        with self._lock:
            if self._down_until is None:
                log.warning("Redis cannot be reached: %s", error)
            self._down_until = time.monotonic() + PAUSE_S

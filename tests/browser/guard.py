"""Watches everything that a browser context does and remembers what a good page never does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError, WebSocket
from playwright.sync_api import Error as PlaywrightError

OUR_HOST = "127.0.0.1"
# What has no host to ask.
LOCAL_SCHEMES = {"about", "blob", "data"}
# The page cancels requests that nobody waits for any more, and so does a navigation: no failure.
CANCELLED = "net::ERR_ABORTED"


class Guard:
    """Collects problems: console errors, uncaught errors, failed requests, requests to other hosts."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._expected: list[str] = []
        self._contexts: list[BrowserContext] = []
        self._listeners: dict[Any, Callable[[Any], None]] = {
            "console": self._on_console,
            "weberror": self._on_web_error,
            "request": self._on_request,
            "requestfailed": self._on_request_failed,
            "page": self._on_page,
        }

    def watch(self, context: BrowserContext) -> None:
        """Watch a context from now on, with every page that it opens."""
        self._contexts.append(context)
        for event, listener in self._listeners.items():
            context.on(event, listener)

    def leave(self, context: BrowserContext) -> None:
        """Watch a context no longer, since others go on with it."""
        self._contexts.remove(context)
        for event, listener in self._listeners.items():
            context.remove_listener(event, listener)

    def expect(self, pattern: str) -> None:
        """Allow problems that match ``pattern``; one that never shows itself fails the test as well."""
        self._expected.append(pattern)

    def verify(self) -> None:
        """Fail unless there were exactly the problems that were expected.

        Raises:
            AssertionError: names every unexpected problem and every expectation not met.
        """
        self._flush()
        unexpected = [p for p in self.problems if not any(re.search(e, p) for e in self._expected)]
        unmet = [e for e in self._expected if not any(re.search(e, p) for p in self.problems)]
        complaints = unexpected + [f"expected, but never seen: {pattern}" for pattern in unmet]
        assert not complaints, "the page misbehaved:\n  " + "\n  ".join(complaints)

    def _flush(self) -> None:
        # Messages reach us while we talk to the page they come from: one round trip brings the last of them.
        for context in self._contexts:
            for page in context.pages:
                try:
                    page.evaluate("null")
                except PlaywrightError:
                    self.problems.append(f"page no longer answers: {page.url}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"console error: {message.text} ({message.location.get('url', '')})")

    def _on_web_error(self, error: WebError) -> None:
        self.problems.append(f"page error: {error.error}")

    def _on_request(self, request: Request) -> None:
        self._check_host(request.url)

    def _on_request_failed(self, request: Request) -> None:
        if request.failure != CANCELLED:
            self.problems.append(f"failed request: {request.method} {request.url} ({request.failure})")

    def _on_page(self, page: Page) -> None:
        page.on("websocket", self._on_websocket)
        page.on("crash", lambda crashed: self.problems.append(f"page crashed: {crashed.url}"))

    def _on_websocket(self, websocket: WebSocket) -> None:
        self._check_host(websocket.url)

    def _check_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in LOCAL_SCHEMES and parts.hostname != OUR_HOST:
            self.problems.append(f"request to another host: {url[:200]}")

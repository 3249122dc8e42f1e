"""Who is let in: so many requests at once in all, so many a second from one address."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from app.budgets import Budgets
from app.errors import problem_response
from app.limits import Limits
from app.problems import Problem

ALWAYS = frozenset({"/healthz", "/readyz", "/metrics", "/v2/health/live", "/v2/health/ready"})
"""Asked by those who look after the server, above all when it has too much to do."""


class Admission:
    """Turns a request away before anything is done for it; WebSockets have bounds of their own."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self._most = limits.requests_in_flight
        self._in_flight = 0
        self._rates = Budgets(limits.request_burst, limits.request_burst / limits.requests_per_second)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self.app(scope, receive, send)
            return
        refusal = self._refusal((scope.get("client") or ("",))[0])
        if refusal is not None:
            # Whatever it wanted to send is not waited for.
            answer = problem_response(refusal, scope, headers={"Connection": "close"})
            await answer(scope, receive, send)
            return
        self._in_flight += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._in_flight -= 1

    def _refusal(self, address: str) -> Problem | None:
        if self._in_flight >= self._most:
            allowed = f"{self._most} requests at once"
            return Problem("busy", "requests", allowed=allowed, retry_after_s=1)
        budget = self._rates.of(address)
        if not budget.take():
            allowed = f"{self._rates.capacity} requests at one blow from one address"
            return Problem("too-many-requests", "requests", allowed=allowed, retry_after_s=budget.wait_s())
        return None

"""Results that nobody measured, to show and to judge."""

from __future__ import annotations

from bench.rivals.case import Case
from bench.rivals.result import Measured, Result


def measured(*times_ms: float, peak: float = 1.0) -> Measured:
    return Measured("", 0.0, [list(times_ms)], {"library": 30.0, "peak": peak, "running": peak})


def result(name: str = "net", batch: int = 1, **engines: Measured) -> Result:
    return Result(Case(name, {}, batch), {key.replace("_", "-"): each for key, each in engines.items()})

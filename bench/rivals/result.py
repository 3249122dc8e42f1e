"""What was measured of a case, and how engines compare in it."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from bench.rivals.case import Case
from bench.rivals.engines import RIVALS

OURS = "ours"


@dataclass
class Measured:
    """What one engine took for one case.

    Args:
        version: of its library.
        load_ms: building, from the library loaded to the first call.
        turns_ms: every call that was timed, turn by turn.
        memory_mib: "library" resident before the case was loaded; above it, "peak" at most, and "running"
            at most once it was warm.
    """

    version: str
    load_ms: float
    turns_ms: list[list[float]] = field(default_factory=list)
    memory_mib: dict[str, float] = field(default_factory=dict)

    @property
    def median_ms(self) -> float:
        """Of all calls."""
        return statistics.median(chain.from_iterable(self.turns_ms))

    @property
    def least_ms(self) -> float:
        """Of all calls."""
        return min(chain.from_iterable(self.turns_ms))


@dataclass(frozen=True)
class Result:
    """A case, and by engine what it took."""

    case: Case
    engines: Mapping[str, Measured]

    def ratios(self, rival: str) -> tuple[float, float] | None:
        """Our time to that of a rival's best engine, by medians and by least times; None if not measured.

        >>> times = {"ours": 3.0, "pytorch-nchw": 6.0, "pytorch-channels-last": 5.0}
        >>> engines = {name: Measured("", 0.0, [[ms, ms + 1, ms + 9]]) for name, ms in times.items()}
        >>> Result(Case("net", {}), engines).ratios("PyTorch")
        (0.6666666666666666, 0.6)
        """
        theirs = [self.engines[name] for name in RIVALS[rival] if name in self.engines]
        if OURS not in self.engines or not theirs:
            return None
        ours = self.engines[OURS]
        median = ours.median_ms / min(their.median_ms for their in theirs)
        return median, ours.least_ms / min(their.least_ms for their in theirs)

    def peak_mib(self, engines: Iterable[str]) -> float | None:
        """The least of the peaks of some engines, each of its whole process."""
        found = [self.engines[name].memory_mib for name in engines if name in self.engines]
        return min((memory["library"] + memory["peak"] for memory in found), default=None)

    def as_json(self) -> dict[str, Any]:
        """Everything but the single calls of a turn, of which median and least are kept."""
        return {
            "name": self.case.name,
            "batch": self.case.batch,
            "task": self.case.task,
            "engines": {name: _as_json(measured) for name, measured in self.engines.items()},
        }


def _as_json(measured: Measured) -> dict[str, Any]:
    return {
        "version": measured.version,
        "load_ms": round(measured.load_ms, 1),
        "median_ms": round(measured.median_ms, 4),
        "least_ms": round(measured.least_ms, 4),
        "calls": sum(map(len, measured.turns_ms)),
        # One text each: as lists they would take a line for every number.
        "turn_medians_ms": " ".join(f"{statistics.median(turn):.4g}" for turn in measured.turns_ms),
        "turn_least_ms": " ".join(f"{min(turn):.4g}" for turn in measured.turns_ms),
        "memory_mib": {name: round(mib, 1) for name, mib in measured.memory_mib.items()},
    }

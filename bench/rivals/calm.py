"""How calm the machine is: what others take of it, and how evenly a fixed product is computed."""

from __future__ import annotations

import os
import resource
import statistics
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

import numpy as np

STAT = Path("/proc/stat")
IDLE = (3, 4)
"""Fields of /proc/stat that are no work: idle, waiting for a disk."""

GUESTS = (8, 9)
"""Fields that are counted in others already."""

SIDE, PRODUCTS = 384, 20


@dataclass(frozen=True)
class Calm:
    """What was seen of the machine in a while.

    Args:
        load_after: average over the last minute, ours included.
        others: share of the cores' time that went to other processes; None where the system does not tell.
        probes_ms: times of the same product, in between measurements.
    """

    load_after: float
    others: float | None
    probes_ms: list[float]

    def __str__(self) -> str:
        least, median = min(self.probes_ms), statistics.median(self.probes_ms)
        taken = "an unknown share" if self.others is None else f"{100 * self.others:.0f} %"
        return (
            f"While it was measured, other processes took {taken} of the cores; a {SIDE} × {SIDE} product "
            f"in between took {median:.2f} ms (least {least:.2f} ms). Load {self.load_after:.1f} after."
        )


class Watch:
    """Looks at the machine from its making until ``seen``."""

    def __init__(self) -> None:
        self._start = perf_counter()
        self._busy, self._own = busy_s(), own_s()
        self._probes_ms: list[float] = []

    def probe(self) -> None:
        """Time a product while nothing else of ours runs, and let its threads come to rest."""
        a = np.ones((SIDE, SIDE), dtype=np.float32)
        for _ in range(PRODUCTS):
            start = perf_counter()
            a @ a
            self._probes_ms.append(1000 * (perf_counter() - start))
        sleep(0.07)

    def seen(self) -> Calm:
        """What was seen; every process of ours must have ended, or its time counts as others'."""
        busy, cores = busy_s(), os.cpu_count() or 1
        others = None
        if busy is not None and self._busy is not None:
            spent = (perf_counter() - self._start) * cores
            others = max(0.0, (busy - self._busy) - (own_s() - self._own)) / spent
        return Calm(os.getloadavg()[0], others, self._probes_ms)


def busy_s() -> float | None:
    """Seconds that all cores together have worked since the machine started, what a host stole included."""
    try:
        fields = [int(field) for field in STAT.read_text(encoding="ascii").splitlines()[0].split()[1:]]
    except OSError:
        return None
    ticks = sum(field for i, field in enumerate(fields) if i not in (*IDLE, *GUESTS))
    return ticks / os.sysconf("SC_CLK_TCK")


def own_s() -> float:
    """Seconds of this process and of those that it has waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )

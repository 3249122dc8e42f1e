"""Results as tables: times, ratios beside their targets, memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from bench.rivals.engines import ENGINES, RIVALS
from bench.rivals.result import OURS, Measured, Result
from bench.table import Table

Targets: TypeAlias = Mapping[tuple[str, int, str], float]
"""By name of the case, batch and rival: what our time may be of theirs."""


def times(results: Sequence[Result]) -> Table:
    """Median and least of every engine."""
    engines = engines_of(results)
    lines = [
        (*_case(result), *(_time(result.engines[name]) if name in result.engines else "" for name in engines))
        for result in results
    ]
    heads = ("what", "batch", *(ENGINES[name].title for name in engines))
    return Table(heads, lines, "Milliseconds: median (least)")


def ratios(results: Sequence[Result], targets: Targets) -> Table:
    """Our time as a share of each rival's, and whether it is within the target."""
    lines = []
    for result in results:
        for rival in RIVALS:
            found = result.ratios(rival)
            if found is not None:
                target = targets.get((result.case.name, result.case.batch, rival))
                shown = ("", "") if target is None else (f"{target:.2f}", verdict(found, target))
                lines.append((*_case(result), rival, *(f"{ratio:.2f}" for ratio in found), *shown))
    heads = ("what", "batch", "against", "ratio of medians", "ratio of least", "target", "met")
    return Table(heads, lines, "Our time to theirs: below 1 we are faster")


def memory(results: Sequence[Result], target_batch: int) -> Table:
    """The most that a process held; the target is PyTorch's best, at one batch size."""
    engines = engines_of(results)
    lines = []
    for result in results:
        shown = [_memory(result.engines[name]) if name in result.engines else "" for name in engines]
        ours, theirs = result.peak_mib([OURS]), result.peak_mib(RIVALS["PyTorch"])
        judged = ours is not None and theirs is not None and result.case.batch == target_batch
        lines.append((*_case(result), *shown, _yes(ours < theirs) if judged else ""))
    heads = ("what", "batch", *(ENGINES[name].title for name in engines), "below PyTorch")
    return Table(heads, lines, "MiB at most of the whole process (above the loaded library)")


def engines_of(results: Sequence[Result]) -> list[str]:
    """Those that any result has, in their order in the list of all."""
    return [name for name in ENGINES if any(name in result.engines for result in results)]


def verdict(found: tuple[float, float], target: float) -> str:
    """Whether both ratios are within the target, or which of them alone.

    >>> verdict((0.8, 0.7), 0.8), verdict((0.81, 0.7), 0.8), verdict((0.9, 0.9), 0.8)
    ('yes', 'by least only', 'no')
    """
    by_median, by_least = (ratio <= target for ratio in found)
    if by_median != by_least:
        return "by medians only" if by_median else "by least only"
    return _yes(by_median)


def _yes(met: bool) -> str:
    return "yes" if met else "no"


def _case(result: Result) -> tuple[str, str]:
    return result.case.name, str(result.case.batch)


def _time(measured: Measured) -> str:
    return f"{figure(measured.median_ms)} ({figure(measured.least_ms)})"


def _memory(measured: Measured) -> str:
    peak, library = measured.memory_mib["peak"], measured.memory_mib["library"]
    return f"{library + peak:.0f} ({peak:.0f})"


def figure(number: float) -> str:
    """Three digits or more.

    >>> figure(0.04321), figure(4.321), figure(43.21), figure(4321.0)
    ('0.0432', '4.32', '43.2', '4321')
    """
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"

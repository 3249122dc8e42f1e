"""Measured figures as a table that says on which machine they were measured."""

from __future__ import annotations

import os
import platform
import statistics
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Table:
    """Heads of the columns, the lines under them, and what stands above if it is not alone."""

    heads: tuple[str, ...]
    lines: list[tuple[str, ...]]
    caption: str = ""


@dataclass(frozen=True)
class Row:
    """What was timed, every time in milliseconds, and what it should stay under, if that was set."""

    name: str
    times_ms: list[float]
    target: str = ""


def times(rows: list[Row]) -> Table:
    """Median, least and 95th percentile of every row; the targets, where there are any."""
    heads = ("what", "median", "least", "95th percentile")
    lines = [(row.name, *_figures(row.times_ms)) for row in rows]
    if not any(row.target for row in rows):
        return Table(heads, lines)
    return Table((*heads, "target"), [(*line, row.target) for line, row in zip(lines, rows, strict=True)])


def _figures(times_ms: list[float]) -> tuple[str, ...]:
    p95 = float(np.percentile(times_ms, 95))
    return tuple(f"{figure:.1f} ms" for figure in (statistics.median(times_ms), min(times_ms), p95))


def write(name: str, title: str, machine: str, *tables: Table) -> str:
    """Write ``results/NAME.md`` and return it."""
    text = page(title, machine, *tables)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    return text


def page(title: str, machine: str, *tables: Table) -> str:
    """Tables under a title and what there is to say of the machine."""
    return "\n\n".join([f"# {title}", machine, *map(_markdown, tables)]) + "\n"


def _markdown(table: Table) -> str:
    heads, *lines = (f"| {' | '.join(row)} |" for row in (table.heads, *table.lines))
    above = [f"## {table.caption}", ""] if table.caption else []
    return "\n".join([*above, heads, "|---" * len(table.heads) + "|", *lines])


def machine() -> str:
    """The machine in one line, and how busy it is: asked before the benchmark is what keeps it busy."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = f"Python {platform.python_version()}, NumPy {np.__version__}"
    load = f"load {os.getloadavg()[0]:.1f} before"
    return f"{processor()}, {cores} cores, {platform.system()} {platform.machine()}, {python}; {load}."


def processor() -> str:
    """The processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "unknown processor")

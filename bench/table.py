"""Measured times as a table that says on which machine they were measured."""

from __future__ import annotations

import os
import platform
import statistics
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Row:
    """What was timed, and every time in milliseconds."""

    name: str
    times_ms: list[float]


def write(name: str, title: str, rows: list[Row]) -> str:
    """Write ``results/NAME.md`` and return it."""
    lines = [
        f"# {title}",
        "",
        machine(),
        "",
        "| what | median | least | 95th percentile |",
        "|---|---|---|---|",
    ]
    for row in rows:
        p95 = float(np.percentile(row.times_ms, 95))
        figures = (statistics.median(row.times_ms), min(row.times_ms), p95)
        lines.append(f"| {row.name} | " + " | ".join(f"{figure:.1f} ms" for figure in figures) + " |")
    text = "\n".join(lines) + "\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    return text


def machine() -> str:
    """The machine in one line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = f"Python {platform.python_version()}, NumPy {np.__version__}"
    return f"{processor()}, {cores} cores, {platform.system()} {platform.machine()}, {python}."


def processor() -> str:
    """The processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "unknown processor")

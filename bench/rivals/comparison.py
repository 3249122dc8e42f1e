"""One benchmark of engines side by side, from its cases to the tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from bench.rivals import tables
from bench.rivals.calm import Calm, Watch
from bench.rivals.case import Case
from bench.rivals.result import Result
from bench.rivals.turns import measure
from bench.table import RESULTS, Table, machine, page

Plotter = Callable[[Sequence[Result]], str]
"""Draws results as the text of an SVG picture."""


@dataclass(frozen=True)
class Comparison:
    """What is measured, and how it is shown.

    Args:
        name: of the files in ``results/``.
        title: of the page.
        about: what one must know to read it.
        cases: in the order of the lines.
        engines: that take turns.
        seconds: for each case, all engines together.
        targets: for the ratios.
        memory_batch: batch size at which memory has a target; None leaves memory out.
        more: further tables.
        plot: None draws nothing.
    """

    name: str
    title: str
    about: str
    cases: tuple[Case, ...]
    engines: tuple[str, ...]
    seconds: float
    targets: tables.Targets = field(default_factory=dict)
    memory_batch: int | None = None
    more: Callable[[Sequence[Result]], list[Table]] = lambda results: []
    plot: Plotter | None = None

    def only(self, nets: Collection[str], batches: Collection[int], engines: Collection[str]) -> Comparison:
        """A part of it; an empty collection means all."""
        cases = tuple(
            case
            for case in self.cases
            if (not nets or case.name in nets) and (not batches or case.batch in batches)
        )
        chosen = tuple(name for name in self.engines if not engines or name in engines)
        return replace(self, cases=cases, engines=chosen)

    def run(self, seconds: float | None = None) -> Record:
        """Measure every case, and the machine in between."""
        where, watch = machine(), Watch()
        results = []
        for case in self.cases:
            watch.probe()
            results.append(measure(case, self.engines, self.seconds if seconds is None else seconds))
        watch.probe()
        return Record(self, where, watch.seen(), results)


@dataclass(frozen=True)
class Record:
    """A comparison that was made: where, how calm it was there, and what came out."""

    comparison: Comparison
    where: str
    calm: Calm
    results: list[Result]

    @property
    def page(self) -> str:
        """Times, ratios where some have targets, and what else the comparison shows, as Markdown."""
        what, results = self.comparison, self.results
        shown = [tables.times(results)]
        if what.targets:
            shown.append(tables.ratios(results, what.targets))
        if what.memory_batch is not None:
            shown.append(tables.memory(results, what.memory_batch))
        versions = sorted({measured.version for result in results for measured in result.engines.values()})
        machine = f"{self.where} {self.calm} {'; '.join(versions)}."
        picture = [f"![{what.title}]({what.name}.svg)"] if what.plot is not None else []
        return page(what.title, "\n\n".join([machine, what.about, *picture]), *shown, *what.more(results))

    def write(self) -> None:
        """``results/NAME.md``, ``.json`` and, if there is a picture, ``.svg``."""
        RESULTS.mkdir(exist_ok=True)
        what = self.comparison
        files = {"md": self.page, "json": self._json}
        if what.plot is not None:
            files["svg"] = what.plot(self.results)
        for suffix, text in files.items():
            (RESULTS / f"{what.name}.{suffix}").write_text(text, encoding="utf-8")

    @property
    def _json(self) -> str:
        cases = [result.as_json() for result in self.results]
        record = {"machine": self.where, "calm": str(self.calm), "cases": cases}
        return json.dumps(record, indent=1) + "\n"

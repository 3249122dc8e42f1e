"""Results as pictures: quiet colours, one accent for what is ours, large enough for a projector."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from bench.rivals.engines import ENGINES, RIVALS
from bench.rivals.result import Result
from bench.rivals.tables import Targets, engines_of

INK, MUTED, LINE, PAPER = "#17191E", "#555B66", "#DEDBD3", "#FBFAF7"
STYLES: dict[str, dict[str, Any]] = {
    "ours": {"color": "#D6006E", "marker": "o", "zorder": 4},
    "ours-trace": {"color": "#D6006E", "marker": "o", "markerfacecolor": PAPER, "zorder": 3},
    "pytorch-nchw": {"color": "#A9480F", "marker": "^"},
    "pytorch-channels-last": {"color": "#E17F3C", "marker": "v"},
    "onnxruntime": {"color": "#12559A", "marker": "s"},
    "opencv": {"color": "#5B6B1C", "marker": "D"},
}
"""Form as well as colour tells engines apart."""

MARK: dict[str, Any] = {"linestyle": "", "ms": 10, "mew": 2}

SETTINGS = {
    "axes.edgecolor": MUTED,
    "axes.facecolor": PAPER,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": PAPER,
    "font.family": "sans-serif",
    "font.size": 13,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "convscope",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def shares(results: Sequence[Result], targets: Targets) -> str:
    """Every engine's least time as a share of PyTorch's better layout, one line for each case."""
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(10, 1.6 + 0.46 * len(results)), layout="constrained")
        axes = figure.add_subplot()
        for place, result in enumerate(results):
            base = min(result.engines[name].least_ms for name in RIVALS["PyTorch"] if name in result.engines)
            for name in engines_of([result]):
                share = result.engines[name].least_ms / base
                axes.plot(share, place, **MARK, **STYLES[name])
            target = targets.get((result.case.name, result.case.batch, "PyTorch"))
            if target is not None:
                axes.plot([target], [place], linestyle="", marker="|", ms=22, mew=2.5, color=INK)
        axes.axvline(1, color=MUTED, linewidth=1, zorder=0)
        axes.set_yticks(range(len(results)), [result.case.label for result in results])
        axes.invert_yaxis()
        axes.grid(axis="x", color=LINE)
        axes.set_axisbelow(True)
        _logarithmic(axes.xaxis, axes.set_xscale)
        axes.set_xlabel("time, as a share of PyTorch’s better layout (least times); left is faster; | target")
        _legend(figure, engines_of(results))
        return _svg(figure)


def curves(results: Sequence[Result], along: Mapping[str, Mapping[str, int]]) -> str:
    """Least times against what grows, one panel for each: by the name of the axis, the cases' numbers."""
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(13, 5), layout="constrained")
        panels = figure.subplots(1, len(along), sharey=True)
        for axes, (axis, numbers) in zip(panels, along.items(), strict=True):
            here = [result for result in results if result.case.name in numbers]
            for name in engines_of(here):
                points = [(numbers[r.case.name], r.engines[name].least_ms) for r in here if name in r.engines]
                axes.plot(*zip(*points, strict=True), linewidth=2, ms=8, **STYLES[name])
            axes.set_yscale("log")
            axes.set_xscale("log", base=2)
            axes.set_xticks(list(numbers.values()), [str(number) for number in numbers.values()])
            axes.minorticks_off()
            axes.grid(color=LINE)
            axes.set_axisbelow(True)
            axes.set_xlabel(axis)
        panels[0].set_ylabel("ms (least)")
        panels[0].yaxis.set_major_formatter(lambda ms, place: f"{ms:g}")
        _legend(figure, engines_of(results))
        return _svg(figure)


def _logarithmic(axis: Any, set_scale: Any) -> None:
    set_scale("log")
    marks = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
    low, high = axis.get_view_interval()
    shown = [mark for mark in marks if low <= mark <= high]
    axis.set_ticks(shown, labels=[f"{mark:g}" for mark in shown])
    axis.set_ticks([], minor=True)


def _legend(figure: Figure, engines: Sequence[str]) -> None:
    keys = [Line2D([], [], label=ENGINES[name].title, **MARK, **STYLES[name]) for name in engines]
    figure.legend(handles=keys, loc="outside upper left", ncols=3)


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()

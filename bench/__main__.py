"""Run benchmarks and write their tables: ``python -m bench NAME …``, NAME also ``rivals`` or ``app``.

A part of those against other engines (``--nets``, ``--batch``, ``--engines``) is shown, not written.
"""

from __future__ import annotations

import argparse
import importlib
import sys

from bench.table import machine, write

RIVALS = ("engine", "training", "kernels", "growth")
"""Against other engines; modules with a ``COMPARISON``."""

APP = {
    "server": ("What a client waits for", "server_latency"),
    "page": ("What a reader waits for", "page"),
    "network": ("What a reader of a network waits for", "network"),
    "batch": ("Thousands of pictures", "batch"),
    "memory": ("What a run takes", "memory"),
    "live": ("What comes back of a camera's pictures", "live"),
    "load": ("What fifty clients wait for", "load"),
    "endurance": ("What ten minutes of fifty clients leave behind", "endurance"),
    "rooms": ("What three hundred followers wait for", "rooms"),
    "soak": ("What two thousand pictures leave behind", "soak"),
}
"""Of the server and the page: title, and module with a ``table``, or several ``tables``."""

GROUPS = {"rivals": RIVALS, "app": tuple(APP)}


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks named."""
    asked = _arguments().parse_args(arguments)
    for name in (each for asked_name in asked.names for each in GROUPS.get(asked_name, (asked_name,))):
        # Only now: the environment of one group does not have the libraries of the other.
        if name in APP:
            title, module = APP[name]
            where = machine()
            measure = importlib.import_module(f"bench.{module}")
            tables = measure.tables() if hasattr(measure, "tables") else [measure.table()]
            print(write(name, title, where, *tables))
        else:
            _compare(name, asked)
    return 0


def _compare(name: str, asked: argparse.Namespace) -> None:
    whole = importlib.import_module(f"bench.{name}").COMPARISON
    part = whole.only(asked.nets, asked.batch, asked.engines)
    if not part.cases or not part.engines:
        cases = ", ".join(case.label for case in whole.cases)
        sys.exit(f"{name}: nothing left; it has {cases}; engines {', '.join(whole.engines)}")
    record = part.run(asked.seconds)
    print(record.page)
    if part == whole:
        record.write()


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = [*GROUPS, *RIVALS, *APP]
    parser.add_argument("names", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--nets", type=_words, default=[], help="cases by name, such as vgg-16,resnet-18")
    parser.add_argument("--batch", type=_numbers, default=[], help="batch sizes, such as 1,32")
    parser.add_argument("--engines", type=_words, default=[], help="such as ours,pytorch-nchw")
    parser.add_argument("--seconds", type=float, help="for each case, all engines together")
    return parser


def _words(text: str) -> list[str]:
    return text.split(",")


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())

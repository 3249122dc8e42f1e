"""Run every benchmark and write its table: ``python -m bench [NAME …]``."""

from __future__ import annotations

import sys
from collections.abc import Callable

from bench import memory, network, page, server_latency, soak
from bench.table import Table, machine, write

BENCHMARKS: dict[str, tuple[str, Callable[[], Table]]] = {
    "server": ("What a client waits for", server_latency.table),
    "page": ("What a reader waits for", page.table),
    "network": ("What a reader of a network waits for", network.table),
    "memory": ("What a run takes", memory.table),
    "soak": ("What two thousand pictures leave behind", soak.table),
}


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {unknown[0]}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or list(BENCHMARKS):
        title, table = BENCHMARKS[name]
        where = machine()
        print(write(name, title, where, table()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Run every benchmark and write its table: ``python -m bench [NAME …]``."""

from __future__ import annotations

import sys
from collections.abc import Callable

from bench import page, server_latency
from bench.table import Row, write

BENCHMARKS: dict[str, tuple[str, Callable[[], list[Row]]]] = {
    "server": ("What a client waits for", server_latency.rows),
    "page": ("What a reader waits for", page.rows),
}


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {unknown[0]}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or list(BENCHMARKS):
        title, rows = BENCHMARKS[name]
        print(write(name, title, rows()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

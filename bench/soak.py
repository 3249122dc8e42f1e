"""Whether a long lecture leaves anything behind: two thousand pictures in one page, every run new."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import CDPSession, Page

from bench.browser import drawn_page, running_browser, set_view
from bench.server_process import Server, running_server
from bench.table import Table

MEASURED_AT = (100, 500, 1000, 2000)
SAMPLES = ("chelsea", "coffee", "astronaut", "rocket")
MIB = 1 << 20
# Full before the first measurement; smaller caches fill later, and what grows after that was not meant to.
RUN_MEMORY = {"CONVSCOPE_RUN_MEMORY_BYTES": str(64 * MIB)}


def table() -> Table:
    """Memory of the page and of the server after so many changes."""
    with running_server(**RUN_MEMORY) as server, running_browser() as browser:
        page = drawn_page(browser, f"{server.address}/network")
        session = page.context.new_cdp_session(page)
        session.send("HeapProfiler.enable")
        columns = []
        for index in range(1, max(MEASURED_AT) + 1):
            set_view(page, view(index))
            if index in MEASURED_AT:
                columns.append(figures(page, session, server))
        names = ("JavaScript heap, collected", "elements of the page", "server, resident")
        lines = [(name, *line) for name, line in zip(names, zip(*columns, strict=True), strict=True)]
        return Table(("what", *(f"after {count} pictures" for count in MEASURED_AT)), lines)


def view(index: int) -> dict[str, Any]:
    """Another picture every time; five of one model with changed weights, five of another in a new size."""
    image = SAMPLES[index % len(SAMPLES)]
    if index // 5 % 2:
        size = [64 + index % 47, 64 + index % 43]
        return {"image": image, "model": "kmeans-bank", "edits": "", "size": size}
    return {"image": image, "model": "tiny-vgg", "edits": f"conv_1_1:0*{1 + index / 1000}", "size": [0, 0]}


def figures(page: Page, session: CDPSession, server: Server) -> tuple[str, str, str]:
    """What is held once everything that can go has gone."""
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    elements = page.evaluate("document.querySelectorAll('*').length")
    return f"{heap / MIB:.2f} MiB", str(elements), f"{server.resident_bytes() / MIB:.0f} MiB"

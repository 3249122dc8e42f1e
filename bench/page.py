"""How long a reader waits in a real Chromium: for the first picture, for a new kernel, for the next frame."""

from __future__ import annotations

import time

from playwright.sync_api import Browser

from bench.browser import cold_starts, drawn_page, note_frames, noted_frames, running_browser, set_view
from bench.server_process import running_server
from bench.table import Row, Table, times

KERNELS = ("sobel_y", "prewitt_x", "prewitt_y", "scharr_x", "scharr_y", "laplacian", "emboss", "sharpen")
DRAG_STEPS = 240


def table() -> Table:
    """What was timed on the Operation page."""
    with running_server() as server, running_browser() as browser:
        address = f"{server.address}/operation"
        return times(
            [
                Row("first page, cold browser: picture drawn", cold_starts(browser, address)),
                Row("new kernel on 224 × 224 RGB: asked to drawn", new_kernels(browser, address)),
                Row("frame while the window is dragged over 512 × 512", drag_frames(browser, address)),
            ]
        )


def new_kernels(browser: Browser, address: str) -> list[float]:
    """From choosing a preset to its output on the screen."""
    page = drawn_page(browser, f"{address}?size=224")
    waits = []
    for name in KERNELS:
        waits.append(set_view(page, {"kernel": name}))
        # What the last run left behind should not weigh on the next.
        time.sleep(0.1)
    page.close()
    return waits


def drag_frames(browser: Browser, address: str) -> list[float]:
    """The time between frames while the pointer crosses the picture."""
    page = drawn_page(browser, f"{address}?image=astronaut&size=512")
    time.sleep(0.5)
    box = page.locator(".panel-input cs-map canvas").bounding_box()
    if box is None:
        raise RuntimeError("the input is not on the page")
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    note_frames(page)
    for step in range(DRAG_STEPS):
        page.mouse.move(box["x"] + 8 + step % 240, box["y"] + 8 + (step * 7) % 240)
    page.mouse.up()
    frames = noted_frames(page)
    page.close()
    return frames

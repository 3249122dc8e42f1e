"""How long a reader waits in a real Chromium: for the first picture, for a new kernel, for the next frame."""

from __future__ import annotations

import tempfile
import time

from playwright.sync_api import Browser, Page, sync_playwright

from bench.server_process import running_server
from bench.table import Row
from tools.ensure_chromium import ensure_chromium

COLD_STARTS = 5
KERNELS = ("sobel_y", "prewitt_x", "prewitt_y", "scharr_x", "scharr_y", "laplacian", "emboss", "sharpen")
DRAG_STEPS = 240
FLAGS = ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def rows() -> list[Row]:
    """Times in milliseconds."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(folder) as (host, port),
        sync_playwright() as playwright,
    ):
        address = f"http://{host}:{port}"
        browser = playwright.chromium.launch(executable_path=ensure_chromium(), args=FLAGS)
        try:
            return [
                Row("first page, cold browser: picture drawn", first_pictures(browser, address)),
                Row("new kernel on 224 × 224 RGB: asked to drawn", new_kernels(browser, address)),
                Row("frame while the window is dragged over 512 × 512", drag_frames(browser, address)),
            ]
        finally:
            browser.close()


def first_pictures(browser: Browser, address: str) -> list[float]:
    """From navigation to the first run drawn, each in a context with an empty cache."""
    times = []
    for _ in range(COLD_STARTS):
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        page = context.new_page()
        page.goto(f"{address}/operation")
        times.append(moment(page, "run-drawn"))
        context.close()
    return times


def new_kernels(browser: Browser, address: str) -> list[float]:
    """From choosing a preset to its output on the screen."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{address}/operation?size=224")
    moment(page, "run-drawn")
    times = []
    for name in KERNELS:
        page.evaluate("performance.clearMarks('run-drawn')")
        page.evaluate(
            """name => document.querySelector("cs-settings").dispatchEvent(
              new CustomEvent("cs-set", { detail: { patch: { kernel: name } }, bubbles: true }))""",
            name,
        )
        times.append(moment(page, "run-drawn") - moment(page, "run-asked"))
        # What the last run left behind should not weigh on the next.
        time.sleep(0.1)
    page.close()
    return times


def drag_frames(browser: Browser, address: str) -> list[float]:
    """The time between frames while the pointer crosses the picture."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{address}/operation?image=astronaut&size=512")
    moment(page, "run-drawn")
    time.sleep(0.5)
    box = page.locator(".panel-input cs-map canvas").bounding_box()
    if box is None:
        raise RuntimeError("the input is not on the page")
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    page.evaluate(
        """() => {
          const times = (window.frameTimes = []);
          let last = performance.now();
          const note = (now) => { times.push(now - last); last = now; requestAnimationFrame(note); };
          requestAnimationFrame(note);
        }"""
    )
    for step in range(DRAG_STEPS):
        page.mouse.move(box["x"] + 8 + step % 240, box["y"] + 8 + (step * 7) % 240)
    page.mouse.up()
    times: list[float] = page.evaluate("window.frameTimes.slice(1)")
    page.close()
    return times


def moment(page: Page, name: str) -> float:
    """When a milestone was reached, in ms since navigation."""
    page.wait_for_function("name => performance.getEntriesByName(name).length > 0", arg=name, polling=5)
    reached: float = page.evaluate("name => performance.getEntriesByName(name).at(-1).startTime", name)
    return reached

"""A real Chromium on a server process, and the moments that its pages note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tools.ensure_chromium import ensure_chromium

FLAGS = ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-sync"]
COLD_STARTS = 5
WINDOW: Any = {"width": 1280, "height": 720}


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A browser with nothing in its caches."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def cold_starts(browser: Browser, address: str) -> list[float]:
    """From navigation to the first run drawn, each in a context with an empty cache."""
    times = []
    for _ in range(COLD_STARTS):
        context = browser.new_context(viewport=WINDOW)
        page = context.new_page()
        page.goto(address)
        times.append(moment(page, "run-drawn"))
        context.close()
    return times


def drawn_page(browser: Browser, address: str) -> Page:
    """A page with its first run drawn; a network with many weights may take its time."""
    page = browser.new_page(viewport=WINDOW)
    page.set_default_timeout(120_000)
    page.goto(address)
    moment(page, "run-drawn")
    return page


def set_view(page: Page, patch: Mapping[str, Any]) -> float:
    """Change what a page shows, as its settings do; and how long that took until it was drawn."""
    page.evaluate("performance.clearMarks('run-drawn'), performance.clearResourceTimings()")
    page.evaluate(
        """patch => document.querySelector("cs-settings").dispatchEvent(
          new CustomEvent("cs-set", { detail: { patch }, bubbles: true }))""",
        patch,
    )
    return moment(page, "run-drawn") - moment(page, "run-asked")


def moment(page: Page, name: str) -> float:
    """When a milestone was reached, in ms since navigation."""
    page.wait_for_function("name => performance.getEntriesByName(name).length > 0", arg=name, polling=5)
    reached: float = page.evaluate("name => performance.getEntriesByName(name).at(-1).startTime", name)
    return reached


def note_frames(page: Page) -> None:
    """From now on the page notes the time between its frames."""
    page.evaluate(
        """() => {
          const times = (window.frameTimes = []);
          let last = performance.now();
          const note = (now) => { times.push(now - last); last = now; requestAnimationFrame(note); };
          requestAnimationFrame(note);
        }"""
    )


def noted_frames(page: Page) -> list[float]:
    """The times noted, in ms; the first one began before its frame."""
    times: list[float] = page.evaluate("window.frameTimes.slice(1)")
    return times

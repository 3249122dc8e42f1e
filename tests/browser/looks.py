"""How a page looks: in rooms of different sizes and lights, everything fits, is legible and accessible."""

from __future__ import annotations

import re
from dataclasses import dataclass

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

AXE = Axe()
# What passes is neither described nor sent over: that would take longer than the rules themselves.
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}

# The header's name is a picture on a phone; scripts of a formula are smaller by their nature.
SMALL = """(least) => [...document.querySelectorAll("main *, dialog[open] *")]
    .filter((e) => [...e.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim()))
    .filter((e) => e.checkVisibility() && !e.closest("math, .visually-hidden, option, svg"))
    .map((e) => ({ e, size: parseFloat(getComputedStyle(e).fontSize) }))
    .filter(({ size }) => size > 0 && size < least)
    .map(({ e, size }) => `${e.tagName}.${e.className} ${size}px: ${e.textContent.slice(0, 20)}`)"""

ENTER = """(patch) => document.querySelector("main").dispatchEvent(
    new CustomEvent("cs-set", { detail: { patch }, bubbles: true }))"""


@dataclass(frozen=True)
class Room:
    """A window, and what a reader in front of it has chosen."""

    name: str
    width: int = 1280
    height: int = 720
    lang: str = "en"
    theme: str = "auto"
    projector: bool = False

    @property
    def query(self) -> str:
        """Ends an address that is opened in this room."""
        return f"&lang={self.lang}&theme={self.theme}&projector={int(self.projector)}"

    @property
    def viewport(self) -> ViewportSize:
        """The window's size."""
        return {"width": self.width, "height": self.height}

    def enter(self, page: Page) -> None:
        """Bring a page of a network or an operation here from another room, as its own settings do."""
        page.set_viewport_size(self.viewport)
        page.evaluate(ENTER, {"lang": self.lang, "theme": self.theme, "projector": self.projector})


WIDE = Room("wide")
DARK = Room("dark", theme="dark")
JAPANESE = Room("japanese", lang="ja")
LARGE = Room("large", 1920, 1080)
PROJECTOR = Room("projector", projector=True)
PHONE = Room("phone", 360, 740)


def check_looks(page: Page, room: Room) -> None:
    """Nothing runs out of the page sideways, nothing is small, nothing untranslated, nothing inaccessible."""
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, room.name
    small: list[str] = page.evaluate(SMALL, 18 if room.projector else 13)
    assert not small, (room.name, small)
    untranslated = re.findall(r"\b[a-z]+(?:\.[a-z]+[a-zA-Z]*)+\b", page.locator("main").inner_text())
    assert not untranslated, (room.name, untranslated)
    check_accessible(page, room.name)


def check_accessible(page: Page, where: str = "") -> None:
    """Nothing breaks a rule of WCAG 2.2 AA that axe can check."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    found = AxeResults(page.evaluate("(options) => axe.run(options)", OPTIONS))
    assert found.violations_count == 0, f"{where} {found.generate_report()}"

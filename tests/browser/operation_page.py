"""The Operation page as a reader's hands and eyes know it."""

from __future__ import annotations

import re
from decimal import Decimal

from playwright.sync_api import Locator, Page

from tests.browser.settling import settle

MINUS = "\u2212"


class OperationPage:
    """One open Operation page, run and drawn."""

    def __init__(self, page: Page, query: str = "") -> None:
        self.page = page
        page.goto(f"/operation{query}")
        self.wait_until_drawn()

    def wait_until_drawn(self) -> None:
        """The first run stands on the screen, and nothing is under way."""
        self.page.wait_for_function("() => performance.getEntriesByName('run-drawn').length > 0")
        self.settle()

    def settle(self) -> None:
        """Wait for the newest run and two frames after it."""
        settle(self.page, "[data-busy], [data-stepping]")

    @property
    def input(self) -> Locator:
        """The input picture."""
        return self.page.locator(".panel-input cs-map canvas")

    @property
    def output(self) -> Locator:
        """The output map."""
        return self.page.locator(".panel-output cs-map canvas")

    @property
    def place(self) -> str:
        """«row 19, col 14»."""
        return self.page.locator("cs-transport .place").inner_text()

    @property
    def result(self) -> str:
        """The number in the box."""
        return self.page.locator(".middle .result").inner_text()

    def choose(self, key: str, value: str) -> None:
        """Choose a word of the settings strip."""
        self.page.locator(f"cs-settings select[data-key={key}]").select_option(value)
        self.settle()

    def grid(self, name: str, channel: int = 0) -> list[str]:
        """The texts of a grid's cells, of a kernel those of its inputs."""
        return grid_texts(self.page.locator(f".middle table.{name}").nth(channel))


def grid_texts(table: Locator) -> list[str]:
    """The texts of a table's cells, or of the inputs in them."""
    texts: list[str] = table.evaluate(
        """(table) => {
            const inputs = [...table.querySelectorAll("input")].map(({ value }) => value);
            return inputs.length ? inputs : [...table.querySelectorAll("td")].map((cell) => cell.innerText);
        }"""
    )
    return texts


def number(shown: str) -> Decimal:
    """A number as it is shown, exactly."""
    return Decimal(re.sub(r"[^0-9.\-]", "", shown.replace(MINUS, "-")))

"""One number of the Network page as a reader's hands and eyes know it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browser.network_page import API, TINY, NetworkPage, Place
from tests.browser.operation_page import grid_texts, number

CONV = f"{TINY}&view=cell&node=conv_2_1&cell=3,10,10"
WINDOW = ".channel-grids table.window"
KERNEL = ".channel-grids table.kernel"
PRODUCTS = ".channel-grids table.products"
ROWS = ".shares > li"


class CellPage(NetworkPage):
    """One open number."""

    def __init__(self, page: Page, query: str = CONV) -> None:
        super().__init__(page, query)
        self.page.locator(".cell-main h2").first.wait_for()
        self.settle()

    @property
    def result(self) -> Locator:
        """The number in the box."""
        return self.page.locator(".cell-main .result")

    @property
    def where(self) -> tuple[str, Place]:
        """Node and cell of the address."""
        asked = parse_qs(urlsplit(self.page.url).query)
        # What is the default stands in no address.
        channel, row, column = (int(each) for each in asked.get("cell", ["0,0,0"])[0].split(","))
        return asked["node"][0], (channel, row, column)

    def rows(self) -> dict[str, str]:
        """Names and numbers of the ranking, as they stand."""
        each = self.page.locator(ROWS)
        names = each.locator(".name").all_inner_texts()
        return dict(zip(names, each.locator(".number").all_inner_texts(), strict=True))

    def grid(self, table: str) -> list[str]:
        """The texts of a grid's cells, of a kernel those of its inputs."""
        return grid_texts(self.page.locator(table))

    def explained(self, node: str, cell: Place, **body: Any) -> dict[str, Any]:
        """What the public API says of the number."""
        run = self.run_of(**body)["id"]
        nodes = self.page.request.get(f"{API}/runs/{run}").json()["nodes"]
        _, rows, columns = next(each["output_shape"] for each in nodes if each["name"] == node)
        start = (cell[0] * rows + cell[1]) * columns + cell[2]
        query = f"start={start}&count=1&positions=true"
        answer: dict[str, Any] = self.page.request.get(f"{API}/runs/{run}/nodes/{node}/steps?{query}").json()
        return answer


def opened_at(page: Page, node: str, cell: Place) -> None:
    """The page has come to this number, and shows it."""
    written = "" if cell == (0, 0, 0) else f"&.*cell={','.join(str(i) for i in cell)}"
    expect(page).to_have_url(re.compile(rf"node={node}{written}(&|$)"))
    last = page.locator(".cell-trail li").last
    expect(last.get_by_role("button")).to_have_attribute("aria-current", "step")
    if node == "input":
        expect(last.locator("b")).to_have_text("picture")
    else:
        expect(last.get_by_role("button")).to_have_attribute("title", node)


def check_ranking(shown: CellPage) -> str:
    """The shown shares, the bias among them, add up as the sign says; answers the sign."""
    total = sum((number(text) for text in shown.rows().values()), Decimal(0))
    sign = shown.page.locator(".shares-total .sign").inner_text()
    assert sign == ("=" if total == number(shown.result.inner_text()) else "≈")
    return sign


def cut_off(each: Locator) -> list[str]:
    """Texts that are wider than what they stand in."""
    found: list[str] = each.evaluate_all(
        """(all) => all.filter((e) => e.scrollWidth > Math.ceil(e.getBoundingClientRect().width) + 1)
            .map((e) => e.textContent)"""
    )
    return found

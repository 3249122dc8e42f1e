"""The description of the API in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.mark.parametrize(("lang", "contents"), [("en", "Contents"), ("ja", "目次")])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_opens_and_is_accessible(page: Page, lang: str, contents: str, theme: str) -> None:
    page.goto(f"/docs?lang={lang}&theme={theme}")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    expect(page.get_by_role("navigation", name=contents)).to_be_visible()
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, found.generate_report()


def test_the_language_links_keep_the_page(page: Page) -> None:
    page.goto("/docs")
    page.get_by_role("link", name="日本語").click()
    expect(page).to_have_url("/docs?lang=ja")
    expect(page.locator("html")).to_have_attribute("lang", "ja")


def test_contents_stay_in_view(page: Page) -> None:
    page.goto("/docs")
    page.locator(".docs-contents").get_by_role("link", name="Models", exact=True).click()
    expect(page.locator("#models")).to_be_in_viewport()
    expect(page.locator(".docs-contents")).to_be_in_viewport()


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_on_a_phone(
    new_context: Callable[..., BrowserContext], screenshot: Callable[..., Path], lang: str
) -> None:
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    page.goto(f"/docs?lang={lang}")
    contents = page.locator(".docs-contents")
    expect(contents).to_be_hidden()
    screenshot(page, f"docs-phone-{lang}")
    page.locator(".docs-nav summary").click()
    expect(contents).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, found.generate_report()

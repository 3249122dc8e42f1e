"""The description of the API in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import check_accessible


@pytest.mark.parametrize(("lang", "contents", "theme"), [("en", "Contents", "light"), ("ja", "目次", "dark")])
def test_the_page_opens_and_is_accessible(page: Page, lang: str, contents: str, theme: str) -> None:
    page.goto(f"/docs?lang={lang}&theme={theme}")
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    expect(page.get_by_role("navigation", name=contents)).to_be_visible()
    check_accessible(page)


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
def test_on_a_phone(page: Page, screenshot: Callable[..., Path], lang: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/docs?lang={lang}")
    contents = page.locator(".docs-contents")
    expect(contents).to_be_hidden()
    screenshot(page, f"docs-phone-{lang}")
    page.locator(".docs-nav summary").click()
    expect(contents).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    check_accessible(page)

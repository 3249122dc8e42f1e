"""What the page copies runs as pasted, and gives the number that the page shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect

VIEWS = [
    "/operation",
    "/operation?kernel=custom&values=0.5,-0.25;1,2&stride=2&padding=same&bias=0.1&cell=0,3,5&digits=4",
    "/operation?op=max_pool2d&kernel_size=2&stride=2&padding=0&color=gray&cell=0,3,4",
    "/operation?op=relu&before=sobel_x&image=coffee&size=29x44&cell=1,20,30",
]


@pytest.fixture
def page_at(new_context, server):
    def open_page(address: str) -> Page:
        context: BrowserContext = new_context()
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
        page = context.new_page()
        page.goto(server.url + address)
        expect(page.locator(".result").first).not_to_be_empty()
        expect(page.locator(".message")).to_be_hidden()
        return page

    return open_page


def copied(page: Page, what: str) -> str:
    """The text that a click copies; the page says that it has."""
    # What stands around the stage comes after the first picture.
    expect(page.locator("cs-export-menu .more")).to_be_attached()
    button = page.locator(f"cs-export-menu > .copy-{what}")
    if button.count() == 0:
        page.locator("cs-export-menu .more").click()
        button = page.locator(f".menu .copy-{what}")
    button.click()
    expect(page.locator("cs-export-menu [role=status]")).to_have_text("Copied")
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def run(command: list[str], folder: Path) -> str:
    # A proxy from the environment would be asked for our own address.
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def shown_number(page: Page) -> str:
    return (page.locator(".result").first.text_content() or "").strip().replace("\N{MINUS SIGN}", "-")


def is_shown_as(value: float, shown: str) -> bool:
    digits = len(shown.partition(".")[2])
    return abs(value - float(shown)) <= 0.5 * 10**-digits + 1e-6


@pytest.mark.parametrize("address", VIEWS)
def test_the_copied_python_gives_the_number_of_the_page(page_at, tmp_path, address):
    page = page_at(address)
    script = tmp_path / "copied.py"
    script.write_text(copied(page, "python"), encoding="utf-8")
    lines = run([sys.executable, str(script)], tmp_path).splitlines()
    assert lines[0].startswith("output (")
    assert is_shown_as(float(lines[1].split()[1]), shown_number(page)), (lines[1], shown_number(page))


def test_the_copied_curl_gives_the_number_of_the_page(page_at, tmp_path):
    page = page_at(VIEWS[1])
    answer = run(["sh", "-e", "-c", copied(page, "curl")], tmp_path)
    output = np.load(tmp_path / "output.npy")
    value = output[0, 3, 5]
    assert is_shown_as(float(value), shown_number(page))
    assert f'"value":{float(value)!r}' in answer.replace(" ", "")


def test_the_copied_link_shows_the_same(page_at, server):
    page = page_at(VIEWS[1])
    other = page_at(copied(page, "link").removeprefix(server.url))
    assert shown_number(other) == shown_number(page)


def test_the_copied_link_is_that_of_the_view_at_this_moment(page_at):
    page = page_at("/operation")
    page.keyboard.press("ArrowDown")
    assert copied(page, "link").endswith("/operation?cell=0,20,14")


def test_without_a_clipboard_the_text_is_offered(page_at):
    page = page_at("/operation")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.locator("cs-export-menu > .copy-python").click()
    text = page.locator("cs-offer-dialog textarea")
    expect(text).to_be_focused()
    assert "httpx.post" in page.evaluate("getSelection().toString()")
    page.keyboard.press("Escape")
    expect(page.locator("cs-offer-dialog dialog")).to_be_hidden()

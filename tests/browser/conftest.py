"""A real Chromium against a real server; every context is guarded.

A test asks for ``page`` or, for a browser that was never here before, ``new_context``, and goes to
``page.goto("/…")``. Where an error is the point of the test, ``guard.expect(pattern)`` says so.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.distance import put_far
from tests.browser.guard import OUR_HOST, Guard
from tests.browser.server_process import ROOT, ServerProcess

OUTPUT = ROOT / "tests" / "browser" / "output"

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # No name but ours leads anywhere: a page that asks the outside fails.
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {OUR_HOST}",
    # A moving test picture stands in for the camera, and leave to use it is given.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


# A machine may be busy with other things; what is waited for in vain takes this long, and nothing else does.
expect.set_options(timeout=20_000)

# The size of a projector.
CONTEXT_DEFAULTS = {"locale": "en-US", "viewport": {"width": 1280, "height": 720}}


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--delay 400``: answers come up to so late; a test that fails then does not wait as it should."""
    parser.addoption("--delay", type=float, default=0, metavar="MS", help="let answers come later")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium that the tests use, and how it is started."""
    tool = [sys.executable, str(ROOT / "tools" / "ensure_chromium.py")]
    found = subprocess.run(tool, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        pytest.fail(found.stderr.strip(), pytrace=False)
    # The last line: an installer may have spoken before.
    path = found.stdout.strip().splitlines()[-1]
    return {**browser_type_launch_args, "executable_path": path, "args": CHROMIUM_ARGUMENTS}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """The server of this test session; it must go when it is asked to."""
    process = ServerProcess(tmp_path_factory.mktemp("server"))
    yield process
    process.stop()


@pytest.fixture(scope="session")
def base_url(server: ServerProcess) -> str:
    """Where ``page.goto("/")`` leads."""
    return server.url


@pytest.fixture
def guard() -> Guard:
    """What watches the contexts of this test."""
    return Guard()


@pytest.fixture
def new_context(
    new_context: Callable[..., BrowserContext], guard: Guard, pytestconfig: pytest.Config
) -> Iterator[Callable[..., BrowserContext]]:
    """The maker of contexts with the guard on: each has fetched nothing yet.

    ``new_context(locale="ja-JP")`` differs from the defaults in what it names.
    """

    def make(**arguments: Any) -> BrowserContext:
        context = new_context(**(CONTEXT_DEFAULTS | arguments))
        guard.watch(context)
        put_far(context, pytestconfig.getoption("delay"))
        return context

    yield make
    # Here, and not in `guard`: the contexts are still open, so the last messages can be asked for.
    guard.verify()


@pytest.fixture(scope="session")
def returning(browser: Browser, base_url: str, pytestconfig: pytest.Config) -> Iterator[BrowserContext]:
    """The context of every ``page``: what never changes it has fetched and compiled before."""
    context = browser.new_context(base_url=base_url, **CONTEXT_DEFAULTS)
    # Stays open: with its last window a browser would close, and with it go what it holds in memory.
    context.new_page()
    put_far(context, pytestconfig.getoption("delay"))
    yield context
    context.close()


@pytest.fixture
def page(returning: BrowserContext, guard: Guard) -> Iterator[Page]:
    """A page of this test's own, with the guard on; nothing that others chose is remembered."""
    guard.watch(returning)
    yield returning.new_page()
    try:
        guard.verify()
    finally:
        for opened in returning.pages[1:]:
            opened.close()
        returning.clear_cookies()
        guard.leave(returning)


@pytest.fixture
def screenshot() -> Callable[..., Path]:
    """``screenshot(page, "operation-dark")`` keeps a picture in tests/browser/output to look at."""

    def take(page: Page, name: str, **options: Any) -> Path:
        if not re.fullmatch(r"[a-z0-9-]+", name):
            raise ValueError(f"name is {name!r}; allowed: lower-case letters, digits, hyphens")
        path = OUTPUT / f"{name}.png"
        page.screenshot(path=path, **options)
        return path

    return take

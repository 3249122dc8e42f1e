"""Prints the path of a Chromium for the browser tests, installing one where that is possible.

The order: `$CHROMIUM`, a browser of the system, Playwright's own, Debian's package, Playwright's download.
Everything but the path goes to standard error, so that a shell can write ``CHROMIUM=$(…)``.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# The fonts of the page: Latin, mathematics, Japanese.
DEBIAN_PACKAGES = ("chromium", "fonts-inter", "fonts-stix", "fonts-noto-cjk")


class NoChromiumError(Exception):
    """There is no Chromium, and none could be installed."""


def from_environment() -> str | None:
    """The browser that `$CHROMIUM` names; a name that leads nowhere is a mistake worth stopping for."""
    named = os.environ.get("CHROMIUM")
    if not named:
        return None
    path = shutil.which(named)
    if path is None:
        raise NoChromiumError(f"CHROMIUM is set to {named!r}, which is not a program: correct or unset it.")
    return path


def from_system() -> str | None:
    """A browser on the PATH or among the Mac's applications."""
    return next(filter(None, map(shutil.which, NAMES + MAC_APPLICATIONS)), None)


def from_playwright() -> str | None:
    """The browser that Playwright downloaded earlier."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def by_apt() -> str | None:
    """Debian's package, where we may install it."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return None
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *DEBIAN_PACKAGES]
    if not (_succeeds(["apt-get", "update", "-q"], environment) and _succeeds(install, environment)):
        return None
    return from_system()


def by_playwright() -> str | None:
    """Playwright's download."""
    if not _succeeds([sys.executable, "-m", "playwright", "install", "chromium"], os.environ):
        return None
    return from_playwright()


WAYS: tuple[Callable[[], str | None], ...] = (
    from_environment,
    from_system,
    from_playwright,
    by_apt,
    by_playwright,
)


def ensure_chromium() -> str:
    """The path of a Chromium that can be started.

    Raises:
        NoChromiumError: no way led to one; the tests must then fail, never be skipped.
    """
    for path in _tried():
        return path
    raise NoChromiumError(
        "The browser tests need Chromium and none could be installed: "
        "install Chromium or Google Chrome, or set CHROMIUM to the path of one."
    )


def _tried() -> Iterator[str]:
    for way in WAYS:
        path = way()
        if path:
            yield path


def _succeeds(command: list[str], environment: "os._Environ[str] | dict[str, str]") -> bool:
    return subprocess.run(command, stdout=sys.stderr, env=environment, check=False).returncode == 0


if __name__ == "__main__":
    try:
        print(ensure_chromium())
    except NoChromiumError as error:
        sys.exit(str(error))

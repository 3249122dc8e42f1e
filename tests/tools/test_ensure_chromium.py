"""The search for a browser stops at the first that is there, and never ends in silence."""

import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "ensure_chromium.py"


@pytest.fixture
def tool():
    return runpy.run_path(str(SCRIPT))


def test_the_environment_comes_first(tool, monkeypatch, tmp_path):
    browser = tmp_path / "my-chromium"
    browser.touch(mode=0o755)
    monkeypatch.setenv("CHROMIUM", str(browser))
    assert tool["ensure_chromium"]() == str(browser)


def test_a_wrong_environment_is_an_error_and_no_reason_to_look_elsewhere(tool, monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(tool["NoChromiumError"], match="/nowhere/chromium"):
        tool["ensure_chromium"]()


def test_a_browser_on_the_path_is_found(tool, monkeypatch, tmp_path):
    browser = tmp_path / "google-chrome"
    browser.touch(mode=0o755)
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tool["ensure_chromium"]() == str(browser)


def test_without_any_browser_one_sentence_says_so(tool, monkeypatch):
    monkeypatch.setitem(tool["ensure_chromium"].__globals__, "WAYS", (lambda: None,))
    with pytest.raises(tool["NoChromiumError"], match="set CHROMIUM"):
        tool["ensure_chromium"]()

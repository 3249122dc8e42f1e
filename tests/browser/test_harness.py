"""The guard must bark: each kind of misbehaviour is shown to a guard that has to report it.

None of these tests needs the application; a page of a few lines is served from here.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.browser.guard import Guard
from tests.browser.server_process import ROOT, ServerProcess

QUIET_PAGE = "<!doctype html><title>quiet</title><link rel=icon href=data:,><p>hello</p>"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path == "/"
        body = QUIET_PAGE.encode() if found else b"not here"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def address():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}/"
        httpd.shutdown()
        thread.join()


@pytest.fixture
def watched(browser, address):
    """A guard of its own and a page that it watches; nothing verifies it but the test."""
    context = browser.new_context()
    guard = Guard()
    guard.watch(context)
    page = context.new_page()
    page.goto(address)
    yield guard, page
    context.close()


def test_a_quiet_page_passes(watched):
    guard, page = watched
    page.evaluate("console.log('a remark'); console.warn('a warning')")
    guard.verify()


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.error('something is wrong')", "console error: something is wrong"),
        ("setTimeout(() => { throw new Error('uncaught') })", "page error: .*uncaught"),
        ("void Promise.reject(new Error('unhandled'))", "page error: .*unhandled"),
        ("fetch('/missing').then(() => null)", "console error: .*404"),
        ("fetch('http://example.com/x').catch(() => null)", "request to another host: http://example.com/x"),
        ("fetch('http://example.com/x').catch(() => null)", "failed request: GET http://example.com/x"),
        ("fetch('http://localhost:9/x').catch(() => null)", "request to another host: http://localhost:9/x"),
        ("void new WebSocket('ws://example.com/y')", "request to another host: ws://example.com/y"),
    ],
)
def test_misbehaviour_is_reported(watched, script, complaint):
    guard, page = watched
    page.evaluate(script)
    for _ in range(200):
        if any(re.search(complaint, problem) for problem in guard.problems):
            break
        page.wait_for_timeout(50)
    with pytest.raises(AssertionError, match=complaint):
        guard.verify()


def test_the_last_word_of_a_page_is_heard(watched):
    guard, page = watched
    page.evaluate("setTimeout(() => console.error('late'))")
    with pytest.raises(AssertionError, match="late"):
        guard.verify()


def test_a_second_page_is_watched_too(watched, address):
    guard, page = watched
    with page.expect_popup() as popup:
        page.evaluate("address => { window.open(address); }", address)
    popup.value.evaluate("console.error('from the popup')")
    with pytest.raises(AssertionError, match="from the popup"):
        guard.verify()


def test_a_cancelled_request_is_no_failure(watched):
    guard, page = watched
    page.evaluate(
        "() => { const stop = new AbortController();"
        " const answer = fetch('/', { signal: stop.signal }).catch(() => null);"
        " stop.abort(); return answer; }"
    )
    guard.verify()


def test_an_expected_problem_passes(watched):
    guard, page = watched
    guard.expect("status of 404")
    page.evaluate("fetch('/missing').then(() => null)")
    guard.verify()


def test_an_expectation_that_is_not_met_fails(watched):
    guard, _ = watched
    guard.expect("status of 404")
    with pytest.raises(AssertionError, match="never seen: status of 404"):
        guard.verify()


def test_a_server_that_cannot_start_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVSCOPE_DATA_DIR", "ignored")
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(RuntimeError, match="did not start"):
        ServerProcess(tmp_path)


INNER_CONFTEST = """
from types import SimpleNamespace
import pytest
from tests.browser.conftest import *

@pytest.fixture(scope="session")
def server():
    return SimpleNamespace(url={address!r})
"""

INNER_TESTS = """
def test_quiet(page):
    page.goto("/")

def test_noisy(page):
    page.goto("/")
    page.evaluate("console.error('planted')")

def test_noisy_in_a_context_of_its_own(new_context):
    page = new_context(locale="ja-JP").new_page()
    page.goto("/")
    page.evaluate("console.error('planted elsewhere')")

def test_noisy_on_purpose(page, guard):
    guard.expect("planted")
    page.goto("/")
    page.evaluate("console.error('planted')")
    page.evaluate("document.cookie = 'lang=ja; path=/'")
    page.context.new_page()

def test_nothing_of_others_is_left(page):
    page.goto("/")
    assert page.evaluate("document.cookie") == ""
    assert all(each is page or each.url == "about:blank" for each in page.context.pages)
    assert len(page.context.pages) == 2
"""


def test_the_fixtures_put_the_guard_on_every_page(tmp_path, address):
    (tmp_path / "conftest.py").write_text(INNER_CONFTEST.format(address=address), encoding="utf-8")
    (tmp_path / "test_inner.py").write_text(INNER_TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\npythonpath = {ROOT}\nfilterwarnings = error\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rE", str(tmp_path)]
    # Not our own process: Playwright allows one event loop to each.
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert " 5 passed, 2 errors " in result.stdout, result.stdout + result.stderr
    assert "ERROR test_inner.py::test_noisy[chromium] - " in result.stdout
    assert "ERROR test_inner.py::test_noisy_in_a_context_of_its_own[chromium] - " in result.stdout

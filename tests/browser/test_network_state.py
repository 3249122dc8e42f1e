"""The Network page: an address that holds all of it, changed weights, colour scales, and what goes wrong."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.network_page import TINY, TINY_RUN, NetworkPage, is_shown_as
from tests.browser.operation_page import number
from tests.browser.test_snippets import copied, run

VIEWS = [
    f"{TINY}&node=conv_1_2&open=1&cell=3,10,20&scale=map",
    f"{TINY}&view=cell&node=conv_2_1&cell=3,10,10&digits=4&lang=ja",
    f"{TINY}&node=conv_1_1&open=1&cell=2,5,6&edits=conv_1_1:2*2;conv_1_2:0!",
    "?model=lenet-5&image=digit&node=c1&open=1&theme=dark",
    "?model=kmeans-bank&view=filters&node=conv1&cell=7,0,0&compare=random&sort=index",
]


@pytest.mark.parametrize("query", VIEWS)
def test_the_address_is_the_whole_view(
    page: Page, new_context: Callable[..., BrowserContext], query: str
) -> None:
    first = NetworkPage(page, query)
    kept = parse_qs(urlsplit(page.url).query)
    assert all(kept[name] == value for name, value in parse_qs(query[1:]).items()), page.url
    page.wait_for_load_state("networkidle")
    first.settle()
    texts = page.locator("main").inner_text()
    page.reload(wait_until="networkidle")
    first.wait_until_drawn()
    assert page.locator("main").inner_text() == texts
    other = NetworkPage(new_context().new_page(), "?" + page.url.partition("?")[2])
    assert other.page.url == page.url
    assert other.bars() == first.bars()


@pytest.mark.parametrize("node", ["conv_1_2", "softmax"])
def test_what_is_copied_runs_and_gives_the_number_of_the_page(
    new_context: Callable[..., BrowserContext], server: Any, tmp_path: Path, node: str
) -> None:
    context = new_context()
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    page = context.new_page()
    cell = "3,10,20" if node == "conv_1_2" else "3,0,0"
    shown = NetworkPage(page, f"{TINY}&node={node}&open=1&cell={cell}&edits=conv_1_1:2*2&digits=4")
    expect(shown.value).not_to_be_empty()
    assert copied(page, "link") == page.url
    said = page.locator("cs-export-menu [role=status]")
    expect(said).to_have_text("")
    script = tmp_path / "copied.py"
    script.write_text(copied(page, "python"), encoding="utf-8")
    lines = run([sys.executable, str(script)], tmp_path).splitlines()
    assert is_shown_as(float(lines[1].split()[1]), shown.value.inner_text()), lines
    expect(said).to_have_text("")
    run(["sh", "-e", "-c", copied(page, "curl")], tmp_path)
    output = np.load(tmp_path / "output.npy")
    assert is_shown_as(
        float(output[tuple(map(int, cell.split(",")))[: output.ndim]]), shown.value.inner_text()
    )


def test_a_channel_switched_off_changes_the_classes_and_undo_brings_them_back(page: Page) -> None:
    shown = NetworkPage(page, f"{TINY}&node=conv_1_1&open=1&cell=5,30,30")
    before = shown.widths()
    shown.panel.get_by_role("button", name="Switch off").click()
    expect(page).to_have_url(re.compile("edits=conv_1_1:5(!|%21)"))
    shown.settle()
    assert shown.widths() != before
    assert shown.widths() == pytest.approx(
        top_of(shown, [{"node": "conv_1_1", "index": 5, "off": True}]), abs=1e-3
    )
    expect(shown.value).to_have_text("0.00")
    # Where the classes stood before is marked on their bars.
    strokes = page.locator(".class-bars .probability").evaluate_all(
        "(bars) => bars.map((bar) => parseFloat(bar.style.getPropertyValue('--before')))"
    )
    assert any(stroke > 1 for stroke in strokes)
    expect(shown.panel.get_by_role("button", name="Switch on")).to_be_visible()
    page.keyboard.press("u")
    expect(page).not_to_have_url(re.compile("edits="))
    shown.settle()
    assert shown.widths() == before


def top_of(shown: NetworkPage, edits: list[dict[str, Any]]) -> list[float]:
    return [100 * each["probability"] for each in shown.run_of(**TINY_RUN, edits=edits)["top"][:8]]


def test_filters_are_scaled_and_all_is_put_back(page: Page) -> None:
    shown = NetworkPage(page, f"{TINY}&node=conv_1_2&open=1&cell=2,30,30")
    expect(shown.value).not_to_be_empty()
    before, value = shown.widths(), number(shown.value.inner_text())
    shown.panel.get_by_role("button", name="× 2").click()
    expect(page).to_have_url(re.compile(r"edits=conv_1_2:2\*2"))
    page.keyboard.press("x")
    expect(page).to_have_url(re.compile(r"edits=conv_1_2:2\*2;conv_1_2:2(!|%21)"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"edits=conv_1_2:2\*2(&|$)"))
    shown.settle()
    scaled = [{"node": "conv_1_2", "index": [2], "scale": 2}]
    assert shown.widths() == pytest.approx(top_of(shown, scaled), abs=1e-3)
    expect(shown.value).not_to_have_text("0.00")
    assert number(shown.value.inner_text()) != value
    page.get_by_role("button", name="As trained").click()
    expect(page).not_to_have_url(re.compile("edits="))
    shown.settle()
    assert shown.widths() == before
    page.go_back()
    expect(page).to_have_url(re.compile(r"edits=conv_1_2:2\*2(&|$)"))


@pytest.mark.parametrize("scale", ["layer", "map", "net"])
def test_the_colours_of_a_map_are_those_of_its_legend(page: Page, scale: str) -> None:
    shown = NetworkPage(page, f"{TINY}&node=conv_2_2&open=1&cell=4,0,0&scale={scale}")
    expect(shown.value).not_to_be_empty()
    page.mouse.move(5, 5)
    shown.settle()
    output = shown.output_of(shown.run_of(**TINY_RUN)["id"], "conv_2_2")[4]
    ticks = page.locator(".layer-panel .legend-ticks span").all_inner_texts()
    low, high = (float(number(ticks[i].lstrip("≤≥ "))) for i in (0, -1))
    assert low < 0 < high
    legend = pixels(page, page.locator(".layer-panel .legend-bar"))
    drawn = pixels(page, shown.large_map)
    side = drawn.shape[0] / 26
    for row, column in [(2, 2), (5, 20), (13, 13), (20, 7), (24, 24)]:
        share = float(np.clip((output[row, column] - low) / (high - low), 0, 1))
        # The bar's ends are rounded.
        x = round(2 + share * (legend.shape[1] - 5))
        expected = legend[legend.shape[0] // 2, x].astype(int)
        got = drawn[int((row + 0.5) * side), int((column + 0.5) * side)].astype(int)
        assert np.abs(expected - got).max() <= 14, (row, column, expected, got)


def pixels(page: Page, element: Locator) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(element.screenshot())).convert("RGB"))


def test_legends_follow_the_choice_of_scale(page: Page) -> None:
    NetworkPage(page)
    legend = page.locator(".net-legend .legend-ticks").first
    by_layer = [each.inner_text() for each in page.locator(".net-legend .legend-ticks").all()]
    assert len(set(by_layer)) > 1
    page.locator("cs-settings select[data-key=scale]").select_option("net")
    expect(legend).not_to_have_text(by_layer[0])
    ends = {
        each.inner_text().split()[-1].lstrip("≥±") for each in page.locator(".net-legend .legend-ticks").all()
    }
    assert len(ends) == 1
    page.keyboard.press("s")
    expect(page).not_to_have_url(re.compile("scale="))
    page.keyboard.press("s")
    expect(legend).to_have_text("each map its own")
    expect(page).to_have_url(re.compile("scale=map$"))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?model=no-such-net", "model"),
        ("?image=img_00000000000000000000", "does not have this picture"),
    ],
)
def test_what_an_address_names_wrongly_is_said_and_the_default_is_offered(
    page: Page, guard: Any, query: str, words: str
) -> None:
    guard.expect("status of 404")
    page.goto(f"/network{query}")
    expect(page.locator("main .message")).to_contain_text(words)
    page.locator("main .message").get_by_role("button", name=re.compile("Ten things|Chelsea")).click()
    expect(page.locator(".class-bars li")).to_have_count(8)
    expect(page.locator("main .message")).to_be_hidden()


def test_nonsense_in_the_address_is_mended(page: Page) -> None:
    shown = NetworkPage(page, f"{TINY}&node=nowhere&open=1&cell=7,900,900&scale=loud&view=cell")
    expect(shown.message).to_be_hidden()
    expect(page).not_to_have_url(re.compile("nowhere"))
    shown = NetworkPage(page, f"{TINY}&node=conv_1_1&open=1&cell=99,900,900")
    expect(shown.place).to_have_text("conv_1_1, channel 9, row 61, col 61")


def test_without_the_server_what_was_there_stays(page: Page, guard: Any) -> None:
    guard.expect("ERR_FAILED|failed request")
    shown = NetworkPage(page, f"{TINY}&node=conv_1_1&open=1&cell=3,30,30")
    expect(shown.value).not_to_be_empty()
    before = shown.bars()
    page.route("**/api/v1/**", lambda route: route.abort())
    shown.panel.get_by_role("button", name="Switch off").click()
    expect(shown.message).to_contain_text("server cannot be reached")
    assert shown.bars() == before
    expect(shown.panel).to_be_visible()
    page.unroute("**/api/v1/**")
    page.keyboard.press("u")
    expect(shown.message).to_be_hidden()
    shown.panel.get_by_role("button", name="Switch off").click()
    shown.settle()
    assert shown.bars() != before


def test_sixty_pictures_leave_nothing_behind(page: Page) -> None:
    shown = NetworkPage(page)
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    names = ["coffee", "astronaut", "chelsea"]

    def change(i: int) -> None:
        page.keyboard.press("i")
        page.locator(f"dialog[open] [data-key={names[i % 3]}]").click()
        expect(page.locator("dialog[open]")).to_have_count(0)
        if i % 5 == 4:
            shown.settle()

    def heap() -> float:
        shown.settle()
        session.send("HeapProfiler.collectGarbage")
        return float(session.send("Runtime.getHeapUsage")["usedSize"])

    for i in range(20):
        change(i)
    early = heap()
    for i in range(20, 60):
        change(i)
    assert heap() < 1.1 * early

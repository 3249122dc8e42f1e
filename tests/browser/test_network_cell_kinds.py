"""Every kind of layer explains its numbers, in every room, legibly and accessibly, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cell_page import CONV, ROWS, CellPage, check_ranking, opened_at
from tests.browser.looks import DARK, JAPANESE, LARGE, PHONE, PROJECTOR, WIDE, check_looks
from tests.browser.network_page import TINY

# Every kind of layer of the architectures that are built in.
KINDS = [
    ("tiny-vgg", "conv_1_1", "1,20,20"),
    ("tiny-vgg", "input", "1,20,20"),
    ("tiny-vgg", "output", "3,0,0"),
    ("lenet-5", "s2", "1,4,4"),
    ("lenet-5", "c3_tanh", "1,4,4"),
    ("lenet-5", "f6", "3,0,0"),
    ("cifar-net", "conv1", "3,0,0"),
    ("cifar-net", "global_avg_pool", "190,0,0"),
    ("resnet-18", "bn1", "40,5,5"),
    ("resnet-18", "layer1_0_add", "30,20,20"),
    ("resnet-18", "softmax", "281,0,0"),
    ("googlenet", "norm1", "0,5,5"),
    ("googlenet", "inception_3a_output", "100,5,5"),
    ("mobilenet-v1", "pw1", "37,5,5"),
    ("efficientnet-lite0-untrained", "stem_relu6", "20,50,50"),
]


@pytest.mark.parametrize(("model", "node", "cell"), KINDS)
def test_every_kind_of_layer_says_how_its_number_was_made(
    page: Page, model: str, node: str, cell: str
) -> None:
    shown = CellPage(page, f"?model={model}&view=cell&node={node}&cell={cell}")
    opened_at(page, node, tuple(int(i) for i in cell.split(",")))  # type: ignore[arg-type]
    opens = page.locator(".cell-main :is(.shares button:enabled, .term-list button:enabled, td[data-opens])")
    if node == "input":
        opens = page.locator(".pixel-table button:enabled")
    assert opens.count() > 0
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    assert page.evaluate("document.documentElement.scrollHeight") <= 740
    if page.locator(".shares-total").count() and shown.rows():
        check_ranking(shown)


def test_branches_that_meet_are_named_and_open(page: Page) -> None:
    shown = CellPage(page, "?model=resnet-18&view=cell&node=layer1_0_add&cell=30,20,20")
    assert [name.split(",")[0] for name in shown.rows()] == ["layer1_0_bn2", "pool1"]
    page.locator(f"{ROWS} button").nth(1).click()
    opened_at(page, "pool1", (30, 20, 20))


def test_concat_says_whose_channel_it_is(page: Page) -> None:
    CellPage(page, "?model=googlenet&view=cell&node=inception_3a_output&cell=100,5,5")
    expect(page.locator(".origin")).to_have_text(re.compile("^Channels 64 to 191 are those of "))
    expect(page.locator(f"{ROWS} .name")).to_have_text(re.compile("channel 36, row 5, col 5"))


VIEWS = {
    "sum": CONV,
    "pool": f"{TINY}&view=cell&node=max_pool_1&cell=3,10,10",
    "function": f"{TINY}&view=cell&node=relu_1_1&cell=3,10,10",
    "flat": f"{TINY}&view=cell&node=flatten&cell=300,0,0",
    "linear": f"{TINY}&view=cell&node=output&cell=3,0,0",
    "softmax": f"{TINY}&view=cell&node=softmax&cell=1,0,0",
    "pixel": f"{TINY}&view=cell&node=input&cell=1,20,20",
    "large": "?model=lenet-5&image=digit&view=cell&node=c3&cell=2,3,3",
}
ROOMS = [WIDE, DARK, JAPANESE, LARGE, PROJECTOR, PHONE]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_fits_is_legible_and_accessible(
    page: Page, screenshot: Callable[..., Path], view: str
) -> None:
    # Each view is opened in another room, and walks through the others from there.
    start = list(VIEWS).index(view) % len(ROOMS)
    rooms = ROOMS[start:] + ROOMS[:start]
    page.set_viewport_size(rooms[0].viewport)
    shown = CellPage(page, VIEWS[view] + rooms[0].query)
    for room in rooms:
        room.enter(page)
        shown.settle()
        if room not in (PROJECTOR, PHONE):
            assert page.evaluate("document.documentElement.scrollHeight") <= room.height, room.name
        screenshot(page, f"cell-{view}-{room.name}")
        check_looks(page, room)


def test_in_japanese_every_word_is_japanese(page: Page) -> None:
    shown = CellPage(page, f"{CONV}&lang=ja")
    expect(page.locator(".cell-from h2")).to_have_text(re.compile("はどこから来たか$"))
    assert next(iter(shown.rows())) == "バイアス"
    expect(page.locator(".channel-grids figcaption").first).to_have_text("max_pool_1 の窓")
    words = page.locator(".cell-main :is(h2, .note, figcaption, .name, .cell-next)").all_inner_texts()
    latin = [text for text in words if re.search(r"[a-z]{3,}", re.sub(r"[a-z]+(_[a-z0-9]+)+", "", text))]
    assert latin == []

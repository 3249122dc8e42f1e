"""The way from a net to one of its numbers, from there down to the pixels, and back, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.cell_page import (
    KERNEL,
    PRODUCTS,
    ROWS,
    WINDOW,
    CellPage,
    check_ranking,
    cut_off,
    opened_at,
)
from tests.browser.live_page import pixels
from tests.browser.network_page import TINY, TINY_RUN, NetworkPage, Place, is_shown_as
from tests.browser.operation_page import number


def test_two_clicks_from_the_net_lead_to_where_a_number_comes_from(page: Page) -> None:
    shown = NetworkPage(page, TINY)
    shown.maps("conv_1_2").click(position=shown.point_of("conv_1_2", 3))
    shown.settle()
    shown.large_map.click(position=shown.cell_point(10, 20, 60, 60))
    expect(page.locator(ROWS)).to_have_count(9)
    expect(page.locator(".cell-from h2")).to_have_text(re.compile("Where .* comes from"))
    assert page.locator(WINDOW).locator("td").count() == 9
    assert page.evaluate("document.documentElement.scrollHeight") <= 720


def test_the_shares_add_up_to_the_number_of_the_api(page: Page) -> None:
    shown = CellPage(page)
    signs = set()
    for column in range(10, 18):
        expect(page.locator(".shares-total .place")).to_have_text(re.compile(f"row 10, col {column}$"))
        signs.add(check_ranking(shown))
        made = shown.explained("conv_2_1", (3, 10, column), **TINY_RUN)
        assert is_shown_as(made["value"][0], shown.result.inner_text())
        assert is_shown_as(made["bias"][0], shown.rows()["bias"])
        products = made["terms"]["products"][0]
        sums = {f"channel {i}": sum(products[9 * i : 9 * i + 9]) for i in range(10)}
        named = {name: text for name, text in shown.rows().items() if name in sums}
        assert all(is_shown_as(sums[name], text) for name, text in named.items())
        ranked = sorted(sums, key=lambda name: -abs(sums[name]))
        assert list(named) == ranked[: len(named)]
        page.keyboard.press("ArrowRight")
    assert signs == {"=", "≈"}


def test_the_rest_unfolds_and_folds_again(page: Page) -> None:
    shown = CellPage(page)
    assert "3 others" in shown.rows()
    page.get_by_role("button", name="3 others").click()
    expect(page.locator(ROWS)).to_have_count(11)
    check_ranking(shown)
    page.get_by_role("button", name="Show fewer").click()
    expect(page.locator(ROWS)).to_have_count(9)


def test_another_channel_opens_with_its_own_numbers_and_a_true_sign(page: Page) -> None:
    shown = CellPage(page)
    for row in page.locator(ROWS).all()[1:5]:
        row.locator("button").click()
        expect(row).to_have_attribute("data-open", "")
        shown.settle()
        name = row.locator(".name").inner_text()
        expect(page.locator(".cell-side h2")).to_have_text(re.compile(f"^{name}", re.IGNORECASE))
        expect(row.locator("button")).to_have_attribute("title", "9 products")
        window, kernel, products = (
            [number(text) for text in shown.grid(table)] for table in (WINDOW, KERNEL, PRODUCTS)
        )
        exact = all(x * w == p for x, w, p in zip(window, kernel, products, strict=True))
        assert page.locator(".equals").inner_text() == ("=" if exact else "≈")
        near = float(sum(products))
        assert near == pytest.approx(float(number(row.locator(".number").inner_text())), abs=0.05)
    expect(page).to_have_url(re.compile(r"opened=\d"))


def test_the_window_leads_down_to_the_pixel_and_back_leads_up_again(page: Page) -> None:
    shown = CellPage(page)
    way = [shown.where]
    for _ in range(9):
        node, cell = shown.where
        if node == "input":
            break
        made = shown.explained(node, cell, **TINY_RUN)
        index, target = press_a_cell(page, made)
        assert made["terms"]["padding"][0][index] == 0
        opened_at(page, *target)
        shown.settle()
        way.append(target)
    assert [node for node, _ in way] == [
        *["conv_2_1", "max_pool_1", "relu_1_2", "conv_1_2", "relu_1_1", "conv_1_1", "input"],
    ]
    expect(page.locator(".pixel-table tr[data-open]")).to_have_count(1)
    _, (channel, row, column) = way[-1]
    picture = shown.output_of(shown.run_of(**TINY_RUN)["id"], "input")
    entered = page.locator(".pixel-table tr[data-open] td").last.inner_text()
    assert is_shown_as(picture[channel, row, column], entered)
    for target in reversed(way[:-1]):
        page.go_back()
        opened_at(page, *target)


def press_a_cell(page: Page, made: dict[str, Any]) -> tuple[int, tuple[str, Place]]:
    """Open the first number of the window or picture; answers which it is, and where it must lead."""
    nodes = {"conv_2_1": "max_pool_1", "max_pool_1": "relu_1_2", "relu_1_2": "conv_1_2"}
    nodes |= {"conv_1_2": "relu_1_1", "relu_1_1": "conv_1_1", "conv_1_1": "input"}
    first = 0
    if made["terms"]["products"]:
        # The largest share is open.
        products = made["terms"]["products"][0]
        sums = [abs(sum(products[i : i + 9])) for i in range(0, len(products), 9)]
        first = 9 * sums.index(max(sums))
    page.locator(".cell-main :is(td[data-opens], .value-cell[data-opens])").first.click()
    channel, row, column = made["terms"]["positions"][0][first]
    return first, (nodes[made["node"]], (channel, row, column))


def test_padding_is_hatched_and_leads_nowhere(page: Page) -> None:
    shown = CellPage(page, "?model=lenet-5&image=digit&view=cell&node=c1&cell=2,0,0")
    cells = page.locator(f"{WINDOW} td")
    assert cells.count() == 25
    padding = page.locator(f"{WINDOW} td.padding")
    assert padding.count() == 16
    assert page.locator(f"{WINDOW} td.padding[data-opens], {WINDOW} td.padding[tabindex]").count() == 0
    padding.first.click()
    assert shown.where == ("c1", (2, 0, 0))
    page.locator(f"{WINDOW} td:not(.padding)").first.click()
    opened_at(page, "input", (0, 0, 0))


def test_a_weight_is_changed_and_the_change_taken_back(page: Page) -> None:
    shown = CellPage(page)
    before, kernel = shown.result.inner_text(), shown.grid(KERNEL)
    open_row = page.locator(f"{ROWS}[data-open]")
    channel = int(open_row.locator(".name").inner_text().split()[1])
    bar = open_row.locator(".fall").get_attribute("style")
    field = page.locator(f"{KERNEL} input").nth(5)
    field.fill("1.5")
    field.press("Enter")
    expect(page).to_have_url(re.compile("edits="))
    expect(shown.result).not_to_have_text(before)
    shown.settle()
    edits = [{"node": "conv_2_1", "index": [3, channel, 1, 2], "value": 1.5}]
    made = shown.explained("conv_2_1", (3, 10, 10), **TINY_RUN, edits=edits)
    assert is_shown_as(made["value"][0], shown.result.inner_text())
    assert made["terms"]["weights"][0][9 * channel + 5] == 1.5
    row = page.locator(ROWS).filter(has_text=re.compile(rf"^channel {channel}\b"))
    assert row.locator(".fall").get_attribute("style") != bar
    check_ranking(shown)
    page.get_by_role("button", name="Undo").click()
    expect(shown.result).to_have_text(before)
    assert shown.grid(KERNEL) == kernel


@pytest.mark.parametrize(
    ("query", "index"),
    [
        # A table of connections: the third map reads channels 2, 3 and 4.
        ("model=lenet-5&image=digit&node=c3&cell=2,3,3", [2, 3, 0, 0]),
        # Depthwise: a kernel has one channel, whichever it reads.
        ("model=mobilenet-v1&node=dw1&cell=20,9,9", [20, 0, 0, 0]),
        # A layer of features.
        ("model=lenet-5&image=digit&node=output&cell=7,0,0", [7, 12]),
    ],
)
def test_the_weight_that_is_changed_is_the_one_that_is_shown(
    page: Page, query: str, index: list[int]
) -> None:
    shown = CellPage(page, f"?view=cell&{query}")
    channel = index[0] if "dw1" in query else index[1]
    group = {"c3": channel - 2, "dw1": 0}.get(shown.where[0], channel)
    page.goto(f"{page.url}&opened={group}" if "opened=" not in page.url else page.url)
    shown.wait_until_drawn()
    expect(page.locator(".cell-side h2")).to_have_text(re.compile(rf"\b{channel}\b"))
    field = page.locator(f"{KERNEL} input").first
    before = shown.result.inner_text()
    field.fill("7")
    field.press("Enter")
    expect(shown.result).not_to_have_text(before)
    written = ",".join(str(i) for i in index)
    expect(page).to_have_url(re.compile(rf"edits=[^&]*{re.escape(written)}\D"))
    assert float(number(shown.grid(KERNEL)[0])) == 7


def test_the_keyboard_alone_walks_moves_and_leaves(page: Page) -> None:
    shown = CellPage(page)
    page.locator(".cell-side h2").evaluate("(head) => { head.tabIndex = -1; head.focus(); }")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("data-index", "0")
    # Which cell has the keyboard is seen, and which products it makes.
    assert focused.evaluate("(cell) => getComputedStyle(cell).outlineStyle") == "solid"
    expect(page.locator(".channel-grids td.lit")).to_have_count(3)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("node=max_pool_1"))
    shown.settle()
    expect(page.locator(".cell-made h2").first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("node=relu_1_2"))
    shown.settle()
    node, (channel, row, column) = shown.where
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press(".")
    expect(page).to_have_url(re.compile(f"cell={channel + 1},{row - 1},{column + 1}"))
    shown.settle()
    page.keyboard.press("Escape")
    expect(shown.panel).to_be_visible()
    expect(page).to_have_url(re.compile(f"node={node}"))


def test_pointing_at_a_term_lights_it_everywhere(page: Page) -> None:
    shown = CellPage(page)
    trail = page.locator(".cell-trail canvas").nth(2)
    before = pixels(trail)
    page.locator(f"{PRODUCTS} td").nth(4).hover()
    lit = page.locator(".channel-grids td.lit")
    expect(lit).to_have_count(3)
    assert [each.get_attribute("data-index") for each in lit.all()] == ["4", "4", "4"]
    shown.settle()
    assert pixels(trail) != before
    page.mouse.move(5, 5)
    expect(lit).to_have_count(0)
    shown.settle()
    assert pixels(trail) == before


def test_the_trail_names_every_step_and_leads_there(page: Page) -> None:
    shown = CellPage(page)
    steps = page.locator(".cell-trail li")
    words = [" ".join(each.inner_text().split()) for each in steps.all()]
    assert words[0] == "picture 3 channels 10 × 10"
    assert re.fullmatch(r"conv_1_2 channel \d 6 × 6", words[2])
    assert re.fullmatch(r"max_pool_1 channel \d 3 × 3", words[3])
    assert words[-1] == "conv_2_1 channel 3 (10, 10)"
    steps.nth(3).locator("button").click()
    expect(page).to_have_url(re.compile("node=max_pool_1.*cell=[0-9],11,11"))
    shown.settle()


def test_digits_are_changed_everywhere_and_still_fit(page: Page) -> None:
    shown = CellPage(page)
    for digits in (3, 4, 5, 6, 0, 1):
        page.keyboard.press("d")
        shown.settle()
        grids = shown.grid(WINDOW) + shown.grid(KERNEL) + shown.grid(PRODUCTS)
        assert {len(text.partition(".")[2]) for text in grids} == {digits}
        sums = [*shown.rows().values(), shown.result.inner_text()]
        assert {len(text.partition(".")[2]) for text in sums} == {digits + 1}
        check_ranking(shown)
        assert page.evaluate("document.documentElement.scrollWidth") == 1280
        assert (
            cut_off(page.locator(f"{WINDOW} td, {PRODUCTS} td, {ROWS} .number, .shares-total .result")) == []
        )


def test_what_comes_next_is_said_and_opens(page: Page) -> None:
    shown = CellPage(page, f"{TINY}&view=cell&node=relu_1_2&cell=3,21,20")
    link = page.locator(".cell-next button")
    expect(link).to_have_text(
        re.compile("^max_pool_1 (takes it, the largest of 4|leaves it for a larger one of 4)$")
    )
    run = shown.run_of(**TINY_RUN)["id"]
    relu = shown.output_of(run, "relu_1_2")[3, 20:22, 20:22]
    assert ("takes" in link.inner_text()) == (relu[1, 0] == relu.max() and relu[:1].max() < relu.max())
    link.click()
    opened_at(page, "max_pool_1", (3, 10, 10))
    expect(page.locator(".cell-next button")).to_have_text("conv_2_1, 90 numbers")


def test_large_kernels_are_swatches_and_have_digits_where_there_is_room(
    page: Page,
) -> None:
    query = "?model=kmeans-bank&view=cell&node=conv1&cell=5,10,10"
    shown = CellPage(page, query)
    expect(page.locator(".channel-grids")).to_have_attribute("data-cells", "swatches")
    readout = page.locator(".readout")
    expect(readout).to_have_text(re.compile(r"^Largest: .+ × .+ [=≈] .+$"))
    page.locator(f"{WINDOW} td").nth(10).hover()
    made = shown.explained("conv1", (5, 10, 10), image="chelsea", model="kmeans-bank")
    name = page.locator(f"{ROWS}[data-open] .name").inner_text()
    term = 49 * ["red", "green", "blue"].index(name) + 10
    expect(readout).not_to_have_text(re.compile("Largest"))
    assert is_shown_as(made["terms"]["values"][0][term], readout.inner_text().split(" × ")[0])
    page.set_viewport_size({"width": 1920, "height": 1080})
    CellPage(page, query)
    expect(page.locator(".channel-grids")).to_have_attribute("data-cells", "digits")
    expect(readout).to_be_hidden()
    assert cut_off(page.locator(f"{WINDOW} td, {PRODUCTS} td")) == []


def test_flatten_says_from_where(page: Page) -> None:
    CellPage(page, f"{TINY}&view=cell&node=flatten&cell=300,0,0")
    expect(page.locator(".origin")).to_have_text("(1 × 13 + 10) × 13 + 1 = 300")
    expect(page.locator(ROWS)).to_have_count(1)
    page.locator(f"{ROWS} button").click()
    opened_at(page, "max_pool_2", (1, 10, 1))


def test_a_class_is_explained_by_name(page: Page) -> None:
    shown = CellPage(page, f"{TINY}&view=cell&node=softmax&cell=1,0,0")
    expect(page.locator(".score.own .name")).to_have_text("automobile")
    top = shown.run_of(**TINY_RUN)["top"][0]
    best = page.locator(".term-list button").first
    assert best.inner_text().startswith(top["label"]["en"])
    best.click()
    opened_at(page, "output", (top["index"], 0, 0))
    # A linear layer on maps is told map by map.
    assert "channel 0" in shown.rows() or "channel 1" in shown.rows()
    check_ranking(shown)


def test_motion_is_spared_where_it_is_not_wanted(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(reduced_motion="reduce").new_page()
    shown = CellPage(page)
    page.locator(f"{WINDOW} td[data-opens]").first.click()
    expect(page).to_have_url(re.compile("node=max_pool_1"))
    times = page.evaluate(
        "() => document.getAnimations().map((each) => each.effect.getComputedTiming().duration)"
    )
    assert all(time <= 100 for time in times)
    shown.settle()

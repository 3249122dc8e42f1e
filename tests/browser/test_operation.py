"""The Operation page in a real Chromium: what a reader sees, does, and can rely on."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.looks import check_accessible
from tests.browser.operation_page import OperationPage, number

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SCHEMA = ROOT / "static/js/core/operation-schema.js"
OPERATIONS = re.findall(r'^  "(\w+)",$', SCHEMA.read_text(encoding="utf-8").partition("]);")[0], re.M)


def test_the_first_page_shows_a_picture_already_run(page: Page) -> None:
    shown = OperationPage(page)
    assert shown.place == "row 19, col 14"
    assert shown.grid("kernel") == ["−1", "0", "1", "−2", "0", "2", "−1", "0", "1"]
    assert len(shown.grid("window")) == 9
    expect(page.locator(".panel-output h2")).to_have_text("Output")
    assert page.locator("math").count() == 1


@pytest.mark.parametrize(
    "query", ["", "?bias=0.1", "?range=255", "?kernel=gaussian&digits=3", "?kernel=box&digits=0"]
)
def test_an_equals_sign_is_true_in_the_digits_shown(page: Page, query: str) -> None:
    shown = OperationPage(page, query)
    for _ in range(12):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        shown.settle()
        check_sums(shown)


def check_sums(shown: OperationPage) -> set[str]:
    """Every sign between shown numbers tells the truth; answers the signs seen."""
    page = shown.page
    sums = [number(text) for text in page.locator(".sums .addend .number").all_inner_texts() if text]
    signs = page.locator(".sums .addend .sign").all_inner_texts()
    operators = page.locator(".grids .equals").all_inner_texts()
    # Where one channel is open only its grids are there, and the sums of all.
    for channel, (sign, operator) in enumerate(zip(signs, operators, strict=len(signs) == len(operators))):
        window, kernel, products = (
            [number(text) for text in shown.grid(name, channel)] for name in ("window", "kernel", "products")
        )
        exact = all(x * w == p for x, w, p in zip(window, kernel, products, strict=True))
        assert operator == ("=" if exact else "≈")
        assert sign == ("=" if sum(products) == sums[channel] else "≈")
    total = page.locator(".sums .total .sign").inner_text()
    assert total == ("=" if sum(sums, Decimal(0)) == number(shown.result) else "≈")
    return {*signs, *operators, total}


def test_both_signs_occur(page: Page) -> None:
    # A check that only ever sees one sign would prove nothing.
    shown = OperationPage(page)
    seen: set[str] = set()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
        shown.settle()
        seen |= check_sums(shown)
    assert seen == {"=", "≈"}


def test_the_keyboard_moves_plays_and_stops(page: Page) -> None:
    shown = OperationPage(page, "?cell=0,3,4")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    shown.settle()
    assert shown.place == "row 2, col 5"
    page.keyboard.press("End")
    shown.settle()
    assert shown.place == "row 43, col 43"
    page.keyboard.press("Home")
    shown.settle()
    assert shown.place == "row 0, col 0"
    page.keyboard.press(" ")
    expect(page.locator("cs-transport .place")).to_have_text(re.compile(r"^row 0, col ([2-9]|\d\d)$"))
    page.keyboard.press(" ")
    shown.settle()
    stopped = shown.place
    page.wait_for_timeout(1000)
    assert shown.place == stopped


def test_a_drag_over_the_input_moves_the_window(page: Page) -> None:
    shown = OperationPage(page)
    box = shown.input.bounding_box()
    assert box is not None
    cell = box["width"] / 46
    page.mouse.move(box["x"] + 11.5 * cell, box["y"] + 6.5 * cell)
    page.mouse.down()
    shown.settle()
    assert shown.place == "row 5, col 10"
    page.mouse.move(box["x"] + 21.5 * cell, box["y"] + 16.5 * cell, steps=5)
    page.mouse.up()
    shown.settle()
    assert shown.place == "row 15, col 20"


def test_nothing_moves_while_work_is_under_way(page: Page) -> None:
    shown = OperationPage(page)
    before = shown.input.bounding_box()
    held: list[Route] = []
    page.route("**/api/v1/runs", lambda route: held.append(route))
    with page.expect_request("**/api/v1/runs"):
        page.locator("cs-settings select[data-key=op]").select_option("max_pool2d")
    expect(page.locator("main .message")).to_contain_text("Computing")
    assert shown.input.bounding_box() == before
    held[0].continue_()
    expect(page.locator("main .message")).to_be_hidden()
    expect(page.locator(".middle")).to_contain_text("max")


def test_hovering_shows_the_window_and_the_uses(page: Page) -> None:
    shown = OperationPage(page)
    box = shown.output.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    expect(page.locator(".panel-input .frame.hover")).to_have_count(1)
    box = shown.input.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    expect(page.locator(".panel-output .frame.consumer")).to_have_count(9)
    page.mouse.move(5, 5)
    expect(page.locator(".frame.consumer, .frame.hover")).to_have_count(0)


def test_pointing_at_a_product_lights_its_factors_and_its_pixel(page: Page) -> None:
    OperationPage(page)
    page.locator(".middle table.products td").nth(2).hover()
    expect(page.locator(".middle td.lit")).to_have_count(3)
    expect(page.locator(".panel-input .frame.source")).to_have_count(1)


def test_the_address_is_the_whole_view(page: Page, new_context: Callable[..., BrowserContext]) -> None:
    shown = OperationPage(
        page, "?op=conv2d&kernel=laplacian&stride=2&padding=reflect&image=coffee&size=32x48"
    )
    page.keyboard.press("ArrowDown")
    page.keyboard.press("d")
    expect(page).to_have_url(re.compile(r"cell=.*digits=3"))
    shown.settle()
    again = OperationPage(new_context().new_page(), "?" + page.url.partition("?")[2])
    assert (again.place, again.result, again.grid("kernel")) == (
        shown.place,
        shown.result,
        shown.grid("kernel"),
    )
    assert again.page.url == page.url


def test_back_undoes_a_setting(page: Page) -> None:
    shown = OperationPage(page)
    before = shown.result
    shown.choose("op", "max_pool2d")
    expect(page).to_have_url(re.compile("op=max_pool2d"))
    page.go_back()
    shown.settle()
    expect(page.locator("cs-weighted-sum")).to_be_visible()
    assert shown.result == before


def test_editing_a_kernel_cell_makes_it_custom(page: Page) -> None:
    shown = OperationPage(page)
    cell = page.locator(".middle table.kernel input").nth(4)
    cell.fill("5")
    cell.press("Enter")
    shown.settle()
    assert [grid[4] for grid in (shown.grid("kernel", c) for c in range(3))] == ["5", "5", "5"]
    expect(page).to_have_url(re.compile("kernel=custom"))
    check_sums(shown)


def test_what_is_no_number_leaves_the_kernel_as_it_was(page: Page) -> None:
    shown = OperationPage(page)
    cell = page.locator(".middle table.kernel input").nth(4)
    cell.fill("abc")
    cell.press("Tab")
    shown.settle()
    assert shown.grid("kernel") == ["−1", "0", "1", "−2", "0", "2", "−1", "0", "1"]


def test_every_operation_runs_and_explains_itself(page: Page) -> None:
    shown = OperationPage(page)
    assert len(OPERATIONS) > 25
    for op in OPERATIONS:
        shown.choose("op", op)
        expect(page.locator(".middle .result").first, op).not_to_be_empty()
        expect(page.locator(".message"), op).to_be_hidden()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        shown.settle()
        assert page.locator(".middle").inner_text().strip(), op


@pytest.mark.parametrize("view", ["columns", "matrix", "cost"])
def test_every_view_of_the_run(page: Page, view: str) -> None:
    OperationPage(page, f"?view={view}")
    expect(page.locator(f"cs-{view}")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("v")


def test_the_languages_change_at_once(page: Page) -> None:
    shown = OperationPage(page)
    page.get_by_role("link", name="日本語").click()
    expect(page.locator(".panel-input h2")).to_have_text("入力")
    assert page.evaluate("document.documentElement.lang") == "ja"
    assert shown.place == "19 行 14 列"
    page.keyboard.press("l")
    expect(page.locator(".panel-input h2")).to_have_text("Input")


def test_a_japanese_reader_is_met_in_japanese(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(locale="ja-JP").new_page()
    OperationPage(page)
    expect(page.locator(".panel-input h2")).to_have_text("入力")
    untranslated = re.findall(r"\b[a-z]+(?:\.[a-zA-Z0-9]+)+\b", page.locator("body").inner_text())
    assert not untranslated


@pytest.mark.parametrize(
    ("query", "width", "least"), [("", 1280, 16), ("?lang=ja", 360, 16), ("?projector=1", 1280, 24)]
)
def test_digits_can_be_read(page: Page, query: str, width: int, least: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    OperationPage(page, query)
    sizes = page.evaluate(
        """() => [...document.querySelectorAll(".middle :is(td, td input, .number, .result)")]
             .map((e) => parseFloat(getComputedStyle(e).fontSize))"""
    )
    assert min(sizes) >= least


@pytest.mark.parametrize(
    "query", ["?lang=ja", "?kernel=gabor&kernel_size=7", "?op=avg_pool2d&kernel_size=3", "?view=cost"]
)
def test_a_phone_scrolls_in_one_direction_only(
    new_context: Callable[..., BrowserContext], query: str
) -> None:
    page = new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True).new_page()
    OperationPage(page, query)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_projector_mode_and_theme_by_key(page: Page) -> None:
    shown = OperationPage(page)
    page.keyboard.press("p")
    shown.settle()
    expect(page.locator(".header")).to_be_hidden()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.keyboard.press("p")
    page.keyboard.press("t")
    shown.settle()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_invalid_addresses_are_mended(page: Page) -> None:
    shown = OperationPage(page, "?kernel_size=99&stride=-4&padding=abc&cell=7,900,900&zoom=1e9&op=nonsense")
    assert shown.grid("kernel")
    expect(page.locator(".message")).to_be_hidden()


def test_a_setting_that_no_longer_fits_is_put_back(page: Page, guard: object) -> None:
    guard.expect("status of 422")  # type: ignore[attr-defined]
    OperationPage(page, "?kernel=box&kernel_size=31&padding=0&size=8")
    expect(page.locator(".message")).to_contain_text("put back")


def test_a_picture_of_ones_own(page: Page, tmp_path: Path) -> None:
    from PIL import Image

    shown = OperationPage(page)
    path = tmp_path / "room.png"
    Image.new("L", (28, 28), 128).save(path)
    page.keyboard.press("i")
    page.locator("dialog[open] input[type=file]").set_input_files(path)
    page.wait_for_function("() => location.search.includes('image=img_')")
    shown.settle()
    expect(page.locator(".panel-input .shape")).to_contain_text("28 × 28")


def test_a_broken_picture_is_refused_and_nothing_is_lost(page: Page, guard: object, tmp_path: Path) -> None:
    guard.expect("status of 4")  # type: ignore[attr-defined]
    shown = OperationPage(page)
    before = shown.result
    path = tmp_path / "not-a-picture.png"
    path.write_text("just a text")
    page.keyboard.press("i")
    page.locator("dialog[open] input[type=file]").set_input_files(path)
    expect(page.locator("dialog[open] .dialog-message [role=status]")).to_contain_text("JPEG")
    page.keyboard.press("Escape")
    shown.settle()
    assert shown.result == before


def test_accessible(page: Page) -> None:
    OperationPage(page)
    check_accessible(page)


def test_screenshots_to_look_at(page: Page, screenshot: Callable[..., Path]) -> None:
    OperationPage(page, "?bias=0.1")
    taken = screenshot(page, "operation")
    assert taken.stat().st_size > 50_000
    if os.environ.get("CONVSCOPE_RENEW_DOCS"):
        shutil.copy(taken, DOCS / "operation.png")
    for name, query, width in [
        ("projector", "?bias=0.1&projector=1", 1280),
        ("dark", "?theme=dark&kernel=laplacian", 1280),
        ("japanese", "?lang=ja&op=max_pool2d&kernel_size=2&stride=2&padding=0", 1280),
        ("phone", "?lang=ja&bias=0.1", 360),
    ]:
        page.set_viewport_size({"width": width, "height": 740 if width == 360 else 720})
        OperationPage(page, query)
        screenshot(page, name)


def test_the_readout_under_swatches_is_true_as_well(page: Page) -> None:
    OperationPage(page, "?kernel=gabor&kernel_size=7&padding=3")
    readout = page.locator(".middle .readout")
    signs = set()
    for index in range(0, 49, 4):
        page.locator(".middle table.products td").nth(index).hover()
        value, weight, sign, product = re.findall(r"[−\d.]+|[=≈]", readout.inner_text())
        assert sign == ("=" if number(value) * number(weight) == number(product) else "≈")
        signs.add(sign)
    assert signs == {"=", "≈"}

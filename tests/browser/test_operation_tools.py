"""Around the stage of the Operation page: picture, kernel, every digit, help, language."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.guard import Guard

DROP = """([name, type, bytes]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(bytes)], name, { type }));
    for (const kind of ["dragover", "drop"]) {
        document.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, cancelable: true }));
    }
}"""
PASTE = """([name, type, bytes]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(bytes)], name, { type }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, cancelable: true }));
}"""


def png(rows: int, columns: int, mode: str = "RGB") -> bytes:
    noise = np.random.default_rng(rows * columns).integers(0, 256, (rows, columns, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(file, "PNG")
    return file.getvalue()


def open_page(page: Page, address: str = "/operation") -> None:
    page.goto(address)
    expect(page.locator(".result").first).not_to_be_empty()
    expect(page.locator("cs-kernel-word option")).not_to_have_count(2)


def picture_word(page: Page):
    return page.locator(".panel-input .tool .word")


def test_a_sample_is_chosen_by_keyboard(page):
    open_page(page)
    page.keyboard.press("i")
    chosen = page.locator(".thumbnails [aria-pressed=true]")
    expect(chosen).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("cs-picture-chooser dialog")).to_be_hidden()
    expect(picture_word(page)).to_have_text("Coffee")
    expect(page.locator(".panel-input .shape")).to_have_text("3 × 29 × 44")


def test_size_color_and_range(page):
    open_page(page, "/operation?image=digit&size=28&color=gray")
    picture_word(page).click()
    size, color, values = (page.locator(".choice select").nth(i) for i in range(3))
    expect(size).to_have_value("0")
    size.select_option("16")
    expect(page.locator(".panel-input .shape")).to_have_text("1 × 16 × 16")
    color.select_option("rgb")
    expect(page.locator(".panel-input .shape")).to_have_text("3 × 16 × 16")
    values.select_option("255")
    expect(page).to_have_url(re.compile("range=255"))
    page.keyboard.press("Escape")
    expect(picture_word(page)).to_be_focused()


@pytest.mark.parametrize("way", ["choose", "drop", "paste"])
def test_a_picture_of_ones_own(page, way):
    open_page(page)
    data = png(20, 30)
    if way == "choose":
        page.keyboard.press("i")
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Upload a picture …").click()
        chooser.value.set_files({"name": "mine.png", "mimeType": "image/png", "buffer": data})
    else:
        page.evaluate(DROP if way == "drop" else PASTE, ["mine.png", "image/png", list(data)])
    expect(picture_word(page)).to_have_text("mine.png")
    expect(page.locator(".panel-input .shape")).to_have_text("3 × 20 × 30")
    expect(page).to_have_url(re.compile("image=img_"))


@pytest.mark.parametrize(
    ("data", "words"),
    [(png(64, 64)[:2000], "ends too early"), (b"hello", "not a picture"), (b"", "is empty")],
)
def test_what_is_wrong_with_an_upload_is_said_and_the_picture_stays(page, guard, data, words):
    guard.expect("status of 4")
    open_page(page)
    page.keyboard.press("i")
    page.locator("cs-picture-chooser input[type=file]").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": data}
    )
    expect(page.locator("cs-picture-chooser .dialog-message [role=status]")).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(page.locator("main .message")).to_contain_text(words)
    expect(picture_word(page)).to_have_text("Chelsea the cat")
    expect(page.locator(".result").first).to_have_text("0.33")


def test_a_dropped_file_that_is_no_picture_is_not_even_sent(page):
    open_page(page)
    page.evaluate(DROP, ["notes.txt", "text/plain", [104, 105]])
    expect(page.locator("main .message")).to_contain_text("not a picture")


def test_kernels_by_swatch_word_and_size(page):
    open_page(page)
    page.locator(".kernel-strip [aria-checked=true]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("cs-kernel-word select")).to_have_value("sobel_y")
    expect(page.get_by_label("Kernel R, row 0, column 1")).to_have_value("−2")
    page.locator("cs-kernel-word select").select_option("gabor")
    expect(page.locator("cs-kernel-swatches [aria-checked=true]")).to_have_count(0)
    expect(page).to_have_url(re.compile("kernel=gabor.*kernel_size=7"))
    page.locator("cs-kernel-word select").select_option("difference_x")
    expect(page.get_by_role("button", name="Kernel size: 1 × 2")).to_be_visible()


def test_another_size_makes_a_preset_a_custom_kernel(page):
    open_page(page)
    page.get_by_role("button", name="Kernel size: 3 × 3").click()
    rows = page.locator("#setting-kernelSize input[type=number]").first
    rows.fill("5")
    rows.press("Enter")
    expect(page.get_by_role("button", name="Kernel size: 5 × 5")).to_be_visible()
    expect(page.locator("cs-kernel-word select")).to_have_value("custom")
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.get_by_role("button", name="Back to Sobel ↔").click()
    expect(page.get_by_role("button", name="Kernel size: 3 × 3")).to_be_visible()


def test_a_gabor_function_is_turned_while_the_page_looks_on(page):
    open_page(page, "/operation?kernel=gabor&kernel_size=7&padding=3")
    before = page.locator(".result").first.text_content()
    page.keyboard.press("k")
    orientation = page.locator("cs-kernel-dialog").get_by_label("Orientation").first
    orientation.fill("45")
    expect(page.locator(".result").first).not_to_have_text(before or "")
    expect(page).to_have_url(re.compile("gabor=45,5,0,2,0.6"))


def test_a_random_kernel_is_drawn_again(page):
    open_page(page, "/operation?kernel=random")
    page.get_by_role("button", name="Kernel: seed 0").click()
    page.get_by_role("button", name="Draw again").click()
    expect(page).to_have_url(re.compile("seed=1"))


def test_every_digit_adds_up(page):
    open_page(page)
    page.keyboard.press("a")
    rows = page.locator(".digits tbody tr:not(.channel):not(.rule)")
    expect(rows).to_have_count(27)
    sums = [read(text) for text in page.locator(".digits tbody .rule td").all_text_contents()]
    foot = dict(
        zip(
            page.locator(".digits tfoot th").all_text_contents(),
            page.locator(".digits tfoot td").all_text_contents(),
            strict=True,
        )
    )
    assert sum(sums) == pytest.approx(read(foot["exact sum"]), abs=1e-12)
    computed = read(foot["as computed (float32)"])
    assert computed == float(np.float32(computed))
    assert computed - read(foot["exact sum"]) == pytest.approx(read(foot["computed − exact"]), abs=1e-12)


def read(text: str) -> float:
    return float(re.sub(r"[^\d.−]", "", text).replace("−", "-"))


@pytest.mark.parametrize("op", ["max_pool2d", "avg_pool2d", "lp_pool2d", "relu", "softmax", "batch_norm2d"])
def test_every_digit_of_other_operations(page, op):
    open_page(page, f"/operation?op={op}&kernel_size=2&stride=2&padding=0")
    page.keyboard.press("a")
    expect(page.locator(".digits .strong td")).to_have_text(re.compile(r"^[≈= ]*−?\d+(\.\d+)?$"))
    page.keyboard.press("Escape")
    expect(page.locator("cs-digits-dialog dialog")).to_be_hidden()


def test_help_lists_every_key(page):
    open_page(page)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.locator("kbd", has_text="Space")).to_be_visible()
    expect(dialog).to_contain_text("Move the window")
    dialog.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_focused()
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_language_changes_at_once_and_is_remembered(page):
    open_page(page)
    page.evaluate("window.stays = true")
    page.get_by_role("link", name="日本語").click()
    expect(page.locator(".panel-output h2")).to_have_text("出力")
    expect(page.get_by_role("link", name="日本語")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("link", name="EN")).not_to_have_attribute("aria-current", "true")
    assert page.evaluate("window.stays")
    open_page(page)
    expect(page.locator(".panel-output h2")).to_have_text("出力")


@pytest.mark.parametrize("path", ["/operation", "/network"])
def test_tools_that_the_network_kept_away_come_when_it_is_back(page: Page, guard: Guard, path: str) -> None:
    tools = f"**{path}/tools.js"
    guard.expect("tools.js")
    page.route(tools, lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.goto(path)
    expect(page.locator(".result, .class-bars li").first).not_to_be_empty()
    page.keyboard.press("i")
    expect(page.locator("cs-picture-chooser dialog")).to_be_hidden()
    page.unroute(tools)
    expect(page.locator("cs-picture-chooser dialog")).to_be_visible()

"""Around the stage of the Network page: models, pictures, drawing, camera, filters, sizes, accessibility."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.guard import Guard
from tests.browser.looks import DARK, PHONE, PROJECTOR, WIDE, Room, check_looks
from tests.browser.network_page import API, TINY, NetworkPage
from tests.browser.test_operation_tools import DROP, PASTE, png
from tests.engine.onnx_files import onnx_file, step

RNG = np.random.default_rng(11)
INPUT = {"x": ("n", 3, 16, 16)}
WEIGHTS = {
    "w": RNG.standard_normal((6, 3, 3, 3)).astype(np.float32),
    "b": RNG.standard_normal(6).astype(np.float32),
    "fc": RNG.standard_normal((6, 4)).astype(np.float32),
}
NODES = [
    step("Conv", "x w b", "c", name="/stem/Conv", pads=[1, 1, 1, 1]),
    step("Relu", "c", "r", name="/stem/Relu"),
    step("GlobalAveragePool", "r", "g", name="/pool"),
    step("Flatten", "g", "f", name="/flat"),
    step("MatMul", "f fc", "m", name="/fc"),
    step("Softmax", "m", "y", name="/out", axis=1),
]
NET = onnx_file(NODES, WEIGHTS, inputs=INPUT)
STRANGE = onnx_file([step("Einsum", "x", "y", name="mix", equation="nchw->nwhc")], inputs=INPUT)


def open_models(page: Page) -> None:
    page.keyboard.press("m")
    expect(page.locator("cs-model-chooser dialog[open]")).to_be_visible()


def bring(page: Page, data: bytes, name: str = "my-net.onnx") -> None:
    open_models(page)
    page.locator("cs-model-chooser input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": data}
    )


def test_every_model_is_listed_with_its_facts(page: Page) -> None:
    NetworkPage(page)
    open_models(page)
    listed = page.request.get(f"{API}/models").json()["models"]
    groups = {True: "Trained", False: "Architectures of the papers, weights drawn at random"}
    for trained, group in groups.items():
        ids = [each["id"] for each in listed if each["trained"] is trained]
        rows = page.get_by_role("group", name=group, exact=True).locator("button")
        assert rows.evaluate_all("(rows) => rows.map((row) => row.dataset.id)") == ids
    row = page.locator("cs-model-chooser [data-name=lenet-5]")
    expect(row).to_contain_text("handwritten digits · 1 × 28 × 28 · 61 k parameters")
    expect(row).to_contain_text(re.compile(r"99\.\d % right on held-out pictures · 1998"))
    expect(page.locator("cs-model-chooser [data-name=cifar-net]")).to_be_focused()


def test_a_digit_comes_with_the_net_that_reads_digits(page: Page) -> None:
    shown = NetworkPage(page, f"{TINY}&node=conv_2_1&open=1&edits=conv_1_1:2*2")
    open_models(page)
    page.locator("cs-model-chooser [data-name=lenet-5]").click()
    expect(page).to_have_url(re.compile(r"\?model=lenet-5&image=digit$"))
    expect(page.locator("cs-model-chooser [data-name=lenet-5]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    shown.settle()
    top = shown.run_of(image="digit", model="lenet-5")["top"]
    assert next(iter(shown.bars())) == top[0]["label"]["en"]
    page.go_back()
    expect(page).to_have_url(re.compile(r"edits=conv_1_1:2\*2&node=conv_2_1&open=1"))
    expect(shown.panel.locator("h2")).to_have_text("conv_2_1")


def test_a_net_of_ones_own_runs_and_its_pictures_enter_as_asked(page: Page) -> None:
    shown = NetworkPage(page)
    bring(page, NET)
    expect(page).to_have_url(re.compile(r"\?model=mdl_\w+$"))
    own = page.get_by_role("group", name="Your own").locator("button")
    expect(own).to_have_count(1)
    expect(own).to_contain_text("my-net")
    expect(page.locator(".model-about")).to_contain_text("6 kinds of operations, all understood")
    form = page.locator("cs-model-chooser form")
    expect(form.get_by_label("Rows × columns")).to_have_value("16 × 16")
    shown.settle()
    before = (page.url, shown.widths())
    form.get_by_role("button", name="Fill in ImageNet's").click()
    expect(form.get_by_label("Mean")).to_have_value("0.485, 0.456, 0.406")
    form.get_by_label("Names of the classes, one a line").fill("one\ntwo\nthree\nfour")
    form.get_by_role("button", name="Apply").click()
    expect(page).not_to_have_url(before[0])
    expect(page).to_have_url(re.compile(r"\?model=mdl_\w+$"))
    page.keyboard.press("Escape")
    shown.settle()
    assert shown.widths() != before[1]
    assert set(shown.bars()) == {"one", "two", "three", "four"}
    model = page.url.partition("model=")[2]
    used = page.request.get(f"{API}/models/{model}").json()["input"]["preprocessing"]
    assert (used["mean"], used["std"]) == ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    # The address alone brings the same net back.
    names = list(shown.bars())
    page.reload()
    shown.wait_until_drawn()
    assert list(shown.bars()) == names
    expect(page.locator("cs-settings")).to_contain_text("my-net")
    first = page.locator(".layer-head").first
    first.click()
    expect(shown.panel).to_be_visible()
    expect(shown.value).not_to_be_empty()


@pytest.mark.parametrize(
    ("data", "words", "japanese"),
    [
        (b"GIF89a, no network", "not an ONNX model", "ONNX モデルではありません"),
        (NET[: len(NET) // 2], "not an ONNX model", "ONNX モデルではありません"),
        (STRANGE, "Einsum (mix)", "扱えない演算が含まれています: Einsum (mix)"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_and_the_net_stays(
    page: Page, guard: Guard, data: bytes, words: str, japanese: str
) -> None:
    guard.expect("status of 4")
    shown = NetworkPage(page)
    before = (page.url, shown.bars())
    bring(page, data)
    expect(page.locator("cs-model-chooser [role=status]")).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(shown.message).to_contain_text(words)
    assert (page.url, shown.bars()) == before
    page.keyboard.press("l")
    expect(shown.message).to_contain_text(japanese)
    shown.message.get_by_role("button", name="閉じる").click()
    expect(shown.message).to_be_hidden()


def test_a_preprocessing_that_cannot_be_is_refused_by_name(page: Page, guard: Guard) -> None:
    guard.expect("status of 422")
    NetworkPage(page)
    open_models(page)
    form = page.locator("cs-model-chooser form")
    form.get_by_label("Deviation").fill("0, 0, 0")
    form.get_by_role("button", name="Apply").click()
    expect(page.locator("cs-model-chooser [role=status]")).to_contain_text("std")
    expect(form.get_by_label("Deviation")).to_have_value("0, 0, 0")
    assert "model=" not in page.url


@pytest.mark.parametrize("way", ["choose", "drop", "paste"])
def test_a_picture_of_ones_own(page: Page, way: str) -> None:
    shown = NetworkPage(page)
    before = shown.widths()
    data = png(40, 60)
    if way == "choose":
        page.keyboard.press("i")
        page.locator("cs-picture-chooser input[type=file]").set_input_files(
            {"name": "mine.png", "mimeType": "image/png", "buffer": data}
        )
    else:
        page.evaluate(DROP if way == "drop" else PASTE, ["mine.png", "image/png", list(data)])
    expect(page).to_have_url(re.compile("image=img_"))
    expect(page.locator("cs-settings")).to_contain_text("mine.png")
    shown.settle()
    assert shown.widths() != before
    page.go_back()
    expect(page).not_to_have_url(re.compile("image="))
    shown.settle()
    assert shown.widths() == before


def test_a_file_that_is_no_picture_is_refused(page: Page) -> None:
    shown = NetworkPage(page)
    before = shown.bars()
    page.evaluate(DROP, ["notes.txt", "text/plain", [104, 105]])
    expect(shown.message).to_contain_text("not a picture")
    assert shown.bars() == before


def draw(page: Page, strokes: list[list[tuple[float, float]]]) -> None:
    """Draw on the pad; places are shares of its side."""
    pad = page.locator("cs-drawing-pad canvas")
    expect(pad).to_be_visible()
    box = pad.bounding_box()
    assert box
    for stroke in strokes:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=4)
        page.mouse.up()


ONE = [[(0.5, 0.15), (0.5, 0.85)]]
SEVEN = [[(0.25, 0.2), (0.75, 0.2), (0.42, 0.85)]]


def test_a_digit_is_drawn_and_read(page: Page) -> None:
    shown = NetworkPage(page, "?model=lenet-5&image=digit")
    page.keyboard.press("i")
    page.get_by_role("button", name="Draw a digit").click()
    # Beside the page, not over it.
    expect(page.locator("dialog[open]")).to_have_count(0)
    best = page.locator(".class-bars li[data-first] span").first
    for strokes, digit in [(ONE, "1"), (SEVEN, "7")]:
        draw(page, strokes)
        expect(page).to_have_url(re.compile("image=img_"))
        expect(best).to_have_text(digit)
        page.get_by_role("button", name="Clear").click()
    page.locator("cs-drawing-pad").get_by_role("button", name="Close").click()
    expect(page.locator("cs-drawing-pad")).to_be_hidden()
    shown.settle()
    assert number_of(shown, "7") > 50


def number_of(shown: NetworkPage, name: str) -> float:
    return dict(zip(shown.bars(), shown.widths(), strict=True))[name]


def test_the_camera_takes_a_picture_and_goes_out(page: Page) -> None:
    shown = NetworkPage(page)
    page.keyboard.press("i")
    page.get_by_role("button", name="Camera", exact=True).click()
    page.get_by_role("button", name="Take this picture").click()
    expect(page).to_have_url(re.compile("image=img_"))
    shown.settle()
    live: bool = page.locator("cs-camera-still video").evaluate(
        "(video) => video.srcObject.getTracks().some((track) => track.readyState === 'live')"
    )
    assert not live


@pytest.mark.parametrize(
    ("failure", "words"),
    [("NotAllowedError", "was not allowed"), ("NotFoundError", "No camera"), ("NotReadableError", "Another")],
)
def test_a_camera_that_is_not_to_be_had(page: Page, failure: str, words: str) -> None:
    page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{failure}'))"
    )
    NetworkPage(page)
    page.keyboard.press("i")
    page.get_by_role("button", name="Camera", exact=True).click()
    expect(page.locator("cs-camera-still [role=status]")).to_contain_text(words)
    expect(page.get_by_role("button", name="Take this picture")).to_be_hidden()


def test_the_camera_where_browsers_give_none(page: Page) -> None:
    # A hall's page comes over plain http: there is no such interface at all.
    page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    NetworkPage(page, "?lang=ja")
    page.keyboard.press("i")
    page.get_by_role("button", name="カメラ", exact=True).click()
    expect(page.locator("cs-camera-still [role=status]")).to_contain_text("http://localhost")


FILTERS = "?model=kmeans-bank&view=filters&node=conv1"


def test_filters_are_named_sorted_and_fitted(page: Page) -> None:
    NetworkPage(page, FILTERS)
    answer = page.request.get(f"{API}/models/kmeans-bank/nodes/conv1/filters").json()
    tiles = page.locator(".filter-grid button")
    expect(tiles).to_have_count(96)
    # Their kinds come after the pictures.
    expect(tiles.first).to_contain_text("Gabor-like")
    names = tiles.all_inner_texts()
    kinds = answer["summary"]["kinds"]
    for kind, word in [("gabor", "Gabor-like"), ("edge", "edge"), ("blob", "blob")]:
        assert sum(name.startswith(word) for name in names) == kinds[kind]
    degrees = [int(name.split()[1][:-1]) for name in names[: kinds["gabor"]]]
    assert degrees == sorted(degrees)
    fitted = [each for each in answer["filters"] if each["kind"] == "gabor"][-1]
    page.locator(f".filter-grid [data-index='{fitted['index']}']").click()
    expect(page).to_have_url(re.compile(f"cell={fitted['index']},0,0"))
    expect(page.locator(".one-filter h3")).to_contain_text(f"Filter {fitted['index']}: Gabor-like")
    expect(page.locator(".fit")).to_contain_text(f"{fitted['fit']['wavelength_px']:.1f} px")
    expect(page.locator(".gabor-curve .curve")).to_have_attribute("d", re.compile(r"^M8\.0 .*L"))
    # A point for every place of the filter.
    expect(page.locator(".gabor-curve circle")).to_have_count(7 * 7)


def test_filters_stand_beside_noise(page: Page) -> None:
    NetworkPage(page, FILTERS)
    page.get_by_role("button", name="beside random ones").click()
    other = page.locator(".bank").nth(1)
    expect(other.locator("h3")).to_have_text("Random")
    expect(other.locator(".filter-grid button")).to_have_count(96)
    expect(page).to_have_url(re.compile("compare=random"))
    # Noise is no Gabor function: the median quality of the fits tells them apart.
    own, noise = (quality(page.locator(".bank .note").nth(i).inner_text()) for i in (0, 1))
    assert own > noise + 0.2


def quality(summary: str) -> float:
    return float(summary.rpartition(" ")[2])


def test_filters_in_japanese_and_back_by_key(page: Page) -> None:
    shown = NetworkPage(page, f"{FILTERS}&lang=ja")
    expect(page.locator(".filters-head h2")).to_have_text("conv1 のフィルタ")
    expect(page.locator(".filter-grid button").first).to_contain_text("ガボール状")
    page.keyboard.press("f")
    expect(shown.panel).to_be_visible()
    page.keyboard.press("f")
    expect(page.locator(".net-filters")).to_be_visible()


STATES = {
    "net": "?",
    "layer": f"{TINY}&node=conv_1_2&open=1&cell=2,30,30",
    "edited": f"{TINY}&node=conv_1_1&open=1&cell=2,30,30&edits=conv_1_1:2!",
    "cell": f"{TINY}&node=conv_2_1&view=cell&cell=3,10,10",
    "pixel": f"{TINY}&node=input&view=cell&cell=0,10,10",
    "softmax": f"{TINY}&node=softmax&view=cell&cell=3,0,0",
    "filters": f"{FILTERS}&compare=unsupervised",
    "digits": "?model=lenet-5&image=digit",
}
# A phone with a finger for a pointer, and its reader.
POCKET = replace(PHONE, lang="ja")
DESK = [WIDE, PROJECTOR, DARK]


@pytest.mark.parametrize("rooms", [DESK, [POCKET]], ids=["desk", "phone"])
@pytest.mark.parametrize("state", STATES)
def test_every_view_fits_is_legible_and_accessible(
    page: Page,
    new_context: Callable[..., BrowserContext],
    screenshot: Callable[..., Path],
    state: str,
    rooms: list[Room],
) -> None:
    page = page_in(rooms[0], page, new_context)
    shown = NetworkPage(page, STATES[state] + rooms[0].query)
    # The kinds of the filters come last.
    page.wait_for_timeout(300)
    for room in rooms:
        room.enter(page)
        shown.settle()
        screenshot(page, f"network-{state}-{room.name}")
        check_looks(page, room)


def page_in(room: Room, page: Page, new_context: Callable[..., BrowserContext]) -> Page:
    """A page in a window of the room's size; on a phone, one that is touched."""
    if room is POCKET:
        return new_context(viewport=room.viewport, has_touch=True, is_mobile=True).new_page()
    page.set_viewport_size(room.viewport)
    return page


DIALOGS = {"models": "m", "pictures": "i", "help": "?"}


@pytest.mark.parametrize("room", [*DESK, POCKET], ids=lambda room: room.name)
def test_every_dialog_fits_is_legible_and_accessible(
    page: Page,
    new_context: Callable[..., BrowserContext],
    screenshot: Callable[..., Path],
    room: Room,
) -> None:
    page = page_in(room, page, new_context)
    NetworkPage(page, f"?{room.query}")
    dialog = page.locator("dialog[open]")
    for name, key in DIALOGS.items():
        page.keyboard.press(key)
        expect(dialog).to_be_visible()
        page.wait_for_timeout(300)
        screenshot(page, f"network-dialog-{name}-{room.name}")
        assert dialog.evaluate("(e) => e.scrollWidth - e.clientWidth") <= 0
        check_looks(page, room)
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)

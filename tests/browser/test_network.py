"""The Network page in a real Chromium: the net, its layers and its numbers, by mouse and by keyboard."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.network_page import API, TINY, TINY_RUN, NetworkPage, is_shown_as

MAPS = ["conv_1_1", "relu_1_1", "conv_1_2", "relu_1_2", "max_pool_1"]
LAYERS = [*MAPS, "conv_2_1", "relu_2_1", "conv_2_2", "relu_2_2", "max_pool_2", "flatten", "output", "softmax"]
HEADS = ["conv 10×62²", "ReLU", "conv 10×60²", "ReLU", "max 30²"]


def described(page: Page) -> dict[str, Any]:
    answer: dict[str, Any] = page.request.get(f"{API}/models/tiny-vgg").json()
    return answer


def test_the_first_net_is_right_about_the_first_picture(page: Page) -> None:
    shown = NetworkPage(page)
    expect(page.locator("cs-settings")).to_contain_text("Ten things, 7 × 7 filters")
    top = shown.run_of(image="chelsea", model="cifar-net")["top"]
    assert next(iter(shown.bars())) == top[0]["label"]["en"] == "cat"
    # Nothing of it needs to stand in the address.
    expect(page).to_have_url("/network")


def test_every_layer_stands_there_with_its_shape(page: Page) -> None:
    shown = NetworkPage(page, TINY)
    assert page.locator(".layer").evaluate_all("(all) => all.map((e) => e.dataset.node)") == LAYERS
    for node, text in zip(MAPS, HEADS, strict=True):
        assert " ".join(shown.head(node).inner_text().split()).endswith(text)
    spoken = {each["name"]: each["output_shape"] for each in described(page)["nodes"]}
    for node in LAYERS:
        shape = " × ".join(str(side) for side in spoken[node])
        assert shape in (shown.head(node).get_attribute("aria-label") or "")
        assert shown.maps(node).bounding_box() is not None


def test_the_classes_are_named_in_both_languages_and_are_those_of_the_api(page: Page) -> None:
    shown = NetworkPage(page, TINY)
    top = shown.run_of(**TINY_RUN)["top"]
    assert list(shown.bars()) == [each["label"]["en"] for each in top[:8]]
    assert shown.widths() == pytest.approx([100 * each["probability"] for each in top[:8]], abs=1e-3)
    page.keyboard.press("l")
    expect(page.locator(".class-bars li span").first).to_have_text(top[0]["label"]["ja"])
    assert list(shown.bars()) == [each["label"]["ja"] for each in top[:8]]


def test_a_bar_opens_the_softmax_of_its_class(page: Page) -> None:
    shown = NetworkPage(page, TINY)
    best = shown.run_of(**TINY_RUN)["top"][0]["index"]
    page.locator(".class-bars button").first.click()
    expect(page).to_have_url(re.compile(rf"view=cell.*node=softmax.*cell={best},0,0"))
    expect(page.locator(".net-cell")).to_be_visible()


@pytest.mark.parametrize("query", ["", "?model=lenet-5&image=digit", "?projector=1"])
def test_a_legend_is_as_wide_as_the_columns_that_it_rules(page: Page, query: str) -> None:
    NetworkPage(page, query)
    columns = edges(page.locator(".layer"))
    legends = edges(page.locator(".net-legend"))
    assert len(legends) >= 4
    for left, right in legends:
        assert any(abs(left - start) < 0.5 for start, _ in columns)
        assert any(abs(right - end) < 0.5 for _, end in columns)


def edges(each: Locator) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = each.evaluate_all(
        "(all) => all.map((e) => e.getBoundingClientRect()).map(({ left, right }) => [left, right])"
    )
    return found


def test_the_net_stands_before_its_run_is_there(page: Page) -> None:
    arrived = threading.Event()

    def hold(route: Route) -> None:
        if route.request.method == "POST" and not arrived.is_set():
            held.append(route)
        else:
            route.continue_()

    held: list[Route] = []
    page.route("**/api/v1/runs", hold)
    with page.expect_request("**/api/v1/runs"):
        page.goto(f"/network{TINY}")
    expect(page.locator(".layer-head")).to_have_count(len(LAYERS))
    expect(page.locator(".layer-head").first).to_contain_text("10×62²")
    # More than 300 ms: that work is under way is said, and it can be given up.
    expect(page.locator("main .message")).to_contain_text("Computing")
    assert page.locator(".class-bars li").count() == 0
    arrived.set()
    held[0].continue_()
    expect(page.locator(".class-bars li")).to_have_count(8)
    expect(page.locator("main .message")).to_be_hidden()


def test_two_clicks_lead_from_the_net_to_the_arithmetic_and_back_leads_out(page: Page) -> None:
    shown = NetworkPage(page, TINY)
    shown.maps("conv_1_2").click(position=shown.point_of("conv_1_2", 3, 0.25, 0.75))
    expect(shown.panel).to_be_visible()
    expect(shown.panel.locator("h3")).to_have_text("channel 3")
    expect(page).to_have_url(re.compile(r"node=conv_1_2&open=1&cell=3,15,4[345]"))
    shown.settle()
    shown.large_map.click(position=shown.cell_point(10, 20, 60, 60))
    expect(page).to_have_url(re.compile("view=cell.*cell=3,10,20"))
    output = shown.output_of(shown.run_of(**TINY_RUN)["id"], "conv_1_2")
    expect(page.locator(".net-cell .result")).not_to_be_empty()
    assert is_shown_as(output[3, 10, 20], page.locator(".net-cell .result").inner_text())
    page.go_back()
    expect(shown.panel).to_be_visible()
    page.go_back()
    expect(shown.panel).to_be_hidden()
    expect(page).not_to_have_url(re.compile("node="))


def test_the_layer_opens_where_it_stands_and_closes_by_its_head(page: Page) -> None:
    shown = NetworkPage(page, TINY)
    before = shown.head("conv_1_1").bounding_box()
    shown.head("conv_1_1").click()
    expect(shown.panel).to_be_visible()
    shown.settle()
    after = page.locator(".layer[data-open]").bounding_box()
    assert before
    assert after
    assert abs(before["x"] - after["x"]) < 2
    expect(shown.head("conv_1_1")).to_have_attribute("aria-expanded", "true")
    shown.panel.get_by_role("button", name="Close the layer").click()
    expect(shown.panel).to_be_hidden()
    expect(shown.head("conv_1_1")).to_have_attribute("aria-expanded", "false")


def test_the_keyboard_alone_goes_everywhere(page: Page) -> None:
    shown = NetworkPage(page, TINY)
    page.keyboard.press("]")
    expect(shown.panel.locator("h2")).to_have_text("conv_1_1")
    page.keyboard.press("]")
    expect(shown.panel.locator("h2")).to_have_text("relu_1_1")
    page.keyboard.press("[")
    page.keyboard.press(".")
    page.keyboard.press(".")
    page.keyboard.press(",")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(shown.place).to_have_text("conv_1_1, channel 1, row 1, col 1")
    expect(shown.panel.locator("h3")).to_have_text("channel 1")
    page.keyboard.press("Enter")
    expect(page.locator(".net-cell .result")).to_be_visible()
    page.keyboard.press("Escape")
    expect(shown.panel).to_be_visible()
    page.keyboard.press("Backspace")
    expect(shown.panel).to_be_hidden()
    page.keyboard.press("Escape")
    expect(shown.place).to_be_hidden()


def test_every_key_of_the_help_is_told(page: Page) -> None:
    NetworkPage(page, TINY)
    page.keyboard.press("?")
    dialog = page.locator("dialog[open]")
    for text in ["Previous or next layer", "Switch the channel off or on", "Choose a model"]:
        expect(dialog).to_contain_text(text)
    assert not re.findall(r"\b(?:net|keys)\.[a-z.]+", dialog.inner_text())
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_pointing_at_a_map_frames_what_it_draws_on_and_what_it_feeds(page: Page) -> None:
    shown = NetworkPage(page, TINY)
    shown.maps("relu_1_1").hover(position=shown.point_of("relu_1_1", 2))
    # A ReLU reads one map; every map of the next convolution reads it.
    expect(shown.marks("hover")).to_have_count(1)
    expect(shown.marks("source")).to_have_count(1)
    expect(shown.marks("consumer")).to_have_count(1)
    column, source = shown.maps("conv_1_1").bounding_box(), shown.marks("source").bounding_box()
    assert column
    assert source
    assert source["x"] <= column["x"]
    assert source["width"] < column["width"] + 12
    assert source["height"] < column["width"] + 12
    field = page.locator(".net-input .frame.hover")
    expect(field).to_have_count(1)
    expect(page.locator(".net-input .note")).to_have_text("Sees 3 × 3 pixels of the picture")
    page.mouse.move(5, 5)
    expect(page.locator(".frame.hover, .frame.source")).to_have_count(0)


def test_the_field_on_the_picture_stands_where_the_number_was_seen(page: Page) -> None:
    shown = NetworkPage(page, f"{TINY}&node=max_pool_2&open=1&cell=0,6,3")
    nodes = {each["name"]: each for each in described(page)["nodes"]}
    field = nodes["max_pool_2"]["receptive_field"]
    frame = page.locator(".net-input .frame.attention .line").bounding_box()
    picture = page.locator(".net-input canvas").bounding_box()
    assert frame
    assert picture
    pixel = picture["width"] / 64
    # Drawn around the cells that it means, a line's width outside.
    assert frame["x"] - picture["x"] == pytest.approx(
        pixel * (field["start"][1] + 3 * field["stride"][1]), abs=4
    )
    assert frame["y"] - picture["y"] == pytest.approx(
        pixel * (field["start"][0] + 6 * field["stride"][0]), abs=4
    )
    assert frame["width"] == pytest.approx(pixel * field["size"][1], abs=7)
    expect(shown.place).to_have_text("max_pool_2, channel 0, row 6, col 3")


UPWARDS = {
    "input": {"channels": 3, "size": [16, 16]},
    "nodes": [
        {"name": "down", "op": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1, "stride": 2},
        {"name": "up", "op": "resize", "scales": [2, 2]},
        {"name": "after", "op": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1},
    ],
}


def test_behind_upsampling_no_field_is_drawn_rather_than_a_wrong_one(page: Page) -> None:
    model = page.request.post(f"{API}/models", data=UPWARDS).json()["id"]
    frame, note = page.locator(".net-input .frame"), page.locator(".net-input .note")
    for node, size in [("down", "Sees 3 × 3 pixels of the picture"), ("up", ""), ("after", "")]:
        shown = NetworkPage(page, f"?model={model}&node={node}&open=1&cell=1,4,5")
        expect(shown.place).to_have_text(f"{node}, channel 1, row 4, col 5")
        expect(frame).to_have_count(1 if size else 0)
        expect(note).to_have_text(size)
    NetworkPage(page, f"?model={model}&view=cell&node=after&cell=1,4,5")
    trail = page.locator(".cell-trail li")
    expect(trail.last).to_have_text(re.compile("after"))
    steps = [" ".join(each.inner_text().split()) for each in trail.all()]
    # What the number itself read is known, and no more.
    assert steps[0] == "picture 3 channels"
    assert re.fullmatch(r"up channel \d 3 × 3", steps[-2])
    assert steps[-1] == "after channel 1 (4, 5)"


@pytest.mark.parametrize(
    ("node", "cell"), [("conv_1_1", (4, 7, 50)), ("relu_2_2", (9, 25, 0)), ("output", (5, 0, 0))]
)
def test_the_number_in_the_foot_is_that_of_the_api(page: Page, node: str, cell: Any) -> None:
    shown = NetworkPage(page, f"{TINY}&node={node}&open=1&cell={','.join(map(str, cell))}&digits=5")
    expect(shown.value).to_have_text(re.compile(r"^−?\d+\.\d{5}$"))
    output = shown.output_of(shown.run_of(**TINY_RUN)["id"], node)
    assert is_shown_as(float(output.reshape((*output.shape, 1, 1)[:3])[cell]), shown.value.inner_text())


def test_pointing_into_the_large_map_reads_its_numbers(page: Page) -> None:
    shown = NetworkPage(page, f"{TINY}&node=conv_2_1&open=1&cell=6,0,0")
    output = shown.output_of(shown.run_of(**TINY_RUN)["id"], "conv_2_1")
    for row, column in [(3, 4), (27, 27), (0, 13)]:
        shown.large_map.hover(position=shown.cell_point(row, column, 28, 28))
        expect(shown.place).to_have_text(f"conv_2_1, channel 6, row {row}, col {column}")
        assert is_shown_as(output[6, row, column], shown.value.inner_text())

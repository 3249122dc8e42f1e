"""Moving pictures on the pages: they flow, stand still with the numbers of the API, and never queue."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.live_page import (
    KEEP_STREAMS,
    LIVE_TRACKS,
    WATCH_SOCKETS,
    LiveBar,
    image_of,
    pixels,
    wait_for_change,
)
from tests.browser.network_page import TINY, NetworkPage, is_shown_as
from tests.browser.operation_page import OperationPage, number

TINY_MODEL = {"model": "tiny-vgg"}
OPENED = f"{TINY}&node=conv_1_1&open=1&cell=0,30,20"


def test_maps_move_and_nothing_of_it_was_loaded_before(page: Page) -> None:
    shown = NetworkPage(page, TINY)
    loaded = "() => performance.getEntriesByType('resource').map((e) => e.name.split('/').pop())"
    before = {name for name in page.evaluate(loaded) if name.startswith("live")}
    assert before <= {"live-gate.js"}, before
    address = page.url
    bar = LiveBar(page)
    bar.start()
    assert "live.js" in page.evaluate(loaded)
    for node in ("conv_1_1", "pool_2"):
        if shown.maps(node).count():
            wait_for_change(shown.maps(node))
    wait_for_change(page.locator(".net-input canvas"))
    expect(page.locator("cs-settings")).to_contain_text("Live camera")
    assert sum(shown.widths()) == pytest.approx(100, abs=35)
    bar.button("Figures").click()
    expect(bar.bar.locator(".figures")).to_contain_text(re.compile(r"frames/s\s*[1-9]"))
    assert page.url == address, "a moving picture has no address"


def test_a_frozen_picture_has_an_address_and_the_numbers_of_the_api(page: Page) -> None:
    shown = NetworkPage(page, OPENED)
    bar = LiveBar(page)
    bar.start()
    wait_for_change(shown.large_map)
    bar.freeze()
    run = shown.run_of(image=image_of(page), **TINY_MODEL)
    expect(page.locator(".focus cs-map")).to_be_visible()
    shown.settle()
    output = shown.output_of(run["id"], "conv_1_1")
    assert is_shown_as(output[0, 30, 20], shown.value.inner_text())
    named = {guess["label"]["en"]: guess["probability"] for guess in run["top"]}
    for name, share in shown.bars().items():
        if share[0] not in "<>":
            assert abs(100 * named[name] - float(share.rstrip(" %"))) <= 0.5 + 1e-6
    still = pixels(shown.large_map)
    page.wait_for_timeout(400)
    assert pixels(shown.large_map) == still


def test_the_frozen_picture_is_the_very_one_that_was_seen(page: Page) -> None:
    page.add_init_script(WATCH_SOCKETS % 0)
    shown = NetworkPage(page, TINY)
    bar = LiveBar(page)
    bar.start()
    wait_for_change(shown.maps("conv_1_1"))
    # In one task: the bars as they stand when the key is pressed.
    seen = page.evaluate(
        """() => {
            document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "z", bubbles: true }));
            return [...document.querySelectorAll(".class-bars li")]
                .map((row) => [...row.querySelectorAll("span")].map((part) => part.innerText));
        }"""
    )
    page.wait_for_url("**image=img_*")
    shown.settle()
    assert shown.bars() == dict(seen)


def test_next_frame_go_on_and_stop_by_keys(page: Page) -> None:
    page.add_init_script(KEEP_STREAMS)
    shown = NetworkPage(page, TINY)
    still = pixels(shown.maps("conv_1_1"))
    bar = LiveBar(page)
    bar.start()
    wait_for_change(shown.maps("conv_1_1"))
    bar.freeze()
    first = image_of(page)
    page.keyboard.press("n")
    expect(page).not_to_have_url(re.compile(first))
    expect(bar.bar).to_have_attribute("data-state", "frozen")
    shown.settle()
    second = image_of(page)
    assert shown.run_of(image=second, **TINY_MODEL)["image"] == second
    page.keyboard.press("z")
    bar.wait_until_live()
    wait_for_change(shown.maps("conv_1_1"))
    assert page.evaluate(LIVE_TRACKS) == 1
    page.keyboard.press("c")
    expect(bar.bar).to_be_hidden()
    assert page.evaluate(LIVE_TRACKS) == 0, "the light beside the camera is out"
    shown.settle()
    # Back through the pictures that stood still, to the one before all of them.
    page.go_back()
    expect(page).to_have_url(re.compile(first))
    page.go_back()
    expect(page).not_to_have_url(re.compile("image="))
    shown.settle()
    assert pixels(shown.maps("conv_1_1")) == still


def test_stopped_without_freezing_the_picture_before_comes_back(page: Page) -> None:
    shown = OperationPage(page)
    still = pixels(shown.output)
    bar = LiveBar(page)
    bar.start()
    wait_for_change(shown.output)
    bar.button("Stop").click()
    shown.settle()
    assert pixels(shown.output) == still
    expect(page).not_to_have_url(re.compile("size="))


def test_a_number_that_is_opened_stands_still_first(page: Page) -> None:
    shown = NetworkPage(page, OPENED)
    bar = LiveBar(page)
    bar.start()
    wait_for_change(shown.large_map)
    shown.large_map.click(position=shown.cell_point(12, 40, 62, 62))
    expect(page).to_have_url(re.compile("image=img_.*view=cell.*cell=0,12,40"))
    shown.settle()
    output = shown.output_of(shown.run_of(image=image_of(page), **TINY_MODEL)["id"], "conv_1_1")
    expect(page.locator(".net-cell")).to_contain_text(f"{abs(output[0, 12, 40]):.3f}")
    page.go_back()
    expect(page).not_to_have_url(re.compile("view=cell|image="))


def test_the_number_under_attention_is_told_while_it_moves(page: Page) -> None:
    shown = NetworkPage(page, OPENED)
    bar = LiveBar(page)
    bar.start()
    expect(shown.value).to_have_text(re.compile(r"^\u2212?\d+\.\d\d$"))
    page.keyboard.press("]")
    expect(page.locator(".net-bar .place")).to_contain_text("relu_1_1")
    page.keyboard.press(".")
    expect(page.locator(".focus h3")).to_have_text("channel 1")
    expect(page.locator(".layer[data-node=relu_1_1]")).to_have_attribute("data-open", "")
    wait_for_change(page.locator(".tiles"))


def test_the_window_moves_over_a_moving_picture(page: Page) -> None:
    shown = OperationPage(page)
    bar = LiveBar(page)
    bar.start()
    expect(page).to_have_url(re.compile("size=33x44"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator("cs-transport .place")).to_have_text("row 20, col 15")
    expect(page.locator("body")).not_to_have_attribute("data-stepping", "")
    wait_for_change(shown.output)
    bar.freeze()
    shown.settle()
    run = page.request.post(
        "/api/v1/runs",
        data={
            "image": image_of(page),
            "size": [33, 44],
            "color": "rgb",
            "specification": {
                "nodes": [{"name": "operation", "op": "conv2d", "weight": "sobel_x", "padding": 1}]
            },
        },
    ).json()
    path = f"/api/v1/runs/{run['id']}/nodes/operation/steps?start={20 * 44 + 15}&count=1"
    (value,) = page.request.get(path).json()["value"]
    assert is_shown_as(value, shown.result)
    assert sum(map(number, shown.grid("window"))) >= 0


def test_settings_change_under_a_moving_picture(page: Page) -> None:
    shown = OperationPage(page)
    bar = LiveBar(page)
    bar.start()
    page.locator("cs-settings select[data-key=op]").select_option("max_pool2d")
    expect(page.locator(".panel-output .shape")).to_have_text("3 × 16 × 22")
    wait_for_change(shown.output)
    page.locator("cs-settings select[data-key=op]").select_option("conv_transpose2d")
    expect(page.locator(".panel-output .shape")).to_have_text("1 × 66 × 88")
    wait_for_change(page.locator(".panel-input cs-map canvas"))
    # What only a picture that stands still has.
    page.keyboard.press("v")
    expect(page).to_have_url(re.compile("image=img_.*view=matrix"))
    expect(bar.bar).to_have_attribute("data-state", "frozen")
    shown.settle()
    page.keyboard.press("z")
    bar.wait_until_live()
    expect(page).not_to_have_url(re.compile("view=matrix"))
    wait_for_change(shown.output)


def test_a_net_and_its_weights_change_under_a_moving_picture(page: Page) -> None:
    shown = NetworkPage(page, OPENED)
    bar = LiveBar(page)
    bar.start()
    page.get_by_role("button", name="Switch off").click()
    expect(page).to_have_url(re.compile("edits="))
    expect(shown.value).to_have_text("0.00")
    page.keyboard.press("m")
    page.locator("cs-model-chooser [data-name=cifar-net]").click()
    bar.wait_until_live()
    expect(shown.head("conv1")).to_be_visible()
    wait_for_change(shown.maps("conv1"))
    expect(page.locator(".message")).to_be_hidden()


def test_another_picture_ends_it(page: Page) -> None:
    page.add_init_script(KEEP_STREAMS)
    shown = OperationPage(page)
    bar = LiveBar(page)
    bar.start()
    page.keyboard.press("i")
    page.locator("cs-picture-chooser [data-key=digit]").click()
    expect(bar.bar).to_be_hidden()
    assert page.evaluate(LIVE_TRACKS) == 0
    shown.settle()
    expect(page).to_have_url(re.compile("image=digit"))


@pytest.mark.parametrize("late_ms", [0, 400])
def test_pictures_are_never_queued(page: Page, late_ms: int) -> None:
    page.add_init_script(WATCH_SOCKETS % late_ms)
    NetworkPage(page, TINY)
    bar = LiveBar(page)
    bar.start()
    bar.button("Figures").click()
    page.wait_for_function("() => traffic.sent > 6")
    traffic = page.evaluate("traffic")
    assert traffic["most"] <= 2
    assert max(traffic["sizes"]) < 60_000
    if late_ms:
        # The camera has shown many more pictures by then.
        expect(bar.bar.locator(".figures")).to_contain_text(re.compile(r"dropped here\s*([6-9]|\d\d)"))
        assert int(bar.figures()["to the screen"].split()[0]) >= late_ms


def test_what_is_on_the_screen_is_all_that_is_asked_for(page: Page) -> None:
    page.add_init_script(WATCH_SOCKETS % 0)
    shown = NetworkPage(page, TINY)
    bar = LiveBar(page)
    bar.start()
    shown.head("conv_1_2").click()
    expect(page.locator(".layer-panel[data-ready]")).to_be_visible()
    page.wait_for_function("() => traffic.texts.at(-1).cell?.node === 'conv_1_2'")
    first, last = page.evaluate("[traffic.texts[0], traffic.texts.at(-1)]")
    assert first["run"] == TINY_MODEL
    assert {"node": "conv_1_2", "max_px": 112} not in first["outputs"]
    assert {"node": "conv_1_2", "max_px": 112} in last["outputs"]
    assert {"node": "conv_1_2", "channels": "0:1"} in last["outputs"]


def test_a_lost_connection_comes_back_by_itself(page: Page) -> None:
    page.add_init_script(WATCH_SOCKETS % 0)
    shown = NetworkPage(page, TINY)
    bar = LiveBar(page)
    bar.start()
    page.evaluate("traffic.sockets.at(-1).close()")
    expect(bar.status).to_contain_text("connection to the server was lost")
    expect(bar.status).to_be_hidden()
    wait_for_change(shown.maps("conv_1_1"))
    assert page.evaluate("traffic.sockets.length") == 2


# Frames of one window shown in another: the pages' own parts, without a page round them.
SHARED = """async () => {
    const base = document.querySelector("script[type=module][src*='pages/']").src.replace(/pages.*/, "");
    const get = (path) => import(base + path);
    const [{ createActions }, { createStore }, { schema }, { defaults }, { OFF }] = await Promise.all([
        get("actions/network.js"), get("core/store.js"), get("core/network-schema.js"),
        get("core/url-state.js"), get("actions/live-gate.js"),
    ]);
    const open = async () => {
        const view = { ...defaults(schema), model: "tiny-vgg", node: "conv_1_1", open: true };
        const none = { run: null, model: null, layer: null, focus: null, samples: [] };
        const store = createStore({ view, ...none, live: OFF });
        const actions = createActions(store);
        await actions.refresh();
        return { store, actions };
    };
    const [one, other] = [await open(), await open()];
    const message = await new Promise((resolve) => {
        const end = one.actions.live.onFrame((...frame) => {
            end();
            resolve(structuredClone(frame));
        });
        void one.actions.live.start({ kind: "camera" }, "a name");
    });
    await one.actions.live.freeze();
    await other.actions.live.show(...message);
    const { run, layer, focus, live } = other.store.get();
    const floats = (tensor) => Array.from(tensor.data.slice(0, 2000));
    const state = one.store.get();
    await one.actions.live.stop();
    return {
        state: live.state, still: state.run.live === undefined, id: run.id, nodes: [...run.maps.keys()],
        top: run.top.length, layer: floats(layer.maps), focus: focus.map.shape, image: state.view.image,
    };
}"""


def test_frames_are_shown_in_another_window(page: Page) -> None:
    NetworkPage(page, TINY)
    shown = page.evaluate(SHARED)
    assert shown["state"] == "off", "this window has no camera of its own"
    assert shown["still"]
    assert shown["id"] == ""
    assert shown["image"].startswith("img_")
    assert "conv_2_2" in shown["nodes"]
    assert shown["top"] > 0
    assert shown["focus"] == [1, 62, 62]
    assert len(set(shown["layer"])) > 3

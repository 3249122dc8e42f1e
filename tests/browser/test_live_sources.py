"""Where moving pictures come from, what is said where they cannot be had, and how it looks everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.guard import Guard
from tests.browser.live_page import KEEP_STREAMS, LIVE_TRACKS, LiveBar, image_of, pixels, wait_for_change
from tests.browser.looks import DARK, JAPANESE, PHONE, PROJECTOR, WIDE, Room, check_looks
from tests.browser.network_page import TINY, NetworkPage
from tests.browser.operation_page import OperationPage

OPENED = f"{TINY}&node=conv_1_1&open=1&cell=0,30,20"
FILM = """async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 120 });
    const context = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.start();
    for (let i = 0; i < 40; i += 1) {
        context.fillStyle = `hsl(${9 * i} 90% 50%)`;
        context.fillRect(0, 0, 160, 120);
        context.fillStyle = "black";
        context.fillRect(4 * i, 40, 20, 40);
        await new Promise((done) => setTimeout(done, 40));
    }
    recorder.stop();
    await new Promise((done) => (recorder.onstop = done));
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
}"""
# A screen that is shared: a drawing that changes.
SHARE = """navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
    const context = canvas.getContext("2d");
    let i = 0;
    setInterval(() => {
        context.fillStyle = i % 2 ? "white" : "navy";
        context.fillRect(0, 0, 320, 180);
        context.fillStyle = "orange";
        context.fillRect(8 * (i++ % 40), 60, 40, 60);
    }, 100);
    const stream = canvas.captureStream(20);
    window.streams = [stream];
    return stream;
}"""


@pytest.mark.parametrize(
    ("failure", "words"),
    [("NotAllowedError", "was not allowed"), ("NotFoundError", "No camera"), ("NotReadableError", "Another")],
)
def test_a_camera_that_is_not_to_be_had(page: Page, failure: str, words: str) -> None:
    page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{failure}'))"
    )
    shown = OperationPage(page)
    still = pixels(shown.output)
    bar = LiveBar(page)
    page.keyboard.press("c")
    expect(bar.status).to_contain_text(words)
    assert pixels(shown.output) == still
    bar.button("Close").click()
    expect(bar.bar).to_be_hidden()


def test_where_browsers_give_no_camera_it_is_said_what_to_do(page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    OperationPage(page, "?lang=ja")
    bar = LiveBar(page)
    page.keyboard.press("i")
    expect(page.get_by_role("button", name="画面", exact=True)).to_be_hidden()
    page.get_by_role("button", name="ライブカメラ").click()
    expect(bar.status).to_contain_text(re.compile(r"http://localhost:\d+ .*make run-lan"))
    page.keyboard.press("l")
    expect(bar.status).to_contain_text("start the server by “make run-lan”")


def test_a_camera_that_is_unplugged_leaves_its_last_picture(page: Page) -> None:
    page.add_init_script(KEEP_STREAMS)
    shown = NetworkPage(page, TINY)
    bar = LiveBar(page)
    bar.start()
    wait_for_change(shown.maps("conv_1_1"))
    page.evaluate("streams[0].getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(bar.status).to_contain_text("The last picture stays")
    expect(page).to_have_url(re.compile("image=img_"))
    expect(bar.button("Go on")).to_be_hidden()
    bar.button("Stop").click()
    bar.start()
    wait_for_change(shown.maps("conv_1_1"))


def test_one_of_several_cameras_is_chosen(page: Page) -> None:
    page.add_init_script(KEEP_STREAMS)
    page.add_init_script(
        """navigator.mediaDevices.enumerateDevices = async () => [
            { kind: "videoinput", deviceId: streams[0].getTracks()[0].getSettings().deviceId,
              label: "Front" },
            { kind: "videoinput", deviceId: "other", label: "Back" },
        ]"""
    )
    NetworkPage(page, TINY)
    bar = LiveBar(page)
    bar.start()
    cameras = bar.bar.get_by_label("Which camera")
    expect(cameras.locator("option")).to_have_text(["Front", "Back"])
    # There is no such camera in truth: the browser says so, and the first one has been let go.
    cameras.select_option("Back")
    expect(bar.status).to_contain_text("No camera was found")
    assert page.evaluate(LIVE_TRACKS) == 0


def test_a_film_plays_and_steps(page: Page) -> None:
    shown = NetworkPage(page, TINY)
    film = bytes(page.evaluate(FILM))
    bar = LiveBar(page)
    page.keyboard.press("i")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Video file").click()
    chooser.value.set_files({"name": "film.webm", "mimeType": "video/webm", "buffer": film})
    bar.wait_until_live()
    expect(bar.bar).to_contain_text("film.webm")
    wait_for_change(shown.maps("conv_1_1"))
    bar.freeze()
    first = image_of(page)
    page.keyboard.press("n")
    expect(page).not_to_have_url(re.compile(first))


def test_a_file_that_is_no_film(page: Page) -> None:
    OperationPage(page)
    bar = LiveBar(page)
    page.keyboard.press("i")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Video file").click()
    chooser.value.set_files({"name": "film.mp4", "mimeType": "video/mp4", "buffer": b"no film at all"})
    expect(bar.status).to_contain_text("cannot play that file")


def test_the_screen_until_it_is_no_longer_shared(page: Page) -> None:
    page.add_init_script(SHARE)
    shown = OperationPage(page)
    bar = LiveBar(page)
    page.keyboard.press("i")
    page.get_by_role("button", name="Screen", exact=True).click()
    bar.wait_until_live()
    wait_for_change(shown.output)
    page.evaluate("streams[0].getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(bar.status).to_contain_text("no longer shared")
    expect(page).to_have_url(re.compile("image=img_"))


@pytest.mark.parametrize("room", [WIDE, DARK, JAPANESE, PROJECTOR, PHONE], ids=lambda room: room.name)
@pytest.mark.parametrize("path", ["/network", "/operation"])
def test_it_looks_well_everywhere(
    page: Page, screenshot: Callable[..., object], path: str, room: Room
) -> None:
    page.set_viewport_size(room.viewport)
    query = f"{OPENED if path == '/network' else '?'}{room.query}"
    shown = NetworkPage(page, query) if path == "/network" else OperationPage(page, query)
    bar = LiveBar(page)
    bar.start()
    if room != PROJECTOR:
        bar.bar.locator("button[aria-expanded]").click()
        expect(bar.bar.locator(".figures")).to_contain_text(re.compile(r"\d ms"))
    shown.settle()
    check_looks(page, room)
    screenshot(page, f"live-{path[1:]}-{room.name}")
    bar.freeze()
    shown.settle()
    check_looks(page, room)


def test_its_keys_are_listed(page: Page, guard: Guard) -> None:
    NetworkPage(page, TINY)
    page.keyboard.press("?")
    listed = page.locator("cs-help-dialog .keys")
    for words in ("Camera on or off", "Freeze the moving picture", "Next frame"):
        expect(listed).to_contain_text(words)
    assert guard.problems == []

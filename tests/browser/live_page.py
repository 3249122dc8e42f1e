"""Moving pictures on a page, as a reader's hands and eyes know them."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

# Every stream is kept, so that a test can look at it, unplug it, and see that it ends.
KEEP_STREAMS = """(() => {
    const media = navigator.mediaDevices;
    const ask = media.getUserMedia.bind(media);
    window.streams = [];
    media.getUserMedia = async (wanted) => {
        const stream = await ask(wanted);
        window.streams.push(stream);
        return stream;
    };
})()"""

# How many of their tracks still run.
LIVE_TRACKS = "() => streams.flatMap((s) => s.getTracks()).filter((t) => t.readyState === 'live').length"

# What goes up and what comes down, late by some milliseconds; how many were under way at most.
WATCH_SOCKETS = """((late) => {
    const Plain = WebSocket;
    const numberOf = (data) => new DataView(data).getUint32(0, true);
    const headerOf = (data) => new TextDecoder().decode(new Uint8Array(data, 4, numberOf(data)));
    // No older frame will be answered any more.
    const answered = (data) => {
        const { frame } = JSON.parse(headerOf(data));
        underWay = underWay.filter((number) => number > frame);
    };
    window.traffic = { sent: 0, most: 0, sockets: [], texts: [], sizes: [] };
    let underWay = [];
    window.WebSocket = class extends Plain {
        constructor(...where) {
            super(...where);
            traffic.sockets.push(this);
        }
        send(data) {
            super.send(data);
            if (typeof data === "string") return void traffic.texts.push(JSON.parse(data));
            traffic.sent += 1;
            traffic.sizes.push(data.byteLength);
            underWay.push(numberOf(data));
            traffic.most = Math.max(traffic.most, underWay.length);
        }
        addEventListener(type, act) {
            if (type !== "message") return super.addEventListener(type, act);
            super.addEventListener(type, (event) => setTimeout(() => {
                if (typeof event.data !== "string") answered(event.data);
                act(event);
            }, late));
        }
    };
})(%d)"""

# The pixels of a canvas, as a number that other pixels hardly have.
PIXELS = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((sum, byte, i) => (sum * 31 + byte + i) % 4294967291, 7);
}"""


class LiveBar:
    """The bar over moving pictures."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.bar = page.locator("cs-live-bar")

    def start(self) -> None:
        """Turn the camera on by its key, and wait for the first picture."""
        self.page.keyboard.press("c")
        self.wait_until_live()

    def wait_until_live(self) -> None:
        """A moving picture stands on the page."""
        expect(self.bar).to_have_attribute("data-state", "live")
        expect(self.status).to_be_hidden()

    @property
    def status(self) -> Locator:
        """What went wrong, or is waited for."""
        return self.bar.locator("[role=status]")

    def button(self, name: str) -> Locator:
        """One of its buttons."""
        return self.bar.get_by_role("button", name=name)

    def freeze(self) -> None:
        """Freeze by the key, and wait for the picture to be one like any other."""
        self.page.keyboard.press("z")
        expect(self.bar).to_have_attribute("data-state", "frozen")
        self.page.wait_for_url("**image=img_*")
        self.page.wait_for_function("() => !document.body.matches('[data-busy]')")

    def figures(self) -> dict[str, str]:
        """How quick it is, by its words."""
        rows = self.bar.locator(".figures > div").evaluate_all(
            "(rows) => rows.map((row) => [...row.children].map((part) => part.innerText))"
        )
        return dict(rows)


def pixels(canvas: Locator) -> int:
    """What a map shows."""
    shown: int = canvas.evaluate(PIXELS)
    return shown


def wait_for_change(canvas: Locator, most: int = 60) -> None:
    """The map shows something else than it does now.

    Raises:
        AssertionError: it does not.
    """
    before = pixels(canvas)
    for _ in range(most):
        if pixels(canvas) != before:
            return
        canvas.page.wait_for_timeout(50)
    raise AssertionError("nothing moves")


def image_of(page: Page) -> str:
    """The id of the picture that the address names.

    Raises:
        AssertionError: it names none that was brought.
    """
    found = re.search(r"image=(img_[0-9a-f]+)", page.url)
    assert found, page.url
    return found.group(1)

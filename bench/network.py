"""How long a reader of the Network page waits: for the net, a new picture, the pointer, a changed weight.

Every picture is new to the server, so every run is computed; what is timed on the page ends with its drawing.
"""

from __future__ import annotations

import time
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page

from bench.browser import cold_starts, drawn_page, note_frames, noted_frames, running_browser, set_view
from bench.client import Client
from bench.server_process import running_server
from bench.table import Row, Table, times

SAMPLES = Path(__file__).resolve().parents[1] / "static" / "samples"
SIDE_PX = 224
SMALL, LARGE = "tiny-vgg", "vgg-16"
NAMING = "efficientnet-lite0"
CHANGES = 12
WARMING = 2
POINTER_STEPS = 240
FRAME_MS = 17


class Wait(NamedTuple):
    """Milliseconds since a picture was chosen."""

    answered: float
    """Until POST /runs was answered."""
    arrived: float
    """Until the last of the maps had arrived."""
    drawn: float


def table() -> Table:
    """What was timed on the Network page and in its part of the API."""
    with running_server() as server, running_browser() as browser:
        client = Client(server.host, server.port)
        address = f"{server.address}/network"
        files = pictures(2 * (CHANGES + WARMING))
        images = [client.post_file("/api/v1/images", data, "image/jpeg")["id"] for data in files]
        rows = [
            Row(
                f"{SMALL}, cold browser: all maps drawn",
                cold_starts(browser, f"{address}?model={SMALL}"),
                "1000 ms",
            ),
            *new_pictures(browser, address, SMALL, images[::2], "250 ms"),
            Row(f"{SMALL}, a channel off: asked to bars moved", channels_off(browser, address), "100 ms"),
            *pointer(browser, address, SMALL),
            *new_pictures(browser, address, LARGE, images[1::2], "1500 ms"),
            *pointer(browser, address, LARGE),
            *naming(Client(server.host, server.port), files[: CHANGES + 1]),
        ]
        return times(rows)


def pictures(count: int) -> list[bytes]:
    """JPEG files: parts of the samples, each from another place."""
    samples = [Image.open(path).convert("RGB") for path in sorted(SAMPLES.glob("*.jpg"))]
    files = []
    for index in range(count):
        sample = samples[index % len(samples)]
        left = (sample.width - SIDE_PX) * index // count
        top = (sample.height - SIDE_PX) * (count - index) // count
        buffer = BytesIO()
        sample.crop((left, top, left + SIDE_PX, top + SIDE_PX)).save(buffer, "JPEG", quality=90)
        files.append(buffer.getvalue())
    return files


def new_pictures(browser: Browser, address: str, model: str, images: list[str], target: str) -> list[Row]:
    """From choosing a picture to all maps on the screen, and the parts of that time."""
    page = drawn_page(browser, f"{address}?model={model}")
    waits = [new_picture(page, image) for image in images][WARMING:]
    page.close()
    return [
        Row(f"{model}, a new picture: asked to all maps drawn", [wait.drawn for wait in waits], target),
        Row("… until POST /runs is answered", [wait.answered for wait in waits]),
        Row("… from there until the maps have arrived", [wait.arrived - wait.answered for wait in waits]),
        Row("… from there until they are drawn", [wait.drawn - wait.arrived for wait in waits]),
    ]


def new_picture(page: Page, image: str) -> Wait:
    """One change, with what the browser noted of the answers that it waited for."""
    drawn = set_view(page, {"image": image})
    ended = page.evaluate(
        """() => {
          const [asked] = performance.getEntriesByName("run-asked");
          const answers = performance.getEntriesByType("resource").map(({ name, responseEnd }) =>
            [new URL(name).pathname.split("/").at(-1), responseEnd - asked.startTime]);
          return Object.fromEntries(answers);
        }"""
    )
    time.sleep(0.1)
    return Wait(ended["runs"], max(ended["outputs.npz"], ended["output.npy"]), drawn)


def channels_off(browser: Browser, address: str) -> list[float]:
    """One channel after the other, each alone, with its layer opened."""
    page = drawn_page(browser, f"{address}?model={SMALL}&node=conv_1_2&open=1")
    waits = []
    for channel in range(10):
        waits.append(set_view(page, {"edits": f"conv_1_2:{channel}!", "cell": [channel, 30, 30]}))
        time.sleep(0.1)
    page.close()
    return waits


def pointer(browser: Browser, address: str, model: str) -> list[Row]:
    """The pointer crosses the maps: the time between frames, and from each map to the frames round it."""
    page = drawn_page(browser, f"{address}?model={model}")
    time.sleep(0.5)
    box = page.locator(".net-scroller").bounding_box()
    if box is None:
        raise RuntimeError("the layers are not on the page")
    page.evaluate(
        """() => {
          const answers = (window.pointerAnswers = []);
          let moved = 0;
          addEventListener("pointermove", ({ timeStamp }) => { moved = timeStamp; }, true);
          new MutationObserver(() => { answers.push(performance.now() - moved); })
            .observe(document.querySelector(".net-marks"), { childList: true, subtree: true });
        }"""
    )
    page.mouse.move(box["x"] + 8, box["y"] + 120)
    note_frames(page)
    for step in range(POINTER_STEPS):
        across, down = step / POINTER_STEPS, (step * 7) % 200
        page.mouse.move(box["x"] + 8 + across * (box["width"] - 16), box["y"] + 120 + down)
    frames = noted_frames(page)
    answers: list[float] = page.evaluate("window.pointerAnswers")
    page.close()
    late = sum(frame > FRAME_MS for frame in frames)
    return [
        Row(
            f"{model}, frame while the pointer crosses the maps; {late} of {len(frames)} over {FRAME_MS} ms",
            frames,
            f"{FRAME_MS} ms",
        ),
        Row("… from its move until the frames round maps stand", answers, f"{FRAME_MS} ms"),
    ]


def naming(client: Client, files: list[bytes]) -> list[Row]:
    """A photograph named: the first one waits for the weights."""
    path = f"/api/v1/models/{NAMING}/predict"
    waits = []
    for data in [(SAMPLES / "chelsea.jpg").read_bytes(), *files]:
        start = time.perf_counter()
        answer = client.post_file(path, data, "image/jpeg")
        waits.append((time.perf_counter() - start) * 1000)
        if len(waits) == 1:
            name = answer["top"][0]["label"]["en"]
    return [
        Row(f"{NAMING}, its first photograph, chelsea: named “{name}”", waits[:1]),
        Row(f"{NAMING}, a photograph named", waits[1:]),
    ]

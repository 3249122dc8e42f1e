"""The Network page as a reader's hands and eyes know it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page

from tests.browser.operation_page import number
from tests.browser.settling import settle

API = "/api/v1"
# A net without branches or padding, whose shapes and numbers the tests know.
TINY = "?model=tiny-vgg"
TINY_RUN = {"image": "chelsea", "model": "tiny-vgg"}
# The gap between the maps of a layer, and how many of them the overview shows before it folds.
MAP_GAP = 5.0
Place = tuple[int, int, int]


class NetworkPage:
    """One open Network page, run and drawn."""

    def __init__(self, page: Page, query: str = "") -> None:
        self.page = page
        page.goto(f"/network{query}")
        self.wait_until_drawn()

    def wait_until_drawn(self) -> None:
        """The first run stands on the screen, with what stands around the stage."""
        self.page.wait_for_function("() => performance.getEntriesByName('run-drawn').length > 0")
        self.page.locator("cs-export-menu .more").wait_for(state="attached")
        self.settle()

    def settle(self) -> None:
        """Wait for the newest run, for moves to end, and two frames after."""
        settle(self.page, "[data-busy]")

    @property
    def message(self) -> Locator:
        """The line that says what went wrong."""
        return self.page.locator("main .message")

    @property
    def panel(self) -> Locator:
        """The widened layer."""
        return self.page.locator(".layer-panel")

    @property
    def large_map(self) -> Locator:
        """Its channel under attention."""
        return self.page.locator(".layer-panel .focus cs-map canvas")

    @property
    def place(self) -> Locator:
        """«conv_1_1, channel 2, row 30, col 30»."""
        return self.page.locator(".net-bar .place")

    @property
    def value(self) -> Locator:
        """The number of that place."""
        return self.page.locator(".net-bar .value")

    def head(self, node: str) -> Locator:
        """The head of a layer's column."""
        return self.page.locator(f'.layer[data-node="{node}"] .layer-head')

    def maps(self, node: str) -> Locator:
        """The maps of a layer's column."""
        return self.page.locator(f'.layer[data-node="{node}"] > canvas')

    def marks(self, kind: str) -> Locator:
        """Frames of one meaning over the columns."""
        return self.page.locator(f".net-marks .frame.{kind}")

    def point_of(self, node: str, channel: int, row: float = 0.5, column: float = 0.5) -> dict[str, float]:
        """A point of one of the first maps of a column; row and column are shares of the map."""
        width = self.maps(node).evaluate("(canvas) => canvas.getBoundingClientRect().width")
        return {"x": column * width, "y": channel * (width + MAP_GAP) + row * width}

    def cell_point(self, row: int, column: int, rows: int, columns: int) -> dict[str, float]:
        """The middle of a cell of the large map."""
        box = self.large_map.bounding_box()
        assert box is not None
        return {"x": (column + 0.5) * box["width"] / columns, "y": (row + 0.5) * box["height"] / rows}

    def bars(self) -> dict[str, str]:
        """Names and shares of the classes."""
        texts = self.page.locator(".class-bars li").evaluate_all(
            "(all) => all.map((e) => [...e.querySelectorAll('span')].map((each) => each.innerText))"
        )
        return dict(texts)

    def widths(self) -> list[float]:
        """How long the classes' bars are, in per cent."""
        shares = self.page.locator(".class-bars .probability").evaluate_all(
            "(bars) => bars.map((bar) => parseFloat(bar.style.getPropertyValue('--share')))"
        )
        return [float(share) for share in shares]

    def run_of(self, **body: Any) -> dict[str, Any]:
        """What the public API answers for a run."""
        answer = self.page.request.post(f"{API}/runs", data=body)
        assert answer.ok, answer.text()
        found: dict[str, Any] = answer.json()
        return found

    def output_of(self, run: str, node: str) -> NDArray[np.float32]:
        """The numbers of a node, as a script gets them."""
        answer = self.page.request.get(f"{API}/runs/{run}/nodes/{node}/output.npy")
        assert answer.ok, answer.text()
        output: NDArray[np.float32] = np.load(io.BytesIO(answer.body()))
        return output


def is_shown_as(value: float, shown: str) -> bool:
    """Whether a number, rounded as it is shown, is the one that is shown."""
    digits = len(shown.partition(".")[2])
    return abs(value - float(number(shown))) <= 0.5 * 10**-digits + 1e-6

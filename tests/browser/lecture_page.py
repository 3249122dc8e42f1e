"""The Lecture page as a presenter's hands and eyes know it."""

from __future__ import annotations

import json
import re

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.server_process import ROOT

TITLE = "CNN, third lecture"
CONVOLUTION = "What a convolution does"
POOLING = "Padding, stride, pooling"

LESSONS = ROOT / "static" / "lessons"
STEPS = {path.stem: json.loads(path.read_text())["steps"] for path in sorted(LESSONS.glob("*.json"))}


def at(address: str) -> re.Pattern[str]:
    """The address of a follower who sees this view: the page leaves out what is as ever."""
    path, _, query = address.partition("?")
    cell = re.search(r"cell=[\d,]+", query)
    return re.compile(rf"{path}\?.*{cell[0] if cell else ''}")


class LecturePage:
    """One open Lecture page, in a room or outside."""

    def __init__(self, page: Page, address: str = "/lecture") -> None:
        self.page = page
        page.goto(address)
        expect(page.locator("body[data-lecture]")).to_have_count(1)

    def open_room(self, title: str = TITLE) -> str:
        """Open a room, and give its code."""
        self.page.locator("#room-title").fill(title)
        self.page.keyboard.press("Enter")
        self.wait_for_room()
        return self.code

    def wait_for_room(self) -> None:
        """The room has let us in; on a laptop what it sees is drawn."""
        expect(self.head).to_have_attribute("data-mood", "quiet")
        if (self.page.viewport_size or {"width": 0})["width"] > 720:
            expect(self.room.locator(".result, .class-bars li").first).to_be_visible()

    @property
    def head(self) -> Locator:
        """Code, followers, the room's buttons."""
        return self.page.locator("cs-lecture-head")

    @property
    def code(self) -> str:
        """As it is typed."""
        return self.head.locator(".code").inner_text().replace(" ", "")

    @property
    def room(self) -> FrameLocator:
        """The page that the room sees."""
        return self.page.frame_locator("iframe")

    @property
    def notes(self) -> Locator:
        """What only the presenter reads."""
        return self.page.locator("cs-lesson-notes")

    @property
    def place(self) -> Locator:
        """«3 / 12»."""
        return self.notes.locator("h2 .place")

    @property
    def steps(self) -> Locator:
        """The titles of the steps while the lesson is edited."""
        return self.page.locator("cs-lesson-editor .steps button")

    @property
    def card(self) -> Locator:
        """The question, in the console."""
        return self.page.locator(".console > .left > cs-question-card")

    def press(self, name: str) -> None:
        """Press a button of the console, by its first word."""
        self.page.locator("main").get_by_role("button", name=re.compile(rf"^{name}")).click()

    def choose(self, lesson: str) -> None:
        """Begin a lesson."""
        self.page.keyboard.press("m")
        self.page.get_by_role("dialog").get_by_role("button", name=lesson).click()
        expect(self.place).to_have_text(re.compile("^1 / "))

    def presenter_link(self) -> str:
        """Which another laptop opens."""
        self.head.get_by_role("button", name="Presenter link").click()
        link = self.page.get_by_role("dialog").get_by_role("textbox").input_value()
        self.page.keyboard.press("Escape")
        return link

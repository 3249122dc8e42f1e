"""The Lecture page for everybody: codes as people type them, telephones, languages, keyboards, looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.guard import Guard
from tests.browser.lecture_page import CONVOLUTION, STEPS, LecturePage, at
from tests.browser.looks import DARK, JAPANESE, LARGE, PHONE, WIDE, Room, check_accessible, check_looks

MakeContext = Callable[..., BrowserContext]


def test_a_code_is_typed_as_people_type(page: Page, new_context: MakeContext, guard: Guard) -> None:
    # Without scripts, those of the page that it leads to are not fetched.
    guard.expect(r"\(csp\)")
    lecture = LecturePage(page)
    code = lecture.open_room()
    lecture.choose(CONVOLUTION)
    for script in (True, False):
        phone = new_context(viewport={"width": 360, "height": 740}, java_script_enabled=script).new_page()
        phone.goto("/join")
        expect(phone.locator("#code")).to_be_focused()
        phone.keyboard.type(f"{code[:3].lower()} {code[3:].lower()}")
        phone.keyboard.press("Enter")
        expect(phone).to_have_url(re.compile(rf"/operation\?.*room={code}"))


def test_a_wrong_code_says_so_and_keeps_what_was_typed(page: Page, guard: Guard) -> None:
    guard.expect("404")
    page.goto("/join")
    page.locator("#code").fill("abc-def")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("no room with this code")
    expect(page.locator("#code")).to_have_value("abc-def")
    expect(page.locator("#code")).to_be_focused()
    check_accessible(page)


@pytest.mark.parametrize("room", [WIDE, DARK, JAPANESE, PHONE, LARGE], ids=lambda room: room.name)
def test_the_looks_of_the_lobby_and_the_console(
    new_context: MakeContext, room: Room, screenshot: Callable[..., Path]
) -> None:
    locale = "ja-JP" if room.lang == "ja" else "en-US"
    scheme = "dark" if room.theme == "dark" else "light"
    page = new_context(viewport=room.viewport, locale=locale, color_scheme=scheme).new_page()
    lecture = LecturePage(page)
    expect(page.locator(".open-form button")).to_be_visible()
    check_looks(page, room)
    screenshot(page, f"lecture-lobby-{room.name}")
    lecture.open_room()
    page.keyboard.press("m")
    expect(page.get_by_role("dialog")).to_be_visible()
    check_looks(page, room)
    page.locator(".lesson-list button").first.click()
    expect(lecture.place).to_have_text("1 / 12")
    check_looks(page, room)
    screenshot(page, f"lecture-console-{room.name}")
    page.keyboard.press("e")
    expect(lecture.steps).to_have_count(12)
    check_looks(page, room)
    screenshot(page, f"lecture-editor-{room.name}")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("PageDown")
    check_looks(page, room)


def test_a_telephone_leads_by_the_notes(new_context: MakeContext) -> None:
    page = new_context(viewport=PHONE.viewport, has_touch=True).new_page()
    lecture = LecturePage(page)
    code = lecture.open_room()
    expect(page.locator("iframe")).to_have_count(0)
    lecture.press("Lesson")
    page.get_by_role("dialog").get_by_role("button", name=CONVOLUTION).click()
    follower = new_context().new_page()
    follower.goto(f"/r/{code}")
    for index, step in enumerate(STEPS["what-a-convolution-does"][:3]):
        expect(lecture.place).to_have_text(f"{index + 1} / 12")
        expect(follower).to_have_url(at(step["address"]))
        following = page.get_by_role("button", name="Next")
        box = following.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 740
        following.click()


def test_the_language_changes_at_once_and_so_do_the_notes(page: Page) -> None:
    lecture = LecturePage(page)
    lecture.open_room()
    lecture.choose(CONVOLUTION)
    page.keyboard.press("l")
    expect(lecture.notes.locator("h2")).to_contain_text("何も変えないカーネル")
    expect(lecture.notes.locator(".notes")).to_contain_text("示す：")
    expect(page.locator("nav [aria-current=page]")).to_have_text("講義")
    expect(lecture.room.locator("nav [aria-current=page]")).to_have_text("演算")
    expect(lecture.room.locator(".result")).to_have_text("0.33")


def test_everything_is_reached_by_the_keyboard_alone(page: Page) -> None:
    LecturePage(page)
    page.locator("body").press("Tab")
    reached: list[str] = []
    for _ in range(20):
        reached.append(page.evaluate("document.activeElement.innerText || document.activeElement.id"))
        if reached[-1] == "Open a room":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    lecture = LecturePage.__new__(LecturePage)
    lecture.page = page
    lecture.wait_for_room()
    page.keyboard.press("m")
    expect(page.get_by_role("dialog")).to_contain_text(CONVOLUTION)
    for _ in range(10):
        if CONVOLUTION in page.evaluate("document.activeElement.innerText"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(lecture.place).to_have_text("1 / 12")
    # The keys are the lecture's again: Space does not open the list once more.
    expect(lecture.notes.locator(".notes")).to_be_focused()
    page.keyboard.press(" ")
    expect(lecture.place).to_have_text("2 / 12")

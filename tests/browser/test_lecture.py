"""The presenter's console and the way into a room, in a real Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.lecture_page import CONVOLUTION, POOLING, STEPS, TITLE, LecturePage, at
from tests.browser.looks import PROJECTOR, WIDE
from tests.browser.settling import settle

MakeContext = Callable[..., BrowserContext]


def test_a_room_is_opened_and_its_secret_is_nowhere_to_be_seen(page: Page) -> None:
    lecture = LecturePage(page)
    expect(page.locator("h1:visible")).to_have_text("Lecture")
    code = lecture.open_room()
    assert re.fullmatch("[34679CDFGHJKMNPQRTWXY]{6}", code)
    expect(page).to_have_url(f"/lecture?room={code}")
    expect(lecture.head).to_contain_text(TITLE)
    expect(lecture.head).to_contain_text("0 followers")
    expect(lecture.head).to_contain_text(f"/r/{code}")
    secret = page.evaluate(f"localStorage.getItem('convscope.room.{code}')")
    assert len(secret) >= 32
    assert secret not in page.content()
    # It stands in the list of those that this browser may lead.
    page.goto("/lecture")
    expect(page.locator(".own-rooms")).to_contain_text(code)
    page.locator(".own-rooms a", has_text=code).click()
    lecture.wait_for_room()


def test_the_code_covers_the_projector_and_not_the_console(page: Page, new_context: MakeContext) -> None:
    lecture = LecturePage(page)
    code = lecture.open_room()
    with page.expect_popup() as opened:
        page.keyboard.press("p")
    screen = opened.value
    expect(screen.locator("html")).to_have_attribute("data-projector", "")
    expect(lecture.head).to_contain_text("F11")
    page.bring_to_front()
    page.keyboard.press("o")
    expect(screen.locator("cs-room-curtain .code")).to_have_text(f"{code[:3]} {code[3:]}")
    expect(screen.locator("cs-room-curtain img")).to_have_js_property("complete", True)
    assert screen.locator("cs-room-curtain img").evaluate("(image) => image.naturalWidth") > 100
    expect(page.get_by_role("button", name="Code")).to_have_attribute("aria-pressed", "true")
    expect(lecture.room.locator("cs-room-curtain")).to_be_hidden()
    page.keyboard.press("b")
    expect(screen.locator("cs-room-curtain")).to_have_attribute("aria-label", re.compile("."))
    expect(screen.locator("cs-room-curtain .code")).to_be_hidden()
    page.keyboard.press("b")
    expect(screen.locator("cs-room-curtain")).to_be_hidden()
    # It follows the lesson, and is counted by nobody.
    lecture.choose(POOLING)
    expect(screen).to_have_url(at(STEPS["padding-stride-pooling"][0]["address"]))
    expect(lecture.head).to_contain_text("0 followers")


def test_space_goes_through_a_lesson_and_a_follower_sees_every_view(
    page: Page, new_context: MakeContext
) -> None:
    lecture = LecturePage(page)
    code = lecture.open_room()
    phone = new_context(viewport={"width": 360, "height": 740}).new_page()
    phone.goto(f"/r/{code}")
    expect(lecture.head).to_contain_text("1 follower")
    lecture.choose(CONVOLUTION)
    steps = STEPS["what-a-convolution-does"]
    for index, step in enumerate(steps[:4]):
        expect(lecture.place).to_have_text(f"{index + 1} / 12")
        expect(lecture.notes.locator("h2")).to_contain_text(step["title"]["en"])
        expect(lecture.notes.locator(".notes p")).to_have_text(step["notes"]["en"].split("\n"))
        expect(lecture.notes.locator(".next")).to_contain_text(steps[index + 1]["title"]["en"])
        expect(phone).to_have_url(at(step["address"]))
        assert step["notes"]["en"].split("\n")[0] not in phone.content()
        page.keyboard.press(" ")
    expect(lecture.place).to_have_text("5 / 12")
    page.keyboard.press("PageUp")
    expect(lecture.place).to_have_text("4 / 12")
    expect(phone).to_have_url(at(steps[3]["address"]))
    page.keyboard.press("ArrowRight")
    expect(lecture.place).to_have_text("5 / 12")


def test_in_the_frame_a_clicker_goes_on_as_well(page: Page) -> None:
    lecture = LecturePage(page)
    lecture.open_room()
    lecture.choose(CONVOLUTION)
    lecture.room.locator("body").click(position={"x": 640, "y": 690})
    lecture.room.locator("body").press("PageDown")
    expect(lecture.place).to_have_text("2 / 12")
    expect(lecture.notes.locator("h2")).to_contain_text("Nine equal weights")


@pytest.mark.parametrize("name", list(STEPS))
def test_every_view_of_every_lesson_is_drawn_without_complaint(page: Page, name: str) -> None:
    for step in STEPS[name]:
        page.goto(step["address"])
        page.wait_for_function("() => performance.getEntriesByName('run-drawn').length > 0")
        for room in (WIDE, PROJECTOR):
            room.enter(page)
            settle(page, "[data-busy]")
            expect(page.locator("main > .message")).to_be_hidden()
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, (step["address"], room.name)


def test_a_question_is_asked_answered_and_revealed(page: Page, new_context: MakeContext) -> None:
    lecture = LecturePage(page)
    code = lecture.open_room()
    lecture.choose(CONVOLUTION)
    lecture.notes.locator(".notes").press(" ")
    page.keyboard.press(" ")
    expect(lecture.place).to_have_text("3 / 12")
    phone = new_context(viewport={"width": 360, "height": 740}).new_page()
    phone.goto(f"/r/{code}")
    expect(lecture.head).to_contain_text("1 follower")
    # The step plans a question: Q asks that one.
    expect(page.locator(".asks .strong")).to_have_text("What is this number?Q")
    page.keyboard.press("q")
    expect(lecture.card).to_contain_text("row 19, col 20")
    expect(lecture.room.locator(".result")).to_have_text("?")
    phone.locator("cs-question-card input").fill("1.83")
    phone.get_by_role("button", name="Send").click()
    expect(lecture.card).to_contain_text("1 answer")
    expect(lecture.card.locator("cs-histogram li")).to_have_count(1)
    box = lecture.card.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 720, "the presenter would have to scroll"
    page.keyboard.press("r")
    expect(lecture.card).to_contain_text("1.83")
    expect(phone.locator("cs-question-card")).to_contain_text("Yours is right")
    lecture.press("Close question")
    expect(lecture.card).to_be_hidden()
    expect(phone.locator("cs-question-card")).to_be_hidden()


def test_a_lesson_is_made_changed_exported_and_opened_again(page: Page, tmp_path: Path) -> None:
    lecture = LecturePage(page)
    lecture.open_room()
    page.keyboard.press("w")
    expect(lecture.place).to_have_text("1 / 1")
    lecture.room.locator("cs-settings select[data-key=op]").select_option("max_pool2d")
    expect(lecture.room.locator(".middle")).to_contain_text("max")
    lecture.press("Add view")
    expect(lecture.place).to_have_text("2 / 2")
    # The same view once more is none.
    lecture.press("Add view")
    expect(lecture.place).to_have_text("2 / 2")
    page.keyboard.press("e")
    page.get_by_label("Title of this step").fill("Pooling, at last")
    page.get_by_role("textbox", name="Notes").fill("Say: <b>four</b> become one.\nAsk: which?")
    page.get_by_label("Question of this step").select_option("argmax")
    page.get_by_label("Title of the lesson").fill("Mine")
    lecture.press("Up")
    expect(lecture.steps).to_have_text(["Pooling, at last", "View without a title"])
    with page.expect_download() as download:
        lecture.press("Export")
    assert download.value.suggested_filename == "Mine.json"
    file = tmp_path / "lesson.json"
    download.value.save_as(file)
    lesson = json.loads(file.read_text())
    assert [step.get("title") for step in lesson["steps"]] == ["Pooling, at last", None]
    assert lesson["title"] == "Mine"
    assert lesson["steps"][0]["question"] == "argmax"
    lecture.press("Remove")
    expect(lecture.steps).to_have_text(["View without a title"])
    lecture.press("Done")
    # Opened from the file, everything is there again.
    page.keyboard.press("m")
    page.locator("cs-lesson-chooser input[type=file]").set_input_files(file)
    expect(lecture.place).to_have_text("1 / 2")
    expect(lecture.notes.locator("h2")).to_contain_text("Pooling, at last")
    expect(lecture.notes.locator(".notes p").first).to_have_text("Say: <b>four</b> become one.")
    # And it is kept among one's own.
    page.keyboard.press("m")
    expect(page.get_by_role("group", name="My lessons")).to_contain_text("Mine")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no lesson"),
        ('{"format": "convscope-lesson", "version": 7}', "version 7"),
        ('{"format": "convscope-lesson", "version": 1, "title": "a", "steps": [{"address": "/x"}]}', "/x"),
    ],
)
def test_a_file_that_is_no_lesson_is_refused_in_words(page: Page, text: str, said: str) -> None:
    lecture = LecturePage(page)
    lecture.open_room()
    page.keyboard.press("m")
    upload = {"name": "a.json", "mimeType": "application/json", "buffer": text.encode()}
    page.locator("cs-lesson-chooser input[type=file]").set_input_files(upload)  # type: ignore[arg-type]
    expect(page.locator("main > .message")).to_contain_text(said)
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_reload_keeps_room_lesson_and_place(page: Page) -> None:
    lecture = LecturePage(page)
    code = lecture.open_room()
    lecture.choose(POOLING)
    page.keyboard.press(" ")
    expect(lecture.place).to_have_text("2 / 12")
    page.reload()
    lecture.wait_for_room()
    assert lecture.code == code
    expect(lecture.place).to_have_text("2 / 12")
    expect(lecture.room.locator(".place").first).to_contain_text("row 0, col 0")


def test_another_laptop_takes_over_by_the_presenter_link(page: Page, new_context: MakeContext) -> None:
    lecture = LecturePage(page)
    code = lecture.open_room()
    lecture.choose(CONVOLUTION)
    page.keyboard.press(" ")
    expect(lecture.place).to_have_text("2 / 12")
    link = urlsplit(lecture.presenter_link())
    assert link.query == ""
    page.goto("about:blank")
    other = LecturePage(new_context().new_page(), f"{link.path}#{link.fragment}")
    other.wait_for_room()
    expect(other.page).to_have_url(f"/lecture?room={code}")
    expect(other.place).to_have_text("2 / 12")
    other.page.keyboard.press(" ")
    expect(other.place).to_have_text("3 / 12")
    expect(other.room.locator(".result")).to_have_text("1.83")


def test_two_laptops_stay_together(page: Page, new_context: MakeContext) -> None:
    lecture = LecturePage(page)
    lecture.open_room()
    link = urlsplit(lecture.presenter_link())
    other = LecturePage(new_context().new_page(), f"{link.path}#{link.fragment}")
    other.wait_for_room()
    lecture.choose(CONVOLUTION)
    expect(other.place).to_have_text("1 / 12")
    other.page.keyboard.press(" ")
    expect(lecture.place).to_have_text("2 / 12")
    expect(lecture.room.locator(".result")).to_have_text("0.35")


def test_closing_asks_first_and_then_ends_it_for_all(page: Page, new_context: MakeContext) -> None:
    lecture = LecturePage(page)
    code = lecture.open_room()
    phone = new_context().new_page()
    phone.goto(f"/r/{code}")
    expect(lecture.head).to_contain_text("1 follower")
    lecture.press("Close room")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(phone.locator("cs-room-bar")).to_contain_text("Following")
    lecture.press("Close room")
    page.get_by_role("dialog").get_by_role("button", name="Close room").click()
    expect(page).to_have_url("/lecture")
    expect(page.locator("#room-title")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert code not in page.locator("main").inner_text()
    assert code not in page.evaluate("Object.keys(localStorage).join()")
    expect(phone.locator("cs-room-bar")).to_contain_text("ended")


def test_who_has_no_secret_does_not_lead(page: Page, new_context: MakeContext) -> None:
    code = LecturePage(page).open_room()
    stranger = LecturePage(new_context().new_page(), f"/lecture?room={code}")
    expect(stranger.page.locator("main > .message")).to_contain_text("may not lead")
    expect(stranger.page.locator("#room-code")).to_have_value(code)
    wrong = LecturePage(new_context().new_page(), f"/lecture#room={code}&secret={'x' * 32}")
    expect(wrong.head).to_have_attribute("data-mood", "trouble")
    expect(wrong.head).to_contain_text("may not lead")
    expect(wrong.page.locator("iframe")).to_have_count(0)

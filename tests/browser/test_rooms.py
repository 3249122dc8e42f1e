"""Lecture rooms in the pages: leading, following, the projector's window."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.guard import Guard
from tests.browser.live_page import LiveBar, image_of, wait_for_change
from tests.browser.looks import PHONE, check_accessible, check_looks
from tests.browser.room_page import TITLE, Hall, RoomPage
from tests.browser.test_operation_tools import png
from tests.browser.test_snippets import copied

FOLLOWING = "Following the lecture"
AWAY = "On your own"
MOVED = "The lecture has moved on"


@pytest.fixture
def hall(new_context: Callable[..., BrowserContext]) -> Hall:
    """A room of this test's own."""
    return Hall(new_context)


def test_a_follower_sees_what_the_presenter_sees(hall: Hall) -> None:
    lead = hall.lead(query="stride=2&cell=0,4,7")
    follower = hall.follow()
    expect(follower.page).to_have_url(re.compile(r"stride=2&cell=0,4,7&room=\w{6}$"))
    expect(follower.state).to_have_text(FOLLOWING)
    expect(lead.state).to_have_text("1 follower")
    lead.page.keyboard.press("ArrowDown")
    expect(follower.page).to_have_url(re.compile(r"cell=0,5,7"))
    expect(follower.result).to_have_text(lead.number())
    lead.page.locator("cs-settings select[data-key=op]").select_option("max_pool2d")
    expect(follower.page.locator("cs-settings select[data-key=op]")).to_have_value("max_pool2d")
    expect(follower.result).to_have_text(lead.number())


def test_who_comes_late_sees_the_present_view_at_once(hall: Hall) -> None:
    lead = hall.lead()
    lead.page.locator("cs-settings select[data-key=op]").select_option("conv_transpose2d")
    expect(lead.page).to_have_url(re.compile("op=conv_transpose2d"))
    asked: list[str] = []
    context = hall._new_context()
    context.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    late = RoomPage(context.new_page(), hall.address())
    expect(late.page.locator("cs-settings select[data-key=op]")).to_have_value("conv_transpose2d")
    runs = [each for each in asked if each.startswith("POST") and each.endswith("/runs")]
    assert len(runs) == 1, "the page asked for a view that nobody sees"


def test_a_follower_goes_where_the_lecture_goes(hall: Hall) -> None:
    lead = hall.lead()
    follower = hall.follow()
    entries = follower.page.evaluate("history.length")
    lead.page.get_by_role("link", name="Network", exact=True).click()
    lead.wait_until_drawn()
    expect(lead.page).to_have_url(re.compile(r"/network\?room=\w{6}&as=lead$"))
    expect(lead.bar.locator(".room-lead")).to_be_visible()
    expect(follower.page).to_have_url(re.compile(r"/network\?room=\w{6}$"))
    assert follower.page.evaluate("history.length") == entries, "Back leads out of the room, not through it"
    expect(follower.state).to_have_text(FOLLOWING)
    lead.page.keyboard.press("]")
    expect(follower.page).to_have_url(re.compile(r"node=\w+"))
    lead.page.go_back()
    expect(follower.page).to_have_url(re.compile("/operation"))


def test_the_pointer_shows_on_every_page(hall: Hall) -> None:
    lead = hall.lead()
    follower = hall.follow()
    frame = follower.page.locator(".panel-output .frame.hover")
    lead.page.locator(".panel-output canvas").hover(position={"x": 60, "y": 90})
    expect(frame).to_have_count(1)
    same = "(e) => e.style.transform"
    assert frame.evaluate(same) == lead.page.locator(".panel-output .frame.hover").evaluate(same)
    lead.page.locator(".panel-input canvas").hover(position={"x": 60, "y": 90})
    expect(frame).to_have_count(0)
    expect(follower.page.locator(".panel-input .frame.hover")).to_have_count(1)
    expect(follower.page.locator(".panel-output .frame.consumer").first).to_be_attached()
    lead.page.mouse.move(5, 5)
    expect(follower.page.locator(".frame.hover")).to_have_count(0)


def test_the_pointer_shows_on_the_network_page(hall: Hall) -> None:
    lead = hall.lead("/network", "model=tiny-vgg")
    follower = hall.follow("/network")
    lead.page.locator('.layer[data-node="conv_1_1"] > canvas').hover(position={"x": 10, "y": 10})
    expect(follower.page.locator(".net-marks .frame.hover")).to_have_count(1)
    expect(follower.page.locator(".net-bar .place")).to_contain_text("conv_1_1, channel 0")


def test_a_follower_may_break_away_and_come_back(hall: Hall) -> None:
    lead = hall.lead()
    follower = hall.follow()
    follower.page.keyboard.press("ArrowRight")
    expect(follower.state).to_have_text(AWAY)
    expect(follower.page).to_have_url(re.compile("cell=0,19,15"))
    lead.page.keyboard.press("ArrowDown")
    expect(follower.state).to_have_text(MOVED)
    expect(follower.page.locator("cs-transport .place")).to_have_text("row 19, col 15")
    follower.page.reload()
    follower.wait_until_drawn()
    expect(follower.page.get_by_role("button", name="Back to the lecture")).to_be_visible()
    expect(follower.page.locator("cs-transport .place")).to_have_text("row 19, col 15")
    follower.page.keyboard.press("g")
    expect(follower.state).to_have_text(FOLLOWING)
    expect(follower.page.locator("cs-transport .place")).to_have_text("row 20, col 14")
    expect(follower.page.get_by_role("button", name="Back to the lecture")).to_be_hidden()
    lead.page.keyboard.press("ArrowDown")
    expect(follower.page.locator("cs-transport .place")).to_have_text("row 21, col 14")


def test_the_other_page_is_an_own_way_too(hall: Hall) -> None:
    hall.lead()
    follower = hall.follow()
    follower.page.get_by_role("link", name="Network", exact=True).click()
    follower.wait_until_drawn()
    expect(follower.page).to_have_url(re.compile(r"/network\?room="))
    expect(follower.state).to_have_text(AWAY)
    follower.does("back")
    expect(follower.page).to_have_url(re.compile("/operation"))
    expect(follower.state).to_have_text(FOLLOWING)


def test_ones_own_language_and_light_stay_ones_own(hall: Hall) -> None:
    lead = hall.lead()
    follower = hall.follow(locale="ja-JP")
    expect(follower.state).to_have_text("講義に追従中")
    follower.page.keyboard.press("t")
    theme = follower.page.evaluate("document.documentElement.dataset.theme")
    lead.page.keyboard.press("ArrowDown")
    lead.page.keyboard.press("p")
    lead.page.keyboard.press("d")
    expect(follower.page).to_have_url(re.compile(r"cell=0,20,14&digits=3"))
    assert "projector" not in follower.page.url
    assert follower.page.evaluate("document.documentElement.dataset.theme") == theme
    expect(follower.state).to_have_text("講義に追従中")
    lead.page.keyboard.press("p")
    lead.page.get_by_role("link", name="Network", exact=True).click()
    expect(follower.page).to_have_url(re.compile(r"/network\?theme=\w+"))
    expect(follower.page.locator("html")).to_have_attribute("lang", "ja")


def test_ones_own_picture_stays_ones_own(hall: Hall, tmp_path: Path) -> None:
    lead = hall.lead()
    follower = hall.follow()
    follower.page.keyboard.press("i")
    chooser = follower.page.locator("cs-picture-chooser input[type=file]").first
    chooser.set_input_files({"name": "mine.png", "mimeType": "image/png", "buffer": png(40, 30)})
    expect(follower.state).to_have_text(AWAY)
    expect(follower.page).to_have_url(re.compile("image=img_"))
    image = image_of(follower.page)
    lead.page.keyboard.press("ArrowDown")
    expect(follower.state).to_have_text(MOVED)
    assert image_of(follower.page) == image
    assert "image=" not in lead.page.url


def test_a_reload_goes_on_leading_and_a_copied_link_leaves_the_room(hall: Hall) -> None:
    lead = hall.lead()
    follower = hall.follow()
    lead.page.keyboard.press("ArrowDown")
    expect(lead.page).to_have_url(re.compile("cell=0,20,14"))
    lead.page.reload()
    lead.wait_until_drawn()
    expect(lead.bar.locator(".room-lead")).to_be_visible()
    expect(lead.page).to_have_url(re.compile(r"cell=0,20,14&room=\w{6}&as=lead$"))
    lead.page.keyboard.press("ArrowDown")
    expect(follower.page).to_have_url(re.compile("cell=0,21,14"))
    lead.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    assert copied(lead.page, "link").endswith("/operation?cell=0,21,14")


def test_another_leads_view_is_shown(hall: Hall) -> None:
    first, second = hall.lead(), hall.lead()
    second.page.keyboard.press("ArrowDown")
    expect(first.page).to_have_url(re.compile("cell=0,20,14"))
    first.page.keyboard.press("ArrowRight")
    expect(second.page).to_have_url(re.compile("cell=0,20,15"))


def test_without_the_secret_nobody_leads(hall: Hall, new_context: Callable[..., BrowserContext]) -> None:
    hall.lead()
    page = new_context().new_page()
    page.goto(hall.address(query="stride=3", **{"as": "lead"}))
    bar = page.locator("cs-room-bar")
    expect(bar).to_contain_text("This browser may not lead this room.")
    expect(bar.locator(".room-lead")).to_be_hidden()
    page.get_by_role("button", name="Follow instead").click()
    expect(bar).to_contain_text(FOLLOWING)


def test_a_lost_connection_is_sought_again(hall: Hall, guard: Guard) -> None:
    lead = hall.lead()
    follower = hall.follow()
    guard.expect("ERR_INTERNET_DISCONNECTED")
    follower.page.context.set_offline(True)
    expect(follower.state).to_contain_text("Connection lost")
    lead.page.keyboard.press("ArrowDown")
    expect(lead.page).to_have_url(re.compile("cell=0,20,14"))
    follower.page.context.set_offline(False)
    expect(follower.state).to_have_text(FOLLOWING)
    expect(follower.page).to_have_url(re.compile("cell=0,20,14"))


def test_what_the_presenter_did_meanwhile_is_told_afterwards(hall: Hall, guard: Guard) -> None:
    lead = hall.lead()
    follower = hall.follow()
    guard.expect("ERR_INTERNET_DISCONNECTED")
    lead.page.context.set_offline(True)
    expect(lead.state).to_contain_text("Connection lost")
    lead.page.keyboard.press("ArrowDown")
    expect(follower.state).to_have_text("Waiting for the presenter")
    lead.page.context.set_offline(False)
    expect(follower.page).to_have_url(re.compile("cell=0,20,14"))
    expect(lead.page).to_have_url(re.compile("cell=0,20,14"))


def test_the_end_of_a_lecture_leaves_the_page(hall: Hall) -> None:
    hall.lead(query="stride=2&cell=0,4,7")
    follower = hall.follow()
    hall.close()
    expect(follower.state).to_contain_text("The lecture has ended")
    follower.page.keyboard.press("ArrowDown")
    follower.does("leave")
    expect(follower.page).to_have_url(re.compile(r"/operation\?stride=2&cell=0,5,7$"))
    expect(follower.bar).to_have_count(0)


def test_a_room_that_is_not_there_is_said_not_to_be(
    new_context: Callable[..., BrowserContext], guard: Guard
) -> None:
    guard.expect("404|failed|WebSocket")
    page = new_context().new_page()
    page.goto("/operation?room=333333")
    expect(page.locator("cs-room-bar")).to_contain_text("There is no such room any more.")
    page.wait_for_function("() => performance.getEntriesByName('run-drawn').length > 0")


def test_the_projector_follows_in_its_own_composition(hall: Hall) -> None:
    lead = hall.lead()
    screen = hall.screen()
    expect(screen.page.locator("html")).to_have_attribute("data-projector", "")
    expect(screen.bar).to_be_hidden()
    lead.page.keyboard.press("ArrowDown")
    expect(screen.page).to_have_url(re.compile("cell=0,20,14"))
    # Somebody leans on its keyboard: the next view is the lecture's again.
    screen.page.keyboard.press("ArrowRight")
    lead.page.keyboard.press("ArrowDown")
    expect(screen.page).to_have_url(re.compile("cell=0,21,14"))
    expect(lead.state).to_have_text("0 followers")


def test_the_presenters_camera_moves_on_the_projector_and_its_frozen_picture_reaches_all(hall: Hall) -> None:
    lead, screen, follower = hall.lead(), hall.screen(), hall.follow()
    camera = LiveBar(lead.page)
    camera.start()
    for panel in (".panel-input", ".panel-output"):
        wait_for_change(screen.page.locator(f"{panel} canvas").first)
    camera.freeze()
    for shown in (screen, follower):
        expect(shown.page).to_have_url(re.compile("image=img_"))
        expect(shown.result).to_have_text(lead.number())


def test_the_code_is_read_from_the_back_row(hall: Hall, screenshot: Callable[..., Path]) -> None:
    lead = hall.lead()
    screen = hall.screen()
    follower = hall.follow()
    lead.page.keyboard.press("o")
    for shown in (screen, lead):
        curtain = shown.page.locator("cs-room-curtain")
        expect(curtain).to_be_visible()
        code = curtain.locator(".code")
        assert code.inner_text().replace(" ", "") == hall.code
        assert code.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)") >= 120
        qr = curtain.locator(".qr").bounding_box()
        assert qr is not None
        assert min(qr["width"], qr["height"]) >= 400
        shown.page.wait_for_function("() => document.querySelector('cs-room-curtain .qr').naturalWidth > 0")
        expect(curtain.locator(".join")).to_contain_text(f"/r/{hall.code}")
        boxes = curtain.locator("p:visible, img").evaluate_all(
            "(all) => all.map((e) => e.getBoundingClientRect()).map(({ left, right }) => [left, right])"
        )
        assert all(left >= 0 and right <= 1280 for left, right in boxes), boxes
        check_accessible(shown.page)
    screenshot(screen.page, "room-code")
    expect(follower.page.locator("cs-room-curtain")).to_be_hidden()
    lead.page.keyboard.press("b")
    expect(screen.page.locator(".code-card")).to_be_hidden()
    expect(screen.page.locator("cs-room-curtain")).to_be_visible()
    lead.page.keyboard.press("b")
    expect(screen.page.locator("cs-room-curtain")).to_be_hidden()
    expect(lead.page.locator("cs-room-curtain")).to_be_hidden()


def test_a_lesson_grows_and_a_clicker_leads_through_it(hall: Hall) -> None:
    lead = hall.lead(query="stride=2&cell=0,4,7")
    follower = hall.follow()
    step = lead.bar.locator(".room-step")
    expect(step).to_be_hidden()
    lead.page.keyboard.press("w")
    expect(step).to_have_text("1 / 1")
    lead.page.get_by_role("link", name="Network", exact=True).click()
    lead.wait_until_drawn()
    lead.page.keyboard.press("w")
    expect(step).to_have_text("2 / 2")
    lead.page.keyboard.press("PageUp")
    expect(lead.page).to_have_url(re.compile(r"/operation\?stride=2&cell=0,4,7&room=\w{6}&as=lead$"))
    expect(follower.page).to_have_url(re.compile(r"/operation\?stride=2&cell=0,4,7"))
    expect(step).to_have_text("1 / 2")
    lead.wait_until_drawn()
    # The clicker may speak to the projector's window.
    screen = hall.screen()
    screen.page.keyboard.press("PageDown")
    expect(follower.page).to_have_url(re.compile("/network"))
    expect(lead.page).to_have_url(re.compile("/network"))
    expect(step).to_have_text("2 / 2")


def test_another_window_of_the_browser_can_give_commands(hall: Hall) -> None:
    lead = hall.lead()
    other = lead.page.context.new_page()
    other.goto("/docs")
    say = f"""(command) => new Promise((done) => {{
        window.channel ??= new BroadcastChannel("convscope-room-{hall.code}");
        window.channel.onmessage = ({{ data }}) => data.did && done(data);
        window.channel.postMessage(command);
        if (command.do !== "stand") done(null);
    }})"""
    standing = {"did": "stand", "kinds": ["cell", "size"], "address": "/operation"}
    assert other.evaluate(say, {"do": "stand"}) == standing
    other.evaluate(say, {"do": "ask", "kind": "size"})
    expect(lead.card).to_contain_text("How many rows and columns")
    other.evaluate(say, {"do": "reveal"})
    expect(lead.card).to_contain_text("Answer: 44 × 44")
    other.evaluate(say, {"do": "add"})
    expect(lead.bar.locator(".room-step")).to_have_text("1 / 1")


@pytest.mark.parametrize("role", ["lead", "follow"])
def test_the_bar_fits_a_telephone(hall: Hall, role: str, screenshot: Callable[..., Path]) -> None:
    context: Any = {"viewport": PHONE.viewport, "has_touch": True}
    lead = hall.lead()
    shown = lead
    if role == "lead":
        lead.page.set_viewport_size(PHONE.viewport)
    else:
        shown = hall.follow(**context)
        shown.page.keyboard.press("ArrowDown")
        expect(shown.state).to_have_text(AWAY)
    buttons = shown.bar.locator("button:visible").evaluate_all(
        "(all) => all.map((e) => [e.offsetWidth, e.offsetHeight])"
    )
    assert buttons
    assert min(min(size) for size in buttons) >= 44, buttons
    box = shown.bar.bounding_box()
    assert box is not None
    assert box["width"] == 360
    assert box["height"] < 60
    check_looks(shown.page, PHONE)
    screenshot(shown.page, f"room-{role}-phone")


def test_keys_are_listed_and_pages_are_accessible(hall: Hall) -> None:
    lead = hall.lead()
    follower = hall.follow()
    for shown, text in ((lead, "Reveal the answer"), (follower, "Back to the lecture")):
        check_accessible(shown.page)
        shown.page.keyboard.press("?")
        expect(shown.page.locator("cs-help-dialog")).to_contain_text(text)


def test_a_title_is_text(hall: Hall) -> None:
    lead = hall.lead()
    expect(lead.bar.locator(".room-name")).to_have_text(TITLE)
    lead.page.keyboard.press("o")
    expect(lead.page.locator("cs-room-curtain .room-title")).to_have_text(TITLE)
    expect(lead.page.locator("cs-room-bar img, .room-title img")).to_have_count(0)

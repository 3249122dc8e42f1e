"""Questions to a room: what is asked is hidden everywhere, answers arrive, the truth opens the arithmetic."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.looks import PHONE, check_accessible
from tests.browser.operation_page import number
from tests.browser.room_page import Hall, RoomPage
from tests.browser.test_network_tools import NET, bring

POOL = "op=max_pool2d&kernel_size=2&stride=2&padding=0&cell=0,8,7"
CELL = "model=tiny-vgg&view=cell&node=conv_2_1&cell=3,10,10"


@pytest.fixture
def hall(new_context: Callable[..., BrowserContext]) -> Hall:
    """A room of this test's own."""
    return Hall(new_context)


def test_a_number_is_predicted(hall: Hall, screenshot: Callable[..., Path]) -> None:
    lead = hall.lead(query="cell=0,11,10&digits=4")
    screen = hall.screen()
    right, wrong = hall.follow(viewport=PHONE.viewport), hall.follow(locale="ja-JP")
    for shown in (right, wrong, screen):
        expect(shown.result).to_have_text(lead.number())
    truth = lead.number()
    sums = lead.page.locator(".middle .addend .number").all_inner_texts()
    lead.ask("What is this number?")
    for shown in (lead, screen, right, wrong):
        expect(shown.result).to_have_text("?")
        told = shown.tells()
        for secret in (truth, *filter(None, sums)):
            assert secret not in told, secret
    expect(right.card).to_contain_text("Which number comes out at row 11, col 10?")
    expect(wrong.card).to_contain_text("11 行 10 列 の値はいくつになりますか？")
    # No digits beside it either, and no other view of the same numbers.
    lead.page.keyboard.press("a")
    expect(lead.page.locator("cs-digits-dialog dialog[open]")).to_have_count(0)
    lead.page.keyboard.press("v")
    expect(screen.page).to_have_url(re.compile("view=columns"))
    expect(screen.result).to_have_text("?")
    check_accessible(wrong.page)
    screenshot(right.page, "room-question-phone")

    right.sends("abc")
    expect(right.card.locator("input")).to_have_attribute("aria-invalid", "true")
    right.sends(truth)
    expect(right.card).to_contain_text(f"Your answer: {truth}")
    wrong.card.get_by_role("button", name="符号を変える").click()
    wrong.card.locator("input").press_sequentially("9,5")
    wrong.page.keyboard.press("Enter")
    expect(wrong.card).to_contain_text("あなたの答え：−9.5")
    expect(screen.card).to_contain_text("2 answers")
    expect(screen.card.locator("li")).to_have_count(0)
    expect(lead.card.locator("li")).to_have_count(2)
    assert lead.bars() == {"−9.5": 1, truth: 1}
    assert lead.card.locator("[data-right]").count() == 0
    right.card.get_by_role("button", name="Change").click()
    right.sends("0")
    expect(lead.card.locator("li").nth(1)).to_contain_text("0")
    right.card.get_by_role("button", name="Change").click()
    right.sends(truth.replace("−", "-"))
    expect(lead.card.locator("li").nth(1)).to_contain_text(truth)

    lead.page.keyboard.press("r")
    for shown in (lead, screen, right, wrong):
        expect(shown.result).to_have_text(truth)
        expect(shown.card.locator("li")).to_have_count(2)
        expect(shown.card.locator("li[data-right]")).to_contain_text(truth)
    expect(lead.page).to_have_url(re.compile(r"^((?!view=).)*$"))
    expect(right.card).to_contain_text("Yours is right.")
    expect(wrong.card).to_contain_text("あなたの答えとは違いました。")
    expect(wrong.card.locator("li[data-own]")).to_contain_text("−9.5")
    expect(wrong.card.locator("input:visible")).to_have_count(0)
    screenshot(screen.page, "room-revealed-screen")
    screenshot(lead.page, "room-revealed-lead")
    check_accessible(screen.page)
    lead.does("withdraw")
    expect(right.card).to_be_hidden()


def test_who_explores_may_find_it_out(hall: Hall) -> None:
    lead = hall.lead()
    follower = hall.follow()
    truth = lead.number()
    lead.ask("What is this number?")
    expect(follower.result).to_have_text("?")
    follower.page.keyboard.press("ArrowRight")
    expect(follower.result).not_to_have_text("?")
    follower.page.keyboard.press("ArrowLeft")
    expect(follower.result).to_have_text(truth)
    follower.page.keyboard.press("g")
    expect(follower.result).to_have_text("?")
    late = hall.follow()
    expect(late.result).to_have_text("?")
    expect(late.card).to_be_visible()


def test_an_answer_is_kept_over_a_reload(hall: Hall) -> None:
    lead = hall.lead()
    follower = hall.follow()
    lead.ask("What is this number?")
    follower.sends("1.5")
    expect(lead.card.locator("li")).to_have_count(1)
    follower.page.reload()
    expect(follower.card).to_contain_text("Your answer: 1.5")
    follower.card.get_by_role("button", name="Change").click()
    follower.sends("2")
    expect(lead.card.locator("li")).to_contain_text("2")
    assert lead.bars() == {"2": 1}
    lead.page.reload()
    expect(lead.card.locator("li")).to_have_count(1)
    expect(lead.result).to_have_text("?")


def test_a_size_is_predicted(hall: Hall) -> None:
    lead = hall.lead(query="stride=3&padding=0&kernel_size=5&cell=0,2,3")
    follower = hall.follow()
    expect(follower.page.locator(".panel-output .shape")).to_have_text("1 × 14 × 14")
    lead.ask("How large is the output?")
    for shown in (lead, follower):
        expect(shown.page.locator(".panel-output .untold")).to_have_text("?")
        expect(shown.page.locator(".panel-output cs-map")).to_be_hidden()
        told = re.findall(r"(?<![\d.,−])\d+(?![\d.,])", shown.tells())
        assert not {"14", "195", "196"} & set(told)
    follower.sends("14", "14")
    expect(lead.card.locator("li")).to_contain_text("14 × 14")
    lead.page.keyboard.press("r")
    expect(follower.page.locator(".panel-output .shape")).to_have_text("1 × 14 × 14")
    expect(follower.card).to_contain_text("Yours is right.")


def test_the_number_that_max_pooling_keeps_is_predicted(hall: Hall) -> None:
    lead = hall.lead(query=POOL)
    follower = hall.follow()
    expect(follower.page.locator(".middle td.selected")).to_have_count(1)
    truth = lead.number()
    window = [number(text) for text in lead.page.locator(".middle table.window td").all_inner_texts()]
    lead.ask("Which number is passed on?")
    expect(follower.page.locator(".middle td.selected")).to_have_count(0)
    expect(follower.page.locator(".panel-input .frame.source")).to_have_count(0)
    expect(follower.result).to_have_text("?")
    options = follower.card.locator(".option")
    expect(options).to_have_count(len(window))
    assert [number(text) for text in options.all_inner_texts()] == window
    options.nth(window.index(max(window))).click()
    expect(lead.card).to_contain_text("1 answer")
    lead.page.keyboard.press("r")
    expect(follower.card).to_contain_text(f"Answer: {truth}")
    expect(follower.card).to_contain_text("Yours is right.")
    expect(follower.page.locator(".middle td.selected")).to_have_count(1)
    expect(follower.card.locator("li")).to_have_count(4)


def test_a_class_is_predicted(hall: Hall) -> None:
    lead = hall.lead("/network", "model=tiny-vgg")
    follower, screen = hall.follow("/network"), hall.screen()
    bars = ".class-bars li"
    expect(follower.page.locator(bars).first).to_be_visible()
    screen.wait_until_drawn()
    expect(screen.page.locator(bars).first).to_be_visible()
    first = follower.page.locator(f"{bars} span").first.inner_text()
    share = follower.page.locator(f"{bars} span").nth(1).inner_text()
    lead.ask("What does the network see?")
    expect(follower.card).to_contain_text("What does the network take this picture for?")
    for shown in (lead, follower, screen):
        expect(shown.page.locator(".net-classes")).to_be_hidden()
        told = shown.tells()
        assert share not in told
        assert first not in told
    options = follower.card.locator(".option")
    expect(options).to_have_count(6)
    assert len(set(options.all_inner_texts())) == 6
    options.get_by_text(first, exact=True).click()
    lead.page.keyboard.press("r")
    expect(follower.card).to_contain_text(f"Answer: {first}")
    expect(follower.card).to_contain_text("Yours is right.")
    expect(follower.page.locator(f"{bars} span").first).to_have_text(first)
    expect(screen.card.locator("li")).to_have_count(6)


def test_a_number_of_a_net_is_predicted(hall: Hall) -> None:
    lead = hall.lead("/network", CELL)
    follower = hall.follow("/network")
    expect(follower.result).to_have_text(lead.number())
    expect(follower.page.locator(".cell-next .next-links button").first).to_be_visible()
    truth = lead.number()
    shares = lead.page.locator(".shares .number").all_inner_texts()[1:]
    lead.ask("What is this number?")
    expect(follower.card).to_contain_text("Which number comes out at conv_2_1, channel 3, row 10, col 10?")
    for shown in (lead, follower):
        expect(shown.result).to_have_text("?")
        expect(shown.page.locator(".cell-next .next-links button")).to_have_count(0)
        told = shown.tells()
        for secret in (truth, *shares):
            assert secret not in told, secret
    follower.sends(truth)
    lead.page.keyboard.press("r")
    expect(follower.result).to_have_text(truth)
    expect(follower.card).to_contain_text("Yours is right.")
    expect(follower.page).to_have_url(re.compile("view=cell&node=conv_2_1&cell=3,10,10"))


def test_names_of_classes_are_text(hall: Hall) -> None:
    lead = hall.lead("/network", "model=tiny-vgg")
    hostile = "<img src=x onerror=alert(1)>"
    follower = hall.follow("/network")
    lead.page.evaluate(
        """([code, secret, hostile]) => new Promise((done) => {
            const socket = new WebSocket(`ws://${location.host}/api/v1/rooms/${code}`);
            socket.onopen = () => {
                socket.send(JSON.stringify({ type: "hello", role: "lead", secret }));
                socket.send(JSON.stringify({ type: "ask", kind: "class", answer: 0,
                    place: { node: hostile, cell: [0, 0, 0] },
                    options: [{ en: hostile, ja: hostile }, { en: "dog", ja: "犬" }] }));
                done();
            };
        })""",
        [hall.code, hall.secret, hostile],
    )
    expect(follower.card.locator(".option").first).to_have_text(hostile)
    follower.card.locator(".option").first.click()
    expect(lead.card.locator("li").first).to_contain_text(hostile)
    lead.page.keyboard.press("r")
    expect(follower.card.locator(".truth")).to_have_text(f"Answer: {hostile}")
    expect(follower.card.locator("img")).to_have_count(0)


def test_the_questions_that_a_view_allows(hall: Hall) -> None:
    lead = hall.lead(query="op=sigmoid")
    ask = lead.bar.get_by_role("button", name="Ask")
    expect(ask).to_be_disabled()
    lead.page.locator("cs-settings select[data-key=op]").select_option("max_pool2d")
    expect(ask).to_be_enabled()
    ask.click()
    expect(lead.page.locator(".ask-menu button")).to_have_count(3)
    lead.page.keyboard.press("Escape")
    lead.page.locator("cs-settings select[data-key=op]").select_option("conv2d")
    expect(ask).to_be_enabled()
    lead.page.locator("cs-settings select[data-key=view]").select_option("columns")
    expect(ask).to_be_disabled()


def test_a_brought_net_without_names_asks_by_numbers(hall: Hall) -> None:
    lead: RoomPage = hall.lead("/network", "model=tiny-vgg")
    follower = hall.follow("/network")
    bring(lead.page, NET)
    expect(lead.page).to_have_url(re.compile("model=mdl_"))
    lead.page.keyboard.press("Escape")
    expect(follower.page).to_have_url(re.compile("model=mdl_"))
    lead.wait_until_drawn()
    lead.ask("What does the network see?")
    expect(follower.card.locator(".option")).to_have_count(4)

"""What is said in a room and what comes of it, with rooms in memory and in Redis."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.api.room_server import LESSON, JsonObject, Member, Place

LISTENERS = 50
UPDATES = 200


def test_a_new_room_shows_nothing(lead: Member, follower: Member, room: JsonObject) -> None:
    state = {"view": None, "pointer": None, "curtain": "none", "live": False, "question": None}
    assert follower.snapshot == {
        "type": "snapshot",
        "n": 0,
        "you": follower.snapshot["you"],
        "code": room["code"],
        "title": "CNN, third lecture",
        "role": "follower",
        "state": state,
        "audience": {"followers": 1, "present": True},
        "own_answer": None,
        "answered": None,
    }
    assert lead.snapshot["lesson"] is None
    assert lead.snapshot["tally"] is None
    assert lead.snapshot["you"] != follower.snapshot["you"]


@pytest.mark.parametrize(
    ("slice", "value"),
    [
        ("view", {"address": "/network?model=tiny-vgg&layer=conv_1_1"}),
        ("view", None),
        ("pointer", {"side": "output", "node": "conv1", "cell": [3, 0, 17]}),
        ("pointer", None),
        ("curtain", "code"),
        ("live", True),
    ],
)
def test_what_a_lead_sets_everybody_gets(lead: Member, follower: Member, slice: str, value: Any) -> None:
    lead.set(slice, value)
    told = {"type": "update", "n": 1, "slice": slice, "value": value, "by": lead.snapshot["you"]}
    assert follower.updated(slice) == told
    assert lead.updated(slice) == told


def test_who_comes_late_sees_what_holds(place: Place, room: JsonObject, lead: Member) -> None:
    lead.set("view", {"address": "/operation?a=1"}).set("curtain", "blank").set("live", True)
    lead.set("view", {"address": "/operation?a=2"})
    lead.until("update", lambda message: message["n"] == 4)
    with place.screen(room) as late:
        assert late.snapshot["n"] == 4
        assert late.snapshot["state"] == {
            "view": {"address": "/operation?a=2"},
            "pointer": None,
            "curtain": "blank",
            "live": True,
            "question": None,
        }
        assert late.snapshot["role"] == "screen"
        assert "own_answer" in late.snapshot
        assert "lesson" not in late.snapshot


def test_nothing_is_lost_and_nothing_out_of_order(place: Place, room: JsonObject, lead: Member) -> None:
    def listen(member: Member) -> None:
        last = UPDATES
        while True:
            message = member.hear()
            if message["type"] == "update" and message["n"] == last:
                return

    with ExitStack() as stack:
        names = [f"participant-number-{i:02d}" for i in range(LISTENERS)]
        members = [stack.enter_context(place.follower(room, name)) for name in names]
        threads = [threading.Thread(target=listen, args=(member,)) for member in members]
        for thread in threads:
            thread.start()
        for i in range(UPDATES):
            if i % 3:
                lead.set("pointer", {"side": "input", "node": "conv", "cell": [0, 0, i]})
            else:
                lead.set("view", {"address": f"/operation?i={i}"})
            if i % 20 == 19:
                lead.until("update", lambda message, n=i + 1: message["n"] == n)
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
        for member in members:
            updates = [message for message in member.heard if message["type"] == "update"]
            assert [message["n"] for message in updates] == list(range(1, UPDATES + 1))
            assert updates == [message for message in members[0].heard if message["type"] == "update"]


def test_two_leads_are_told_apart(place: Place, room: JsonObject, lead: Member) -> None:
    with place.lead(room) as laptop:
        laptop.set("curtain", "code")
        assert lead.updated("curtain")["by"] == laptop.snapshot["you"]
        lead.set("curtain", "none")
        assert laptop.until("update", lambda message: message["n"] == 2)["by"] == lead.snapshot["you"]


def test_followers_are_counted_and_screens_are_not(place: Place, room: JsonObject) -> None:
    with place.screen(room) as screen:
        with place.follower(room):
            assert screen.until("audience", lambda m: m["followers"] == 1)["present"] is False
            with place.lead(room):
                screen.until("audience", lambda m: m["present"])
            screen.until("audience", lambda m: not m["present"])
        screen.until("audience", lambda m: m["followers"] == 0)


def test_counts_come_at_most_four_times_a_second(place: Place, room: JsonObject, lead: Member) -> None:
    with ExitStack() as stack:
        for i in range(30):
            stack.enter_context(place.follower(room, f"participant-number-{i:02d}"))
        lead.until("audience", lambda m: m["followers"] == 30)
    lead.until("audience", lambda m: m["followers"] == 0)
    assert sum(message["type"] == "audience" for message in lead.heard) <= 15  # of 60 comings and goings


def test_the_presenter_goes_and_comes_back_and_the_room_stands(
    place: Place, room: JsonObject, follower: Member
) -> None:
    with place.lead(room) as lead:
        lead.set("view", {"address": "/operation?a=1"})
        follower.updated("view")
    follower.until("audience", lambda m: not m["present"])
    with place.lead(room) as again:
        assert again.snapshot["state"]["view"] == {"address": "/operation?a=1"}
        assert again.snapshot["n"] == 1
        again.set("live", True)
        assert follower.updated("live")["n"] == 2


def test_a_lesson_survives_a_change_of_laptops(place: Place, room: JsonObject, follower: Member) -> None:
    with place.lead(room) as lead:
        lead.say(type="lesson", lesson=LESSON, at=0)
        told = lead.until("lesson")
        assert told["by"] == lead.snapshot["you"]
        assert told["lesson"]["steps"][0]["address"] == "/operation?padding=1"
        assert told["at"] == 0
    with place.lead(room) as laptop:
        assert laptop.snapshot["lesson"] == {"lesson": told["lesson"], "at": 0}
        laptop.set("live", True)
        laptop.say(type="lesson", lesson=None)
        you = laptop.snapshot["you"]
        assert laptop.until("lesson") == {"type": "lesson", "lesson": None, "at": 0, "by": you}
    follower.updated("live")
    assert not [message for message in follower.heard if "lesson" in message or message["type"] == "lesson"]


def test_the_end(place: Place, room: JsonObject, lead: Member, follower: Member) -> None:
    lead.say(type="close")
    for member in (lead, follower):
        assert member.closed() == 1000
        assert member.heard[-1] == {"type": "closed"}
    assert place.refusal(room["code"]).json()["code"] == "unknown-room"


def test_the_end_by_http(place: Place, room: JsonObject, follower: Member) -> None:
    url, http = f"/api/v1/rooms/{room['code']}", place.http
    refused = http.delete(url, headers={"Authorization": "Bearer wrong"})
    assert (refused.status_code, refused.json()["code"]) == (401, "wrong-secret")
    assert http.delete(url).status_code == 401
    assert http.delete(url, headers={"Authorization": f"Bearer {room['secret']}"}).status_code == 204
    assert follower.closed() == 1000
    assert http.delete(url, headers={"Authorization": f"Bearer {room['secret']}"}).status_code == 404


def test_texts_come_back_as_they_were(place: Place, tmp_path: Path) -> None:
    title = "<img src=x onerror=alert(1)> 「畳み込み」 & \u202e \"'"
    room = place.post_room(title)
    with place.follower(room) as follower, place.lead(room) as lead:
        assert follower.snapshot["title"] == title
        lead.ask("class", 0, ["<b>猫</b>", "😀"])
        assert follower.updated("question")["value"]["options"] == ["<b>猫</b>", "😀"]

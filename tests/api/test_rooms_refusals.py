"""What is refused in a room, in memory and in Redis: by role, by form, by length."""

from __future__ import annotations

import json

import pytest

from app.limits import Limits
from tests.api.room_server import LESSON, JsonObject, Member, Place

FOR_LEADS = [
    {"type": "set", "slice": "view", "value": {"address": "/operation"}},
    {"type": "set", "slice": "live", "value": True},
    {"type": "ask", "kind": "cell", "place": None, "options": None, "answer": 1},
    {"type": "reveal"},
    {"type": "withdraw"},
    {"type": "lesson", "lesson": LESSON, "at": 0},
    {"type": "close"},
]


@pytest.mark.parametrize("message", FOR_LEADS, ids=lambda message: message["type"])
def test_followers_and_screens_do_not_lead(
    place: Place, room: JsonObject, lead: Member, message: JsonObject
) -> None:
    with place.follower(room) as follower, place.screen(room) as screen:
        for member in (follower, screen):
            told = member.refused(**message)
            assert (told["code"], told["status"]) == ("not-the-presenter", 403)
        lead.set("curtain", "blank")
        assert follower.updated("curtain")["n"] == 1  # nothing else has happened


def test_a_wrong_secret(place: Place, room: JsonObject) -> None:
    for secret in ("", "wrong", room["secret"][:-1], room["secret"] + "x"):
        with place.connect(room["code"]) as member:
            member.say(type="hello", role="lead", secret=secret)
            assert member.closed() == 4401
            assert [message["type"] for message in member.heard] == ["problem"]
            assert member.heard[0]["code"] == "wrong-secret"


@pytest.mark.parametrize(
    ("text", "code", "argument"),
    [
        ("", "malformed-json", "body"),
        ("[", "malformed-json", "body"),
        ("[" * 5000, "malformed-json", "body"),
        ("{}", "invalid-argument", "message"),
        ("[1]", "invalid-argument", "message"),
        ('{"type": "shout"}', "invalid-argument", "message"),
        ('{"type": "hello", "role": "screen"}', "invalid-argument", "message"),
        ('{"type": "set", "slice": "question", "value": null}', "invalid-argument", "set"),
        ('{"type": "set", "slice": "view"}', "missing-field", "set.view.value"),
        ('{"type": "set", "slice": "live", "value": 1}', "invalid-argument", "set.live.value"),
        ('{"type": "set", "slice": "live", "value": true, "by": 1}', "unknown-field", "set.live.by"),
        ('{"type": "set", "slice": "curtain", "value": "red"}', "invalid-argument", "set.curtain.value"),
        (
            '{"type": "ask", "kind": "cell", "place": null, "options": null, "answer": NaN}',
            "non-finite",
            "body",
        ),
        (
            '{"type": "ask", "kind": "cell", "place": null, "options": ["a", "b"], "answer": 1}',
            "invalid-argument",
            "ask",
        ),
        (
            '{"type": "ask", "kind": "class", "place": null, "options": null, "answer": 1}',
            "invalid-argument",
            "ask",
        ),
        ('{"type": "reveal"}', "no-question", "type"),
        ('{"type": "answer", "question": "q1", "value": 1}', "not-a-follower", "type"),
        ('{"type": "lesson", "lesson": {}, "at": 0}', "missing-field", "lesson.lesson.format"),
        ('{"type": "lesson", "lesson": null, "at": 1}', "invalid-argument", "lesson"),
    ],
)
def test_a_message_that_cannot_be(
    lead: Member, follower: Member, text: str, code: str, argument: str
) -> None:
    lead.connection.send(text)
    told = lead.until("problem")
    assert (told["code"], told["params"]["argument"]) == (code, argument), told
    assert {"title", "status", "detail"} <= set(told)
    lead.set("live", True)  # and the connection stays
    assert follower.updated("live")["n"] == 1


def test_bytes_are_no_message(lead: Member) -> None:
    lead.connection.send(b"\x00\xff")
    assert lead.until("problem")["params"]["argument"] == "message"
    lead.set("live", True).updated("live")


@pytest.mark.parametrize(
    "address",
    [
        "/train",
        "/operationx",
        "operation",
        "//evil.example/operation",
        "https://evil.example/operation",
        "javascript:alert(1)",
        "/operation#secret",
        "/operation?a=\n",
        "/operation?a=<script>",
        '/operation?a="',
        "/operation?a=\\",
        "/operation?名=1",
        "/operation/../train",
        "/operation?" + "a" * 60_000,
        "",
    ],
)
def test_a_view_is_an_address_of_ours(lead: Member, address: str) -> None:
    told = lead.refused(type="set", slice="view", value={"address": address})
    assert told["params"]["argument"] == "set.view.value.address"


def test_the_length_of_a_message(lead: Member, follower: Member) -> None:
    most = Limits().room_message_bytes
    for member, problem in ((lead, "no-question"), (follower, "not-the-presenter")):
        member.connection.send('{"type": "reveal"}'.ljust(most))
        assert member.until("problem")["code"] == problem
        member.connection.send('{"type": "reveal"}'.ljust(most + 1))
        told = member.until("problem")
        assert (told["code"], told["params"]["value"]) == ("body-too-large", most + 1)
        member.connection.send(json.dumps({"type": "é" * (most // 2)}, ensure_ascii=False))
        assert member.until("problem")["code"] == (
            "body-too-large" if member is follower else "invalid-argument"
        )


def test_a_lesson_may_be_longer_than_other_messages(lead: Member) -> None:
    step = {"address": "/operation", "notes": "n" * 9000}
    lead.say(type="lesson", lesson={**LESSON, "steps": [step] * 28}, at=27)
    assert lead.until("lesson")["at"] == 27
    told = lead.refused(type="lesson", lesson={**LESSON, "steps": [step] * 30}, at=0)
    assert told["code"] == "body-too-large"


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ('{"type": "set", "slice": "live", "value": true}', 4400),
        ("hello", 4400),
        ('{"type": "hello", "role": "follower"}', 4400),
        ('{"type": "hello", "role": "follower", "participant": "short"}', 4400),
        ('{"type": "hello", "role": "follower", "participant": "<b>0123456789012</b>"}', 4400),
        ('{"type": "hello", "role": "king"}', 4400),
        ('{"type": "hello", "role": "lead"}', 4400),
    ],
)
def test_a_first_message_that_is_no_hello(place: Place, room: JsonObject, hello: str, code: int) -> None:
    with place.connect(room["code"]) as member:
        member.connection.send(hello)
        assert member.closed() == code
        assert [message["type"] for message in member.heard] == ["problem"]

"""What is said in a room and what comes of it, with rooms in memory and in Redis."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.limits import Limits
from app.services.decoder import Decoder
from app.settings import Settings
from tests.api.redis_process import running_redis
from tests.api.room_server import JsonObject, Member, Place, running_rooms

LISTENERS = 50
UPDATES = 200

LESSON = {
    "format": "convscope-lesson",
    "version": 1,
    "title": {"en": "Padding", "ja": "パディング"},
    "steps": [{"address": "/operation?padding=1", "notes": "what is it for?", "question": "size"}],
}


@pytest.fixture(scope="module", params=["memory", "redis"])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, decoder: Decoder
) -> Iterator[Place]:
    limits = Limits(rooms_per_address=1000, room_messages_per_second=1000)
    data = tmp_path_factory.mktemp("rooms")
    with ExitStack() as stack:
        redis_url = stack.enter_context(running_redis()).url if request.param == "redis" else None
        settings = Settings(_env_file=None, data_dir=data, redis_url=redis_url, limits=limits)
        yield stack.enter_context(running_rooms(settings, decoder))


@pytest.fixture
def room(place: Place) -> JsonObject:
    return place.post_room("CNN, third lecture")


@pytest.fixture
def lead(place: Place, room: JsonObject) -> Iterator[Member]:
    with place.lead(room) as member:
        yield member


@pytest.fixture
def follower(place: Place, room: JsonObject) -> Iterator[Member]:
    with place.follower(room) as member:
        yield member


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
        assert told["lesson"]["steps"][0]["address"] == "/operation?padding=1"
        assert told["at"] == 0
    with place.lead(room) as laptop:
        assert laptop.snapshot["lesson"] == {"lesson": told["lesson"], "at": 0}
        laptop.set("live", True)
        laptop.say(type="lesson", lesson=None)
        assert laptop.until("lesson") == {"type": "lesson", "lesson": None, "at": 0}
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


# Questions


def test_a_question_from_asking_to_revealing(place: Place, room: JsonObject, lead: Member) -> None:
    with place.follower(room) as first, place.follower(room, "participant-number-2") as second:
        lead.ask(answer=-1.25)
        asked = first.updated("question")["value"]
        assert asked == {
            "id": asked["id"],
            "kind": "cell",
            "place": {"node": "conv", "cell": [0, 4, 7]},
            "options": None,
            "revealed": None,
        }
        assert lead.updated("question")["value"] == {**asked, "answer": -1.25}
        first.say(type="answer", question=asked["id"], value=3)
        first.say(type="answer", question=asked["id"], value=-1.2)
        second.say(type="answer", question=asked["id"], value=-1.2)
        told = {"type": "tally", "question": asked["id"], "answered": 2}
        of_both = lead.until("tally", lambda m: m["answered"] == 2 and len(m["tally"]) == 1)
        assert of_both == {**told, "tally": [{"value": -1.2, "count": 2}]}
        assert first.until("tally", lambda m: m["answered"] == 2) == {**told, "tally": None}

        lead.say(type="reveal")
        revealed = {"answer": -1.25, "answered": 2, "tally": [{"value": -1.2, "count": 2}]}
        assert first.updated("question")["value"] == {**asked, "revealed": revealed}
        late = first.refused(type="answer", question=asked["id"], value=-1.25)
        assert late["code"] == "question-over"
        lead.say(type="withdraw")
        assert second.until("update", lambda m: m["n"] == 3)["value"] is None


def test_who_comes_back_finds_the_own_answer(place: Place, room: JsonObject, lead: Member) -> None:
    lead.ask("size", [26, 24])
    with place.follower(room) as follower:
        asked = follower.snapshot["state"]["question"] or follower.updated("question")["value"]
        follower.say(type="answer", question=asked["id"], value=[26, 26])
        lead.until("tally", lambda m: m["answered"] == 1)
    with place.follower(room) as again:
        assert again.snapshot["own_answer"] == [26, 26]
        assert again.snapshot["answered"] == 1
    with place.follower(room, "participant-number-2") as other:
        assert other.snapshot["own_answer"] is None
    with place.lead(room) as laptop:
        assert laptop.snapshot["tally"] == [{"value": [26, 26], "count": 1}]
        assert laptop.snapshot["state"]["question"]["answer"] == [26, 24]
        lead.ask("size", [1, 1])
        laptop.until("update", lambda m: m["n"] == 2)
    with place.follower(room) as third:
        assert third.snapshot["own_answer"] is None
        assert third.snapshot["answered"] == 0


@pytest.mark.parametrize(
    ("kind", "options", "answer", "wrong"),
    [
        ("cell", None, 2.5, ["2.5", None, True, [2.5], 1e31]),
        ("size", None, [3, 4], [3, [3], [3, 4, 5], [-1, 4], [3.5, 4], "3×4"]),
        ("argmax", ["0.1", "0.9", "0.3"], 1, [3, -1, "0.9", 1.0, True]),
        ("class", [{"en": "cat", "ja": "猫"}, {"en": "dog", "ja": "犬"}], 0, [2, "cat", None]),
    ],
)
def test_answers_must_be_of_the_questions_kind(
    lead: Member, follower: Member, kind: str, options: Any, answer: Any, wrong: list[Any]
) -> None:
    lead.ask(kind, answer, options)
    asked = follower.updated("question")["value"]
    assert asked["options"] == options
    for value in wrong:
        told = follower.refused(type="answer", question=asked["id"], value=value)
        assert told["code"] == "invalid-argument", told
        assert told["params"]["argument"] == "value"
        lead.ask(kind, value, options)
        assert lead.until("problem")["params"]["argument"] == "answer"
    follower.say(type="answer", question=asked["id"], value=answer)
    assert lead.until("tally")["answered"] == 1


def test_no_follower_is_sent_the_answer_before_it_is_revealed(
    place: Place, room: JsonObject, lead: Member
) -> None:
    secret = -87.654321
    texts: list[str] = []
    with place.follower(room) as early, place.screen(room) as screen:
        lead.set("view", {"address": "/operation"}).ask(answer=secret)
        asked = early.updated("question")["value"]
        early.say(type="answer", question=asked["id"], value=1)
        early.until("tally")
        screen.until("tally")
        with place.follower(room, "participant-number-2") as late:
            lead.set("live", True)
            late.updated("live")
            early.updated("live")
            texts = [json.dumps(member.heard) for member in (early, late, screen)]
        lead.say(type="reveal")
        assert early.updated("question")["value"]["revealed"]["answer"] == secret
    assert texts
    for text in texts:
        assert asked["id"] in text
        assert "87.654" not in text
        assert '"answer"' not in text


# What is refused


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


def test_texts_come_back_as_they_were(place: Place, tmp_path: Path) -> None:
    title = "<img src=x onerror=alert(1)> 「畳み込み」 & \u202e \"'"
    room = place.post_room(title)
    with place.follower(room) as follower, place.lead(room) as lead:
        assert follower.snapshot["title"] == title
        lead.ask("class", 0, ["<b>猫</b>", "😀"])
        assert follower.updated("question")["value"]["options"] == ["<b>猫</b>", "😀"]

"""Questions in a room, in memory and in Redis: asked, answered, revealed, and secret until then."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.room_server import JsonObject, Member, Place


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

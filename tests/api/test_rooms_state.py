"""The pure parts of rooms: codes, budgets, guesses, questions, messages, and what each role may see."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.budgets import Budget, Budgets
from app.problems import Problem
from app.rooms import codes, questions
from app.rooms.guessing import Guesses
from app.rooms.messages import HELLO, SAID, Ask
from app.rooms.room import Change, Room
from app.sockets import read_message

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def allowed(*codes: str) -> Iterator[None]:
    """No exception, or a problem with one of these codes."""
    try:
        yield
    except Problem as problem:
        if problem.code not in codes:
            raise


# Codes and secrets


def test_codes_are_of_the_alphabet_and_seldom_the_same() -> None:
    made = [codes.new_code() for _ in range(2000)]
    assert all(re.fullmatch("[34679CDFGHJKMNPQRTWXY]{6}", code) for code in made)
    assert len(set(made)) > 1990
    assert set("".join(made)) == set(codes.ALPHABET)


def test_no_sign_of_the_alphabet_looks_like_another() -> None:
    for alike in ("0O", "1IL", "2Z", "5S", "8B", "UV", "AEIOU"):
        assert not set(alike) & set(codes.ALPHABET)


@given(st.text(alphabet=codes.ALPHABET, min_size=6, max_size=6), st.integers(0, 6), st.sampled_from(" -"))
def test_what_people_type_is_forgiven(code: str, at: int, sign: str) -> None:
    assert codes.normalise(code[:at].lower() + sign + code[at:]) == code


@given(st.text(max_size=40))
def test_what_is_no_code_is_none(text: str) -> None:
    found = codes.normalise(text)
    assert found is None or set(found) <= set(codes.ALPHABET)


def test_secrets_are_long_and_known_by_digest_only() -> None:
    secret = codes.new_secret()
    assert len(secret) >= 32
    assert secret not in codes.digest_of(secret)
    assert codes.opens(secret, codes.digest_of(secret))
    assert not codes.opens(secret + " ", codes.digest_of(secret))
    assert not codes.opens("\ud800", codes.digest_of(secret))


# Budgets and guesses


def test_a_budget_comes_back_evenly_and_is_never_exceeded() -> None:
    clock = Clock()
    budget = Budget(60, 60.0, clock)
    assert [budget.take() for _ in range(61)] == [True] * 60 + [False]
    assert budget.wait_s() == pytest.approx(1 / 60)
    clock.now = 0.5
    assert sum(budget.take() for _ in range(60)) == 30
    clock.now = 1000.0
    assert budget.left == 60


def test_addresses_do_not_fill_the_memory() -> None:
    budgets = Budgets(3, 60.0)
    for i in range(Budgets.ADDRESSES + 500):
        budgets.of(f"192.0.2.{i}").take()
    assert len(budgets) == Budgets.ADDRESSES


def test_one_ipv6_network_shares_a_budget() -> None:
    budgets = Budgets(2, 60.0)
    assert budgets.of("2001:db8:1:2::1").take()
    assert budgets.of("2001:db8:1:2:ffff::2").take()
    assert not budgets.of("2001:db8:1:2::3").take()
    assert budgets.of("2001:db8:1:3::3").take()


def test_guesses_at_n_and_n_plus_one() -> None:
    clock = Clock()
    guesses = Guesses(30, clock)
    for _ in range(30):
        guesses.check("192.0.2.1", "K7M4PX")
        assert guesses.wrong("192.0.2.1", "K7M4PX").code == "unknown-room"
    with pytest.raises(Problem) as refused:
        guesses.check("192.0.2.1", "K7M4PX")
    assert refused.value.code == "too-many-guesses"
    assert refused.value.retry_after_s == pytest.approx(2.0)
    guesses.check("192.0.2.2", "K7M4PX")
    clock.now = 2.0
    guesses.check("192.0.2.1", "K7M4PX")


def test_who_is_in_a_hall_with_a_guesser_comes_back_to_the_room_of_the_hall_alone() -> None:
    guesses = Guesses(1, Clock())
    guesses.right("192.0.2.1", "K7M4PX")
    guesses.wrong("192.0.2.1", "K7M4PY")
    guesses.check("192.0.2.1", "K7M4PX")
    for code in ("K7M4PY", None):
        with pytest.raises(Problem):
            guesses.check("192.0.2.1", code)


# Questions


@given(st.lists(st.integers(0, 5) | st.lists(st.integers(0, 2), min_size=2, max_size=2)))
def test_a_tally_counts_everybody_once(answers: list[object]) -> None:
    rows = questions.tally(answers)
    assert sum(row["count"] for row in rows) == len(answers)
    counts = [row["count"] for row in rows]
    assert counts == sorted(counts, reverse=True)
    assert all(row["count"] == answers.count(row["value"]) for row in rows)


def test_rare_answers_are_told_together() -> None:
    rows = questions.tally([float(i) for i in range(250)] + [7.0])
    assert len(rows) == questions.TOLD + 1
    assert rows[0] == {"value": 7.0, "count": 2}
    assert rows[-1] == {"value": None, "count": 50}


@given(st.sampled_from(["cell", "size", "argmax", "class"]), json_values)
def test_an_answer_fits_or_is_refused(kind: str, value: object) -> None:
    options = ["a", "b", "c"] if kind in ("argmax", "class") else None
    with allowed("invalid-argument"):
        taken = questions.checked(kind, options, value)
        assert questions.checked(kind, options, taken) == taken == value
        json.dumps(taken, allow_nan=False)


# What each role sees


def asked() -> dict[str, object]:
    ask = Ask(type="ask", kind="cell", place=None, options=None, answer=-87.5)
    return ask.as_question("q1")


@pytest.mark.parametrize("role", ["follower", "screen"])
def test_an_open_questions_answer_is_the_leads_alone(role: str) -> None:
    room = Room("K7M4PX", "", "digest", lesson={"lesson": {}, "at": 0})
    change = Change(1, "question", asked(), "c1")
    assert room.follow(change)
    for told in (room.snapshot(role), change.message_for(role)):
        assert "87.5" not in json.dumps(told)
        assert "lesson" not in told
        assert "digest" not in json.dumps(told)
    assert room.snapshot("lead")["state"]["question"]["answer"] == -87.5
    assert change.message_for("lead")["value"]["answer"] == -87.5
    assert "digest" not in json.dumps(room.snapshot("lead"))


def test_a_copy_changes_by_itself() -> None:
    room = Room("K7M4PX", "", "digest")
    copy = room.copy()
    copy.follow(Change(1, "live", True, "c1"))
    assert (room.n, room.state["live"], copy.n, copy.state["live"]) == (0, False, 1, True)


@given(st.lists(st.integers(1, 6), max_size=20))
def test_only_the_next_change_is_taken(numbers: list[int]) -> None:
    room = Room("K7M4PX", "", "digest")
    for n in numbers:
        before = room.n
        assert room.follow(Change(n, "pointer", {"n": n}, "c1")) == (n == before + 1)
        assert room.n == (n if n == before + 1 else before)


# Messages


@given(st.text() | json_values.map(json.dumps))
def test_any_text_is_a_message_or_a_problem(text: str) -> None:
    for kind in (HELLO, SAID):
        with allowed("malformed-json", "invalid-argument", "missing-field", "non-finite"):
            read_message(kind, text)  # type: ignore[arg-type]


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["set", "ask", "reveal", "answer", "lesson", "close"])},
        optional={
            "slice": st.sampled_from(["view", "pointer", "curtain", "live"]),
            "value": json_values,
            "kind": st.sampled_from(["cell", "size", "argmax", "class"]),
            "place": json_values,
            "options": json_values,
            "answer": json_values,
            "question": json_values,
            "lesson": json_values,
            "at": json_values,
            "more": json_values,
        },
    )
)
def test_nearly_a_message_is_one_or_a_problem(message: dict[str, object]) -> None:
    with allowed("invalid-argument", "missing-field", "unknown-field"):
        read_message(SAID, json.dumps(message))

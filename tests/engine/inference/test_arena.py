"""Outputs laid over one another never meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.inference.arena import ALIGNMENT, Need, arrange


def needs(most: int = 14) -> st.SearchStrategy[dict[str, Need]]:
    one = st.builds(
        lambda nbytes, first, steps: Need(nbytes, first, first + steps),
        st.integers(1, 2000),
        st.integers(0, 12),
        st.integers(0, 6),
    )
    return st.lists(one, min_size=1, max_size=most).map(
        lambda found: {f"n{i}": n for i, n in enumerate(found)}
    )


def check_apart(wanted: dict[str, Need], offsets: dict[str, int], total: int) -> None:
    """Nothing shares a byte with what is needed at the same time, and all lies within the whole."""
    assert set(offsets) == set(wanted)
    for name, need in wanted.items():
        start, end = offsets[name], offsets[name] + need.nbytes
        assert start >= 0
        assert end <= total, f"{name} ends beyond the whole"
        for other, beside in wanted.items():
            at_once = need.first <= beside.last and beside.first <= need.last
            if other != name and at_once:
                there = offsets[other]
                assert end <= there or there + beside.nbytes <= start, f"{name} lies over {other}"


def aligned(nbytes: int) -> int:
    return -(-nbytes // ALIGNMENT) * ALIGNMENT


@given(needs())
def test_nothing_meets(wanted: dict[str, Need]) -> None:
    offsets, total = arrange(wanted)
    check_apart(wanted, offsets, total)
    assert all(offset % ALIGNMENT == 0 for offset in offsets.values())


@given(needs())
def test_the_whole_is_no_more_than_everything_and_no_less_than_the_most_at_once(
    wanted: dict[str, Need],
) -> None:
    _, total = arrange(wanted)
    assert total <= sum(aligned(need.nbytes) for need in wanted.values())
    steps = range(1 + max(need.last for need in wanted.values()))
    assert total >= max(
        sum(need.nbytes for need in wanted.values() if need.first <= step <= need.last) for step in steps
    )


@given(needs())
def test_the_same_needs_are_laid_the_same_way(wanted: dict[str, Need]) -> None:
    assert arrange(wanted) == arrange(dict(wanted))


def test_what_lies_over_another_is_noticed() -> None:
    wanted = {"a": Need(100, 0, 1), "b": Need(64, 1, 2), "c": Need(10, 2, 2)}
    check_apart(wanted, {"a": 0, "b": 128, "c": 0}, 192)
    with pytest.raises(AssertionError, match="a lies over b"):
        check_apart(wanted, {"a": 0, "b": 64, "c": 0}, 192)
    with pytest.raises(AssertionError, match="beyond the whole"):
        check_apart(wanted, {"a": 0, "b": 128, "c": 0}, 191)


def test_a_chain_takes_what_two_neighbours_take() -> None:
    chain = {f"n{i}": Need(6400, i, i + 1) for i in range(30)}
    assert arrange(chain)[1] == 2 * 6400


def test_what_is_needed_to_the_end_has_a_place_of_its_own() -> None:
    wanted = {"kept": Need(640, 0, 9), **{f"n{i}": Need(640, i, i) for i in range(10)}}
    offsets, total = arrange(wanted)
    assert total == 2 * 640
    assert {offsets[f"n{i}"] for i in range(10)} == {640 - offsets["kept"]}


def test_a_gap_is_used() -> None:
    # Between two large ones that do not live at the same time as a small one, but with each other.
    wanted = {
        "large": Need(640, 0, 2),
        "other": Need(320, 0, 0),
        "later": Need(256, 1, 2),
        "least": Need(64, 1, 1),
    }
    offsets, total = arrange(wanted)
    assert total == 640 + 320
    assert (offsets["later"], offsets["least"]) == (640, 640 + 256)


def test_nothing_takes_nothing() -> None:
    assert arrange({}) == ({}, 0)

"""The lessons that come with the server: right in form, in both languages, and in their numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.rooms.messages import Lesson
from app.services.lessons import Lessons
from app.settings import ROOT
from tests.api.addresses import explanation, output_shape, run, view_of
from tests.api.nets import get_array
from tests.api.server import Api, MakeApi

FOLDER = ROOT / "static" / "lessons"
NAMES = ["what-a-convolution-does", "padding-stride-pooling", "inside-a-trained-network"]
LESSONS: dict[str, dict[str, Any]] = {
    name: json.loads((FOLDER / f"{name}.json").read_text()) for name in NAMES
}
STEPS = [(name, index) for name in NAMES for index in range(len(LESSONS[name]["steps"]))]


def step_of(name: str, index: int) -> dict[str, Any]:
    step: dict[str, Any] = LESSONS[name]["steps"][index]
    return step


def test_the_list(api: Api) -> None:
    answer = api.get("/api/v1/lessons")
    assert answer.status_code == 200
    listed = {each["name"]: each for each in answer.json()["lessons"]}
    assert list(listed) == NAMES  # as they are taught
    for name, lesson in LESSONS.items():
        assert listed[name] == {"name": name, "title": lesson["title"], "steps": len(lesson["steps"])}


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_comes_as_its_file_has_it(api: Api, name: str) -> None:
    assert api.get(f"/api/v1/lessons/{name}").json() == LESSONS[name]


def test_no_other_lesson(api: Api) -> None:
    answer = api.get("/api/v1/lessons/how-to-cook")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-lesson")
    assert "what-a-convolution-does" in answer.json()["params"]["allowed"]
    assert api.get("/api/v1/lessons?limit=3").status_code == 422
    assert api.get("/api/v1/lessons/..%2Fscales").status_code == 404


def test_a_server_without_lessons_says_so(make_api: MakeApi, tmp_path: Path) -> None:
    assert make_api(static_dir=tmp_path).get("/api/v1/lessons").json() == {"lessons": []}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("broken.json", "{"),
        ("empty.json", '{"format": "convscope-lesson", "version": 1, "title": "a", "steps": []}'),
        (
            "far.json",
            '{"format": "convscope-lesson", "version": 1, "title": "a", "steps": [{"address": "/docs"}]}',
        ),
        ("Capital.json", json.dumps(LESSONS[NAMES[0]])),
    ],
)
def test_a_wrong_file_is_found_when_the_server_starts(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=name):
        Lessons(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_every_lesson_is_taught_in_both_languages(name: str) -> None:
    lesson = LESSONS[name]
    assert Lesson.model_validate(lesson).model_dump(exclude_none=True) == lesson
    assert 6 <= len(lesson["steps"]) <= 12
    for step in lesson["steps"]:
        for text in (lesson["title"], step["title"], step["notes"]):
            assert set(text) == {"en", "ja"}
            assert re.search("[ぁ-んァ-ヶ一-龠]", text["ja"])
            assert not re.search("[ぁ-んァ-ヶ一-龠]", text["en"])
        # What a teacher says, shows and asks, each on a line of its own.
        assert step["notes"]["en"].count("\n") == step["notes"]["ja"].count("\n") >= 2


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_numbers(name: str) -> None:
    for step in LESSONS[name]["steps"]:
        notes = step["notes"]
        exact = {lang: set(re.findall(r"\d+\.\d+|\d{1,3}(?:,\d{3})+", notes[lang])) for lang in notes}
        assert exact["en"] == exact["ja"], step["address"]


@pytest.mark.parametrize(("name", "index"), STEPS)
def test_every_address_runs(api: Api, name: str, index: int) -> None:
    view = view_of(step_of(name, index)["address"])
    if view.node and view.params.get("view") != "filters":
        assert explanation(api, view)["value"] is not None
    else:
        assert run(api, view)["nodes"]


# (lesson, step): decimals with which the notes name the number under attention.
VALUES = {
    ("what-a-convolution-does", 0): 2,
    ("what-a-convolution-does", 1): 2,
    ("what-a-convolution-does", 2): 2,
    ("what-a-convolution-does", 3): 2,
    ("what-a-convolution-does", 4): 2,
    ("what-a-convolution-does", 5): 2,
    ("what-a-convolution-does", 6): 2,
    ("what-a-convolution-does", 7): 2,
    ("what-a-convolution-does", 8): 0,
    ("what-a-convolution-does", 9): 0,
    ("padding-stride-pooling", 1): 2,
    ("padding-stride-pooling", 2): 2,
    ("padding-stride-pooling", 3): 2,
    ("padding-stride-pooling", 4): 2,
    ("padding-stride-pooling", 6): 2,
    ("padding-stride-pooling", 8): 2,
    ("padding-stride-pooling", 9): 2,
    ("padding-stride-pooling", 10): 2,
    ("padding-stride-pooling", 11): 2,
    ("inside-a-trained-network", 1): 2,
    ("inside-a-trained-network", 4): 3,
    ("inside-a-trained-network", 5): 2,
    ("inside-a-trained-network", 6): 3,
    ("inside-a-trained-network", 8): 3,
    ("inside-a-trained-network", 9): 3,
}


@pytest.mark.parametrize(("place", "digits"), VALUES.items())
def test_the_number_that_the_notes_name_is_the_number(api: Api, place: tuple[str, int], digits: int) -> None:
    step = step_of(*place)
    value = explanation(api, view_of(step["address"]))["value"]
    shown = f"{value:.{digits}f}".replace("-", "\u2212")
    for text in step["notes"].values():
        assert re.search(rf"(?<![\d.]){re.escape(shown)}(?![\d])", text), (shown, text)


def test_the_sizes_that_the_notes_name(api: Api) -> None:
    steps = LESSONS["padding-stride-pooling"]["steps"]
    sides = {0: 26, 1: 28, 4: 30, 5: 14, 7: 9, 8: 14, 10: 13}
    for index, side in sides.items():
        assert output_shape(api, view_of(steps[index]["address"]))[1:] == [side, side]
        assert all(re.search(rf"\b{side}\b", text) for text in steps[index]["notes"].values()), index


def test_stride_two_is_every_second_number(api: Api) -> None:
    steps = LESSONS["padding-stride-pooling"]["steps"]
    with_stride, without = (view_of(steps[index]["address"]) for index in (5, 6))
    assert [2 * index for index in with_stride.cell[1:]] == without.cell[1:]
    assert explanation(api, with_stride)["value"] == explanation(api, without)["value"]


def test_what_the_network_says_in_the_notes(api: Api) -> None:
    for index in (0, 10, 11):
        step = step_of("inside-a-trained-network", index)
        top = run(api, view_of(step["address"]))["top"]
        for answer in top[:2]:
            share = f"{100 * answer['probability']:.0f}"
            for lang, text in step["notes"].items():
                assert answer["label"][lang] in text
                assert share in text, (share, text)


def test_the_parts_of_one_number(api: Api) -> None:
    step = step_of("inside-a-trained-network", 4)
    terms = explanation(api, view_of(step["address"]))["terms"]
    assert len(terms) == 147
    for channel in range(3):
        total = sum(term["product"] for term in terms if term["cell"] and term["cell"][0] == channel)
        assert all(f"{total:.3f}" in text for text in step["notes"].values())


def test_how_much_relu_puts_out(api: Api) -> None:
    step = step_of("inside-a-trained-network", 5)
    made = run(api, view_of(step["address"]))["id"]
    layer = get_array(api, f"/api/v1/runs/{made}/nodes/relu1/output.npy")
    for share in (layer[11] == 0).mean(), (layer == 0).mean():
        assert all(f"{100 * share:.0f} %" in text for text in step["notes"].values())


def test_what_the_filters_have_become(api: Api) -> None:
    filters = api.get("/api/v1/models/cifar-net/nodes/conv1/filters").json()
    kinds, fit = filters["summary"]["kinds"], filters["filters"][11]["fit"]
    learned, noise = (
        api.get(f"/api/v1/models/{name}/nodes/conv1/filters").json()["summary"]["median_r2"]
        for name in ("cifar-net", "cifar-net-untrained")
    )
    told = [str(kinds["gabor"]), str(kinds["edge"]), f"{fit['wavelength_px']:.1f}", f"{fit['r2']:.2f}"]
    for text in step_of("inside-a-trained-network", 2)["notes"].values():
        assert all(number in text for number in told)
    for text in step_of("inside-a-trained-network", 3)["notes"].values():
        assert f"{learned:.2f}" in text
        assert f"{noise:.2f}" in text


def test_what_the_other_kernels_do(api: Api) -> None:
    def cat(edits: str) -> float:
        top = run(api, view_of(f"/network?edits={edits}"))["top"]
        return next(float(each["probability"]) for each in top if each["label"]["en"] == "cat")

    before = cat("")
    moved = [abs(cat(f"conv1:{channel}!") - before) < 0.05 for channel in range(40) if channel != 11]
    for text in step_of("inside-a-trained-network", 10)["notes"].values():
        assert re.search(rf"\b{sum(moved)}\b", text), sum(moved)

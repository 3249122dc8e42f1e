"""Rooms by HTTP: opening, finding, QR codes, and what is refused."""

from __future__ import annotations

import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
import segno

from app.limits import Limits
from app.rooms.joining import QUIET, origins, qr_svg
from app.settings import Settings
from tests.api.server import Api, MakeApi

ROOMS = "/api/v1/rooms"


def test_a_room_is_opened_and_found(make_api: MakeApi) -> None:
    api = make_api(public_url="https://convscope.example/")
    answer = api.post(ROOMS, json={"title": "CNN, third lecture"})
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    room = answer.json()
    assert room["url"] == f"https://convscope.example/r/{room['code']}"
    assert room["presenter_url"].endswith(f"/lecture#room={room['code']}&secret={room['secret']}")
    assert answer.headers["Location"] == f"{ROOMS}/{room['code']}"
    typed = f" {room['code'][:3].lower()}-{room['code'][3:]}"
    found = api.get(f"{ROOMS}/{typed}").json()
    assert found.pop("join")[0] == room["url"]
    assert found == {"code": room["code"], "title": "CNN, third lecture", "present": False, "followers": 0}
    assert room["secret"] not in api.get(f"{ROOMS}/{room['code']}").text


def test_the_examples_of_the_description_work(api: Api) -> None:
    schemas = api.get("/openapi.json").json()["components"]["schemas"]
    for example in schemas["RoomBody"]["examples"]:
        made = api.post(ROOMS, json=example)
        assert made.status_code == 201
        assert made.json().keys() == schemas["NewRoom"]["examples"][0].keys()
        found = api.get(f"{ROOMS}/{made.json()['code']}")
        assert found.json().keys() == schemas["RoomAnswer"]["examples"][0].keys()


def test_a_title_may_be_left_out(api: Api) -> None:
    room = api.post(ROOMS, json={}).json()
    assert room["title"] == ""
    assert room["presenter_url"].startswith("http://test/lecture#")


@pytest.mark.parametrize("title", ["x" * 121, "two\nlines", "bell\x07", 3, None])
def test_titles_that_are_none(api: Api, title: object) -> None:
    answer = api.post(ROOMS, json={"title": title})
    assert answer.status_code == 422
    assert answer.json()["params"]["argument"] == "title"


def test_the_longest_title(api: Api) -> None:
    assert api.post(ROOMS, json={"title": "題" * 120}).json()["title"] == "題" * 120


def test_unknown_fields_and_parameters(api: Api) -> None:
    assert api.post(ROOMS, json={"name": "CNN"}).json()["code"] == "unknown-field"
    room = api.post(ROOMS, json={}).json()
    assert api.get(f"{ROOMS}/{room['code']}?x=1").json()["code"] == "unknown-parameter"


@pytest.mark.parametrize("code", ["K7M4PX", "K7M4P", "O0I1L8", "k7m4px7", "%3Cscript%3E", "%F0%9F%98%80"])
def test_rooms_that_there_are_not(api: Api, code: str) -> None:
    for path in (f"{ROOMS}/{code}", f"{ROOMS}/{code}/qr.svg"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-room")


def test_the_qr_code_is_that_of_the_address(make_api: MakeApi) -> None:
    api = make_api(public_url="https://convscope.example")
    room = api.post(ROOMS, json={}).json()
    answer = api.get(f"{ROOMS}/{room['code']}/qr.svg")
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.text == qr_svg(room["url"])
    addresses = api.get(f"{ROOMS}/{room['code']}").json()["join"]
    for index, address in enumerate(addresses):
        drawn = api.get(f"{ROOMS}/{room['code']}/qr.svg", params={"join": index})
        assert drawn.text == qr_svg(address)
    beyond = api.get(f"{ROOMS}/{room['code']}/qr.svg", params={"join": len(addresses)})
    assert (beyond.status_code, beyond.json()["params"]["argument"]) == (422, "join")


def test_a_qr_code_is_drawn_cell_by_cell() -> None:
    text = "https://convscope.example/r/K7M4PX"
    root = ElementTree.fromstring(qr_svg(text))
    matrix = segno.make(text, error="m", micro=False).matrix
    side = len(matrix) + 2 * QUIET
    assert root.attrib["viewBox"] == f"0 0 {side} {side}"
    light, dark = list(root)
    assert light.attrib["fill"] == "#fff"
    drawn = set()
    for run in dark.attrib["d"].split("z")[:-1]:
        place, _, length = run.removeprefix("M").partition("h")
        column, row = map(int, place.split())
        drawn |= {(row, column + i) for i in range(int(length.split("v")[0]))}
    cells = enumerate(matrix, QUIET)
    assert drawn == {(r, c) for r, row in cells for c, is_dark in enumerate(row, QUIET) if is_dark}
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "path"}


def test_the_origins_that_lead_here(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, host="192.0.2.7", port=8000)
    assert origins(settings, "http://localhost:8000") == ["http://192.0.2.7:8000"]
    assert origins(settings, "https://192.0.2.7:8443") == ["http://192.0.2.7:8000"]
    behind = origins(settings, "https://convscope.example")
    assert behind == ["http://192.0.2.7:8000", "https://convscope.example"]


# Limits


def test_rooms_of_one_address_at_n_and_n_plus_one(make_api: MakeApi) -> None:
    api = make_api(limits={"rooms_per_address": 3})
    for _ in range(3):
        assert api.post(ROOMS, json={}).status_code == 201
    refused = api.post(ROOMS, json={})
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-rooms")
    assert 0 < int(refused.headers["Retry-After"]) <= 1200


def test_rooms_at_n_and_n_plus_one(make_api: MakeApi) -> None:
    api = make_api(limits={"rooms": 2})
    room = api.post(ROOMS, json={}).json()
    assert api.post(ROOMS, json={}).status_code == 201
    assert api.post(ROOMS, json={}).json()["code"] == "too-many-rooms"
    headers = {"Authorization": f"Bearer {room['secret']}"}
    assert api.delete(f"{ROOMS}/{room['code']}", headers=headers).status_code == 204
    assert api.post(ROOMS, json={}).status_code == 201


def test_a_room_without_anybody_is_forgotten(make_api: MakeApi) -> None:
    api = make_api(limits={"room_idle_s": 0.3, "rooms": 1})
    room = api.post(ROOMS, json={}).json()
    assert api.get(f"{ROOMS}/{room['code']}").status_code == 200
    time.sleep(0.35)
    assert api.get(f"{ROOMS}/{room['code']}").status_code == 404
    assert api.post(ROOMS, json={}).status_code == 201


def test_guessing_at_n_and_n_plus_one(make_api: MakeApi) -> None:
    api = make_api(limits={"room_codes_per_minute": 5})
    codes = ["K7M4P" + sign for sign in "34679C"]
    room = api.post(ROOMS, json={}).json()["code"]
    told = [api.get(f"{ROOMS}/{code}").status_code for code in codes if code != room]
    assert told[:5] == [404] * 5
    refused = api.get(f"{ROOMS}/K7M4PX")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-guesses")
    assert 0 < int(refused.headers["Retry-After"]) <= 12
    # The address that has opened a room may return to it.
    assert api.get(f"{ROOMS}/{room}").status_code == 200


def test_ten_thousand_wrong_codes_are_refused_cheaply(api: Api) -> None:
    room = api.post(ROOMS, json={}).json()["code"]
    service = api.app.state.services.rooms
    limit = Limits().room_codes_per_minute

    async def guess() -> dict[str, int]:
        found: dict[str, int] = {}
        for i in range(10_000):
            try:
                await service.find(f"{i:06}", "192.0.2.99")
            except Exception as problem:
                found[problem.code] = found.get(problem.code, 0) + 1
        return found

    start = time.perf_counter()
    told = api._portal.call(guess)
    seconds = time.perf_counter() - start
    assert limit <= told["unknown-room"] <= limit + 1 + seconds * limit / 60
    assert sum(told.values()) == 10_000
    assert seconds < 5  # half a millisecond each, on a busy machine too
    assert api.get(f"{ROOMS}/{room}").status_code == 200

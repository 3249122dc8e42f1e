"""The way into a room for people: the form, and the short address behind a QR code."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from app.limits import Limits
from app.services.decoder import Decoder
from app.settings import Settings
from tests.api.room_server import running_rooms
from tests.api.server import Api, MakeApi


@pytest.fixture
def code(api: Api) -> str:
    """The code of an open room that shows nothing yet."""
    code: str = api.post("/api/v1/rooms", json={}).json()["code"]
    return code


def test_the_form_needs_no_script(api: Api) -> None:
    answer = api.get("/join")
    assert answer.status_code == 200
    assert re.search(r'<form[^>]*action="/join"[^>]*method="get"', answer.text)
    assert answer.text.count("<input") == 1
    assert "js/theme.js" in answer.text
    assert 'type="module"' not in answer.text


@pytest.mark.parametrize("typed", ["k7m4px", " K7M 4PX ", "k7m-4px", "K7M+4PX", "\u3042\u3044"])
def test_the_form_leads_to_the_short_address(api: Api, typed: str) -> None:
    answer = api.get("/join", params={"code": typed})
    assert answer.status_code == 303
    assert answer.headers["cache-control"] == "no-store"
    target = httpx.URL("http://test").join(answer.headers["location"])
    assert target.path == f"/r/{typed.strip()}"


def test_an_empty_field_is_the_form_again(api: Api) -> None:
    assert api.get("/join?code=%20").status_code == 200


def test_a_code_leads_nowhere_else(api: Api) -> None:
    for typed in ("//elsewhere.example", "../docs", "https://elsewhere.example", "\\\\elsewhere"):
        answer = api.get("/join", params={"code": typed})
        assert answer.headers["location"].startswith("/r/")
        assert "/" not in answer.headers["location"].removeprefix("/r/")


@pytest.mark.parametrize(
    "written", [str, str.lower, lambda code: f"{code[:3]}-{code[3:]}", lambda code: f" {code} "]
)
def test_a_room_without_a_view_leads_to_the_first_page(api: Api, code: str, written: object) -> None:
    assert callable(written)
    answer = api.get(f"/r/{written(code)}")
    assert answer.status_code == 307
    assert answer.headers["location"] == f"/operation?room={code}"
    assert answer.headers["cache-control"] == "no-store"


def test_a_room_leads_to_what_it_looks_at(tmp_path: Path, decoder: Decoder) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path)
    with running_rooms(settings, decoder) as place:
        room = place.post_room()
        with place.lead(room) as lead:
            for address in ("/network?model=lenet-5&image=digit", "/operation"):
                lead.set("view", {"address": address})
                lead.updated("view")
                answer = place.http.get(f"/r/{room['code']}")
                sign = "&" if "?" in address else "?"
                assert answer.headers["location"] == f"{address}{sign}room={room['code']}"


@pytest.mark.parametrize(
    ("accept", "said"), [("en", "no room with this code"), ("ja", "このコードのルームはありません")]
)
def test_an_unknown_code_is_said_in_words(api: Api, accept: str, said: str) -> None:
    answer = api.get("/r/WRONG1", headers={"Accept-Language": accept})
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert said in answer.text
    assert 'value="WRONG1"' in answer.text


def test_what_was_typed_is_shown_as_text(api: Api) -> None:
    answer = api.get('/r/"><script>x')
    assert answer.status_code == 404
    assert "<script>x" not in answer.text
    assert "&#34;&gt;&lt;script" in answer.text


@pytest.fixture
def strict(make_api: MakeApi) -> Api:
    """A server that allows three wrong codes a minute."""
    return make_api(limits={"room_codes_per_minute": 3})


def test_guessing_is_refused(strict: Api) -> None:
    assert Limits().room_codes_per_minute > 3
    codes = [strict.get(f"/r/WRONG{digit}").status_code for digit in range(5)]
    assert codes == [404, 404, 404, 429, 429]
    answer = strict.get("/r/WRONG9")
    assert int(answer.headers["retry-after"]) >= 1
    assert "Too many wrong codes" in answer.text
    # The room of one who sits here is still found.
    code = strict.post("/api/v1/rooms", json={}).json()["code"]
    assert strict.get(f"/r/{code}").status_code == 307

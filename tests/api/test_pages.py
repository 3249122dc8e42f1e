"""Pages, languages, static files and the description of the API."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.pages import LANGUAGES, flatten
from app.settings import ROOT
from tests.api.server import Api, MakeApi


@pytest.fixture
def site(tmp_path: Path, make_api: MakeApi) -> Api:
    """A server with small templates and static files of its own."""
    static, templates = tmp_path / "static", tmp_path / "templates"
    (static / "locales").mkdir(parents=True)
    (static / "js").mkdir()
    (static / "js" / "a.js").write_text("export const a = 1;")
    (static / "js" / ".secret").write_text("hidden")
    (tmp_path / "outside.txt").write_text("outside")
    (static / "locales" / "en.json").write_text(
        json.dumps({"title": "Operation", "size": "{rows} by {columns}"})
    )
    (static / "locales" / "ja.json").write_text(json.dumps({"title": "演算", "size": "{rows}×{columns}"}))
    (templates / "pages").mkdir(parents=True)
    (templates / "pages" / "operation.html").write_text(
        "{{ lang }}|{{ t('title') }}|{{ t('size', rows=2, columns='<3>') }}|{{ static_url('js/a.js') }}|"
    )
    return make_api(static_dir=static, templates_dir=templates)


def test_the_first_page_keeps_the_address(api: Api) -> None:
    answer = api.get("/?op=conv2d&stride=2")
    assert (answer.status_code, answer.headers["location"]) == (307, "/operation?op=conv2d&stride=2")
    assert api.get("/").headers["location"] == "/operation"


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "lang"),
    [
        ("", None, None, "en"),
        ("", None, "ja", "ja"),
        ("", None, "fr-FR, ja-JP;q=0.9, en;q=0.8", "ja"),
        ("", None, "fr, de;q=0.5", "en"),
        ("", None, "ja;q=nonsense, en;q=0.1", "en"),
        ("", None, "ja;q=0", "en"),
        ("", "ja", "en", "ja"),
        ("?lang=en", "ja", "ja", "en"),
        ("?lang=ja&op=conv2d", None, "en", "ja"),
        ("?lang=xx", "ja", "en", "ja"),
        ("?lang=../../etc", None, None, "en"),
    ],
)
def test_the_language(site: Api, query: str, cookie: str | None, accepted: str | None, lang: str) -> None:
    headers = {"Cookie": f"lang={cookie}"} if cookie else {}
    headers |= {"Accept-Language": accepted} if accepted else {}
    answer = site.get("/operation" + query, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == lang
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.text.startswith(f"{lang}|{'演算' if lang == 'ja' else 'Operation'}|")


@pytest.mark.parametrize(("query", "cookie"), [("?lang=ja", "lang=ja;"), ("", None), ("?lang=xx", None)])
def test_a_language_that_was_chosen_is_remembered(site: Api, query: str, cookie: str | None) -> None:
    kept = site.get("/operation" + query).headers.get("set-cookie")
    assert kept is None if cookie is None else kept.startswith(cookie)


def test_texts_are_filled_and_escaped(site: Api) -> None:
    assert site.get("/operation").text.split("|")[2] == "2 by &lt;3&gt;"


def test_static_files_may_be_kept_for_ever(site: Api) -> None:
    url = site.get("/operation").text.split("|")[3]
    assert re.fullmatch(r"/static/[0-9a-f]{10}/js/a\.js", url)
    answer = site.get(url)
    assert answer.text == "export const a = 1;"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert site.head(url).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip", "gzip"),
        ("br", None),
        ("zstd;q=0, gzip", "gzip"),
        ("identity", None),
    ],
)
def test_texts_travel_compressed(site: Api, accepted: str, encoding: str | None) -> None:
    url = site.get("/operation").text.split("|")[3]
    answer = site.get(url, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.text == "export const a = 1;"


def test_a_changed_file_has_another_address_and_the_old_one_is_not_kept(site: Api) -> None:
    old = site.get("/operation").text.split("|")[3]
    (site.settings.static_dir / "js" / "a.js").write_text("export const a = 22;")
    site.app.state.static._checked = float("-inf")
    new = site.get("/operation").text.split("|")[3]
    assert new != old
    assert site.get(old).text == "export const a = 22;"
    assert site.get(old).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "js/b.js",
        "js",
        "",
        "../outside.txt",
        "%2e%2e/outside.txt",
        "js/.secret",
        "js/%00",
        "/etc/passwd",
        "js//a.js",
    ],
)
def test_only_files_of_the_folder(site: Api, path: str) -> None:
    digest = site.app.state.static.digest
    answer = site.get(f"/static/{digest}/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_every_static_file_has_a_known_type(api: Api) -> None:
    api.app.state.static.find("")
    unknown = [
        name for name, file in api.app.state.static._files.items() if "octet-stream" in file.media_type
    ]
    assert unknown == []


def test_the_icon_never_fails(api: Api) -> None:
    assert api.get("/favicon.ico").status_code in (200, 204)


# --- The real pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_operation_page(api: Api, lang: str) -> None:
    answer = api.get(f"/operation?lang={lang}")
    assert answer.status_code == 200
    assert f'<html lang="{lang}"' in answer.text
    # The policy of the page would block what stands inline, silently for the server.
    assert not re.search(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=.application/json)[^>]*>|\sstyle=|\son\w+=", answer.text
    )
    for url in re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text):
        assert api.get(url).status_code == 200, url


def test_every_text_of_the_templates_exists_in_each_language() -> None:
    for lang in LANGUAGES:
        texts = flatten(json.loads((ROOT / "static" / "locales" / f"{lang}.json").read_text("utf-8")))
        for template in (ROOT / "templates").rglob("*.html"):
            for key in re.findall(r"""\bt\(\s*['"]([^'"]+)['"]""", template.read_text("utf-8")):
                assert key in texts, (lang, template.name, key)


def test_the_languages_have_the_same_texts() -> None:
    read = [
        json.loads((ROOT / "static" / "locales" / f"{lang}.json").read_text("utf-8")) for lang in LANGUAGES
    ]
    first, *others = [set(flatten(texts)) for texts in read]
    for other in others:
        assert first ^ other == set()


# --- The description of the API -----------------------------------------------------------------------


def test_the_description_needs_nothing_from_elsewhere(api: Api) -> None:
    answer = api.get("/docs")
    assert answer.status_code == 200
    # Only what chooses light or dark.
    assert re.findall(r"<script[^>]*?([^/]*)\"></script>", answer.text) == ["theme.js"]
    assert answer.text.count("<script") == 1
    assert not re.search(r'(src|href)="(https?:)?//', answer.text)
    assert "style=" not in answer.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_description_is_a_page_like_the_others(api: Api, lang: str) -> None:
    page = api.get(f"/docs?lang={lang}").text
    assert f'<html lang="{lang}"' in page
    assert 'href="/docs" aria-current="page"' in page
    texts = flatten(json.loads((ROOT / "static" / "locales" / f"{lang}.json").read_text("utf-8")))
    tags = {
        tag
        for operations in api.get("/openapi.json").json()["paths"].values()
        for operation in operations.values()
        for tag in operation["tags"]
    }
    for tag in tags:
        assert f'<h2 id="{tag}-title">{texts[f"docs.group.{tag}"]}</h2>' in page
    assert (texts["docs.english"] in page) == (lang != "en")


def test_the_description_lists_every_route(api: Api) -> None:
    page = api.get("/docs").text
    schema = api.get("/openapi.json").json()
    assert "/api/v1/images/{image}.png" in schema["paths"]
    for path, operations in schema["paths"].items():
        assert f"<code>{path}</code>" in page
        of_problems = "application/json" if path.startswith("/v2") else "application/problem+json"
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert operation["responses"]["default"]["content"].keys() == {of_problems}


def test_every_reference_in_the_description_leads_somewhere(api: Api) -> None:
    schema = api.get("/openapi.json").json()
    names = schema["components"]["schemas"]

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                assert value["$ref"].rsplit("/", 1)[-1] in names
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(schema)
    assert "HTTPValidationError" not in names


def test_problems_point_into_the_description(api: Api) -> None:
    page = api.get("/docs").text
    for path in ("/nothing", "/api/v1/images/nobody"):
        kind = api.get(path).json()["type"]
        assert f'id="{kind.removeprefix("/docs#")}"' in page

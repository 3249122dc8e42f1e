"""Renders the pages: templates, the reader's language, addresses of static files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
from fastapi import Request, Response
from markupsafe import Markup, escape

from app.sources import module_graph
from app.static_files import StaticFolder

LANGUAGES = ("en", "ja")
COOKIE_S = 365 * 24 * 3600


class Pages:
    """The templates of one server.

    Args:
        folder: the templates.
        static: the static files, among them ``locales/en.json`` and so on.
    """

    def __init__(self, folder: Path, static: StaticFolder) -> None:
        self._static = static
        self._locales: dict[str, tuple[str, dict[str, str]]] = {}
        self._graphs: dict[str, tuple[str, list[str]]] = {}
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["static_url"] = static.url
        self._templates.globals["modules"] = self._modules
        self._templates.filters["code"] = code_spans

    def render(self, request: Request, template: str, **context: Any) -> Response:
        """A page in the reader's language.

        A template gets ``lang``, ``languages``, ``t("a.key", name=value)``, ``locale`` (all texts by key),
        ``static_url("js/pages/operation.js")`` and what else is given.
        """
        lang = language(request.query_params.get("lang"), request.cookies.get("lang"), request.headers)
        texts = self._texts(lang)
        html = self._templates.get_template(template).render(
            lang=lang,
            languages=LANGUAGES,
            locale=texts,
            t=partial(_translate, texts),
            path=request.url.path,
            **context,
        )
        headers = {"Content-Language": lang, "Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"}
        response = Response(html, headers=headers, media_type="text/html")
        if request.query_params.get("lang") == lang:
            # A choice made on one page holds on the others, also where no script runs.
            response.set_cookie("lang", lang, max_age=COOKIE_S, samesite="lax")
        return response

    def _modules(self, entry: str) -> list[str]:
        """Addresses of a module and of all that it imports."""
        digest = self._static.digest
        known = self._graphs.get(entry)
        if known is None or known[0] != digest:
            known = self._graphs[entry] = (digest, module_graph(self._static, entry))
        return [self._static.url(path) for path in known[1]]

    def _texts(self, lang: str) -> dict[str, str]:
        digest = self._static.digest
        known = self._locales.get(lang)
        if known is None or known[0] != digest:
            file = self._static.find(f"locales/{lang}.json")
            texts = flatten(json.loads(file.path.read_text("utf-8"))) if file else {}
            known = self._locales[lang] = (digest, texts)
        return known[1]


def language(asked: str | None, remembered: str | None, headers: Mapping[str, str]) -> str:
    """The language of a page: by the address, else the cookie, else the browser, else English.

    >>> language(None, None, {"accept-language": "fr, ja;q=0.8, en;q=0.5"}), language("en", "ja", {})
    ('ja', 'en')
    """
    for choice in (asked, remembered):
        if choice in LANGUAGES:
            return choice
    wishes: list[tuple[float, str]] = []
    for part in headers.get("accept-language", "").split(","):
        name, _, quality = part.partition(";q=")
        try:
            wishes.append((float(quality or 1), name.strip().lower().split("-")[0]))
        except ValueError:
            continue
    # A stable sort: among equals the browser's order stays.
    wishes.sort(key=lambda wish: -wish[0])
    return next((name for weight, name in wishes if name in LANGUAGES and weight > 0), LANGUAGES[0])


def _translate(texts: Mapping[str, str], key: str, /, **values: object) -> str:
    return fill(texts.get(key, key), values)


def flatten(texts: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested texts by dotted keys.

    >>> flatten({"page": {"title": "Hello"}, "ok": "OK"})
    {'page.title': 'Hello', 'ok': 'OK'}
    """
    flat: dict[str, str] = {}
    for key, value in texts.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Put values where a text names them.

    >>> fill("{rows} × {columns}", {"rows": 3, "columns": 4})
    '3 × 4'
    """
    return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], found[0])), text)


def code_spans(text: str | None) -> Markup:
    """Text in which backquotes mark code, as HTML.

    >>> code_spans("a `<b>` c")
    Markup('a <code>&lt;b&gt;</code> c')
    """
    parts = re.split(r"`+([^`]+)`+", text or "")
    return Markup("").join(
        Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(parts)
    )

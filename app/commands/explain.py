"""``explain``: one number of a run as the arithmetic that made it."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser, Namespace
from decimal import Decimal
from typing import Any

from app.commands.given import choice_of, image_of
from app.commands.options import add_json, add_model, cell, natural, positive
from app.commands.terminal import digits, say, table
from app.container import Services
from app.local import local_services
from app.services.explanations import Page

_COLUMNS = ("value", "weight", "product")


def configure(parser: ArgumentParser, words: list[str]) -> None:
    """The options."""
    parser.add_argument(
        "picture", metavar="PICTURE", help="a file, - for standard input, or a sample: chelsea"
    )
    add_model(parser)
    parser.add_argument("--node", required=True, metavar="NAME", help="whose number it is")
    parser.add_argument("--cell", required=True, type=cell, metavar="CHANNEL,ROW,COLUMN", help="which number")
    parser.add_argument("--limit", type=positive, metavar="N", help="so many terms, the largest first")
    parser.add_argument("--offset", type=natural, default=0, metavar="N", help="pass over so many of them")
    add_json(parser)


def run(options: Namespace) -> int:
    """Explain it."""
    with local_services() as services:
        say(asyncio.run(_told(services, options)))
    return 0


async def _told(services: Services, options: Namespace) -> str:
    image = await image_of(services, options.picture)
    run, _ = await services.runs.make(image, await choice_of(services, options))
    page = Page(options.limit, options.offset)
    answer = (await services.answers.cell("cell", run.id, options.node, options.cell, page)).body.decode()
    return answer if options.json else arithmetic(json.loads(answer))


def arithmetic(explained: dict[str, Any]) -> str:
    """An explanation as the API gives it, as lines to be read."""
    terms = explained["terms"]
    columns = [name for name in _COLUMNS if any(name in term for term in terms)]
    rows = [
        (_place(term), *(term.get(name) for name in columns), "←" if term.get("selected") else "")
        for term in terms
    ]
    head = f"{explained['node']} [{_indices(explained['cell'])}]: {explained['op']}"
    listed = table(("of", *columns, ""), rows) if rows else ""
    return "\n\n".join(part for part in (head, listed, "\n".join(_total(explained))) if part)


def _place(term: dict[str, Any]) -> str:
    name = term["input"] or "itself"
    if term["cell"] is None:
        return f"{name} (padding)" if term["padding"] else str(name)
    return f"{name} [{_indices(term['cell'])}]"


def _total(explained: dict[str, Any]) -> list[str]:
    """How the terms combine, and what comes out."""
    lines, total, summands = [], explained["total"], []
    if explained["combine"] in ("sum", "add"):
        name = "product" if explained["combine"] == "sum" else "value"
        summands = [term.get(name, term["value"]) for term in explained["terms"]]
        text = f"sum of {len(summands)} {'terms' if len(summands) != 1 else 'term'}"
        if "remainder" in explained:
            rest = explained["remainder"]
            text += f", and of {rest['count']} smaller ones, {digits(rest['sum'])}"
            summands.append(rest["sum"])
        if "bias" in explained:
            text += f", and the bias {digits(explained['bias'])}"
            summands.append(explained["bias"])
    else:
        text = f"{explained['combine']} of {explained['term_count']} value(s)"
        known = explained["formula"]["params"]
        settings = ", ".join(f"{name} {_setting(value)}" for name, value in known.items())
        lines = [f"{explained['formula']['id']}: {settings}"] if settings else []
    return [*lines, f"{text} {_relation(summands, total)} {digits(total)}"]


def _relation(summands: list[float | None], total: float) -> str:
    """``=`` only where the digits that are shown add up."""
    if not summands:
        return "="
    shown = [Decimal(digits(each)) for each in summands if each is not None]
    return "=" if sum(shown) == Decimal(digits(total)) else "≈"


def _setting(value: Any) -> str:
    return digits(value) if isinstance(value, float) else json.dumps(value)


def _indices(indices: list[int]) -> str:
    return ", ".join(map(str, indices))

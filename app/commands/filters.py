"""``filters``: edge, blob or Gabor function, filter by filter."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser, Namespace
from typing import Any

from app.commands.given import model_named
from app.commands.options import add_json
from app.commands.terminal import say, table
from app.container import Services
from app.local import local_services

_FIT = ("orientation_deg", "wavelength_px", "phase_deg", "sigma_px", "aspect", "r2")


def configure(parser: ArgumentParser, words: list[str]) -> None:
    """The options."""
    parser.add_argument("model", metavar="MODEL", help="a built-in one, or an .onnx file")
    parser.add_argument("node", metavar="NODE", help="a convolution")
    add_json(parser)


def run(options: Namespace) -> int:
    """Describe every filter."""
    with local_services() as services:
        say(asyncio.run(_told(services, options)))
    return 0


async def _told(services: Services, options: Namespace) -> str:
    model = await model_named(services, options.model) or ""
    answer = (await services.answers.filters(model, options.node)).body.decode()
    return answer if options.json else _table(json.loads(answer))


def _table(described: dict[str, Any]) -> str:
    """A line for each filter, those of one kind together."""
    filters = {each["index"]: each for each in described["filters"]}
    rows = [
        (index, filters[index]["kind"], *((filters[index]["fit"] or {}).get(name) for name in _FIT))
        for index in described["order"]
    ]
    reason = described["reason"]
    return table(("filter", "kind", *_FIT), rows) + (
        "" if reason is None else f"\n\nNone was fitted: {reason}."
    )

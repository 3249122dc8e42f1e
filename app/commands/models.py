"""``models``: the networks that there are, and what one of them is made of."""

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
from app.representations import json_content


def configure(parser: ArgumentParser, words: list[str]) -> None:
    """The options."""
    parser.add_argument("model", nargs="?", metavar="NAME", help="a built-in one, or an .onnx file")
    add_json(parser)


def run(options: Namespace) -> int:
    """List all, or describe one."""
    with local_services() as services:
        say(asyncio.run(_told(services, options)))
    return 0


async def _told(services: Services, options: Namespace) -> str:
    if options.model is None:
        listed = await services.models.catalogue()
        return json_content({"models": listed}).body.decode() if options.json else _list(listed)
    model = await model_named(services, options.model) or ""
    described = (await services.answers.model("model", model)).body.decode()
    return described if options.json else _description(json.loads(described))


def _list(models: list[dict[str, Any]]) -> str:
    heads = ("model", "learnt", "input", "parameters", "multiply-adds", "title")
    rows = [
        (
            model["name"],
            "yes" if model["trained"] else "no",
            _shape([model["input"]["channels"], *model["input"]["size"]]),
            model["parameters"],
            model["multiply_adds"],
            model["title"],
        )
        for model in models
    ]
    return table(heads, rows)


def _description(model: dict[str, Any]) -> str:
    heads = ("node", "op", "inputs", "shape", "parameters", "multiply-adds", "field")
    rows = [
        (
            node["name"],
            node["op"],
            ", ".join(node["inputs"]),
            _shape(node["output_shape"]),
            node["parameters"],
            node["multiply_adds"],
            _shape(node["receptive_field"]["size"]),
        )
        for node in model["nodes"]
    ]
    takes = _shape([model["input"]["channels"], *model["input"]["size"]])
    title = model["title"] or model["name"] or model["id"]
    return f"{title}: takes {takes}; {model['parameters']} parameters\n\n{table(heads, rows)}"


def _shape(sides: list[int]) -> str:
    return " × ".join(map(str, sides))

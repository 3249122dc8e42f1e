"""``run``: a network on one picture, node by node; or a single operation."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from app.commands.given import choice_of, image_of
from app.commands.looks import add_look
from app.commands.operation import add_operation, run_operation
from app.commands.options import add_json, add_model, add_part
from app.commands.outputs import write_outputs
from app.commands.terminal import say, table
from app.container import Services
from app.local import local_services


def configure(parser: ArgumentParser, words: list[str]) -> None:
    """The options; those of an operation follow from which one it is."""
    parser.add_argument(
        "picture", metavar="PICTURE", help="a file, - for standard input, or a sample: chelsea"
    )
    is_operation = add_operation(parser, words)
    if not is_operation:
        add_model(parser)
        parser.add_argument(
            "--node", action="append", default=[], metavar="NAME", help="of these alone; may be repeated"
        )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help=".npy, .png or .json of one output; .npz of several; a folder gets a .npy of each",
    )
    add_part(parser)
    add_look(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Run it, write what was asked for, and say what came out."""
    with local_services() as services:
        work = run_operation if hasattr(options, "op") else _run
        asyncio.run(work(services, options))
    return 0


async def _run(services: Services, options: Namespace) -> None:
    image = await image_of(services, options.picture)
    run, _ = await services.runs.make(image, await choice_of(services, options))
    for node in options.node:
        run.output(node)
    if options.output is not None:
        await write_outputs(services, run, options)
    described = (await services.answers.described(run)).body.decode()
    say(described if options.json else _summary(json.loads(described), options.node))


def _summary(run: dict[str, Any], chosen: list[str]) -> str:
    """A line for each node, and the likeliest classes."""
    entry = {"name": "input", "op": "input", "output_shape": run["input"]["shape"], **run["input"]}
    nodes = [node for node in (entry, *run["nodes"]) if not chosen or node["name"] in chosen]
    rows = [
        (node["name"], node["op"], " × ".join(map(str, node["output_shape"])), node["min"], node["max"])
        for node in nodes
    ]
    parts = [table(("node", "op", "shape", "min", "max"), rows)]
    if "top" in run:
        heads = ("class", "probability")
        classes = [(_class(each), round(each["probability"], 6)) for each in run["top"]]
        parts.append(table(heads, classes))
    return "\n\n".join(parts)


def _class(likely: dict[str, Any]) -> str:
    label = likely["label"]
    return str(likely["index"] if label is None else label["en"])

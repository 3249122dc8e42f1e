"""``export``: a network's weights as files. What its nodes make of a picture is written by ``run -o``."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from pathlib import Path

from app.commands.given import model_named
from app.commands.looks import add_look, look_of, part_of
from app.commands.options import add_part
from app.commands.outputs import form_of, write
from app.commands.terminal import say, table
from app.container import Services
from app.local import local_services
from app.problems import Problem
from app.representations import npz_content, select


def configure(parser: ArgumentParser, words: list[str]) -> None:
    """The options."""
    parser.epilog = "What the nodes make of a picture is written by `run PICTURE -o FILE`."
    parser.add_argument("model", metavar="MODEL", help="a built-in one, or an .onnx file")
    parser.add_argument(
        "--node", action="append", default=[], metavar="NAME", help="of these alone; may be repeated"
    )
    parser.add_argument(
        "--weight", metavar="NAME", help="weight, bias, …; left out: all, or weight for one file"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="FILE",
        help=".npz of all weights; .npy, .png or .json of one",
    )
    add_part(parser)
    add_look(parser)


def run(options: Namespace) -> int:
    """Write them, and say what there is."""
    with local_services() as services:
        say(asyncio.run(_export(services, options)))
    return 0


async def _export(services: Services, options: Namespace) -> str:
    model, part = await model_named(services, options.model) or "", part_of(options)
    known = await services.models.get(model)
    nodes = [known.model.node(name) for name in options.node] or list(known.model)
    path: Path = options.output
    if path.suffix == ".npz":
        weights = {
            f"{node.name}.{name}": select(numbers, part)
            for node in nodes
            for name, numbers in node.weights.items()
            if options.weight in (None, name)
        }
        if not weights:
            raise Problem("no-weights", "node", ", ".join(options.node), "nodes that have such weights")
        write(path, npz_content(weights, options.dtype))
        rows = [(name, " × ".join(map(str, numbers.shape))) for name, numbers in weights.items()]
        return table(("weight", "shape"), rows)
    form = form_of(path)
    if form is None or len(options.node) != 1:
        raise Problem("invalid-argument", "output", str(path), ".npz; or .npy, .png, .json and one --node")
    name = options.weight or "weight"
    answer = await services.answers.weight(
        "weight", model, options.node[0], name, form, part, look_of(options)
    )
    write(path, answer)
    shape = nodes[0].weights[name].shape
    return table(("weight", "shape"), [(f"{options.node[0]}.{name}", " × ".join(map(str, shape)))])

"""``run --op``: a single operation, whose settings are options of their own."""

from __future__ import annotations

import io
from argparse import ArgumentParser, Namespace

import numpy as np

from app.commands.given import picture_bytes
from app.commands.looks import look_of, part_of
from app.commands.outputs import form_of, write
from app.commands.terminal import say, table
from app.container import Services
from app.negotiation import Form
from app.problems import Problem
from app.representations import Content, Part
from app.services.operations import operation_named
from engine.errors import EngineError
from engine.ops.parameters import parameters_of

_OWN = "set_"
"""Before the names of an operation's settings, which may be called as other options are."""


def add_operation(parser: ArgumentParser, words: list[str]) -> bool:
    """Add the settings of the operation that is named, if one is; whether one is."""
    name = _named(words)
    if name is None:
        parser.epilog = (
            "run PICTURE --op conv2d --kernel sobel_x --padding same: one operation instead of a network."
        )
        return False
    group = parser.add_argument_group(f"the operation {name}")
    group.add_argument("--op", required=True, metavar="NAME", help="conv2d, max_pool2d, relu, …")
    try:
        operation = operation_named(name)
    except EngineError as error:
        parser.error(f"argument --op: {error.value!r} is none; allowed: {error.allowed}")
    told = {parameter.name: str(parameter.allowed) for parameter in parameters_of(operation)}
    told |= dict.fromkeys(operation.weight_names, "a preset's name, or JSON")
    if "weight" in told:
        told["kernel"] = "another name for weight"
    told = {"size": "rows,columns: the picture is resized first", "color": "gray or rgb", **told}
    for setting, help_text in told.items():
        spellings = dict.fromkeys((f"--{setting.replace('_', '-')}", f"--{setting}"))
        group.add_argument(*spellings, dest=_OWN + setting, metavar="…", help=help_text.replace("%", "%%"))
    return True


async def run_operation(services: Services, options: Namespace) -> None:
    """One operation on one picture, as ``POST /operations/{op}`` does it."""
    fields = {
        name.removeprefix(_OWN): text
        for name, text in vars(options).items()
        if name.startswith(_OWN) and text is not None
    }
    data = picture_bytes(services, options.picture)

    async def applied(form: Form, part: Part) -> Content:
        return await services.operations.apply(options.op, data, fields, form, part, look_of(options))

    if options.output is not None:
        form = form_of(options.output)
        if form is None:
            raise Problem("not-acceptable", "output", str(options.output), ".npy, .png or .json")
        write(options.output, await applied(form, part_of(options)))
    if options.json:
        say((await applied("json", part_of(options))).body.decode())
        return
    y = np.load(io.BytesIO((await applied("npy", Part())).body))
    shape = " × ".join(map(str, y.shape))
    say(table(("op", "shape", "min", "max"), [(options.op, shape, float(y.min()), float(y.max()))]))


def _named(words: list[str]) -> str | None:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--op":
            return following
        if word.startswith("--op="):
            return word.removeprefix("--op=")
    return None

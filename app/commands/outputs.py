"""What nodes made of a picture, as files."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from app.commands.looks import look_of, part_of
from app.commands.terminal import note
from app.container import Services
from app.negotiation import Form
from app.overviews import Overview
from app.problems import Problem
from app.representations import Content
from app.services.runs import Run

ARRAYS: dict[str, Form] = {".npy": "npy", ".png": "png", ".json": "json"}
"""Forms of one array, by the suffix of its file."""

_TAKEN = ".npy, .png or .json for one array, .npz for several, or a folder"


async def write_outputs(services: Services, run: Run, options: Namespace) -> None:
    """Write outputs of a run as the name of the file says; left out, the node is the last one, or all.

    Raises:
        Problem: ``not-acceptable``, and whatever else cannot be.
    """
    path: Path = options.output
    nodes = [node.name for node in run.trace.model]
    if path.suffix == ".npz":
        if options.channels is not None:
            allowed = "nothing with .npz; .npy and .png take a part of the channels"
            raise Problem("invalid-argument", "channels", options.channels, allowed)
        overview = Overview(None, options.max_px, services.settings.limits.vector_numbers)
        asked = options.node or nodes
        write(path, await services.answers.outputs("outputs", run.id, asked, overview, options.dtype))
        return
    if form_of(path) is None:
        for node in options.node or nodes:
            # A name may hold what is no name of a file.
            write(path / f"{node.replace('/', '_')}.npy", await _output(services, run, node, "npy", options))
        return
    if len(options.node) > 1:
        raise Problem("invalid-argument", "output", str(path), "for several nodes .npz, or a folder")
    node = (options.node or nodes[-1:])[0]
    write(path, await _output(services, run, node, form_of(path) or "npy", options))


def form_of(path: Path) -> Form | None:
    """The form of an array that the name of a file asks for; None for a folder.

    Raises:
        Problem: ``not-acceptable``.

    >>> form_of(Path("maps.png")), form_of(Path("maps"))
    ('png', None)
    """
    if path.suffix in ARRAYS:
        return ARRAYS[path.suffix]
    if path.suffix and not path.is_dir():
        raise Problem("not-acceptable", "output", str(path), _TAKEN)
    return None


def write(path: Path, content: Content) -> None:
    """Write a file, and say by what its numbers have to be multiplied."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.body)
    scale, offset = content.headers.get("X-Scale"), content.headers.get("X-Offset", "0")
    if scale is not None and "=" in scale:
        note(f"{path}: value = stored × scale + offset; {scale}")
    elif scale is not None:
        note(f"{path}: value = stored × {scale} + {offset}")


async def _output(services: Services, run: Run, node: str, form: Form, options: Namespace) -> Content:
    part, look = part_of(options), look_of(options)
    return await services.answers.output(f"output {node}", run.id, node, form, part, look)

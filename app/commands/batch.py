"""``batch``: a network on thousands of pictures, by layer; to be stopped and gone on with at any time."""

from __future__ import annotations

import asyncio
import json
import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.batch.cluster import run_cluster
from app.batch.pictures import list_pictures
from app.batch.pool import Pool
from app.commands.options import add_json, add_model, add_part, positive
from app.commands.terminal import Bar, note, say
from app.problems import Problem
from engine.threads import cores

if TYPE_CHECKING:
    from app.batch.batch import Do, Summary

_SHOWN_ERRORS = 10

_LAYOUT = """\
In the folder: manifest.json (what determines the numbers), pictures.json (the pictures in order),
errors.jsonl (those that could not be read, by position), and
  npz   part-00000.npz, …: an array (pictures, channels, rows, columns) for each node, `pictures`, `valid`
  zarr  features.zarr: such an array of all pictures for each node, and `valid`; for any library of Zarr 3
Row i is picture i, also where one before it could not be read: its numbers are NaN (uint8: 0), and `valid`
is false. Smaller types are scaled where they must be: value = stored × `NODE.scale` + `NODE.offset`.

Killed at any time and started again with the same words, it goes on where it was; the result is the same.
"""


def configure(parser: ArgumentParser, words: list[str]) -> None:
    """The options."""
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.epilog = _LAYOUT
    parser.add_argument("pictures", nargs="*", metavar="PICTURE", help="files, and folders of pictures")
    parser.add_argument(
        "--list",
        action="append",
        default=[],
        metavar="FILE",
        help="a file with a path a line; - is standard input",
    )
    add_model(parser)
    parser.add_argument(
        "--node", action="append", default=[], metavar="NAME", help="may be repeated; left out: the last one"
    )
    parser.add_argument(
        "--to", type=Path, required=True, metavar="FOLDER", help="a new one, or to go on with"
    )
    parser.add_argument(
        "--format", choices=("npz", "zarr"), default="npz", help="of the numbers (%(default)s)"
    )
    parser.add_argument(
        "--chunk", type=positive, metavar="N", help="pictures in a file (256, fewer large ones)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--workers",
        type=positive,
        default=cores(),
        metavar="N",
        help="processes on this machine (%(default)s)",
    )
    where.add_argument(
        "--scheduler", metavar="tcp://HOST:PORT", help="of a Dask cluster that sees the same files"
    )
    add_part(parser)
    add_json(parser)


def run(options: Namespace) -> int:
    """Begin or go on, until all is done."""
    pictures = list_pictures(options.pictures, options.list)
    root = options.to.absolute()
    start = time.monotonic()
    if options.scheduler is not None:
        summary = _done(options, root, pictures, partial(run_cluster, root, options.scheduler))
    else:
        with Pool(root, options.workers) as pool:
            summary = _done(options, root, pictures, pool.run)
    _tell(summary, time.monotonic() - start, in_json=options.json)
    return 0


def _done(options: Namespace, root: Path, pictures: list[str], do: Do) -> Summary:
    # Here, and not above: the processes read the same libraries at the same time.
    from app.batch.batch import Wanted, begin_batch, run_batch
    from app.batch.folder import Folder
    from app.batch.model import model_services
    from app.commands.given import choice_of

    folder = Folder(root)
    folder.check_place()
    wanted = Wanted(
        options.node, options.dtype, options.channels, options.max_px, options.format, options.chunk
    )
    with model_services(folder.data) as services:
        choice = asyncio.run(choice_of(services, options))
        begin_batch(services, choice, pictures, wanted, folder)
    bar = Bar(len(pictures))
    try:
        return run_batch(folder, pictures, do, bar.show)
    except (KeyboardInterrupt, Problem):
        bar.clear()
        note("What is done stays done: the same command goes on from there.")
        raise
    finally:
        bar.clear()


def _tell(summary: Summary, seconds: float, *, in_json: bool) -> None:
    made = summary.pictures - summary.before
    told = {
        "to": summary.folder,
        "pictures": summary.pictures,
        "done_before": summary.before,
        "errors": len(summary.errors),
        "seconds": round(seconds, 3),
    }
    for error in summary.errors[:_SHOWN_ERRORS]:
        note(f"{error['picture']}: {error['code']}")
    if len(summary.errors) > _SHOWN_ERRORS:
        note(f"… and {len(summary.errors) - _SHOWN_ERRORS} more, all in errors.jsonl")
    if in_json:
        say(json.dumps(told))
        return
    before = f", {summary.before} of them before" if summary.before else ""
    left_out = f"; {len(summary.errors)} could not be read, see errors.jsonl" if summary.errors else ""
    speed = f"; {made / seconds:.0f} a second" if made else ""
    say(f"{summary.pictures} pictures in {summary.folder}{before}{left_out}{speed}")

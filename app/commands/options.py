"""Options that several commands have: the fields of the API under their own names.

No library is read for them: a command that is quick to begin can begin before it reads its own.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import get_args

from app.negotiation import Dtype


def add_model(parser: ArgumentParser, *, required: bool = True) -> None:
    """Which model, and how pictures enter it."""
    group = parser.add_argument_group("the model")
    which = group.add_mutually_exclusive_group(required=required)
    which.add_argument("--model", metavar="NAME", help="a built-in one (see `models`), or an .onnx file")
    which.add_argument(
        "--specification", type=Path, metavar="FILE", help="JSON: {nodes: [{op: conv2d, …}, …]}"
    )
    group.add_argument("--size", metavar="ROWS,COLUMNS", help="pictures are resized first, bilinearly")
    group.add_argument("--color", choices=("gray", "rgb"), help="the colour in which pictures enter")
    group.add_argument("--range", type=int, choices=(1, 255), help="what white becomes")
    group.add_argument("--edits", metavar="JSON", help='[{"node": "conv_1_1", "index": 3, "off": true}, …]')


def add_part(parser: ArgumentParser) -> None:
    """Which part of an array is written, and in which type."""
    group = parser.add_argument_group("what is written")
    group.add_argument(
        "--dtype", choices=get_args(Dtype), default="float32", help="of the numbers (%(default)s)"
    )
    group.add_argument("--channels", metavar="START:STOP", help="a part of the first axis")
    group.add_argument(
        "--max-px", type=positive, metavar="N", help="longer side at most; cells are averages of areas"
    )


def add_json(parser: ArgumentParser) -> None:
    """Whether a program reads the answer."""
    parser.add_argument("--json", action="store_true", help="print what the API answers")


def positive(text: str) -> int:
    """An integer of at least 1."""
    return _at_least(1, text)


def natural(text: str) -> int:
    """An integer of at least 0."""
    return _at_least(0, text)


def _at_least(least: int, text: str) -> int:
    if not text.isdecimal() or int(text) < least:
        raise ArgumentTypeError(f"{text!r} is not an integer of at least {least}")
    return int(text)


def cell(text: str) -> tuple[int, int, int]:
    """``channel,row,column``."""
    indices = text.split(",")
    if len(indices) != 3 or not all(index.strip().isdecimal() for index in indices):
        raise ArgumentTypeError(f"{text!r} is not channel,row,column, such as 0,4,7")
    channel, row, column = map(int, indices)
    return (channel, row, column)

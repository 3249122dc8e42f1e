"""How what a command writes looks, and which part of it is written."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import get_args

from app.colormaps import Colormap, Theme
from app.commands.options import natural
from app.pictures import Layout, Look, Scale
from app.representations import Part


def add_look(parser: ArgumentParser) -> None:
    """How a .png looks."""
    group = parser.add_argument_group("a .png")
    group.add_argument("--channel", type=natural, metavar="N", help="this map alone")
    group.add_argument("--layout", choices=get_args(Layout))
    group.add_argument(
        "--scale", choices=get_args(Scale), default="layer", help="what the colours span (%(default)s)"
    )
    group.add_argument(
        "--colormap", choices=(*get_args(Colormap), "rgb"), help="left out: the one that suits"
    )
    group.add_argument("--theme", choices=get_args(Theme), default="light", help="%(default)s")


def part_of(options: Namespace) -> Part:
    """What ``add_part`` was told."""
    return Part(options.dtype, options.channels, options.max_px)


def look_of(options: Namespace) -> Look:
    """What ``add_look`` was told."""
    return Look(options.channel, options.layout, options.scale, options.colormap, options.theme)

"""``python -m app COMMAND``: finds the command, and turns whatever goes wrong into one line."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from app.commands.terminal import note
from app.problems import Problem
from engine.errors import EngineError

COMMANDS = {
    "serve": "start the server",
    "run": "run a network, or one operation, on a picture; write what its nodes make of it",
    "explain": "show how one number was made",
    "filters": "tell what each filter of a convolution looks for",
    "export": "write a network's weights",
    "batch": "run a network on thousands of pictures; write what its nodes make of them",
    "models": "list the networks, or describe one",
}
"""Each is a module of app.commands with ``configure(parser, words)`` and ``run(options)``."""

WRONG_USAGE = 2
PROBLEM = 1
INTERRUPTED = 130


def main(words: list[str] | None = None) -> int:
    """Run one command.

    Args:
        words: of the command line; left out, those of this process.

    Returns:
        The exit status: 0; 1 for a problem, told in one line; 2 for wrong usage; 130 after Ctrl-C.
    """
    words = sys.argv[1:] if words is None else words
    try:
        options = _parser(words).parse_args(words)
        status: int = importlib.import_module(f"app.commands.{options.command}").run(options)
        sys.stdout.flush()
        return status
    except Problem as problem:
        note(_line(problem))
    except EngineError as error:
        note(_line(Problem(error.code, error.argument, error.value, error.allowed)))
    except BrokenPipeError:
        # Whoever read, `head` for instance, has seen enough; the interpreter must not flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        note(f"{error.filename or 'file'}: {error.strerror or error}")
    except KeyboardInterrupt:
        note("Stopped.")
        return INTERRUPTED
    return PROBLEM


def _parser(words: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m app", description="ConvScope opens convolutional networks.", allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, told in COMMANDS.items():
        command = commands.add_parser(
            name, help=told, description=f"{told.capitalize()}.", allow_abbrev=False
        )
        # Only the one that is asked for: the libraries of all of them take a second to read.
        if name in words[:1]:
            importlib.import_module(f"app.commands.{name}").configure(command, words[1:])
    return parser


def _line(problem: Problem) -> str:
    """One line that says what was wrong; the code is what a program looks for."""
    return f"{problem.code}: {' '.join(problem.detail.split())}"

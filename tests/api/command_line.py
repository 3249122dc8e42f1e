"""``python -m app`` as it is typed: in this process, or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from app.cli import main
from app.settings import ROOT

COMMAND = (sys.executable, "-m", "app")


class Said(NamedTuple):
    """What a command came to."""

    status: int
    out: str
    err: str


def typed(capsys: pytest.CaptureFixture[str], *words: object) -> Said:
    """Run a command in this process."""
    try:
        status = main([str(word) for word in words])
    except SystemExit as exit_:
        status = exit_.code if isinstance(exit_.code, int) else 1
    out, err = capsys.readouterr()
    return Said(status, out, err)


def started(*words: object, cwd: Path = ROOT) -> subprocess.Popen[str]:
    """Start a command in a process of its own."""
    return subprocess.Popen(
        [*COMMAND, *map(str, words)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str], timeout_s: float = 60) -> Said:
    """Wait for it."""
    out, err = process.communicate(timeout=timeout_s)
    return Said(process.returncode, out, err)

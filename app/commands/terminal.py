"""What somebody at a terminal sees: lines, tables, and a bar while something takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

BAR_CELLS = 30
_EVERY_S = 0.1


def say(text: str) -> None:
    """A line of the answer, on standard output."""
    sys.stdout.write(text.rstrip("\n") + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """A line beside the answer, on standard error."""
    sys.stderr.write(text + "\n")


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Columns under their heads; numbers stand at the right.

    >>> print(table(("node", "max"), [("relu", 1.5), ("softmax", 1)]))
    node     max
    relu     1.5
    softmax    1
    """
    texts = [[_text(cell) for cell in row] for row in rows]
    columns = list(zip(heads, *texts, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [bool(rows) and all(isinstance(row[i], int | float) for row in rows) for i in range(len(heads))]
    lines = (
        "  ".join(
            text.rjust(width) if is_number else text.ljust(width)
            for text, width, is_number in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in zip(*columns, strict=True)
    )
    return "\n".join(lines)


def digits(number: float) -> str:
    """Six digits, as ``%g`` writes them.

    >>> digits(1 / 3), digits(-2e-9)
    ('0.333333', '-2e-09')
    """
    return f"{number:.6g}"


def _text(cell: Any) -> str:
    return "" if cell is None else digits(cell) if isinstance(cell, float) else str(cell)


class Bar:
    """How much is done and how long the rest takes, on standard error if that is a terminal.

    Args:
        total: of the things to be done.
        done: those that were done before.
    """

    def __init__(self, total: int, done: int = 0) -> None:
        self._total = total
        self._before = done
        self._start = time.monotonic()
        self._shown = 0.0
        self._is_seen = sys.stderr.isatty()

    def show(self, done: int) -> None:
        """Draw it, but not more often than anybody can see."""
        now = time.monotonic()
        if self._is_seen and now - self._shown > _EVERY_S:
            self._shown = now
            sys.stderr.write(f"\r{self._line(done, now - self._start)}\x1b[K")
            sys.stderr.flush()

    def clear(self) -> None:
        """Leave the line to others."""
        if self._is_seen:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _line(self, done: int, elapsed_s: float) -> str:
        filled = BAR_CELLS * done // max(self._total, 1)
        line = f"{'█' * filled}{'░' * (BAR_CELLS - filled)} {done} of {self._total}"
        made = done - self._before
        if made <= 0 or elapsed_s < 1:
            return line
        left_s = round((self._total - done) * elapsed_s / made)
        return f"{line}, {made / elapsed_s:.0f}/s, {left_s // 60}:{left_s % 60:02} left"

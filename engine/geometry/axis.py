"""A window sliding along one axis: sizes, padding, which cells it covers, which outputs a cell feeds.

Rows and columns never mix in a window operation, so one axis at a time says everything.
Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016).
Book: OH = (H + 2P - FH) / S + 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias, get_args

import numpy as np

from engine.errors import EngineError
from engine.types import Integers

PaddingMode: TypeAlias = Literal["zeros", "reflect", "replicate", "circular"]
PADDING_MODES: tuple[PaddingMode, ...] = get_args(PaddingMode)

OUTSIDE = -1
"""Stands where a position has no cell of the input behind it."""


def effective_size(kernel_size: int, dilation: int = 1) -> int:
    """Cells that a dilated kernel spans: d(k - 1) + 1.

    >>> effective_size(3), effective_size(3, dilation=2)
    (3, 5)
    """
    return dilation * (kernel_size - 1) + 1


TABLE_ENTRIES = 1 << 14
"""Up to so many taps of all windows are looked up in a table: stepping asks for the same ones again."""


@dataclass(frozen=True)
class Axis:
    """One axis of a sliding window.

    Args:
        size: cells of the input along this axis, at least 1.
        kernel_size: taps of the window, at least 1.
        stride: cells from one window to the next, at least 1.
        dilation: cells from one tap to the next, at least 1; 1 means none.
        before, after: padding cells at either end, at least 0.
        mode: what padding cells hold.
        ceil_mode: also place a last window that hangs over the end, if it starts inside
            the input or the padding before it (PyTorch's pooling rule).

    Raises:
        EngineError: ``kernel-too-large`` if no window fits; ``padding-too-large`` if the mode
            has no cells to fill the padding from.

    >>> Axis(size=28, kernel_size=3, stride=2, before=1, after=1).outputs
    14
    """

    size: int
    kernel_size: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0
    mode: PaddingMode = "zeros"
    ceil_mode: bool = False

    def __post_init__(self) -> None:
        # Reflection needs a cell beyond the edge to mirror; wrapping may use each cell once.
        most = {"reflect": self.size - 1, "circular": self.size}.get(self.mode)
        if most is not None and max(self.before, self.after) > most:
            raise EngineError(
                "padding-too-large",
                "padding",
                [self.before, self.after],
                f"at most {most} a side for padding_mode {self.mode!r} on {self.size} cells",
            )
        if self.outputs < 1:
            # A window of ceil_mode may hang over the end by less than a stride.
            room = self.padded + (self.stride - 1 if self.ceil_mode else 0)
            raise EngineError(
                "kernel-too-large",
                "kernel_size",
                self.kernel_size,
                f"at most {(room - 1) // self.dilation + 1}: the window spans {self.span} cells, "
                f"the padded input has {self.padded}",
            )

    @property
    def span(self) -> int:
        """Cells from the first tap to the last, both counted."""
        return effective_size(self.kernel_size, self.dilation)

    @property
    def padded(self) -> int:
        """Cells of the input with its padding."""
        return self.before + self.size + self.after

    @property
    def outputs(self) -> int:
        """Windows along this axis: floor((H + P - span) / S) + 1, or its ceiling."""
        room = self.padded - self.span
        if not self.ceil_mode:
            return room // self.stride + 1
        outputs = -(-room // self.stride) + 1
        starts_beyond = (outputs - 1) * self.stride >= self.size + self.before
        return outputs - 1 if starts_beyond else outputs

    @property
    def covered(self) -> int:
        """Cells, counted from the first padding cell, that some window reaches."""
        return (self.outputs - 1) * self.stride + self.span

    @property
    def skipped(self) -> int:
        """Padded cells at the end that no window reaches because the stride does not divide."""
        return max(0, self.padded - self.covered)

    def positions(self, outputs: int | Integers) -> Integers:
        """Input positions under the taps of windows, (…, kernel_size); padding is < 0 or >= size."""
        starts = np.asarray(outputs)[..., None] * self.stride - self.before
        return starts + self.dilation * np.arange(self.kernel_size)

    def sources(self, positions: Integers) -> Integers:
        """The input cell whose value each position holds, or OUTSIDE.

        >>> Axis(size=4, kernel_size=3, before=2, after=2, mode="reflect").sources(np.arange(-2, 6))
        array([2, 1, 0, 1, 2, 3, 2, 1])
        """
        last = self.size - 1
        match self.mode:
            case "reflect":
                inside = last - np.abs(last - np.abs(positions))
            case "replicate":
                inside = np.clip(positions, 0, last)
            case "circular":
                inside = positions % self.size
            case _:
                inside = positions
        # A window of ceil_mode may hang over even the padding; nothing is there in any mode.
        known = (positions < self.size + self.after) & (inside >= 0) & (inside < self.size)
        return np.where(known, inside, OUTSIDE)

    def windows(self, outputs: Integers) -> Integers:
        """Positions and sources under the taps of S windows, (2, S, kernel_size).

        >>> Axis(size=4, kernel_size=3, before=1, after=1).windows(np.array([0, 3])).tolist()
        [[[-1, 0, 1], [2, 3, 4]], [[-1, 0, 1], [2, 3, -1]]]
        """
        if self.outputs * self.kernel_size > TABLE_ENTRIES:
            return _windows(self, outputs)
        return _every_window(self)[:, outputs]

    def uses(self, index: int) -> list[tuple[int, int]]:
        """(output, tap) of every window that reads input cell ``index``, itself or as padding.

        >>> Axis(size=5, kernel_size=3).uses(1)
        [(0, 1), (1, 0)]
        """
        padded = np.arange(-self.before, self.size + self.after)
        copies = padded[self.sources(padded) == index]
        found = []
        for tap in range(self.kernel_size):
            starts = copies + self.before - tap * self.dilation
            hits = starts[(starts >= 0) & (starts % self.stride == 0)] // self.stride
            found += [(int(output), tap) for output in hits if output < self.outputs]
        return sorted(found)


def _windows(axis: Axis, outputs: Integers) -> Integers:
    positions = axis.positions(outputs)
    return np.stack([positions, axis.sources(positions)])


@lru_cache(maxsize=64)
def _every_window(axis: Axis) -> Integers:
    """Positions and sources of every window of an axis, (2, outputs, kernel_size)."""
    table = _windows(axis, np.arange(axis.outputs))
    table.flags.writeable = False
    return table

"""Pictures that are to run at once; those of one size that follow each other enter together."""

from __future__ import annotations

import numpy as np

from app.services.decode import Pixels
from app.services.entries import enter_together
from app.services.preprocessing import Preprocessing
from engine.types import Array, Shape

ALIKE_NUMBERS = 1 << 20
"""Numbers of pictures that wait to enter together; a large one has nothing to gain from company."""


class Stack:
    """Room for some pictures as a model takes them.

    Args:
        count: of pictures.
        shape: (channels, rows, columns) in which each enters.
        entry: how it does.
    """

    def __init__(self, count: int, shape: Shape, entry: Preprocessing) -> None:
        self._entered = np.empty((count, *shape), np.float32)
        self._entry = entry
        self._alike: list[Pixels] = []
        self.rows: list[int] = []
        """Of the share, a row for each picture."""

    @property
    def is_full(self) -> bool:
        return len(self.rows) == len(self._entered)

    def add(self, row: int, pixels: Pixels) -> None:
        """Lay a picture on top, (channels, rows, columns) uint8; not where it is full."""
        if self._alike and pixels.shape != self._alike[0].shape:
            self._enter()
        self._alike.append(pixels)
        self.rows.append(row)
        if len(self._alike) * pixels.size > ALIKE_NUMBERS:
            self._enter()

    def entered(self) -> Array:
        """All pictures, (N, channels, rows, columns); good until the next one is added."""
        if self._alike:
            self._enter()
        return self._entered[: len(self.rows)]

    def clear(self) -> None:
        """Begin again."""
        self._alike.clear()
        self.rows.clear()

    def _enter(self) -> None:
        count = len(self.rows)
        together = enter_together(np.stack(self._alike), self._entry)
        self._entered[count - len(self._alike) : count] = together
        self._alike.clear()

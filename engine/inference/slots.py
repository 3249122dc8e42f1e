"""The place of one output in memory, with the margin of zeros that its readers want around it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import numpy as np

from engine.ops.kernels.memory import Order, empty_in
from engine.threads import Part
from engine.types import Array, Pair, Shape


@dataclass(frozen=True)
class Margin:
    """Cells of zeros, (rows, columns), before the first cell of a map and after its last one."""

    before: Pair = (0, 0)
    after: Pair = (0, 0)

    def __or__(self, other: Margin) -> Margin:
        """Wide enough for both."""
        return Margin(_larger(self.before, other.before), _larger(self.after, other.after))


def _larger(a: Pair, b: Pair) -> Pair:
    return max(a[0], b[0]), max(a[1], b[1])


@dataclass(frozen=True)
class Slot:
    """How an output lies: its shape with the batch and, of a map (N, C, H, W), its order and its margin."""

    shape: Shape
    order: Order = "nchw"
    margin: Margin = Margin()

    @property
    def padded(self) -> Shape:
        """Shape with the margin."""
        if len(self.shape) != 4:
            return self.shape
        n, c, h, w = self.shape
        (top, left), (bottom, right) = self.margin.before, self.margin.after
        return n, c, top + h + bottom, left + w + right

    def nbytes(self, dtype: np.dtype[Any]) -> int:
        """Bytes that it takes."""
        return prod(self.padded) * dtype.itemsize


class Placed:
    """An output in memory.

    Args:
        slot: how it lies.
        memory: bytes, of which it takes the first.
        dtype: of its numbers.
    """

    def __init__(self, slot: Slot, memory: np.ndarray[Any, np.dtype[np.uint8]], dtype: np.dtype[Any]) -> None:
        self.slot = slot
        numbers = memory[: slot.nbytes(dtype)].view(dtype)
        is_map = len(slot.shape) == 4
        self.padded = empty_in(numbers, slot.padded, slot.order) if is_map else numbers.reshape(slot.shape)

    @property
    def inside(self) -> Array:
        """Without the margin, (N, C, H, W) or whatever its shape is."""
        return self.with_margin(Margin()) if len(self.slot.shape) == 4 else self.padded

    def with_margin(self, margin: Margin) -> Array:
        """With a margin not wider than its own."""
        (top, left), (rows, columns) = self.slot.margin.before, self.slot.shape[2:]
        top, left = top - margin.before[0], left - margin.before[1]
        bottom = top + margin.before[0] + rows + margin.after[0]
        right = left + margin.before[1] + columns + margin.after[1]
        return self.padded[:, :, top:bottom, left:right]

    def clear_margin(self) -> Part:
        """Steps that write the zeros: the memory has had other uses."""
        if self.slot.padded == self.slot.shape:
            return []
        (top, left), (rows, columns) = self.slot.margin.before, self.slot.shape[2:]
        padded = self.padded
        sides = (
            padded[:, :, :top],
            padded[:, :, top + rows :],
            padded[:, :, top : top + rows, :left],
            padded[:, :, top : top + rows, left + columns :],
        )
        return [partial(np.copyto, side, 0.0) for side in sides if side.size]

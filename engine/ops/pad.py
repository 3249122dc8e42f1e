"""Padding as a node of its own: a border of a constant, or of copies, along any axes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np

from engine.errors import EngineError
from engine.geometry.axis import OUTSIDE
from engine.ops.axes import axes_of, require_each
from engine.ops.parameters import parameter
from engine.ops.selection import Selection
from engine.types import Integers, Shape

PadMode = Literal["constant", "reflect", "edge", "wrap"]
PAD_MODES: tuple[PadMode, ...] = get_args(PadMode)


@dataclass(frozen=True)
class Pad(Selection):
    """A border around a tensor, or below 0 a border cut off.

    Args:
        pads: before each of the axes, then after each of them.
        mode: what the border holds: ``value``, the numbers mirrored at the border (which is not said twice),
            the outermost numbers, or those of the other end.
        value: of the constant border.
        axes: those that are padded; left out, the last ones.

    Source: ONNX, operator Pad.

    >>> Pad(pads=(1, 0, 0, 2), mode="edge").output_shape((1, 3, 4, 5))
    (1, 3, 5, 7)
    """

    name: ClassVar[str] = "pad"

    pads: tuple[int, ...] = parameter("integers", (1, 1, 1, 1))
    mode: PadMode = parameter("choice", "constant", choices=PAD_MODES)
    value: float = parameter("number", 0.0)
    axes: tuple[int, ...] = parameter("integers", ())

    @property
    def constant(self) -> float:
        return self.value

    def _borders(self, shape: Shape) -> Iterator[tuple[int, int, int]]:
        """(axis, cells before, cells after)."""
        half = len(self.pads) // 2
        axes = axes_of("axes", self.axes or range(-half, 0), len(shape))
        require_each("pads", self.pads, (*axes, *axes))
        yield from zip(axes, self.pads[:half], self.pads[half:], strict=True)

    def output_shape(self, *shapes: Shape) -> Shape:
        lengths = list(shapes[0])
        for axis, before, after in self._borders(shapes[0]):
            size = lengths[axis]
            lengths[axis] += before + after
            if lengths[axis] < 1:
                raise EngineError(
                    "invalid-argument", "pads", list(self.pads), f"more than {-size} on axis {axis}"
                )
            if self.mode == "reflect" and max(before, after) >= size:
                allowed = f"at most {size - 1} on axis {axis}, to be mirrored"
                raise EngineError("padding-too-large", "pads", list(self.pads), allowed)
        return tuple(lengths)

    def positions(self, shape: Shape) -> dict[int, Integers]:
        borders = self._borders(shape)
        return {axis: np.arange(-before, shape[axis] + after) for axis, before, after in borders}

    def sources(self, shape: Shape) -> dict[int, Integers]:
        return {axis: self._copied(at, shape[axis]) for axis, at in self.positions(shape).items()}

    def _copied(self, positions: Integers, size: int) -> Integers:
        last = size - 1
        sources: Integers
        match self.mode:
            case "reflect":
                sources = last - np.abs(last - np.abs(positions))
            case "edge":
                sources = np.clip(positions, 0, last)
            case "wrap":
                sources = positions % size
            case "constant":
                sources = np.where((positions >= 0) & (positions <= last), positions, OUTSIDE)
        return sources

"""Numbers said more than once: broadcasting an axis of length 1, tiles of a whole tensor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.errors import EngineError
from engine.ops.parameters import parameter
from engine.ops.selection import Selection
from engine.types import Integers, Shape


@dataclass(frozen=True)
class Expand(Selection):
    """Axes of length 1 repeated to a length; axes that the input lacks are put in front.

    Args:
        shape: what the input is broadcast with, by NumPy's rules: 1 keeps an axis.

    Source: ONNX, operator Expand.

    >>> Expand(shape=(2, 1, 4)).output_shape((3, 1))
    (2, 3, 4)
    """

    name: ClassVar[str] = "expand"

    shape: Shape = parameter("integers", (1,), minimum=1)

    def output_shape(self, *shapes: Shape) -> Shape:
        try:
            return np.broadcast_shapes(shapes[0], self.shape)
        except ValueError:
            allowed = (
                f"on every axis 1 or the length of the input's {list(shapes[0])}, or any where that is 1"
            )
            raise EngineError("shape-mismatch", "shape", list(self.shape), allowed) from None

    def aligned(self, shape: Shape) -> Shape:
        return (1,) * (len(self.shape) - len(shape)) + shape

    def sources(self, shape: Shape) -> dict[int, Integers]:
        lengths = zip(self.aligned(shape), self.output_shape(shape), strict=True)
        return {axis: np.zeros(out, dtype=int) for axis, (size, out) in enumerate(lengths) if size != out}


@dataclass(frozen=True)
class Tile(Selection):
    """Every axis repeated as a whole, so many times.

    Args:
        repeats: for each of the last axes; where there are more than axes, new ones are put in front.

    Source: PyTorch, ``torch.tile``; ONNX, operator Tile.

    >>> Tile(repeats=(2, 3)).output_shape((1, 4, 5))
    (1, 8, 15)
    """

    name: ClassVar[str] = "tile"

    repeats: tuple[int, ...] = parameter("integers", (2,), minimum=1)

    def output_shape(self, *shapes: Shape) -> Shape:
        lengths = zip(self.aligned(shapes[0]), self._times(shapes[0]), strict=True)
        return tuple(size * times for size, times in lengths)

    def aligned(self, shape: Shape) -> Shape:
        return (1,) * (len(self.repeats) - len(shape)) + shape

    def sources(self, shape: Shape) -> dict[int, Integers]:
        lengths = zip(self.aligned(shape), self._times(shape), strict=True)
        return {
            axis: np.arange(size * times) % size for axis, (size, times) in enumerate(lengths) if times > 1
        }

    def _times(self, shape: Shape) -> tuple[int, ...]:
        return (1,) * (len(shape) - len(self.repeats)) + self.repeats

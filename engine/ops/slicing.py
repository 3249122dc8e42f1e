"""Parts of a tensor: every so many indices of an axis, or the indices of a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.errors import EngineError
from engine.ops.axes import axes_of, axis_of, require_each
from engine.ops.parameters import parameter
from engine.ops.selection import Selection
from engine.types import Integers, Shape


@dataclass(frozen=True)
class Slice(Selection):
    """Of some axes the indices from a start to before an end, ``steps`` apart, as Python slices.

    One part of a tensor that is split is a slice of one axis.

    Args:
        starts, ends: one for each axis; below 0 they count from the end, beyond an end they stop there.
        axes: those that are sliced; left out, the first ones.
        steps: one for each axis, not 0, backwards if below 0; left out, 1.

    Source: ONNX, operator Slice.

    >>> Slice(starts=(-2, 3), ends=(9, 0), axes=(1, 2), steps=(1, -2)).output_shape((1, 3, 4, 5))
    (1, 2, 2, 5)
    """

    name: ClassVar[str] = "slice"

    starts: tuple[int, ...] = parameter("integers", ())
    ends: tuple[int, ...] = parameter("integers", ())
    axes: tuple[int, ...] = parameter("integers", ())
    steps: tuple[int, ...] = parameter("integers", ())

    def _ranges(self, shape: Shape) -> Iterator[tuple[int, range]]:
        axes = axes_of("axes", self.axes or range(len(self.starts)), len(shape))
        steps = self.steps or (1,) * len(axes)
        for argument, values in (("starts", self.starts), ("ends", self.ends), ("steps", steps)):
            require_each(argument, values, axes)
        for axis, start, end, step in zip(axes, self.starts, self.ends, steps, strict=True):
            if step == 0:
                raise EngineError("invalid-argument", "steps", list(steps), "integers other than 0")
            indices = range(shape[axis])[start:end:step]
            if not indices:
                allowed = f"at least one index from starts {list(self.starts)} in {list(shape)}"
                raise EngineError("shape-mismatch", "ends", list(self.ends), allowed)
            yield axis, indices

    def output_shape(self, *shapes: Shape) -> Shape:
        lengths = list(shapes[0])
        for axis, indices in self._ranges(shapes[0]):
            lengths[axis] = len(indices)
        return tuple(lengths)

    def sources(self, shape: Shape) -> dict[int, Integers]:
        return {axis: np.array(indices) for axis, indices in self._ranges(shape)}


@dataclass(frozen=True)
class Gather(Selection):
    """The indices of a list, in its order, along one axis.

    Args:
        indices: below 0 they count from the end.
        axis: along which they are.

    Source: PyTorch, ``torch.index_select``; ONNX, operator Gather with a list of indices.

    >>> Gather(indices=(2, 0, -1), axis=1).output_shape((1, 3, 4, 5))
    (1, 3, 4, 5)
    """

    name: ClassVar[str] = "gather"

    indices: tuple[int, ...] = parameter("integers", (0,))
    axis: int = parameter("integer", 1, minimum=0)

    def output_shape(self, *shapes: Shape) -> Shape:
        axis = axis_of("axis", self.axis, len(shapes[0]))
        size = shapes[0][axis]
        if not self.indices or any(not -size <= index < size for index in self.indices):
            allowed = f"at least one, each from {-size} to {size - 1}"
            raise EngineError("invalid-argument", "indices", list(self.indices), allowed)
        return (*shapes[0][:axis], len(self.indices), *shapes[0][axis + 1 :])

    def sources(self, shape: Shape) -> dict[int, Integers]:
        axis = axis_of("axis", self.axis, len(shape))
        return {axis: np.array(self.indices) % shape[axis]}

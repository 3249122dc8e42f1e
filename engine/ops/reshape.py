"""Other axes for the same numbers in the same order: flatten, reshape, squeeze, unsqueeze, identity."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

from engine.errors import EngineError
from engine.ops.axes import axes_of, axis_of
from engine.ops.parameters import parameter
from engine.ops.rearrangement import Reshaping
from engine.types import Shape


@dataclass(frozen=True)
class Identity(Reshaping):
    """The input as it is; what dropout does once a network is trained."""

    name: ClassVar[str] = "identity"

    def output_shape(self, *shapes: Shape) -> Shape:
        return shapes[0]


@dataclass(frozen=True)
class Flatten(Reshaping):
    """Two axes: all before ``axis`` make the first, the others the second; by default a row for each picture.

    Source: ONNX, operator Flatten.

    >>> Flatten().output_shape((2, 3, 4, 5)), Flatten(axis=2).output_shape((2, 3, 4, 5))
    ((2, 60), (6, 20))
    """

    name: ClassVar[str] = "flatten"

    axis: int = parameter("integer", 1, minimum=0)

    def output_shape(self, *shapes: Shape) -> Shape:
        # Beyond the last axis there is one more place to part them.
        axis = axis_of("axis", self.axis, len(shapes[0]) + 1)
        return (prod(shapes[0][:axis]), prod(shapes[0][axis:]))


@dataclass(frozen=True)
class Reshape(Reshaping):
    """Axes of any lengths: 0 keeps the input's own at that place, -1 is what remains for it.

    Source: ONNX, operator Reshape.

    >>> Reshape(shape=(0, 2, -1)).output_shape((3, 4, 5))
    (3, 2, 10)
    """

    name: ClassVar[str] = "reshape"

    shape: Shape = parameter("integers", (0, -1), minimum=-1)

    def output_shape(self, *shapes: Shape) -> Shape:
        given, numbers = shapes[0], prod(shapes[0])
        if any(not length and axis >= len(given) for axis, length in enumerate(self.shape)):
            raise self._misfit(given)
        wanted = [length or given[axis] for axis, length in enumerate(self.shape)]
        known = prod(length for length in wanted if length != -1)
        if wanted.count(-1) > 1 or (-1 in wanted and (not known or numbers % known)):
            raise self._misfit(given)
        found = tuple(numbers // known if length == -1 else length for length in wanted)
        if prod(found) != numbers:
            raise self._misfit(given)
        return found

    def _misfit(self, given: Shape) -> EngineError:
        allowed = (
            f"lengths whose product is {prod(given)}, as of the input's {list(given)}; -1 once, 0 to keep"
        )
        return EngineError("shape-mismatch", "shape", list(self.shape), allowed)


@dataclass(frozen=True)
class Squeeze(Reshaping):
    """Axes of length 1 are left out: those named, or all but the batch.

    Source: ONNX, operator Squeeze.

    >>> Squeeze().output_shape((1, 3, 1, 5)), Squeeze(axes=(0, -2)).output_shape((1, 3, 1, 5))
    ((1, 3, 5), (3, 5))
    """

    name: ClassVar[str] = "squeeze"

    axes: tuple[int, ...] = parameter("integers", ())

    def output_shape(self, *shapes: Shape) -> Shape:
        lengths = list(enumerate(shapes[0]))
        if not self.axes:
            return tuple(length for axis, length in lengths if axis == 0 or length != 1)
        axes = axes_of("axes", self.axes, len(lengths))
        if any(shapes[0][axis] != 1 for axis in axes):
            raise EngineError(
                "shape-mismatch", "axes", list(self.axes), f"axes of length 1 of {list(shapes[0])}"
            )
        return tuple(length for axis, length in lengths if axis not in axes)


@dataclass(frozen=True)
class Unsqueeze(Reshaping):
    """Axes of length 1 are put in, where they stand in the output.

    Source: ONNX, operator Unsqueeze.

    >>> Unsqueeze(axes=(1, -1)).output_shape((2, 3))
    (2, 1, 3, 1)
    """

    name: ClassVar[str] = "unsqueeze"

    axes: tuple[int, ...] = parameter("integers", (1,))

    def output_shape(self, *shapes: Shape) -> Shape:
        rank = len(shapes[0]) + len(self.axes)
        axes, lengths = axes_of("axes", self.axes, rank), iter(shapes[0])
        return tuple(1 if axis in axes else next(lengths) for axis in range(rank))

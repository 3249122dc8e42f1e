"""How far each setting of an operation may move while the others stay: what a slider needs.

Every answer is found by asking the operation itself for its output shape, so no rule is written twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from engine.errors import EngineError
from engine.geometry.axis import Axis
from engine.ops.operation import Operation
from engine.ops.parameters import Parameter, parameters_of
from engine.types import Pair, Shape, map_shape

Make: TypeAlias = Callable[[Mapping[str, Any]], Operation]
"""From settings to an operation, with what can be inferred filled in."""

Range: TypeAlias = dict[str, Any]
"""{"minimum", "maximum"} (and "step" where not every integer serves), {"values"}, or one such by axis."""

LARGEST_COUNT = 512
"""Where nothing else bounds a count of channels or features."""

LARGEST_UNBOUNDED = 16
"""Where no window on the input bounds a size: the kernel of a transposed convolution."""

GROUPS = ("groups", "num_groups")
"""Settings that must divide the channels."""

PADDING_WORDS = ("valid", "same", "full")
AXES = ("rows", "columns")


def valid_ranges(make: Make, settings: Mapping[str, Any], shapes: Sequence[Shape]) -> dict[str, Range]:
    """By setting, the values that give an output while all other settings stay.

    Args:
        make: see ``Make``.
        settings: those given, as ``Parameter.read`` returns them; they must be valid.
        shapes: of the inputs, batch included.

    Raises:
        EngineError: if the settings themselves are not valid.

    >>> from engine.ops.conv2d import Conv2d
    >>> ranges = valid_ranges(lambda s: Conv2d(**s), {"kernel_size": (3, 3), "padding": 1}, [(1, 1, 5, 8)])
    >>> ranges["kernel_size"]
    {'rows': {'minimum': 1, 'maximum': 7}, 'columns': {'minimum': 1, 'maximum': 10}}
    >>> ranges["groups"]
    {'values': [1]}
    """
    search = _Search(make, dict(settings), shapes)
    search.operation.output_shape(*shapes)
    found: dict[str, Range] = {}
    for parameter in parameters_of(type(search.operation)):
        found_range = search.range_of(parameter)
        if found_range is not None:
            found[parameter.name] = found_range
    return found


class _Search:
    def __init__(self, make: Make, settings: dict[str, Any], shapes: Sequence[Shape]) -> None:
        self.make = make
        self.settings = settings
        self.shapes = shapes
        self.operation = make(settings)
        self.channels, rows, columns = map_shape(shapes[0])
        self.size: Pair = (rows, columns)
        self.axes = sliding_axes(self.operation, shapes[0])

    def works(self, parameter: Parameter, value: Any) -> bool:
        try:
            operation = self.make({**self.settings, parameter.name: parameter.read(value)})
            operation.output_shape(*self.shapes)
        except EngineError:
            return False
        return True

    def range_of(self, parameter: Parameter) -> Range | None:
        match parameter.kind:
            case "choice":
                return {"values": [choice for choice in parameter.choices if self.works(parameter, choice)]}
            case "boolean":
                return {"values": [value for value in (False, True) if self.works(parameter, value)]}
            case "integer" if parameter.name in GROUPS:
                channels = self.shapes[0][1]
                divisors = [n for n in range(1, channels + 1) if channels % n == 0]
                return {"values": [n for n in divisors if self.works(parameter, n)]}
            case "integer":
                return self._integers(parameter)
            case "pair":
                return self._by_axis(parameter, self._pair(parameter.name))
            case "padding":
                words = [word for word in PADDING_WORDS if self.works(parameter, word)]
                return {**self._padding(parameter), "words": words}
        return None

    def _integers(self, parameter: Parameter) -> Range:
        value = int(getattr(self.operation, parameter.name))
        features = parameter.name.startswith("out_")
        ceiling = max(value, LARGEST_COUNT if features else max(self.channels, *self.size))
        # Groups let only multiples through: look for the next one.
        step = next((n for n in range(1, self.channels + 1) if self.works(parameter, value + n)), 1)
        # What has no minimum is an axis, which may be counted from the end.
        floor = 0 if parameter.minimum is not None else -len(self.shapes[0])
        found = _span(lambda n: self.works(parameter, n), value, ceiling, step, floor)
        return found if step == 1 else {**found, "step": step}

    def _pair(self, name: str) -> Pair:
        pair: Pair | None = getattr(self.operation, name)
        if pair is None and self.axes:
            # Left out, it follows from another setting; the axes know what it came to.
            pair = (getattr(self.axes[0], name), getattr(self.axes[1], name))
        return pair or (1, 1)

    def _by_axis(self, parameter: Parameter, pair: Pair) -> Range:
        found: Range = {}
        for axis, name in enumerate(AXES):
            # The other axis stays.
            works = partial(self._works_along, parameter, axis, [[pair[0]], [pair[1]]])
            found[name] = _span(works, pair[axis], self._ceiling(axis, pair[axis]))
        return found

    def _padding(self, parameter: Parameter) -> Range:
        now = [[axis.before, axis.after] for axis in self.axes] if self.axes else [[0, 0], [0, 0]]
        found: Range = {}
        for axis, name in enumerate(AXES):
            works = partial(self._works_along, parameter, axis, now)
            ceiling = max(self.size[axis], *now[axis])
            # Unequal sides have no one number: start from one that serves.
            start = next((n for n in (*now[axis], 0, ceiling) if works(n)), None)
            found[name] = None if start is None else _span(works, start, ceiling)
        return found

    def _works_along(self, parameter: Parameter, axis: int, now: list[list[int]], n: int) -> bool:
        """Whether ``n`` on one axis works, with ``now`` on the other."""
        sides = [[n] * len(numbers) if index == axis else numbers for index, numbers in enumerate(now)]
        return self.works(parameter, [*sides[0], *sides[1]])

    def _ceiling(self, axis: int, value: int) -> int:
        reach = self.axes[axis].padded if self.axes else max(self.size[axis], LARGEST_UNBOUNDED)
        return max(value, reach)


def sliding_axes(operation: Operation, shape: Shape) -> tuple[Axis, Axis] | None:
    """The axes of a window that slides over the input, or None for an operation without one."""
    axes_of: Callable[[Shape], tuple[Any, Any]] | None = getattr(operation, "axes", None)
    # Operations on any axes list theirs under the same name.
    if not callable(axes_of):
        return None
    rows, columns = axes_of(shape)
    return (rows, columns) if isinstance(rows, Axis) and isinstance(columns, Axis) else None


def _span(works: Callable[[int], bool], start: int, ceiling: int, step: int = 1, floor: int = 0) -> Range:
    """The stretch of valid integers around a valid one, by bisection on either side."""
    return {
        "minimum": start - step * _furthest(lambda n: works(start - step * n), (start - floor) // step),
        "maximum": start + step * _furthest(lambda n: works(start + step * n), (ceiling - start) // step),
    }


def _furthest(works: Callable[[int], bool], most: int) -> int:
    """The largest n up to ``most`` that works, given that 0 does and that nothing works beyond a failure."""
    if most <= 0:
        return 0
    if works(most):
        return most
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if works(middle) else (low, middle)
    return low

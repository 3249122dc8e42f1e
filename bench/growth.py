"""How the time of one convolution grows with the picture, the channels, the batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bench.rivals.case import Case
from bench.rivals.comparison import Comparison
from bench.rivals.engines import ENGINES
from bench.rivals.result import Result
from bench.rivals.tables import engines_of
from bench.table import Table
from engine.zoo.layers import conv, specification

SIZES, CHANNELS, BATCHES = (14, 28, 56, 112, 224), (16, 32, 64, 128, 256), (1, 2, 4, 8, 16)
SIZE, WIDTH = 56, 64
"""Where they are not what grows."""


def convolution(name: str, size: int = SIZE, channels: int = WIDTH, batch: int = 1) -> Case:
    """A 3×3 convolution of maps of ``size`` × ``size``, as many channels out as in."""
    layer = conv("conv", channels, 3, "input", padding=1)
    return Case(name, specification(channels, (size, size), [layer]), batch)


AXES: dict[str, dict[str, int]] = {
    "rows and columns": {f"{size} × {size}": size for size in SIZES},
    "channels": {f"{channels} channels": channels for channels in CHANNELS},
    "pictures": {f"batch of {batch}": batch for batch in BATCHES},
}
"""By what grows, the names of the cases, each with its number."""

MAKERS: dict[str, Callable[[str, int], Case]] = {
    "rows and columns": lambda name, number: convolution(name, size=number),
    "channels": lambda name, number: convolution(name, channels=number),
    "pictures": lambda name, number: convolution(name, batch=number),
}


def exponents(results: Sequence[Result]) -> list[Table]:
    """Of each axis the power with which the time grows, over all cases and over the last two."""
    lines = []
    for axis, numbers in AXES.items():
        along = [result for result in results if result.case.name in numbers]
        for engine in engines_of(along):
            points = [
                (numbers[result.case.name], result.engines[engine].least_ms)
                for result in along
                if engine in result.engines
            ]
            lines.append((axis, ENGINES[engine].title, power(points), power(points[-2:])))
    heads = ("what grows", "engine", "power", "over the last doubling")
    return [Table(heads, lines, "Time grows as the number to the power of (by least times)")]


def power(points: Sequence[tuple[int, float]]) -> str:
    """The slope of a straight line through the logarithms.

    >>> power([(1, 3.0), (2, 12.0), (4, 48.0)])
    '2.00'
    """
    if len(points) < 2:
        return ""
    numbers, times = np.log(np.array(points, dtype=np.float64)).T
    return f"{np.polyfit(numbers, times, 1)[0]:.2f}"


def picture(results: Sequence[Result]) -> str:
    """Time against each of the three."""
    from bench.rivals.plots import curves

    return curves(results, AXES)


COMPARISON = Comparison(
    name="growth",
    title="How the time of a 3×3 convolution grows",
    about=f"Maps of {SIZE} × {SIZE}, {WIDTH} channels in and out, one picture, but for what grows. The "
    "number of multiplications grows with the square of rows and columns, with the square of the channels, "
    "and as the pictures do. Ours includes turning the picture from NCHW into the order that the route works "
    "in, and back; channels last is given its own.",
    cases=tuple(MAKERS[axis](name, number) for axis, names in AXES.items() for name, number in names.items()),
    engines=("ours", "pytorch-nchw", "pytorch-channels-last", "onnxruntime"),
    seconds=6,
    more=exponents,
    plot=picture,
)

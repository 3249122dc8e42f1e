"""How a model wants its pictures: size, colour, range, and what is subtracted and divided by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from app.problems import Problem
from app.services.descriptions import Json
from engine.types import Pair

Resize: TypeAlias = Literal["stretch", "crop"]
Order: TypeAlias = Literal["gray", "rgb", "bgr"]

_CHANNELS: Mapping[Order, int] = {"gray": 1, "rgb": 3, "bgr": 3}
_LONGEST_SIDE = 16_384
_LARGEST = 1e6
"""Of a mean or a deviation; pixels end at 255."""


@dataclass(frozen=True)
class Preprocessing:
    """x = (pixel · range − mean) / std, where a pixel is a number from 0 to 1.

    Args:
        size: (rows, columns) to which pictures are resized; None leaves them as they are.
        resize: ``crop`` takes the largest part from the middle that has the sides' proportion.
        color: order of the channels.
        range: 1 or 255, what white becomes first.
        mean: by channel; None subtracts nothing.
        std: by channel; None divides by nothing.
    """

    size: Pair | None = None
    resize: Resize = "stretch"
    color: Order = "rgb"
    range: int = 1
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None

    @property
    def channels(self) -> int:
        return _CHANNELS[self.color]

    @property
    def extent(self) -> tuple[float, float]:
        """(least, largest) number that any picture can enter with."""
        means, stds = self.mean or (0.0,), self.std or (1.0,)
        pairs = [(means[i % len(means)], stds[i % len(stds)]) for i in range(self.channels)]
        return (
            min((0 - mean) / std for mean, std in pairs),
            max((self.range - mean) / std for mean, std in pairs),
        )

    def box(self, picture: Pair) -> tuple[float, float, float, float]:
        """(first row, first column, rows, columns) of the part of a picture that enters.

        >>> Preprocessing((2, 2), "crop").box((10, 16)), Preprocessing((2, 2)).box((10, 16))
        ((0.0, 3.0, 10.0, 10.0), (0.0, 0.0, 10.0, 16.0))
        """
        rows, columns = float(picture[0]), float(picture[1])
        if self.resize == "stretch" or self.size is None:
            return (0.0, 0.0, rows, columns)
        part = min(rows / self.size[0], columns / self.size[1])
        height, width = self.size[0] * part, self.size[1] * part
        return ((rows - height) / 2, (columns - width) / 2, height, width)

    def describe(self) -> Json:
        """As JSON tells it."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }


def read_preprocessing(value: Any, channels: int) -> Preprocessing | None:
    """A preprocessing as JSON gives it, for a model that takes so many channels; None stays None.

    Raises:
        Problem: ``invalid-argument``, ``unknown-field``, ``shape-mismatch`` for a colour of other channels.

    >>> read_preprocessing({"range": 255, "mean": 127, "std": [128, 128, 128]}, 3).mean
    (127.0, 127.0, 127.0)
    """
    if value is None:
        return None
    fields = tuple(Preprocessing.__dataclass_fields__)
    if not isinstance(value, Mapping):
        raise Problem("invalid-argument", "preprocessing", value, f"an object of {', '.join(fields)}")
    for name in value:
        if name not in fields:
            raise Problem("unknown-field", f"preprocessing.{name}", value[name], ", ".join(fields))
    color = _choice(value, "color", "gray" if channels == 1 else "rgb", tuple(_CHANNELS))
    if _CHANNELS[color] != channels:
        raise Problem("shape-mismatch", "preprocessing.color", color, f"a colour of {channels} channel(s)")
    return Preprocessing(
        size=_size(value.get("size")),
        resize=_choice(value, "resize", "stretch", ("stretch", "crop")),
        color=color,
        range=_choice(value, "range", 1, (1, 255)),
        mean=_by_channel(value, "mean", channels),
        std=_by_channel(value, "std", channels),
    )


def _choice(value: Mapping[str, Any], name: str, default: Any, choices: tuple[Any, ...]) -> Any:
    chosen = value.get(name)
    if chosen is None:
        return default
    for choice in choices:
        # True equals 1, and is none of them.
        if type(chosen) is type(choice) and chosen == choice:
            return choice
    raise Problem("invalid-argument", f"preprocessing.{name}", chosen, " or ".join(map(str, choices)))


def _size(value: Any) -> Pair | None:
    if value is None:
        return None
    sides = list(value) if isinstance(value, list | tuple) else []
    if len(sides) != 2 or not all(type(side) is int and 1 <= side <= _LONGEST_SIDE for side in sides):
        allowed = f"[height, width], each from 1 to {_LONGEST_SIDE}, or null"
        raise Problem("invalid-argument", "preprocessing.size", value, allowed)
    return (sides[0], sides[1])


def _by_channel(value: Mapping[str, Any], name: str, channels: int) -> tuple[float, ...] | None:
    given = value.get(name)
    if given is None:
        return None
    numbers = list(given) if isinstance(given, list | tuple) else [given] * channels
    least = -_LARGEST if name == "mean" else 1 / _LARGEST
    fine = all(type(n) in (int, float) and math.isfinite(n) and least <= n <= _LARGEST for n in numbers)
    if len(numbers) != channels or not fine:
        allowed = f"{channels} number(s) from {least:g} to {_LARGEST:g}, or one for all, or null"
        raise Problem("invalid-argument", f"preprocessing.{name}", given, allowed)
    return tuple(float(n) for n in numbers)

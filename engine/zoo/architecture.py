"""What is known of a network beside its specification: where it comes from, and what its paper counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from engine.types import Pair
from engine.zoo.layers import Specification

Quantity: TypeAlias = Literal["parameters", "multiply_adds", "connections", "units"]


class Builder(Protocol):
    """A function that returns the specification of a network."""

    def __call__(self, *, size: Pair = ..., classes: int = ...) -> Specification:
        """The network for pictures of ``size``, (rows, columns), that tells ``classes`` classes apart."""


@dataclass(frozen=True)
class Published:
    """A number that a paper gives.

    Args:
        quantity: what is counted.
        value: as printed, in full.
        source: where it is printed, and what it leaves out.
        unit: the place to which it was rounded, 1 where it is exact.
    """

    quantity: Quantity
    value: int
    source: str
    unit: int = 1


@dataclass(frozen=True)
class Architecture:
    """A network with its name and its origin.

    Args:
        name: by which it is asked for.
        title: as its authors write it.
        paper: authors, title and place.
        year: in which it was published.
        build: see ``Builder``.
        channels: of its pictures.
        size: (rows, columns) of its pictures, unless others are asked for.
        classes: that it tells apart, unless others are asked for.
        published: what its paper counts.
    """

    name: str
    title: str
    paper: str
    year: int
    build: Builder
    channels: int
    size: Pair
    classes: int
    published: tuple[Published, ...] = ()

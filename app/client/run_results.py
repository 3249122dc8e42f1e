"""What a run tells of itself and of its numbers, as dataclasses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from .arrays import Array
from .results import Node, Raw, TopClass, raw

Cell: TypeAlias = tuple[int, int, int]
"""(channel, row, column), from 0."""


@dataclass(frozen=True)
class RunInput:
    """The picture as it entered: its shape, and what white became."""

    shape: tuple[int, int, int]
    range: int
    color: str
    min: float
    max: float
    raw: Raw = raw()


@dataclass(frozen=True)
class RunDescription:
    """A run with its nodes."""

    id: str
    model: str
    image: str
    input: RunInput
    nodes: tuple[Node, ...]
    top: tuple[TopClass, ...] = ()
    raw: Raw = raw()


@dataclass(frozen=True)
class Term:
    """One of the numbers that another one is made of."""

    input: str | None
    """The node that it comes from."""
    cell: Cell | None
    """Where; None in the padding."""
    padding: bool
    value: float
    position: Cell
    """Where the window looks, which may be outside."""
    weight: float | None = None
    product: float | None = None
    selected: bool | None = None
    """For a maximum: whether this one was taken."""
    weight_index: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Formula:
    """How terms are combined, by name."""

    id: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Window:
    """The part of an input that was looked at: [rows, columns]."""

    start: tuple[int, int]
    size: tuple[int, int]
    dilation: tuple[int, int]


@dataclass(frozen=True)
class Region:
    """A part of the picture: [rows, columns]."""

    start: tuple[int, int]
    size: tuple[int, int]


@dataclass(frozen=True)
class Remainder:
    """The terms that are not listed."""

    count: int
    sum: float


@dataclass(frozen=True)
class Explanation:
    """How one number was made: ``total`` is computed from the terms, and equals ``value``.

    For a ``combine`` of ``sum``, ``products.sum() + (bias or 0)`` is the total.
    """

    op: str
    node: str
    cell: Cell
    value: float
    combine: str
    total: float
    terms: tuple[Term, ...] = field(repr=False)
    term_count: int
    term_order: str
    formula: Formula
    receptive_field: Region
    window: Window | None = None
    bias: float | None = None
    remainder: Remainder | None = None
    raw: Raw = raw()

    @property
    def values(self) -> Array:
        """Of the terms."""
        return np.array([term.value for term in self.terms])

    @property
    def weights(self) -> Array:
        """Of the terms; NaN where there is none."""
        return np.array([np.nan if term.weight is None else term.weight for term in self.terms])

    @property
    def products(self) -> Array:
        """Of the terms; NaN where there is none."""
        return np.array([np.nan if term.product is None else term.product for term in self.terms])


@dataclass(frozen=True)
class Use:
    """The cells of a node that one number goes into."""

    node: str
    count: int
    cells: Array
    """(cells, 3): channel, row, column."""


@dataclass(frozen=True)
class StepTerms:
    """The terms of steps, an array for each; of ``weights`` one alone where all steps have the same."""

    values: tuple[Array, ...]
    padding: tuple[Array, ...]
    weights: tuple[Array, ...] | None = None
    products: tuple[Array, ...] | None = None
    selected: tuple[int | None, ...] | None = None
    """Index of the term that was taken."""
    positions: tuple[Array, ...] | None = None


@dataclass(frozen=True)
class Steps:
    """The explanations of consecutive cells in scan order, as parallel arrays."""

    op: str
    node: str
    shape: Cell
    start: int
    count: int
    combine: str
    cells: Array = field(repr=False)
    """(count, 3): channel, row, column."""
    value: Array = field(repr=False)
    total: Array = field(repr=False)
    terms: StepTerms = field(repr=False)
    bias: Array | None = field(repr=False, default=None)
    raw: Raw = raw()


@dataclass(frozen=True)
class MatrixRow:
    """A row of the linear map: the input cells that it draws on, in scan order, and their weights."""

    row: int
    cell: Cell
    bias: float
    columns: Array = field(repr=False)
    weights: Array = field(repr=False)


@dataclass(frozen=True)
class Matrix:
    """Rows of the sparse matrix that takes a node's input to its output; ``shape`` is that of all of it."""

    shape: tuple[int, int]
    rows: tuple[MatrixRow, ...] = field(repr=False)

"""What the API tells, as dataclasses: pictures, models, and what operations and kernels there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .arrays import Array

Raw: TypeAlias = Mapping[str, Any]
"""Everything that the server said."""


def raw() -> Any:
    """The field that holds it."""
    return field(repr=False, compare=False, default_factory=dict)


@dataclass(frozen=True)
class Image:
    """A picture that the server holds; ``id`` is a digest of its file."""

    id: str
    height: int
    width: int
    channels: int
    format: str
    bytes: int
    name: str | None = None
    sample: bool = False


@dataclass(frozen=True)
class TopClass:
    """One of the likeliest classes; ``label`` by language, None where the model has no labels."""

    index: int
    probability: float
    label: Mapping[str, str] | None = None

    @property
    def name(self) -> str:
        """In English, or the index.

        >>> TopClass(3, 0.9, {"en": "cat", "ja": "ネコ"}).name
        'cat'
        """
        return (self.label or {}).get("en", str(self.index))


@dataclass(frozen=True)
class NodeField:
    """What a node sees of the picture: [rows, columns]; no stride where it is not a whole number."""

    size: tuple[int, int]
    start: tuple[int, int]
    stride: tuple[int, int] | None = None


@dataclass(frozen=True)
class Node:
    """One operation of a model; ``min`` and ``max`` of its output are known in a run."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: Raw
    output_shape: tuple[int, ...]
    """[channels, rows, columns]; of a vector [features, 1, 1]."""
    parameters: int
    multiply_adds: int
    receptive_field: NodeField
    weights: Mapping[str, Any] = field(default_factory=dict)
    """Shapes by name."""
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True)
class ModelInput:
    """The pictures that a model takes."""

    channels: int
    size: tuple[int, int]
    preprocessing: Raw | None = None


@dataclass(frozen=True)
class ModelSummary:
    """A built-in model in a list."""

    id: str
    name: str
    title: str
    trained: bool
    input: ModelInput
    parameters: int
    multiply_adds: int
    raw: Raw = raw()


@dataclass(frozen=True)
class Model:
    """A model with its nodes; ``report`` says what was understood of an uploaded one."""

    id: str
    trained: bool
    input: ModelInput
    classifies: bool
    parameters: int
    multiply_adds: int
    nodes: tuple[Node, ...] = field(repr=False)
    name: str | None = None
    title: str | None = None
    labels: tuple[Mapping[str, str], ...] | None = field(repr=False, default=None)
    report: Raw | None = field(repr=False, default=None)
    raw: Raw = raw()


@dataclass(frozen=True)
class GaborFit:
    """The Gabor function laid over a filter; ``r2`` is the part of the filter that it explains."""

    orientation_deg: float
    wavelength_px: float
    phase_deg: float
    sigma_px: float
    aspect: float
    center: tuple[float, float]
    amplitude: float
    direction: tuple[float, ...]
    """The colour of its pattern: a weight for each input channel."""
    offset: tuple[float, ...]
    r2: float
    pattern_r2: float


@dataclass(frozen=True)
class Filter:
    """What one filter is: edge, blob, gabor or other; ``reason`` says why it has no fit."""

    index: int
    kind: str
    color: bool
    norm: float
    fit: GaborFit | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Filters:
    """The filters of a convolution; ``order`` has their indices by kind, orientation and wavelength."""

    node: str
    filters: tuple[Filter, ...] = field(repr=False)
    order: tuple[int, ...] = field(repr=False)
    summary: Raw
    reason: str | None = None

    def __len__(self) -> int:
        return len(self.filters)

    def __iter__(self) -> Iterator[Filter]:
        return iter(self.filters)

    def __getitem__(self, index: int) -> Filter:
        return self.filters[index]


@dataclass(frozen=True)
class Parameter:
    """A setting, and what it accepts."""

    name: str
    kind: str
    default: Any
    allowed: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Weight:
    """A weight that an operation has."""

    name: str
    optional: bool


@dataclass(frozen=True)
class Operation:
    """An operation; ``arity`` is the number of its inputs, None for any."""

    name: str
    group: str
    arity: int | None
    weights: tuple[Weight, ...]
    parameters: tuple[Parameter, ...] = field(repr=False)


@dataclass(frozen=True)
class Kernel:
    """A kernel made by hand, with its numbers at its defaults; ``sizes`` None means any."""

    name: str
    default_size: tuple[int, int]
    values: Array = field(repr=False)
    parameters: tuple[Parameter, ...] = field(repr=False)
    sizes: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True)
class Extent:
    """Channels, and [rows, columns]."""

    channels: int
    size: tuple[int, int]


@dataclass(frozen=True)
class Cost:
    """Parameters and multiply-adds."""

    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class Geometry:
    """Sizes and cost of an operation; ``dense``: of a fully connected layer instead."""

    op: str
    input: Extent
    output: Extent
    padded: tuple[int, int]
    padding: tuple[int, ...]
    """Rows before and after, columns before and after."""
    skipped: tuple[int, int]
    positions: int
    cost: Cost
    dense: Cost
    ranges: Raw = field(repr=False)
    """What each setting may be while the others stay."""
    raw: Raw = raw()

"""What can be asked of a run, each request written once; see ``exchange``."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from . import calls
from .arrays import Array, array_of, arrays_of
from .calls import Asker, Dtype
from .errors import expecting
from .exchange import Api, Exchange
from .reading import read, result_of
from .results import Filters, Node, TopClass
from .run_results import Explanation, Matrix, RunDescription, Steps, Use

INPUT = "input"
"""The picture as it entered, asked for like a node."""

CellLike: TypeAlias = int | Sequence[int] | Array
"""(channel, row, column); of a vector the index alone."""


class Recorded(Asker):
    """A run as its server described it, and the outputs fetched so far."""

    def __init__(self, api: Api, about: RunDescription) -> None:
        self.api = api
        self.about = about
        # How many numbers there are of whatever can be fetched.
        self._sizes = {INPUT: math.prod(about.input.shape)}
        self._sizes |= {node.name: math.prod(node.output_shape) for node in about.nodes}
        self._kept: dict[str, Array] = {}

    @property
    def id(self) -> str:
        """A digest of all that determines the run: with ``get_run`` it comes back, also tomorrow."""
        return self.about.id

    @property
    def model(self) -> str:
        """Its id."""
        return self.about.model

    @property
    def nodes(self) -> tuple[Node, ...]:
        """With shapes, settings, and the least and largest number of each output."""
        return self.about.nodes

    @property
    def top(self) -> tuple[TopClass, ...]:
        """The likeliest classes; empty where the model tells none apart."""
        return self.about.top

    def __iter__(self) -> Iterator[str]:
        return iter(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)

    def __contains__(self, name: object) -> bool:
        return name in self._sizes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recorded) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} {self.id}: {self.model} on {self.about.image}, {len(self.nodes)} nodes>"
        )


def array(run: Recorded, node: str) -> Exchange[Array]:
    """The whole output of a node, float32 as computed, (channels, rows, columns) or (features,).

    It is fetched once and kept, so it is read-only: copy it to change it.

    Raises:
        KeyError: the run has no such node.
    """
    if node not in run:
        raise KeyError(f"{node!r} is no node of this run; there are {', '.join(run)}")
    if node not in run._kept:
        _keep(run, node, (yield from output(run, node)))
    return run._kept[node]


def output(
    run: Recorded,
    node: str,
    *,
    channels: str | None = None,
    max_px: int | None = None,
    dtype: Dtype | None = None,
) -> Exchange[Array]:
    """A part of a node's output; float32.

    Args:
        node: its name, or ``input``.
        channels: ``start:stop``.
        max_px: the longer side at most, averaged over areas.
        dtype: in which numbers travel; exact unless this says otherwise.
    """
    path = ("runs", run.id, "nodes", node, "output")
    query = {"channels": channels, "max_px": max_px, "dtype": dtype}
    return array_of((yield from run.api.get(*path, suffix=".npy", query=query)))


def outputs(
    run: Recorded,
    nodes: Iterable[str] | None = None,
    *,
    fold: int | None = None,
    max_px: int | None = None,
    dtype: Dtype | None = None,
) -> Exchange[dict[str, Array]]:
    """The outputs of several nodes, in one call; whole and exact unless an argument says otherwise.

    Args:
        nodes: names; all nodes if left out.
        fold: of more channels than these, the first ``fold - 1`` and the last.
        max_px: maps whose longer side is greater are averaged over blocks.
        dtype: in which numbers travel; they arrive as float32.
    """
    names = [node.name for node in run.nodes] if nodes is None else list(nodes)
    whole = fold is None and max_px is None and dtype in (None, "float32")
    missing = [name for name in names if not (whole and name in run._kept)]
    found: dict[str, Array] = {}
    if missing:
        query = {"nodes": ",".join(missing), "fold": fold, "max_px": max_px, "dtype": dtype}
        response = yield from run.api.get("runs", run.id, "outputs.npz", query=query)
        found = arrays_of(response)
        with expecting(response, "the arrays that were asked for"):
            found = {name: found[name] for name in missing}
    if not whole:
        return found
    for name, part in found.items():
        # Of very long vectors an archive has the first and the last numbers only.
        if part.size == run._sizes[name]:
            _keep(run, name, part)
    everything = {}
    for name in names:
        everything[name] = yield from array(run, name)
    return everything


def picture(
    run: Recorded,
    node: str,
    channel: int | None = None,
    *,
    layout: Literal["mosaic", "single"] | None = None,
    scale: Literal["map", "layer", "net"] | None = None,
    colormap: Literal["signed", "nonnegative", "weight", "gray"] | None = None,
    theme: Literal["light", "dark"] | None = None,
    channels: str | None = None,
    max_px: int | None = None,
) -> Exchange[bytes]:
    """A node's output as a PNG file: one map, or all side by side.

    Args:
        node: its name.
        channel: this map alone.
        layout: of several maps.
        scale: whose least and largest number the colours span.
        colormap: the one that suits if left out.
        theme: of the page that it is for.
        channels: ``start:stop``.
        max_px: the longer side at most, averaged over areas.
    """
    query = {
        "channel": channel,
        "layout": layout,
        "scale": scale,
        "colormap": colormap,
        "theme": theme,
        "channels": channels,
        "max_px": max_px,
    }
    response = yield from run.api.get("runs", run.id, "nodes", node, "output", suffix=".png", query=query)
    with expecting(response, "a PNG file"):
        if not response.content.startswith(b"\x89PNG"):
            raise ValueError(repr(response.content[:8]))
    return response.content


def explain(
    run: Recorded, node: str, cell: CellLike, *, limit: int | None = None, offset: int | None = None
) -> Exchange[Explanation]:
    """How one number was made: the terms, the weights, how they combine, and the total.

    Args:
        node: its name, or ``input``.
        cell: (channel, row, column), or of a vector the index.
        limit: list so many terms, the largest first; ``remainder`` has the sum of the others.
        offset: pass over so many of them.
    """
    path = ("runs", run.id, "nodes", node, "cells", *_indices(cell))
    return result_of(Explanation, (yield from run.api.get(*path, query={"limit": limit, "offset": offset})))


def uses(run: Recorded, node: str, cell: CellLike) -> Exchange[tuple[Use, ...]]:
    """The cells that one number goes into, by node."""
    response = yield from run.api.get("runs", run.id, "nodes", node, "uses", *_indices(cell))
    with expecting(response, "a list of cells"):
        return read(tuple[Use, ...], response.json())


def steps(
    run: Recorded, node: str, start: int = 0, count: int = 64, *, positions: bool = False
) -> Exchange[Steps]:
    """The explanations of consecutive cells in scan order, as parallel arrays.

    Args:
        node: its name.
        start: number of the first cell: channel by channel, row by row.
        count: of cells.
        positions: with each term's place on the input.
    """
    query = {"start": start, "count": count, "positions": positions}
    return result_of(Steps, (yield from run.api.get("runs", run.id, "nodes", node, "steps", query=query)))


def columns(run: Recorded, node: str, rows: str | None = None) -> Exchange[Array]:
    """Every window of a node's input as a row (im2col): (windows, channels × rows × columns).

    Args:
        node: one that slides a window.
        rows: ``start:stop``; all if left out.
    """
    path = ("runs", run.id, "nodes", node, "columns")
    return array_of((yield from run.api.get(*path, suffix=".npy", query={"rows": rows})))


def matrix(run: Recorded, node: str, rows: str = "0:1") -> Exchange[Matrix]:
    """Rows of the sparse matrix that a node is: from its input to its output, both in scan order.

    Args:
        node: one that multiplies and adds.
        rows: ``start:stop``.
    """
    response = yield from run.api.get("runs", run.id, "nodes", node, "matrix", query={"rows": rows})
    with expecting(response, "rows of a matrix"):
        answer = response.json()
        for row in answer["rows"]:
            row["columns"] = [entry["column"] for entry in row["entries"]]
            row["weights"] = [entry["weight"] for entry in row["entries"]]
        return read(Matrix, answer)


def stages(run: Recorded, node: str) -> Exchange[dict[str, Array]]:
    """The stages of a transposed convolution by name: spread, frame, crop, convolve, kernel."""
    path = ("runs", run.id, "nodes", node, "stages")
    response = yield from run.api.get(*path)
    with expecting(response, "a list of stages"):
        names = [str(stage["name"]) for stage in response.json()["stages"]]
    found = {}
    for name in names:
        found[name] = array_of((yield from run.api.get(*path, name, suffix=".npy")))
    return found


def weight(run: Recorded, node: str, name: str = "weight") -> Exchange[Array]:
    """A weight of the run's model, before any ``edits``."""
    return (yield from calls.weight(run, run.model, node, name))


def filters(run: Recorded, node: str) -> Exchange[Filters]:
    """What each filter of a convolution of the run's model is, before any ``edits``."""
    return (yield from calls.filters(run, run.model, node))


def _keep(run: Recorded, node: str, values: Array) -> None:
    values.flags.writeable = False
    run._kept[node] = values


def _indices(cell: CellLike) -> tuple[str, ...]:
    """A cell as three parts of an address.

    >>> _indices((0, 3, 4)), _indices(7)
    (('0', '3', '4'), ('7', '0', '0'))
    """
    given: Any = [cell] if isinstance(cell, int | np.integer) else list(cell)
    if len(given) not in (1, 3):
        raise ValueError(f"cell is {cell!r}; allowed: (channel, row, column), or the index of a vector")
    channel, row, column = [*given, 0, 0][:3]
    return tuple(str(operator.index(index)) for index in (channel, row, column))

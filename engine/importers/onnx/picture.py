"""The graph's input as a picture: where its channels stand, and how large it is if the file does not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import EngineError
from engine.importers.onnx.reader import Graph, GraphInput
from engine.importers.onnx.tensors import FLOATS, TYPES
from engine.types import Pair, Shape

USUAL_CHANNELS, USUAL_SIDE = 3, 224
COLOURS = (1, 3, 4)
"""Channels that a picture can have."""

FLOAT32 = 1

AXES = ("channels", "rows", "columns")


@dataclass(frozen=True)
class Picture:
    """What the graph wants to be given.

    Args:
        name: of the input, in the file.
        shape: (channels, rows, columns).
        dynamic: those of "channels", "rows" and "columns" that the file leaves open.
        channels_last: whether the file's own order is (batch, rows, columns, channels).
        warnings: what was decided that the file does not say.
    """

    name: str
    shape: tuple[int, int, int]
    dynamic: tuple[str, ...]
    channels_last: bool
    warnings: tuple[str, ...]

    @property
    def file_shape(self) -> Shape:
        """Of a batch of one, in the file's order."""
        channels, rows, columns = self.shape
        return (1, rows, columns, channels) if self.channels_last else (1, channels, rows, columns)


def find_picture(graph: Graph, size: Sequence[int] | None = None) -> Picture:
    """The one input of a graph, as a picture.

    Args:
        graph: as read.
        size: (rows, columns) where the file leaves them open; None means 224.

    Raises:
        EngineError: ``unsupported-model`` if there is not one input of four axes of floating-point
            numbers; ``invalid-argument`` for a size that the file does not allow.
    """
    if len(graph.inputs) != 1:
        names = [each.name for each in graph.inputs]
        raise EngineError("unsupported-model", "inputs", names, "one input, a picture")
    given = graph.inputs[0]
    if given.type not in FLOATS:
        raise EngineError("unsupported-model", f"type of {given.name}", given.type, "floating-point numbers")
    axes = (None,) * 4 if given.shape is None else given.shape
    if len(axes) != 4:
        allowed = "(batch, channels, rows, columns)"
        raise EngineError("unsupported-model", f"shape of {given.name}", list(axes), allowed)
    last = axes[3] in COLOURS and not {axes[1], axes[2]} & set(COLOURS)
    channels, rows, columns = (axes[3], *axes[1:3]) if last else axes[1:]
    open_axes = tuple(name for name, n in zip(AXES, (channels, rows, columns), strict=True) if n is None)
    shape = (channels or _channels(graph, given), *_size((rows, columns), size))
    warnings = _warnings(given.type, axes[0], open_axes, shape, size)
    return Picture(given.name, shape, open_axes, last, tuple(warnings))


def _size(known: tuple[int | None, int | None], size: Sequence[int] | None) -> Pair:
    if size is None:
        return (known[0] or USUAL_SIDE, known[1] or USUAL_SIDE)
    fits = (type(n) is int and n >= 1 and fixed in (None, n) for n, fixed in zip(size, known, strict=False))
    if len(size) != 2 or not all(fits):
        wanted = " × ".join("any" if n is None else str(n) for n in known)
        raise EngineError("invalid-argument", "size", list(size), f"(rows, columns) of {wanted}")
    return (size[0], size[1])


def _channels(graph: Graph, given: GraphInput) -> int:
    """As many as the first convolution of the input reads, if that is known."""
    for node in graph.nodes:
        if node.op == "Conv" and node.inputs[:1] == (given.name,) and len(node.inputs) > 1:
            weight, groups = graph.constants.get(node.inputs[1]), node.attributes.get("group", 1)
            if weight is not None and weight.ndim == 4 and isinstance(groups, int):
                return max(1, int(weight.shape[1]) * groups)
    return USUAL_CHANNELS


def _warnings(
    elem_type: int,
    batch: int | None,
    open_axes: tuple[str, ...],
    shape: tuple[int, int, int],
    size: Sequence[int] | None,
) -> list[str]:
    said = []
    if elem_type != FLOAT32:
        said.append(f"The file computes in {TYPES[elem_type][0]}; here it is computed in float32.")
    if batch not in (None, 1):
        said.append(f"The file asks for {batch} pictures at once; it was read for one.")
    if "channels" in open_axes:
        said.append(f"The file leaves the channels open; {shape[0]} were taken.")
    if size is None and {"rows", "columns"} & set(open_axes):
        said.append(f"The file leaves the picture's size open; {shape[1]} × {shape[2]} was taken.")
    return said

"""How large a file may be, and what comes out of it; each is checked before its memory is taken."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from engine.errors import EngineError
from engine.types import Shape


@dataclass(frozen=True)
class ImportLimits:
    """What an import may cost at most.

    Args:
        file_bytes: of the file.
        fields: entries of the file on all levels: nodes, names, settings, dimensions.
        nodes: of the graph.
        axes: of any tensor.
        array_numbers: in any one tensor, one picture in the batch.
        constant_numbers: in all weights and all tensors folded at import, together.
        output_numbers: in the outputs of all nodes for one picture, together: a trace keeps them.
        multiply_adds: of all nodes for one picture.
    """

    file_bytes: int = 256 << 20
    fields: int = 250_000
    nodes: int = 4_000
    axes: int = 8
    array_numbers: int = 1 << 26
    constant_numbers: int = 1 << 27
    output_numbers: int = 1 << 28
    multiply_adds: int = 1 << 36

    def check_file(self, size_bytes: int) -> None:
        """Refuse a file of too many bytes."""
        _within("file", f"{size_bytes} bytes", size_bytes, self.file_bytes, "bytes")

    def check_nodes(self, count: int) -> None:
        """Refuse a graph of too many nodes."""
        _within("graph", f"{count} nodes", count, self.nodes, "nodes")

    def check_shape(self, what: str, shape: Shape) -> None:
        """Refuse a tensor of too many axes or numbers, by its shape alone."""
        _within(what, list(shape), len(shape), self.axes, "axes")
        _within(what, list(shape), prod(shape), self.array_numbers, "numbers")

    def check_constants(self, what: str, total: int) -> None:
        """Refuse ``total`` numbers in weights and folded tensors together."""
        _within(what, f"number {total} of all constants", total, self.constant_numbers, "numbers")

    def check_run(self, what: str, numbers: int, multiply_adds: int) -> None:
        """Refuse so many numbers, or multiply-adds, in all nodes up to here together."""
        _within(what, f"number {numbers} of all outputs", numbers, self.output_numbers, "numbers")
        _within(what, f"multiply-add {multiply_adds}", multiply_adds, self.multiply_adds, "multiply-adds")


def _within(what: str, value: object, size: int, most: int, unit: str) -> None:
    if size > most:
        raise EngineError("model-too-large", what, value, f"up to {most} {unit}")

"""Which operators are computed at import, where all that they need is known."""

from __future__ import annotations

from engine.importers.onnx.call import Converter
from engine.importers.onnx.constant_arithmetic import elementwise
from engine.importers.onnx.constant_shapes import layout
from engine.importers.onnx.limits import ImportLimits


def folders(limits: ImportLimits) -> dict[str, Converter]:
    """By ONNX's name, what is computed in NumPy of tensors known at import.

    Args:
        limits: checked against the shape of a result before it is computed.
    """
    return {**elementwise(limits), **layout(limits)}


FOLDABLE = frozenset(folders(ImportLimits()))
"""Names of the operators that can be folded."""

KNOWN_ANYWAY = frozenset({"Shape", "Size"})
"""Those of a value that is not known: its shape is."""

"""What an import has to say: the model, and what became of every node of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.graph import Model

Fate: TypeAlias = Literal["kept", "folded", "removed", "unused"]
"""Kept as nodes of the model, computed at import since it needs no picture, left out since it changes
nothing when a trained network is run, or left out since no output needs it."""


@dataclass(frozen=True)
class NodeReport:
    """What became of one node.

    Args:
        name: in the file.
        op: ONNX's operator.
        fate: see ``Fate``.
        nodes: names of the model's nodes that do its work; the last one bears its output.
    """

    name: str
    op: str
    fate: Fate
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportReport:
    """What a file was found to hold.

    Args:
        opset: version of the operators.
        producer: name and version of what wrote the file.
        input_name: of the picture, in the file.
        input_shape: (channels, rows, columns) of the picture.
        dynamic: which of them the file leaves open: "channels", "rows", "columns".
        outputs: by the file's name of an output, the node of the model that makes it.
        nodes: in the file's order.
        warnings: English sentences on what was decided where the file leaves a choice.
    """

    opset: int
    producer: str
    input_name: str
    input_shape: tuple[int, int, int]
    dynamic: tuple[str, ...]
    outputs: Mapping[str, str]
    nodes: tuple[NodeReport, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Imported:
    """The model that a file describes, and the report on it."""

    model: Model
    report: ImportReport

"""One node on its way into the engine: its inputs, known or not, its settings, and what is made of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np

from engine.errors import EngineError
from engine.importers.onnx.reader import GraphNode
from engine.importers.onnx.settings import Settings
from engine.importers.onnx.tensors import Tensor
from engine.ops.operation import Operation
from engine.ops.parameters import read_parameters
from engine.types import Shape


@dataclass(frozen=True)
class Flow:
    """A value that exists in a run only: the output of an engine node, or the picture.

    Args:
        node: the engine node's name.
        shape: of the output, batch included.
    """

    node: str
    shape: Shape


Value: TypeAlias = Flow | Tensor
"""What an ONNX name stands for: known at import, or not."""

Weights: TypeAlias = Mapping[str, Tensor | None]


class Emit(Protocol):
    """Adds a node to the engine's model; ``part`` names those before a node's last one."""

    def __call__(self, op: Operation, inputs: Sequence[Flow], weights: Weights, part: str) -> Flow: ...


class Call:
    """A node with its inputs.

    Args:
        node: of the file.
        opset: version of the operators.
        inputs: by position; None for one left out.
        emit: see ``Emit``.
        used: names of the values that any node takes, or that the graph puts out.
    """

    def __init__(
        self,
        node: GraphNode,
        opset: int,
        inputs: Sequence[Value | None],
        emit: Emit,
        used: Collection[str],
    ) -> None:
        self.node = node
        self.opset = opset
        self.inputs = tuple(inputs)
        self.settings = Settings(node)
        self._emit = emit
        self._used = used

    def emit(
        self,
        operation: type[Operation],
        *inputs: Flow,
        weights: Weights | None = None,
        part: str = "",
        **settings: Any,
    ) -> Flow:
        """Add one engine node of this node's name, or of its ``part``.

        Raises:
            EngineError: for settings, weights or inputs that do not fit.
        """
        return self._emit(operation(**read_settings(operation, settings)), inputs, weights or {}, part)

    def given(self, index: int) -> bool:
        """Whether the input is there."""
        return index < len(self.inputs) and self.inputs[index] is not None

    def wants(self, index: int) -> bool:
        """Whether an output is there, and used."""
        return index < len(self.node.outputs) and self.node.outputs[index] in self._used

    def value(self, index: int) -> Value:
        """An input, known or not.

        Raises:
            EngineError: ``malformed-model`` if it is left out.
        """
        value = self.inputs[index] if index < len(self.inputs) else None
        if value is None:
            raise EngineError("malformed-model", f"input {index} of {self.node.name}", None, "a value")
        return value

    def flow(self, index: int) -> Flow:
        """An input that exists in a run only.

        Raises:
            EngineError: ``unsupported-input`` for a tensor known at import.
        """
        value = self.value(index)
        if not isinstance(value, Flow):
            raise self.refused_input(index, "constant", "a value computed from the picture")
        return value

    def known(self, index: int) -> Tensor:
        """An input known at import.

        Raises:
            EngineError: ``unsupported-input`` for what exists in a run only.
        """
        value = self.value(index)
        if isinstance(value, Flow):
            raise self.refused_input(index, f"computed by {value.node}", "a value known before the run")
        return value

    def known_or_none(self, index: int) -> Tensor | None:
        """An input known at import, or None if it is left out."""
        return self.known(index) if self.given(index) else None

    def integers(self, index: int) -> tuple[int, ...] | None:
        """An input that lists integers, or None if it is left out."""
        tensor = self.known_or_none(index)
        if tensor is None:
            return None
        if tensor.dtype.kind not in "iu" or tensor.ndim > 1:
            raise self.refused_input(index, f"{tensor.dtype} {list(tensor.shape)}", "a list of integers")
        return tuple(int(each) for each in tensor.reshape(-1))

    def numbers(self, index: int) -> tuple[float, ...] | None:
        """An input that lists numbers, or None if it is left out."""
        tensor = self.known_or_none(index)
        if tensor is None:
            return None
        if tensor.dtype.kind not in "iuf" or tensor.ndim > 1:
            raise self.refused_input(index, f"{tensor.dtype} {list(tensor.shape)}", "a list of numbers")
        return tuple(float(each) for each in tensor.reshape(-1))

    def number(self, index: int) -> float | None:
        """An input of one number, or None if it is left out."""
        tensor = self.known_or_none(index)
        if tensor is None:
            return None
        if tensor.size != 1 or tensor.dtype.kind not in "iuf":
            raise self.refused_input(index, list(tensor.shape), "one number")
        return float(tensor.reshape(()))

    def listed(self, name: str, index: int, input_since: int) -> tuple[int, ...] | None:
        """Integers that are an attribute before an opset, and an input from it on."""
        return self.integers(index) if self.opset >= input_since else self.settings.integers(name)

    def refused_input(self, index: int, value: object, allowed: str) -> EngineError:
        """The error for an input of a kind that the engine has no means for."""
        return EngineError("unsupported-input", f"input {index} of {self.node.name}", value, allowed)

    def check_outputs(self, most: int) -> None:
        """Refuse that outputs beyond the first ``most`` are used.

        Raises:
            EngineError: ``unsupported-output``.
        """
        extra = [name for name in self.node.outputs[most:] if name in self._used]
        if extra:
            allowed = f"the first {most} of a {self.node.op}"
            raise EngineError("unsupported-output", f"outputs of {self.node.name}", extra, allowed)


Converter: TypeAlias = Callable[[Call], "Value | list[Any]"]
"""From a call to its output; a list where an operator may have several, None for those that nobody wants."""


def read_settings(operation: type[Operation], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as the operation keeps them; NumPy's numbers become Python's."""
    plain = {
        name: value.item() if isinstance(value, np.generic) else value for name, value in settings.items()
    }
    return read_parameters(operation, plain)

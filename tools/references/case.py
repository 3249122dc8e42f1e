"""One case of the references: an operation's settings, its arguments, and PyTorch's function for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

Function = Callable[[Sequence[torch.Tensor], dict[str, torch.Tensor]], torch.Tensor]


@dataclass
class Case:
    """Settings in ConvScope's words, float32 arguments, and a function of the same arguments as tensors.

    ``differentiate`` names the arguments whose gradients are stored: "input0", "weight.bias", …
    """

    op: str
    config: dict[str, Any]
    inputs: list[np.ndarray]
    function: Function
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    differentiate: tuple[str, ...] = ()

    def arguments(self) -> dict[str, np.ndarray]:
        """Every array that goes in, by its stored name."""
        inputs = {f"input{i}": x for i, x in enumerate(self.inputs)}
        return inputs | {f"weight.{name}": weight for name, weight in self.weights.items()}

    def all_arguments(self) -> tuple[str, ...]:
        """The names for ``differentiate`` where everything is differentiated."""
        return tuple(self.arguments())


class Draw:
    """Random float32 arrays, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def normal(self, *shape: int) -> np.ndarray:
        """Standard normal numbers."""
        return self.rng.standard_normal(shape).astype(np.float32)

    def positive(self, *shape: int) -> np.ndarray:
        """Numbers from 0.1 to 2."""
        return self.rng.uniform(0.1, 2, shape).astype(np.float32)


def compute(case: Case, draw: Draw) -> dict[str, np.ndarray]:
    """The arguments, the output, and the gradients for a random upstream gradient.

    PyTorch computes in float64 and the answer is rounded once, so that the reference has no error of its own.
    """
    given = case.arguments()
    tensors = {name: torch.tensor(array.astype(np.float64)) for name, array in given.items()}
    for name in case.differentiate:
        tensors[name].requires_grad_()
    inputs = [tensors[f"input{i}"] for i in range(len(case.inputs))]
    output = case.function(inputs, {name: tensors[f"weight.{name}"] for name in case.weights})
    arrays = {**given, "output": _rounded(output)}
    if case.differentiate:
        upstream = draw.normal(*output.shape)
        output.backward(torch.tensor(upstream.astype(np.float64)))
        arrays["upstream"] = upstream
        arrays |= {f"grad.{name}": _rounded(tensors[name].grad) for name in case.differentiate}
    return arrays


def _rounded(tensor: torch.Tensor | None) -> np.ndarray:
    if tensor is None:
        raise ValueError("PyTorch gave no gradient")
    return tensor.detach().numpy().astype(np.float32)

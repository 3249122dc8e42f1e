"""A model of the engine as a module of PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.graph import INPUT, Model, Node
from engine.ops.connections import connection_mask
from engine.types import Shape

Function: TypeAlias = Callable[..., Tensor]
"""Takes the inputs, then the weights in the order of ``Operation.weight_names``."""

BUFFERS = ("running_mean", "running_var")


class Network(torch.nn.Module):
    """The graph, node by node; an output is let go of after its last use.

    Args:
        model: of operations that the zoo's networks are made of; its arrays are shared, not copied.
        training: whether weights want gradients; missing connections are then masked in every step.

    Raises:
        KeyError: naming an operation that is not among ``FUNCTIONS``.
    """

    def __init__(self, model: Model, training: bool = False) -> None:
        super().__init__()
        uses = {name: len(model.consumers(name)) for name in model.shapes}
        self.steps = torch.nn.ModuleList(
            Step(node, model.shapes[node.inputs[0]], training, uses[node.inputs[0]] == 1) for node in model
        )
        last_use = {source: node.name for node in model for source in node.inputs}
        self._freed = {
            node.name: [source for source, user in last_use.items() if user == node.name] for node in model
        }

    def forward(self, x: Tensor) -> Tensor:
        outputs = {INPUT: x}
        for step in self.steps:
            outputs[step.name] = step(*(outputs[source] for source in step.sources))
            for source in self._freed[step.name]:
                del outputs[source]
        return outputs[step.name]


class Step(torch.nn.Module):
    """One node."""

    def __init__(self, node: Node, shape: Shape, training: bool, may_overwrite: bool) -> None:
        super().__init__()
        self.name, self.sources = node.name, node.inputs
        # Rectified in place where nobody else reads, as the library's own networks do.
        in_place = node.op.name == "relu" and may_overwrite and node.inputs[0] != INPUT
        self._function = torch.relu_ if in_place else FUNCTIONS[node.op.name](node, shape)
        self._mask = _mask(node) if training else None
        for name, array in node.weights.items():
            # What learns writes to its weights; what does not shares them with the model.
            tensor = torch.from_numpy(np.require(array, requirements="CW" if training else "C"))
            if name == "weight" and not training and (mask := _mask(node)) is not None:
                tensor = tensor * mask
            if name in BUFFERS:
                self.register_buffer(name, tensor)
            else:
                self.register_parameter(name, torch.nn.Parameter(tensor, requires_grad=training))
        self._weight_names = [name for name in node.op.weight_names if name in node.weights]

    def forward(self, *inputs: Tensor) -> Tensor:
        weights = [getattr(self, name) for name in self._weight_names]
        if self._mask is not None:
            weights[0] = weights[0] * self._mask
        return self._function(*inputs, *weights)


def _mask(node: Node) -> Tensor | None:
    connections = getattr(node.op, "connections", None)
    return None if connections is None else torch.from_numpy(connection_mask(connections).astype(np.float32))


def _padding(node: Node, shape: Shape) -> tuple[tuple[int, int], list[int] | None]:
    """Padding that a function takes itself, and what must be put on before: F.pad's order of sides."""
    rows, columns = node.op.axes(shape)
    if rows.before == rows.after and columns.before == columns.after:
        return (rows.before, columns.before), None
    return (0, 0), [columns.before, columns.after, rows.before, rows.after]


def _conv2d(node: Node, shape: Shape) -> Function:
    op = node.op
    if op.flip or op.padding_mode != "zeros":
        raise KeyError(f"conv2d with flip={op.flip}, padding_mode={op.padding_mode!r}")
    padding, before = _padding(node, shape)

    def conv2d(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        x = x if before is None else functional.pad(x, before)
        return functional.conv2d(x, weight, bias, op.stride, padding, op.dilation, op.groups)

    return conv2d


def _pooling(node: Node, shape: Shape) -> tuple[int | tuple[int, int], ...]:
    padding, before = _padding(node, shape)
    if before is not None:
        raise KeyError(f"{node.op.name} with different padding on two sides")
    return node.op.kernel_size, node.op.stride or node.op.kernel_size, padding


def _max_pool2d(node: Node, shape: Shape) -> Function:
    settings = (*_pooling(node, shape), node.op.dilation, node.op.ceil_mode)
    return lambda x: functional.max_pool2d(x, *settings)


def _avg_pool2d(node: Node, shape: Shape) -> Function:
    settings = (*_pooling(node, shape), node.op.ceil_mode, node.op.count_include_pad)
    return lambda x: functional.avg_pool2d(x, *settings)


def _batch_norm2d(node: Node, shape: Shape) -> Function:
    eps = node.op.eps
    return lambda x, weight, bias, mean, var: functional.batch_norm(x, mean, var, weight, bias, eps=eps)


def _local_response_norm(node: Node, shape: Shape) -> Function:
    op = node.op
    return lambda x: functional.local_response_norm(x, op.size, op.alpha, op.beta, op.k)


def _plain(function: Function) -> Callable[[Node, Shape], Function]:
    return lambda node, shape: function


def _along(function: Callable[[Any, int], Tensor]) -> Callable[[Node, Shape], Function]:
    return lambda node, shape: lambda x: function(x, node.op.axis)


FUNCTIONS: dict[str, Callable[[Node, Shape], Function]] = {
    "add": _plain(torch.add),
    "avg_pool2d": _avg_pool2d,
    "batch_norm2d": _batch_norm2d,
    "clip": lambda node, shape: lambda x: torch.clamp(x, node.op.min, node.op.max),
    "concat": lambda node, shape: lambda *inputs: torch.cat(inputs, node.op.axis),
    "conv2d": _conv2d,
    "flatten": _along(torch.flatten),
    "global_avg_pool2d": _plain(lambda x: functional.adaptive_avg_pool2d(x, 1)),
    "linear": _plain(functional.linear),
    "local_response_norm": _local_response_norm,
    "max_pool2d": _max_pool2d,
    "relu": _plain(torch.relu),
    "softmax": _along(torch.softmax),
    "tanh": _plain(torch.tanh),
}
"""By operation, from a node and the shape of its first input to the function."""

"""Nodes of specifications, written shortly: every function returns one node as JSON would hold it."""

from __future__ import annotations

from typing import Any, TypeAlias

Node: TypeAlias = dict[str, Any]
"""One entry of ``nodes`` in a specification."""

Specification: TypeAlias = dict[str, Any]
"""What ``engine.specification.build_model`` takes; JSON holds it as it is."""

ZEROS = {"init": "zeros"}
ONES = {"init": "ones"}


def specification(channels: int, size: tuple[int, int], nodes: list[Node]) -> Specification:
    """A specification for pictures of ``size``, (rows, columns)."""
    return {"input": {"channels": channels, "size": list(size)}, "nodes": nodes}


def conv(
    name: str, out_channels: int, kernel_size: int, *inputs: str, bias: bool = True, **settings: Any
) -> Node:
    """A convolution with weights drawn by He's rule, and biases of 0.

    >>> conv("conv1", 6, 5, "input", padding=2)["padding"]
    2
    """
    size = {"out_channels": out_channels, "kernel_size": kernel_size}
    return node(name, "conv2d", *inputs, **size, **settings, **({"bias": ZEROS} if bias else {}))


def linear(name: str, out_features: int) -> Node:
    """A fully connected layer with weights drawn by He's rule, and biases of 0."""
    return node(name, "linear", out_features=out_features, bias=ZEROS)


def batch_norm(name: str) -> Node:
    """Batch normalisation with kept statistics; as drawn, it changes nothing but for its eps."""
    return node(name, "batch_norm2d", weight=ONES, bias=ZEROS, running_mean=ZEROS, running_var=ONES)


def max_pool(name: str, kernel_size: int, stride: int, *inputs: str, **settings: Any) -> Node:
    """Maximum pooling."""
    return node(name, "max_pool2d", *inputs, kernel_size=kernel_size, stride=stride, **settings)


def node(name: str, op: str, *inputs: str, **settings: Any) -> Node:
    """Any node; without ``inputs`` it follows the one before it.

    >>> node("sum", "add", "a", "b")
    {'name': 'sum', 'op': 'add', 'inputs': ['a', 'b']}
    """
    return {"name": name, "op": op, **({"inputs": list(inputs)} if inputs else {}), **settings}

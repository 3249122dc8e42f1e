"""Whether nodes can make a model, which of their weights are the same array, and how many can be learned."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING

from engine.errors import EngineError
from engine.ops.operation import Operation
from engine.types import Shape

if TYPE_CHECKING:
    from engine.graph import Node


def weight_owners(nodes: Iterable[Node]) -> dict[str, str]:
    """By "<node>.<weight>", the first such name that has the same array: its own, unless nodes share it."""
    first: dict[int, str] = {}
    named = [(f"{node.name}.{name}", array) for node in nodes for name, array in node.weights.items()]
    return {label: first.setdefault(id(array), label) for label, array in named}


def count_parameters(op: Operation, shapes: Sequence[Shape], weights: Mapping[str, Shape]) -> int:
    """Numbers that can be learned: those of no buffer, and under a mask those that count.

    Args:
        op: whose weights they are.
        shapes: of its inputs, batch included.
        weights: shapes of the weights that are counted, by name.

    >>> from engine.ops.conv2d import Conv2d
    >>> op = Conv2d(out_channels=2, connections=((1, 0), (1, 1)))
    >>> count_parameters(op, [(1, 2, 5, 5)], {"weight": (2, 2, 3, 3), "bias": (2,)})
    29
    """
    masks = op.weight_masks(*shapes)
    # A mask may serve several numbers: a connection all taps of its kernel.
    shares = {name: int(mask.sum()) / mask.size for name, mask in masks.items()}
    return sum(
        round(prod(shape) * shares.get(name, 1)) for name, shape in weights.items() if name not in op.buffers
    )


def check_order(nodes: Iterable[Node], first: str) -> None:
    """Refuse nodes of one name, inputs that do not come first, and wrong numbers of inputs.

    Args:
        nodes: of a model.
        first: the name under which they refer to the picture.

    Raises:
        EngineError: as ``check_links``.
    """
    known = [first]
    for node in nodes:
        check_links(node.name, node.inputs, node.op.inputs_wanted(node.weights), known)
        known.append(node.name)


def check_links(name: str, inputs: Sequence[str], arity: int | None, known: Collection[str]) -> None:
    """Refuse a node that cannot follow those known so far.

    Args:
        name: of the node.
        inputs: names of the nodes whose outputs it takes.
        arity: inputs that its operation takes; None means two or more.
        known: names of the nodes before it, and ``input``.

    Raises:
        EngineError: ``duplicate-node``, ``unknown-node`` or ``wrong-inputs``.

    >>> check_links("sum", ["input", "input"], None, ["input"])
    >>> check_links("sum", ["input"], None, ["input"])
    Traceback (most recent call last):
    engine.errors.EngineError: inputs of sum is ['input']; allowed: two or more inputs
    """
    if name in known:
        raise EngineError("duplicate-node", "name", name, "a name of its own for every node")
    for source in inputs:
        if source not in known:
            raise EngineError("unknown-node", f"inputs of {name}", source, ", ".join(known))
    if len(inputs) != arity if arity else len(inputs) < 2:
        wanted = "1 input" if arity == 1 else f"{arity or 'two or more'} inputs"
        raise EngineError("wrong-inputs", f"inputs of {name}", list(inputs), wanted)


def check_weights(node: Node, shapes: Sequence[Shape]) -> None:
    """Refuse weights that a node lacks or does not know, or that do not fit inputs of these shapes.

    Raises:
        EngineError: ``invalid-weight`` or ``shape-mismatch``, naming the weight and the node.
    """
    expected = node.op.weight_shapes(*shapes)
    for name, shape in expected.items():
        if name not in node.weights and name not in node.op.optional_weights:
            raise EngineError(
                "invalid-weight", f"{name} of {node.name}", None, f"numbers of shape {list(shape)}"
            )
    for name, weight in node.weights.items():
        if name not in expected:
            allowed = ", ".join(expected) or "none"
            raise EngineError("invalid-weight", f"{name} of {node.name}", list(weight.shape), allowed)
        if weight.shape != expected[name]:
            inputs = " and ".join(str(list(each[1:])) for each in shapes)
            allowed = f"{list(expected[name])} for an input of {inputs}"
            raise EngineError("shape-mismatch", f"{name} of {node.name}", list(weight.shape), allowed)

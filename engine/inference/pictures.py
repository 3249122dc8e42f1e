"""Whether pictures of a batch have nothing to do with one another, so that threads may share them out."""

from __future__ import annotations

from engine.graph import Model, Node
from engine.ops.activations import Activation
from engine.ops.conv2d import Conv2d
from engine.ops.elementwise import Elementwise
from engine.ops.linear import Linear
from engine.ops.local_response_norm import LocalResponseNorm
from engine.ops.merge import Concat
from engine.ops.normalisation import BatchNorm2d
from engine.ops.pooling import Pool
from engine.ops.reshape import Flatten, Identity
from engine.ops.softmax import Shares


def are_apart(model: Model) -> bool:
    """Whether the first axis counts pictures all through a model, and no node mixes them.

    Of operations that could do either the answer is no: such a batch is run as a whole.

    >>> from engine.specification import build_model
    >>> def apart(**node):
    ...     return are_apart(build_model({"input": {"channels": 2, "size": [3, 3]}, "nodes": [node]}))
    >>> apart(op="softmax"), apart(op="softmax", axis=0), apart(op="batch_norm2d")
    (True, False, False)
    """
    return all(_keeps_apart(node, [len(model.shapes[source]) for source in node.inputs]) for node in model)


def _keeps_apart(node: Node, ranks: list[int]) -> bool:
    match node.op:
        case BatchNorm2d():
            return "running_mean" in node.weights
        case Concat(axis=axis) | Shares(axis=axis):
            return axis % ranks[0] != 0
        case Flatten(axis=axis):
            return axis == 1
        case Elementwise(operand_shape=own):
            return len(set(ranks)) == 1 and (own is None or len(own) < ranks[0])
        case Activation() | Conv2d() | Identity() | Linear() | LocalResponseNorm() | Pool():
            return True
    return False

"""A model of the engine as the bytes of an ONNX file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from engine.graph import INPUT, Model, Node
from engine.ops.connections import connection_mask
from engine.types import Array, Shape

OPSET, IR_VERSION = 17, 8


class Operator(NamedTuple):
    """An operator of ONNX, its attributes, and the constants that it takes after inputs and weights."""

    name: str
    attributes: Mapping[str, Any] = MappingProxyType({})
    constants: tuple[float, ...] = ()


def onnx_file(model: Model, batch: int | None = None) -> bytes:
    """The model as a file; its input is ``input``, its output the last node's, by the node's name.

    Weights stand in the order in which ONNX wants them, because the engine's operations name them so.

    Args:
        model: of operations that the zoo's networks are made of.
        batch: pictures at once; None leaves it open.

    Raises:
        KeyError: naming an operation that is not among ``OPERATORS``.
    """
    arrays: dict[str, Array] = {}
    nodes = []
    for node in model:
        operator = OPERATORS[node.op.name](node, model.shapes[node.inputs[0]])
        weights = {
            model.owners[f"{node.name}.{name}"]: _stored(node, name)
            for name in node.op.weight_names
            if name in node.weights
        }
        constants = {f"{node.name}.constant{i}": np.float32(c) for i, c in enumerate(operator.constants)}
        arrays |= weights | constants
        inputs = [*node.inputs, *weights, *constants]
        nodes.append(helper.make_node(operator.name, inputs, [node.name], node.name, **operator.attributes))
    last = model.nodes[-1].name
    graph = helper.make_graph(
        nodes,
        "model",
        [_value(INPUT, model.shapes[INPUT], batch)],
        [_value(last, model.shapes[last], batch)],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()],
    )
    opset = [helper.make_opsetid("", OPSET)]
    return helper.make_model(graph, ir_version=IR_VERSION, opset_imports=opset).SerializeToString()


def _value(name: str, shape: Shape, batch: int | None) -> Any:
    axes = ["batch" if batch is None else batch, *shape[1:]]
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, axes)


def _stored(node: Node, name: str) -> Array:
    """A weight with 0 where a table of connections has none."""
    connections = getattr(node.op, "connections", None)
    masked = connections is not None and name == "weight"
    return node.weights[name] * connection_mask(connections) if masked else node.weights[name]


def _windows(node: Node, shape: Shape, **more: Any) -> dict[str, Any]:
    rows, columns = node.op.axes(shape)
    return {
        "kernel_shape": [rows.kernel_size, columns.kernel_size],
        "strides": [rows.stride, columns.stride],
        "pads": [rows.before, columns.before, rows.after, columns.after],
        **more,
    }


def _conv2d(node: Node, shape: Shape) -> Operator:
    op = node.op
    if op.flip or op.padding_mode != "zeros":
        raise KeyError(f"conv2d with flip={op.flip}, padding_mode={op.padding_mode!r}")
    return Operator("Conv", _windows(node, shape, dilations=list(op.dilation), group=op.groups))


def _max_pool2d(node: Node, shape: Shape) -> Operator:
    more = {"ceil_mode": int(node.op.ceil_mode), "dilations": list(node.op.dilation)}
    return Operator("MaxPool", _windows(node, shape, **more))


def _avg_pool2d(node: Node, shape: Shape) -> Operator:
    more = {"ceil_mode": int(node.op.ceil_mode), "count_include_pad": int(node.op.count_include_pad)}
    return Operator("AveragePool", _windows(node, shape, **more))


def _local_response_norm(node: Node, shape: Shape) -> Operator:
    op = node.op
    if op.size % 2 == 0:
        raise KeyError(f"local_response_norm over {op.size} channels, an even number")
    return Operator("LRN", {"size": op.size, "alpha": op.alpha, "beta": op.beta, "bias": op.k})


def _plain(name: str, **attributes: Any) -> Callable[[Node, Shape], Operator]:
    return lambda node, shape: Operator(name, attributes)


def _along(name: str) -> Callable[[Node, Shape], Operator]:
    return lambda node, shape: Operator(name, {"axis": node.op.axis})


OPERATORS: dict[str, Callable[[Node, Shape], Operator]] = {
    "add": _plain("Add"),
    "avg_pool2d": _avg_pool2d,
    "batch_norm2d": lambda node, shape: Operator("BatchNormalization", {"epsilon": node.op.eps}),
    "clip": lambda node, shape: Operator("Clip", {}, (node.op.min, node.op.max)),
    "concat": _along("Concat"),
    "conv2d": _conv2d,
    "flatten": _along("Flatten"),
    "global_avg_pool2d": _plain("GlobalAveragePool"),
    "linear": _plain("Gemm", transB=1),
    "local_response_norm": _local_response_norm,
    "max_pool2d": _max_pool2d,
    "relu": _plain("Relu"),
    "softmax": _along("Softmax"),
    "tanh": _plain("Tanh"),
}
"""By operation, from a node and the shape of its first input to the operator."""

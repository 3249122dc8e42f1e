"""Products of matrices: with a weight the fully connected layer, of two values matmul."""

from __future__ import annotations

import numpy as np

from engine.errors import EngineError
from engine.importers.onnx.call import Call, Converter, Flow, Value
from engine.importers.onnx.operators.arithmetic import emit_with_operand
from engine.importers.onnx.tensors import Tensor
from engine.ops.arithmetic import Add
from engine.ops.linear import Linear
from engine.ops.matmul import Matmul
from engine.ops.reorder import Transpose
from engine.ops.reshape import Squeeze, Unsqueeze
from engine.types import Shape


def _gemm(call: Call) -> Flow:
    """A B · alpha + C · beta, A or B perhaps transposed; alpha and beta go into the weights B and C."""
    settings = call.settings
    alpha, beta = settings.number("alpha", 1.0), settings.number("beta", 1.0)
    x, factor, added = call.flow(0), call.known(1), call.known_or_none(2)
    if len(x.shape) != 2 or factor.ndim != 2:
        raise EngineError("shape-mismatch", "inputs", [list(x.shape), list(factor.shape)], "two axes each")
    if settings.flag("transA"):
        x = call.emit(Transpose, x, part="transpose", perm=(1, 0))
    weight = _scaled(factor if settings.flag("transB") else factor.T, alpha)
    added = None if added is None else _scaled(added, beta)
    if added is None or _is_bias(added.shape, len(weight)):
        bias = None if added is None else np.broadcast_to(added.reshape(-1), (len(weight),))
        return call.emit(Linear, x, weights={"weight": weight, "bias": bias}, out_features=len(weight))
    # One number for every row, or for every number: no bias of a linear layer.
    product = call.emit(Linear, x, weights={"weight": weight}, part="product", out_features=len(weight))
    return emit_with_operand(call, Add, product, added)


def _scaled(tensor: Tensor, factor: float) -> Tensor:
    scaled: Tensor = tensor if factor == 1 else tensor * tensor.dtype.type(factor)
    return scaled


def _is_bias(shape: Shape, outputs: int) -> bool:
    """Whether a tensor broadcasts to rows that are all the same."""
    return len(shape) <= 2 and set(shape[:-1]) <= {1} and shape[-1:] in ((), (1,), (outputs,))


def _matmul(call: Call) -> Flow:
    """As NumPy's: a vector counts as a matrix of one row on the left, of one column on the right."""
    a, b = call.value(0), call.value(1)
    rows, columns = len(a.shape) == 1, len(b.shape) == 1
    if not rows and not columns:
        return _product(call, a, b)
    first = _as_matrix(call, a, 0, "row") if rows else a
    second = _as_matrix(call, b, 1, "column") if columns else b
    product = _product(call, first, second, part="product")
    return call.emit(Squeeze, product, axes=(-2,) * rows + (-1,) * columns)


def _as_matrix(call: Call, value: Value, axis: int, part: str) -> Value:
    if isinstance(value, Flow):
        return call.emit(Unsqueeze, value, part=part, axes=(axis,))
    return np.expand_dims(value, axis)


def _product(call: Call, a: Value, b: Value, part: str = "") -> Flow:
    if isinstance(a, Flow) and isinstance(b, Flow):
        return call.emit(Matmul, a, b, part=part)
    if not isinstance(b, Flow) and isinstance(a, Flow):
        if b.ndim == 2:
            return call.emit(Linear, a, weights={"weight": b.T}, part=part, out_features=b.shape[1])
        return call.emit(Matmul, a, weights={"weight": b}, part=part, weight_shape=b.shape)
    if isinstance(b, Flow) and not isinstance(a, Flow):
        return call.emit(Matmul, b, weights={"weight": a}, part=part, weight_shape=a.shape, side="left")
    raise call.refused_input(0, "constant", "a value computed from the picture")


MATRICES: dict[str, Converter] = {"Gemm": _gemm, "MatMul": _matmul}

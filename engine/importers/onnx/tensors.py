"""From an ONNX tensor to an array: its size is checked before its numbers are."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from engine.errors import EngineError
from engine.importers.onnx.limits import ImportLimits

Tensor: TypeAlias = npt.NDArray[Any]
"""A tensor known at import: floating-point numbers, integers or booleans, of any axes."""

TensorProto: TypeAlias = Any


class Storage(NamedTuple):
    """How numbers of a type lie in ``raw_data``, in which other field they may lie, and what is kept."""

    layout: str
    field: str
    field_dtype: str
    kept: str


TYPES: dict[int, tuple[str, Storage]] = {
    1: ("float", Storage("<f4", "float_data", "<f4", "<f4")),
    2: ("uint8", Storage("|u1", "int32_data", "<i4", "|u1")),
    3: ("int8", Storage("|i1", "int32_data", "<i4", "|i1")),
    4: ("uint16", Storage("<u2", "int32_data", "<i4", "<u2")),
    5: ("int16", Storage("<i2", "int32_data", "<i4", "<i2")),
    6: ("int32", Storage("<i4", "int32_data", "<i4", "<i4")),
    7: ("int64", Storage("<i8", "int64_data", "<i8", "<i8")),
    9: ("bool", Storage("|b1", "int32_data", "<i4", "|b1")),
    10: ("float16", Storage("<f2", "int32_data", "<i4", "<f4")),
    11: ("double", Storage("<f8", "double_data", "<f8", "<f8")),
    12: ("uint32", Storage("<u4", "uint64_data", "<u8", "<u4")),
    13: ("uint64", Storage("<u8", "uint64_data", "<u8", "<u8")),
    16: ("bfloat16", Storage("<u2", "int32_data", "<i4", "<f4")),
}
"""By ONNX's number of a type: its name and storage. The two short floats are kept as float32."""

FLOATS = (1, 10, 11, 16)
"""Types that the engine computes with."""

BFLOAT16 = 16
EXTERNAL = 1


def numpy_type(number: int, what: str) -> np.dtype[Any]:
    """The type in which tensors of an ONNX type are kept.

    Args:
        number: ONNX's number of the type.
        what: has that type, for the message.

    Raises:
        EngineError: ``unknown-type``.

    >>> numpy_type(10, "x")
    dtype('float32')
    """
    if number not in TYPES:
        known = ", ".join(name for name, _ in TYPES.values())
        raise EngineError("unknown-type", f"type of {what}", number, known)
    return np.dtype(TYPES[number][1].kept)


def read_tensor(proto: TensorProto, name: str, limits: ImportLimits) -> Tensor:
    """The numbers of a tensor.

    Args:
        proto: ONNX's TensorProto.
        name: of the tensor, for messages.
        limits: checked against the shape that the tensor claims.

    Returns:
        An array of its own, not to be written to.

    Raises:
        EngineError: ``external-data`` if the numbers lie in another file; ``unknown-type``,
            ``model-too-large``, or ``malformed-model`` where numbers and shape do not fit.

    >>> from onnx.helper import make_tensor
    >>> read_tensor(make_tensor("w", 1, [2, 2], [1, 2, 3, 4]), "w", ImportLimits())
    array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    if proto.data_location == EXTERNAL or len(proto.external_data):
        allowed = "numbers within the file itself; save the model with its weights in one file"
        raise EngineError("external-data", f"tensor {name}", "in another file", allowed)
    shape = tuple(proto.dims)
    if min(shape, default=0) < 0:
        raise _malformed(name, list(shape), "a shape without negative sizes")
    limits.check_shape(f"tensor {name}", shape)
    numpy_type(proto.data_type, f"tensor {name}")
    storage = TYPES[proto.data_type][1]
    numbers = _numbers(proto, name, storage, prod(shape))
    if proto.data_type == BFLOAT16:
        # A bfloat16 is the upper half of a float32.
        numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
    tensor: Tensor = numbers.astype(storage.kept).reshape(shape)
    tensor.flags.writeable = False
    return tensor


def _numbers(proto: TensorProto, name: str, storage: Storage, count: int) -> Tensor:
    raw = proto.raw_data
    if raw:
        size = np.dtype(storage.layout).itemsize
        if len(raw) != count * size:
            raise _malformed(name, f"{len(raw)} bytes", f"{count * size} bytes for its shape")
        stored: Tensor = np.frombuffer(raw, dtype=np.uint8 if storage.layout == "|b1" else storage.layout)
        return stored
    numbers: Any = getattr(proto, storage.field)
    if len(numbers) != count:
        raise _malformed(name, f"{len(numbers)} numbers", f"{count} numbers for its shape")
    whole = np.array(numbers, dtype=storage.field_dtype)
    if storage.layout in ("<f2", "<u2") and storage.kept == "<f4":
        # The two short floats lie here as the integers of their bits.
        return whole.astype(np.uint16).view(storage.layout)
    return whole


def _malformed(name: str, value: object, allowed: str) -> EngineError:
    return EngineError("malformed-model", f"tensor {name}", value, allowed)

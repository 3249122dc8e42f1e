"""From a PyTorch checkpoint to named arrays, without PyTorch.

``torch.save`` wrote, before version 1.6, five pickles (a mark, a version, the machine, the tensors'
descriptions, the order of the storages) and then the storages' bare numbers, each after its length.
"""

from __future__ import annotations

import io
from math import prod
from typing import Any, NamedTuple

import numpy as np

from engine.errors import EngineError
from engine.importers.pickled import ORDERED_DICT, Call, Name, Outside, read_pickle
from engine.types import Array

HEAD = b"\x80\x02\x8a\n\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03."
"""The first two pickles, the mark and the version 1001."""

REBUILD = "torch._utils._rebuild_tensor_v2"
STORAGES = {"torch.FloatStorage": "<f4", "torch.LongStorage": "<i8"}
"""Types of storages by PyTorch's name: how their numbers are stored."""

TENSORS = {ORDERED_DICT, REBUILD, *STORAGES}
"""What the descriptions of tensors name."""

MOST_AXES = 64

WHOLE = "a whole checkpoint as torch.save wrote it before version 1.6"


class Storage(NamedTuple):
    """A storage as the descriptions name it: how its numbers are stored, its key, how many they are."""

    layout: str
    key: str
    size: int


def read_checkpoint(data: bytes) -> dict[str, Array]:
    """Every tensor of floating-point numbers in a checkpoint, by name, in the order of the file.

    Args:
        data: the file's bytes.

    Returns:
        New arrays, float32, in C order whatever the order of the storage. Integers, such as batch
        normalisation's count of batches, are left out.

    Raises:
        EngineError: ``malformed-file`` for bytes that are no such file, ``unsafe-file`` for pickles that
            ask for more than tensors, ``non-finite``.

    Source: PyTorch's ``torch/serialization.py``, ``_legacy_save``.
    """
    if not data.startswith(HEAD):
        raise EngineError("malformed-file", "file", f"{len(data)} bytes of another kind", WHOLE)
    stream = io.BytesIO(data)
    stream.seek(len(HEAD))
    _, tensors, keys = (read_pickle(stream, names) for names in ((), TENSORS, ()))
    try:
        described = {name: _described(tensor) for name, tensor in tensors.items()}
        storages = {storage.key: storage for storage, *_ in described.values()}
        numbers = {key: _numbers(stream, storages[_text(key)]) for key in keys}
        found = {name: _array(numbers[tensor[0].key], *tensor[1:]) for name, tensor in described.items()}
    # Whatever does not have the form expected here shows itself in one of these.
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError):
        raise EngineError("malformed-file", "file", "tensors of another form", WHOLE) from None
    arrays = {name: array for name, array in found.items() if array.dtype == np.float32}
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise EngineError(
                "non-finite", f"tensor {name}", list(array.shape), "numbers that are all finite"
            )
    return arrays


def _described(tensor: Any) -> tuple[Storage, int, tuple[int, ...], tuple[int, ...]]:
    """Storage, first number, shape and strides of _rebuild_tensor_v2(storage, offset, size, stride, …)."""
    if not isinstance(tensor, Call) or not isinstance(tensor.arguments[0], Outside):
        raise TypeError("no tensor")
    outside, offset, shape, strides, *_ = tensor.arguments
    _, kind, key, _, size, _ = outside.description
    counts = (size, offset, *shape, *strides)
    if not isinstance(kind, Name) or not all(type(count) is int and count >= 0 for count in counts):
        raise TypeError("no storage, or counts that are none")
    return Storage(STORAGES[kind.name], _text(key), size), offset, shape, strides


def _text(key: Any) -> str:
    """Refuses other keys before they are hashed: nested tuples can take time without end."""
    if not isinstance(key, str):
        raise TypeError("a key that is no text")
    return key


def _numbers(stream: io.BytesIO, storage: Storage) -> np.ndarray[Any, Any]:
    size = int.from_bytes(stream.read(8), "little")
    if size != storage.size:
        raise ValueError("a length that contradicts the description")
    layout = np.dtype(storage.layout)
    return np.frombuffer(stream.read(size * layout.itemsize), layout, size)


def _array(numbers: np.ndarray[Any, Any], offset: int, shape: Any, strides: Any) -> Array:
    # Strides of 0 would let a few numbers fill any memory.
    if len(shape) > MOST_AXES or prod(shape) > numbers.size:
        raise ValueError("more axes than NumPy knows, or more numbers than the storage holds")
    step = numbers.itemsize
    # NumPy itself refuses a view that reaches beyond the numbers.
    view: Array = np.ndarray(
        shape, numbers.dtype, numbers, offset * step, tuple(stride * step for stride in strides)
    )
    return view.astype(view.dtype.newbyteorder("="), order="C")

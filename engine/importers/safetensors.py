"""From a safetensors file to named arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.types import Array

LARGEST_FILE = 1 << 29
"""Bytes; checked before anything is read."""

READERS: dict[str, tuple[str, type[np.floating[Any]]]] = {
    "F16": ("<f2", np.float32),
    "BF16": ("<u2", np.float32),
    "F32": ("<f4", np.float32),
    "F64": ("<f8", np.float64),
}
"""By safetensors' name of a type: how its numbers are stored, and as what they are kept."""


def read_safetensors(source: bytes | Path) -> dict[str, Array]:
    """Every tensor of a safetensors file, by name, in the order of the names.

    Args:
        source: the file's bytes, or where it lies.

    Returns:
        New arrays, float32 (also for float16 and bfloat16, whose numbers all are float32 numbers) or
        float64.

    Raises:
        EngineError: ``malformed-file`` for bytes that are no such file, ``unknown-type`` for tensors
            that hold no floating-point numbers, ``file-too-large``, ``non-finite``.

    Source: the format's description, https://huggingface.co/docs/safetensors.

    >>> header = b'{"w": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}}'
    >>> numbers = np.array([1, 2], dtype="<f4").tobytes()
    >>> read_safetensors(len(header).to_bytes(8, "little") + header + numbers)
    {'w': array([[1., 2.]], dtype=float32)}
    """
    # Only who reads weights pays for the import.
    from safetensors import SafetensorError, deserialize

    data = _bytes(source)
    try:
        tensors = deserialize(data)  # type: ignore[no-untyped-call]
    except SafetensorError as error:
        what = str(error).removeprefix("Error while deserializing: ")
        raise EngineError("malformed-file", "file", what, "a whole safetensors file") from None
    return {name: _array(name, stored) for name, stored in sorted(tensors, key=lambda each: each[0])}


def _bytes(source: bytes | Path) -> bytes:
    size = source.stat().st_size if isinstance(source, Path) else len(source)
    if size > LARGEST_FILE:
        raise EngineError("file-too-large", "file", f"{size} bytes", f"up to {LARGEST_FILE} bytes")
    return source.read_bytes() if isinstance(source, Path) else source


def _array(name: str, stored: dict[str, Any]) -> Array:
    kind, shape = stored["dtype"], stored["shape"]
    if kind not in READERS:
        raise EngineError("unknown-type", f"tensor {name}", kind, ", ".join(READERS))
    layout, dtype = READERS[kind]
    numbers = np.frombuffer(stored["data"], dtype=layout)
    if kind == "BF16":
        # A bfloat16 is the upper half of a float32.
        numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
    try:
        array: Array = numbers.astype(dtype).reshape(shape)
    except (ValueError, OverflowError):
        # More axes, or with a 0 among them longer ones, than NumPy can keep.
        raise EngineError("malformed-file", f"shape of {name}", shape, "a shape of up to 64 axes") from None
    if not np.isfinite(array).all():
        raise EngineError("non-finite", f"tensor {name}", list(array.shape), "numbers that are all finite")
    return array

"""Importing ONNX files: one that is easily made wrong, pictures, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.importers.onnx import Imported, import_onnx
from engine.types import Array
from tests.engine.onnx_files import Weights, onnx_file, step
from tests.engine.refusals import refusal


def picture(imported: Imported, pictures: int = 1) -> Array:
    shape = (pictures, *imported.report.input_shape)
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def weights_file(**weights: Any) -> bytes:
    """A convolution of 2 to 3 channels, with other weights if some are given."""
    w = Weights()
    nodes = [step("Conv", f"x {w('w', 3, 2, 3, 3)} {w('b', 3)}", "y", "conv")]
    return onnx_file(nodes, {**w.made, **weights})


def field(number: int, content: bytes) -> bytes:
    """A field as it lies in a file: key, length, content."""
    size, length = len(content), b""
    while size > 127:
        length += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def refused(*args: Any, **kwargs: Any) -> tuple[str, str, Any]:
    error = refusal(import_onnx, *args, **kwargs)
    return error.code, error.argument, error.value

"""ONNX Runtime on its CPU provider, with all its graph optimisations, as it comes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime

from bench.rivals.engines import Runner
from bench.rivals.given import ONNX
from engine.graph import INPUT

VERSION = f"ONNX Runtime {onnxruntime.__version__}"


def build(folder: Path, engine: str) -> Runner:
    """A session on the file that was made of the model."""
    session = onnxruntime.InferenceSession(str(folder / ONNX), providers=["CPUExecutionProvider"])
    inputs = {INPUT: np.load(folder / "x.npy")}
    return Runner(lambda: session.run(None, inputs), lambda outputs: outputs[0])

"""Every operator of ONNX that the engine has means for: a table from its name to a small function."""

from __future__ import annotations

from engine.importers.onnx.call import Converter
from engine.importers.onnx.operators.activations import ACTIVATIONS
from engine.importers.onnx.operators.arithmetic import ARITHMETIC
from engine.importers.onnx.operators.layout import LAYOUT
from engine.importers.onnx.operators.matrices import MATRICES
from engine.importers.onnx.operators.normalisation import NORMALISATION
from engine.importers.onnx.operators.reductions import REDUCTIONS
from engine.importers.onnx.operators.sampling import SAMPLING
from engine.importers.onnx.operators.windows import WINDOWS

CONVERTERS: dict[str, Converter] = {
    **WINDOWS,
    **ACTIVATIONS,
    **ARITHMETIC,
    **MATRICES,
    **NORMALISATION,
    **LAYOUT,
    **SAMPLING,
    **REDUCTIONS,
}

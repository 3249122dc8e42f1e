"""ONNX files: from their bytes, which anyone may have written, to models of the engine."""

from engine.importers.onnx.importer import import_onnx
from engine.importers.onnx.limits import ImportLimits
from engine.importers.onnx.report import Imported, ImportReport, NodeReport

__all__ = ["ImportLimits", "ImportReport", "Imported", "NodeReport", "import_onnx"]

"""Reads ONNX files in a process of its own, which answers with a specification, a report and the weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from safetensors.numpy import save

from app.problems import Problem, shorten
from app.services.descriptions import Json, attributes
from app.services.workers import Answer, Broken, Header, Late, Worker, serve
from engine.errors import EngineError
from engine.graph import Model, Node
from engine.importers.onnx import Imported, ImportLimits, import_onnx
from engine.types import Array, Pair, map_shape

LONGEST_VALUE = 2000
"""Of what was found at fault: all operators that are not known, with their nodes."""


@dataclass(frozen=True)
class ReadModel:
    """What a file was found to hold."""

    specification: Json
    weights: bytes
    """As a safetensors file, ``{"node.weight": numbers}``."""
    report: Json


def read_model(
    data: bytes, limits: ImportLimits, size: Pair | None, deadline_s: float, memory_bytes: int
) -> ReadModel:
    """Read an ONNX file.

    Args:
        data: the file.
        limits: what it may cost.
        size: (rows, columns) of the pictures, where the file leaves them open.
        deadline_s: seconds for all of it.
        memory_bytes: of the process that reads it.

    Raises:
        Problem: ``not-a-model``, ``model-too-slow``, ``broken-model``, or what ``import_onnx`` says.
    """
    worker = Worker("app.services.importer", memory_bytes)
    try:
        header, weights = worker.ask({"limits": asdict(limits), "size": size}, data, deadline_s)
    except Late:
        allowed = f"a model read within {deadline_s:g} s"
        raise Problem("model-too-slow", "file", allowed=allowed) from None
    except Broken:
        raise Problem("broken-model", "file", allowed="a file that does not make the reader fail") from None
    finally:
        worker.end()
    if "code" in header:
        raise Problem(header["code"], header["argument"], header["value"], header["allowed"])
    return ReadModel(header["specification"], weights, header["report"])


def specification_of(model: Model) -> tuple[Json, dict[str, Array]]:
    """What ``build_model`` makes the same model from: a specification, and the numbers it leaves out."""
    channels, rows, columns = model.input_shape
    nodes = [_config(model, node) for node in model]
    return {"input": {"channels": channels, "size": [rows, columns]}, "nodes": nodes}, model.weights


def _config(model: Model, node: Node) -> Json:
    config = {"name": node.name, "op": node.op.name, "inputs": list(node.inputs), **attributes(node)}
    for name in node.weights:
        owner, _, owned = model.owners[f"{node.name}.{name}"].rpartition(".")
        if owner != node.name and owned == name:
            config[name] = {"node": owner}
        elif name in node.op.optional_weights:
            # That it is there at all; its numbers come with the others.
            config[name] = {"init": "zeros"}
    return config


def _report(imported: Imported) -> Json:
    report = imported.report
    return {
        "format": "onnx",
        "opset": report.opset,
        "producer": report.producer,
        "input": {
            "name": report.input_name,
            "shape": list(report.input_shape),
            "dynamic": list(report.dynamic),
        },
        "outputs": dict(report.outputs),
        "output_shape": list(map_shape(imported.model.shapes[imported.model.nodes[-1].name])),
        "operations": sorted({node.op.name for node in imported.model}),
        "nodes": [asdict(node) for node in report.nodes],
        "not_understood": [],
        "warnings": list(report.warnings),
    }


def _answer(question: Header, data: bytes) -> Answer:
    try:
        return _read(data, ImportLimits(**question["limits"]), question["size"])
    except EngineError as error:
        # Where not even the outermost shell is that of a model, the file is something else.
        other = error.code == "malformed-model" and error.argument in ("file", "graph")
        return _refused("not-a-model" if other else error.code, error.argument, error.value, error.allowed)
    except MemoryError:
        return _refused("model-too-large", "file", len(data), "a model that fits the reader's memory")


def _read(data: bytes, limits: ImportLimits, size: list[int] | None) -> Answer:
    imported = import_onnx(data, limits, None if size is None else (size[0], size[1]))
    specification, weights = specification_of(imported.model)
    stored = save({name: array.astype("<f4", copy=False) for name, array in weights.items()})
    return {"specification": specification, "report": _report(imported)}, stored


def _refused(code: str, argument: str, value: object, allowed: str) -> Answer:
    return {
        "code": code,
        "argument": argument,
        "value": shorten(value, LONGEST_VALUE),
        "allowed": allowed,
    }, b""


if __name__ == "__main__":
    serve(_answer)

"""From the bytes of an ONNX file to a model of the engine and a report on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.errors import EngineError
from engine.graph import INPUT, Model, Node
from engine.importers.onnx.builder import Built, build
from engine.importers.onnx.call import Flow
from engine.importers.onnx.limits import ImportLimits
from engine.importers.onnx.picture import Picture, find_picture
from engine.importers.onnx.reader import Graph, read_graph
from engine.importers.onnx.report import Imported, ImportReport
from engine.ops.reorder import Transpose

TURNED = "channels_last"
"""Name of the node that gives a file the order of axes that it wants."""


def import_onnx(
    data: bytes, limits: ImportLimits | None = None, size: Sequence[int] | None = None
) -> Imported:
    """The model that an ONNX file describes, read for a batch of one picture.

    Tensors that need no picture are computed here, Identity and Dropout are left out; everything
    else becomes one node of the engine, or a few. The same bytes always give the same model.

    Args:
        data: of the file, weights included.
        limits: what the import may cost at most; None means the usual ones.
        size: (rows, columns) of the picture where the file leaves them open; None means 224.

    Raises:
        EngineError: for every file that cannot be run here, naming what is in the way. No other
            exception, whatever the bytes.

    Source: https://onnx.ai/onnx/operators, versions 7 to 28.

    >>> from onnx import helper
    >>> x, y = (helper.make_tensor_value_info(name, 1, ["n", 1, 4, 6]) for name in "xy")
    >>> graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [x], [y])
    >>> imported = import_onnx(helper.make_model(graph).SerializeToString())
    >>> imported.model.shapes, imported.report.outputs
    ({'input': (1, 1, 4, 6), 'Relu_0': (1, 1, 4, 6)}, {'y': 'Relu_0'})
    """
    limits = limits or ImportLimits()
    graph = read_graph(data, limits)
    picture = find_picture(graph, size)
    limits.check_shape(f"input {picture.name}", picture.file_shape)
    flow = Flow(TURNED if picture.channels_last else INPUT, picture.file_shape)
    built = build(graph, {picture.name: flow}, limits)
    turn = Node(TURNED, Transpose(perm=(0, 2, 3, 1)), (INPUT,), {})
    nodes = (turn, *built.nodes) if picture.channels_last else tuple(built.nodes)
    if not built.nodes:
        raise EngineError("unsupported-model", "nodes", [], "a graph in which something is computed")
    return Imported(Model(picture.shape, nodes), _report(graph, picture, built))


def _report(graph: Graph, picture: Picture, built: Built) -> ImportReport:
    return ImportReport(
        opset=graph.opset,
        producer=graph.producer,
        input_name=picture.name,
        input_shape=picture.shape,
        dynamic=picture.dynamic,
        outputs=_outputs(graph, built),
        nodes=tuple(built.reports),
        warnings=picture.warnings,
    )


def _outputs(graph: Graph, built: Built) -> Mapping[str, str]:
    """By output, its node; those known at import have none."""
    values = {name: built.values[name] for name in graph.outputs}
    return {name: value.node for name, value in values.items() if isinstance(value, Flow)}

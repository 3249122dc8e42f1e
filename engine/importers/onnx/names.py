"""Names that a reader can use: short, unique, and as the network's author thought of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.importers.onnx.reader import GraphNode

LONGEST = 48
"""Characters; the end of a longer name says more than its start."""


def readable_names(nodes: Sequence[GraphNode]) -> list[str]:
    """A name for every node, not yet unique.

    PyTorch writes ``/layer1/layer1.0/conv1/Conv``, module after module, each with its full name, and
    the operator at the end: here ``layer1.0.conv1``, since nothing else happens in that module. What
    all names begin with is left out.

    Args:
        nodes: all nodes of a graph.

    >>> names = ["/layer1/layer1.0/conv1/Conv", "/layer1/layer1.0/Add", "/Flatten"]
    >>> readable_names([GraphNode(name, name.split("/")[-1], (), (), {}) for name in names])
    ['layer1.0.conv1', 'layer1.0.Add', 'Flatten']
    """
    paths = [_path(node) for node in nodes]
    shared = _shared_start(paths)
    paths = [path[shared:] for path in paths]
    # A module that holds one node only goes by its own name.
    within = Counter(path[:depth] for path in paths for depth in range(1, len(path)))
    return [_written(path[:-1] if within[path[:-1]] == 1 else path) for path in paths]


def _path(node: GraphNode) -> tuple[str, ...]:
    """The modules around a node, outermost first, and the node itself."""
    # TensorFlow joins the names of what it merged by semicolons; PyTorch's newer exporter begins with node_.
    name = node.name.split(";")[0].removeprefix("node_")
    parts = [part for part in name.split("/") if part] or [node.op]
    path: list[str] = []
    for part in parts:
        # "layer1.0" within "layer1" is its full name already.
        if path and part.startswith(f"{path[-1]}."):
            path.pop()
        path.append(part)
    return tuple(path)


def _shared_start(paths: Sequence[tuple[str, ...]]) -> int:
    """How many parts all paths begin with, leaving two of each."""
    if len(paths) < 2:
        return 0
    most = max(0, min(map(len, paths)) - 2)
    return next((i for i in range(most) if len({path[i] for path in paths}) > 1), most)


def _written(path: tuple[str, ...]) -> str:
    kept = "".join(each if each.isalnum() or each in "_-" else "." for each in ".".join(path))
    return kept.strip(".")[-LONGEST:].strip(".") or "node"

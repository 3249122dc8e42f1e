"""A transposed convolution in its four stages, each a map to look at."""

from __future__ import annotations

from app.pictures import Extents
from app.problems import Problem
from app.representations import Numbers
from app.services.descriptions import Json
from app.services.runs import Run
from engine.ops.conv_transpose2d import ConvTranspose2d, transposed_stages

KERNEL = "kernel"
"""The name under which the kernel, turned as it is applied, is found beside the stages."""


def list_stages(run: Run, node: str) -> Json:
    """The stages by name, with their shapes and addresses.

    Raises:
        EngineError: ``unknown-node``.
        Problem: ``no-stages``.
    """
    url = f"/api/v1/runs/{run.id}/nodes/{node}/stages"
    return {
        "node": node,
        "stages": [
            {"name": name, "shape": list(array.shape), "url": f"{url}/{name}"}
            for name, array in _arrays(run, node).items()
        ],
    }


def stage(run: Run, node: str, name: str) -> tuple[Numbers, Extents]:
    """One stage, (channels, rows, columns), or the kernel, and what measures its colours.

    Raises:
        EngineError: ``unknown-node``.
        Problem: ``no-stages``, ``unknown-stage``.
    """
    arrays = _arrays(run, node)
    if name not in arrays:
        raise Problem("unknown-stage", "stage", name, ", ".join(arrays))
    array = arrays[name]
    extent = (float(array.min()), float(array.max()))
    return array, Extents(extent, extent, "weight" if name == KERNEL else None)


def _arrays(run: Run, node: str) -> dict[str, Numbers]:
    known = run.trace.model.node(node)
    op = known.op
    if not isinstance(op, ConvTranspose2d):
        raise Problem("no-stages", "node", node, "a node whose operation is conv_transpose2d")
    stages = transposed_stages(
        run.trace.outputs[known.inputs[0]],
        known.weights["weight"],
        known.weights.get("bias"),
        stride=op.stride,
        padding=op.padding,
        output_padding=op.output_padding,
        dilation=op.dilation,
        groups=op.groups,
    )
    arrays: dict[str, Numbers] = {each.name: each.array[0] for each in stages}
    kernel = stages[-1].kernel
    return arrays if kernel is None else {**arrays, KERNEL: kernel}

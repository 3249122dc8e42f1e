"""How much memory a run takes, against the outputs that it is there to keep."""

from __future__ import annotations

import numpy as np

from bench.table import Table
from engine.specification import build_model
from engine.zoo.registry import ARCHITECTURES
from tests.engine.memory import measured

NETWORKS = ("vgg-16", "resnet-18")
MIB = 1 << 20


def table() -> Table:
    """Of each network: its outputs, what the finished run holds, and the most while it ran."""
    heads = ("network at 224 × 224", "outputs", "kept", "most", "most / outputs", "target")
    return Table(heads, [line(name) for name in NETWORKS])


def line(name: str) -> tuple[str, ...]:
    """Memory beside the weights, which are there before."""
    model = build_model(ARCHITECTURES[name].build())
    x = np.random.default_rng(0).random((1, *model.input_shape), dtype=np.float32)
    trace, memory = measured(lambda: model.run(x))
    outputs = sum(output.nbytes for output in trace.outputs.values())
    sizes = (f"{size / MIB:.1f} MiB" for size in (outputs, memory.kept, memory.most))
    return (name, *sizes, f"{memory.most / outputs:.2f}", "3")

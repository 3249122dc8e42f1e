"""Whole networks, against PyTorch and ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence

from bench.rivals.case import Case
from bench.rivals.comparison import Comparison
from bench.rivals.result import Result
from engine.zoo.registry import ARCHITECTURES

TARGETS = {
    ("vgg-16", 1, "PyTorch"): 0.80,
    ("vgg-16", 1, "ONNX Runtime"): 0.85,
    ("vgg-16", 32, "PyTorch"): 0.50,
    ("resnet-18", 1, "PyTorch"): 1.15,
    ("resnet-18", 1, "ONNX Runtime"): 1.6,
    ("resnet-18", 32, "PyTorch"): 0.80,
    ("alexnet", 1, "PyTorch"): 1.15,
    ("alexnet", 1, "ONNX Runtime"): 1.35,
    ("alexnet", 32, "PyTorch"): 1.2,
    ("tiny-vgg", 1, "PyTorch"): 0.65,
    ("tiny-vgg", 1, "ONNX Runtime"): 1.2,
    ("tiny-vgg", 32, "PyTorch"): 1.1,
    ("lenet-5", 1, "PyTorch"): 0.36,
    ("lenet-5", 1, "ONNX Runtime"): 2.0,
    ("lenet-5", 32, "PyTorch"): 0.65,
    ("mobilenet-v1", 1, "PyTorch"): 2.2,
}
NETWORKS = tuple(dict.fromkeys(name for name, _, _ in TARGETS))
BATCHES = (1, 32)


def picture(results: Sequence[Result]) -> str:
    """Every engine's share of PyTorch's time."""
    # Only now: what is not drawn needs no library for it.
    from bench.rivals.plots import shares

    return shares(results, TARGETS)


COMPARISON = Comparison(
    name="engine",
    title="Whole networks",
    about="Every engine in a process of its own, taking turns with all cores. PyTorch is eager, in inference "
    "mode, and counts by the better of its two layouts; ONNX Runtime has all its graph optimisations. "
    "Answers were compared before anything was timed.",
    cases=tuple(Case(name, ARCHITECTURES[name].build(), batch) for name in NETWORKS for batch in BATCHES),
    engines=("ours", "ours-trace", "pytorch-nchw", "pytorch-channels-last", "onnxruntime"),
    seconds=20,
    targets=TARGETS,
    memory_batch=1,
    plot=picture,
)

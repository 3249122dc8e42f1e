"""A case as files in a folder, from which every engine builds the same: weights, input, right answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.rivals.case import Case, Task
from engine.graph import Model
from engine.specification import build_model
from engine.types import Array, Integers

ONNX = "model.onnx"
RANGES = {"weight": (0.5, 1.5), "bias": (-0.1, 0.1), "running_mean": (-0.1, 0.1), "running_var": (0.5, 1.5)}
"""From which batch normalisation is drawn."""


@dataclass(frozen=True)
class Given:
    """What an engine is given; ``target``, (N,), is there in training only."""

    model: Model
    x: Array
    target: Integers | None
    task: Task


def write(case: Case, folder: Path) -> Model:
    """Draw weights and input, and write them.

    Returns:
        The model with these weights.
    """
    drawn = np.random.default_rng(1)
    model = build_model(case.specification)
    x = drawn.standard_normal((case.batch, *model.input_shape), dtype=np.float32)
    model = _telling(model, x[:1], drawn)
    (folder / "task").write_text(case.task, encoding="utf-8")
    (folder / "specification.json").write_text(json.dumps(case.specification), encoding="utf-8")
    np.savez(folder / "weights.npz", **model.weights)
    np.save(folder / "x.npy", x)
    if case.task == "training":
        classes = model.shapes[model.nodes[-1].name][1]
        np.save(folder / "target.npy", drawn.integers(0, classes, case.batch))
    return model


def read(folder: Path) -> Given:
    """What ``write`` wrote; the weights are in memory once."""
    with np.load(folder / "weights.npz") as weights:
        specification = json.loads((folder / "specification.json").read_text(encoding="utf-8"))
        model = build_model(specification, weights=dict(weights))
    target = folder / "target.npy"
    task: Any = (folder / "task").read_text(encoding="utf-8")
    return Given(model, np.load(folder / "x.npy"), np.load(target) if target.exists() else None, task)


def _telling(model: Model, x: Array, drawn: np.random.Generator) -> Model:
    """Weights whose answer shows a mistake: statistics that do normalise, scores that do not saturate.

    As the zoo draws them, batch normalisation changes nothing, and softmax puts all on one class.
    """
    norms = [node for node in model if node.op.name == "batch_norm2d"]
    model = model.with_weights(
        {
            f"{node.name}.{name}": drawn.uniform(*RANGES[name], array.shape).astype(np.float32)
            for node in norms
            for name, array in node.weights.items()
        }
    )
    last = next(node for node in reversed(model.nodes) if "weight" in node.weights)
    scale = 1 / float(model.run(x).output(last.name).std())
    return model.with_weights({f"{last.name}.weight": last.weights["weight"] * np.float32(scale)})

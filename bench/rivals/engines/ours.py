"""The engine of this repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.rivals.engines import Runner
from bench.rivals.engines.training import FIRST_LOSSES, LEARNING_RATE
from bench.rivals.given import Given, read
from engine.inference.plan import Plan
from engine.train.optimisers import SGD
from engine.train.step import Training

BLAS = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
VERSION = f"NumPy {np.__version__} with {BLAS['name']} {BLAS['version']}"


def build(folder: Path, engine: str) -> Runner:
    """The last node alone (``ours``), or every node's output as the page needs it (``ours-trace``)."""
    given = read(folder)
    if given.target is not None:
        return _training(given)
    x, last = given.x, given.model.nodes[-1].name
    if given.task == "function":
        (node,) = given.model.nodes
        return Runner(lambda: node.op.forward([x], node.weights)[0], lambda y: y)
    if engine == "ours":
        plan = Plan(given.model)
        return Runner(lambda: plan.run(x), lambda outputs: outputs[last])
    model = given.model
    return Runner(lambda: model.run(x), lambda trace: trace.output(last))


def _training(given: Given) -> Runner:
    training = Training(given.model, SGD(LEARNING_RATE))
    losses: list[float] = []

    def step() -> None:
        report = training.step(given.x, given.target)
        if len(losses) < FIRST_LOSSES:
            losses.append(report.loss)

    return Runner(step, lambda _: np.array(losses, dtype=np.float32), FIRST_LOSSES)

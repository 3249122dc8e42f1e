"""How a stage becomes calls on memory. What has no way of its own goes through ``Operation.forward``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.inference.slots import Margin, Placed
from engine.inference.stages import Stage
from engine.ops.kernels.algorithm import Finish
from engine.ops.kernels.memory import Order, Scratch
from engine.threads import Program
from engine.types import Shape


class Lowering:
    """A stage to be computed by its operation as it is.

    Args:
        stage: what is computed.
        shapes: of every output, with the batch.
        dtype: of all numbers.
    """

    reads_in: Order | None = None
    """The order in which it likes its inputs, if it cares."""
    writes_in: Order | None = None
    """The order in which it writes, if it cares."""
    margin = Margin()
    """Zeros that it wants around its inputs."""

    def __init__(self, stage: Stage, shapes: Mapping[str, Shape], dtype: np.dtype[Any]) -> None:
        self.stage = stage
        self.shapes = shapes
        self.dtype = dtype
        self.weights = {name: w.astype(dtype, copy=False) for name, w in stage.weights.items()}

    def bind(self, placed: Mapping[str, Placed], out: Placed, scratch: Scratch) -> Program:
        """The calls that compute ``out`` from what is placed."""
        inputs = [placed[name].inside for name in self.stage.inputs]

        def forward() -> None:
            np.copyto(out.inside, self.stage.op.forward(inputs, self.weights)[0])

        return [[[forward, *self.finish(placed).all_steps(out.inside)]]]

    def finish(self, placed: Mapping[str, Placed]) -> Finish:
        """What follows the operation."""
        residual = None if self.stage.residual is None else placed[self.stage.residual].inside
        return Finish(residual, self.stage.low, self.stage.high)

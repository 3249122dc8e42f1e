"""Fully connected layers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from engine.inference.lowering import Lowering
from engine.inference.slots import Placed
from engine.ops.kernels.algorithm import Finish
from engine.ops.kernels.memory import Scratch
from engine.threads import TEAM, Part, Program, cut

LARGE_MATRIX = 1 << 20
"""Numbers of a weight that two threads read faster than one."""


class LinearLowering(Lowering):
    """A matrix with all of its outputs, shared between threads where reading it takes longest."""

    def bind(self, placed: Mapping[str, Placed], out: Placed, scratch: Scratch) -> Program:
        weight, bias = self.weights["weight"], self.weights.get("bias")
        x, y = placed[self.stage.inputs[0]].inside, out.inside
        finish = self.finish(placed)
        threads = TEAM.size if weight.size >= LARGE_MATRIX else 1
        parts: list[Part] = []
        for some in cut(len(weight), threads):
            own = y[..., some]
            part: Part = [partial(np.matmul, x, weight[some].T, out=own)]
            if bias is not None:
                part.append(partial(np.add, own, bias[some], out=own))
            residual = None if finish.residual is None else finish.residual[..., some]
            part += Finish(residual, finish.low, finish.high).all_steps(own)
            parts.append(part)
        return [parts]

"""What moves numbers and computes none."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from engine.inference.lowering import Lowering
from engine.inference.slots import Placed
from engine.inference.stages import Stage
from engine.ops.kernels.memory import Scratch
from engine.ops.merge import Concat
from engine.threads import Part, Program
from engine.types import Shape


class ConcatenationLowering(Lowering):
    """Outputs one after another."""

    def __init__(self, stage: Stage, op: Concat, shapes: Mapping[str, Shape], dtype: np.dtype[Any]) -> None:
        super().__init__(stage, shapes, dtype)
        self.axis = op.axis

    def bind(self, placed: Mapping[str, Placed], out: Placed, scratch: Scratch) -> Program:
        axis, start = self.axis % out.inside.ndim, 0
        steps: Part = []
        for name in self.stage.inputs:
            part = placed[name].inside
            at = (slice(None),) * axis + (slice(start, start + part.shape[axis]),)
            steps.append(partial(np.copyto, out.inside[at], part))
            start += part.shape[axis]
        return [[steps]]


class FlatteningLowering(Lowering):
    """A map as a row, channel by channel."""

    def bind(self, placed: Mapping[str, Placed], out: Placed, scratch: Scratch) -> Program:
        x = placed[self.stage.inputs[0]].inside
        return [[[partial(np.copyto, out.inside.reshape(x.shape, copy=False), x)]]]

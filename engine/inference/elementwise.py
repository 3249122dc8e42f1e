"""What is computed number by number, and nothing before it could take in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from engine.inference.lowering import Lowering
from engine.inference.slots import Placed
from engine.ops.activations import Tanh
from engine.ops.functions import Abs, Exp, Neg, Sqrt
from engine.ops.kernels.algorithm import Finish
from engine.ops.kernels.memory import Scratch
from engine.ops.operation import Operation
from engine.threads import Program

FUNCTIONS: Mapping[type[Operation], np.ufunc] = {
    Tanh: np.tanh,
    Exp: np.exp,
    Abs: np.abs,
    Neg: np.negative,
    Sqrt: np.sqrt,
}
"""Operations that are one function of NumPy's."""


class AdditionLowering(Lowering):
    """Outputs of two nodes, number by number."""

    def bind(self, placed: Mapping[str, Placed], out: Placed, scratch: Scratch) -> Program:
        first, second = (placed[name].inside for name in self.stage.inputs)
        y = out.inside
        return [[[partial(np.add, first, second, out=y), *self.finish(placed).all_steps(y)]]]


class FunctionLowering(Lowering):
    """A function of every number that NumPy has."""

    def bind(self, placed: Mapping[str, Placed], out: Placed, scratch: Scratch) -> Program:
        x, y = placed[self.stage.inputs[0]].inside, out.inside
        return [[[partial(FUNCTIONS[type(self.stage.op)], x, out=y)]]]


class ReluLowering(Lowering):
    """A ReLU that nothing before it could take in."""

    def bind(self, placed: Mapping[str, Placed], out: Placed, scratch: Scratch) -> Program:
        return [[Finish(low=0.0).place(placed[self.stage.inputs[0]].inside, out.inside)]]

"""Convolutions by the route that suits them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from engine.errors import EngineError
from engine.graph import INPUT
from engine.inference.lowering import Lowering
from engine.inference.slots import Margin, Placed
from engine.inference.stages import Stage
from engine.ops.conv2d import Conv2d, applied_weight
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.dispatch import ALGORITHMS, choose
from engine.ops.kernels.memory import Scratch, empty_in
from engine.threads import Part, Program
from engine.types import Shape


class ConvolutionLowering(Lowering):
    """A convolution.

    Args:
        op: of the stage.
        prepared: what routes made of the weights, by stage and route; it is added to.
    """

    def __init__(
        self,
        stage: Stage,
        op: Conv2d,
        shapes: Mapping[str, Shape],
        dtype: np.dtype[Any],
        prepared: dict[Any, Any],
    ) -> None:
        super().__init__(stage, shapes, dtype)
        shape = shapes[stage.inputs[0]]
        rows, columns = op.axes(shape)
        self.task = Convolution(shape[0], shape[1], op.out_channels, rows, columns, op.groups)
        name = self._route(op, prepared)
        self.route = ALGORITHMS[name]
        self.reads_in = self.writes_in = self.route.order
        reach = self.route.reach(self.task)
        self.margin = Margin(
            (rows.before, columns.before),
            (reach[0] - rows.before - rows.size, reach[1] - columns.before - columns.size),
        )
        key = self._key(name)
        if key not in prepared:
            weight = applied_weight(op, self.weights["weight"])
            prepared[key] = self.route.prepare(weight, self.weights.get("bias"), self.task)
        self.prepared = prepared[key]

    def _route(self, op: Conv2d, prepared: Mapping[Any, Any]) -> str:
        """The best route, or where the weights have been released one that they were prepared for."""
        if "weight" in self.weights:
            return choose(self.task, applied_weight(op, self.weights["weight"]))
        for name, route in ALGORITHMS.items():
            if self._key(name) in prepared and route.suits(self.task):
                return name
        allowed = "the size and dtype of pictures run before: the model is gone, and its kernels with it"
        raise EngineError("invalid-argument", "x", [*self.shapes[INPUT], str(self.dtype)], allowed)

    def _key(self, route: str) -> tuple[Any, ...]:
        return self.stage.name, route, self.dtype, ALGORITHMS[route].prepared_for(self.task)

    def bind(self, placed: Mapping[str, Placed], out: Placed, scratch: Scratch) -> Program:
        source = placed[self.stage.inputs[0]]
        x = source.with_margin(self.margin)
        before: Program = []
        if source.slot.order != self.route.order:
            own = empty_in(scratch.take("reordered", (x.size,), self.dtype), x.shape, self.route.order)
            before = [[[partial(np.copyto, own, x)]]]
            x = own
        y, finish = out.inside, self.finish(placed)
        if out.slot.order == self.route.order:
            return before + self.route.bind(x, self.prepared, self.task, y, finish, scratch)
        own = empty_in(scratch.take("unordered", (y.size,), self.dtype), y.shape, self.route.order)
        return [
            *before,
            *self.route.bind(x, self.prepared, self.task, own, finish, scratch),
            [[partial(np.copyto, y, own)]],
        ]


class ScalingLowering(Lowering):
    """A 1×1 kernel for every channel: a factor each, and a bias."""

    def bind(self, placed: Mapping[str, Placed], out: Placed, scratch: Scratch) -> Program:
        x, y = placed[self.stage.inputs[0]].inside, out.inside
        steps: Part = [partial(np.multiply, x, self.weights["weight"][:, 0], out=y)]
        if "bias" in self.weights:
            steps.append(partial(np.add, y, self.weights["bias"][:, None, None], out=y))
        return [[steps + self.finish(placed).all_steps(y)]]

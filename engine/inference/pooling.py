"""Pooling in passes over shifted maps: rows first, then columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np

from engine.inference.lowering import Lowering
from engine.inference.slots import Margin, Placed
from engine.inference.stages import Stage
from engine.ops.avg_pool2d import AvgPool2d
from engine.ops.kernels.memory import Scratch, empty_in
from engine.ops.max_pool2d import MaxPool2d
from engine.ops.windows import tap
from engine.threads import TEAM, Part, Program, cut
from engine.types import Array, Shape

SHARED_BYTES = 1 << 20
"""Smaller maps are pooled before another thread has been woken."""


class PoolingLowering(Lowering):
    """The largest, or the sum, of a window's rows, then of its columns."""

    def __init__(
        self, stage: Stage, op: MaxPool2d | AvgPool2d, shapes: Mapping[str, Shape], dtype: np.dtype[Any]
    ) -> None:
        super().__init__(stage, shapes, dtype)
        self.combine = np.maximum if isinstance(op, MaxPool2d) else np.add
        rows, columns = self.axes = op.axes(shapes[stage.inputs[0]])
        self.margin = Margin(
            (rows.before, columns.before),
            (
                max(0, max(rows.padded, rows.covered) - rows.before - rows.size),
                max(0, max(columns.padded, columns.covered) - columns.before - columns.size),
            ),
        )

    def bind(self, placed: Mapping[str, Placed], out: Placed, scratch: Scratch) -> Program:
        rows, columns = self.axes
        source = placed[self.stage.inputs[0]]
        x, y = source.with_margin(self.margin), out.inside
        parts: list[Part] = []
        for thread, (pictures, some) in enumerate(_cuts(y, TEAM.size if x.nbytes >= SHARED_BYTES else 1)):
            own, height = y[pictures, :, some], some.stop - some.start
            lines = slice(some.start * rows.stride, (some.stop - 1) * rows.stride + rows.span)
            window = x[pictures, :, lines]
            shape = (*own.shape[:3], window.shape[3])
            numbers = scratch.take(f"pooled {thread}", (prod(shape),), self.dtype)
            taken = empty_in(numbers, shape, source.slot.order)
            below = [
                window[:, :, i * rows.dilation :][:, :, : (height - 1) * rows.stride + 1 : rows.stride]
                for i in range(rows.kernel_size)
            ]
            beside = [taken[..., tap(columns, j)] for j in range(columns.kernel_size)]
            part = _combined(self.combine, below, taken) + _combined(self.combine, beside, own)
            if self.combine is np.add:
                part.append(partial(np.divide, own, rows.kernel_size * columns.kernel_size, out=own))
            parts.append(part)
        return [parts]


def _combined(combine: np.ufunc, taps: Sequence[Array], out: Array) -> Part:
    if len(taps) == 1:
        return [partial(np.copyto, out, taps[0])]
    steps: Part = [partial(combine, taps[0], taps[1], out=out)]
    return steps + [partial(combine, out, further, out=out) for further in taps[2:]]


def _cuts(y: Array, parts: int) -> list[tuple[slice, slice]]:
    """Pictures and rows of parts of about one size."""
    n, _, rows, _ = y.shape
    if n >= parts:
        return [(some, slice(0, rows)) for some in cut(n, parts)]
    return [(slice(None), some) for some in cut(rows, parts)]

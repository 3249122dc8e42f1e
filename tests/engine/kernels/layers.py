"""Convolutions to try routes on, in numbers and in float64 by columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.geometry.axis import Axis
from engine.ops.kernels.algorithm import NOTHING_MORE, Algorithm, Finish
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.memory import Scratch, empty
from engine.ops.windows import im2col
from engine.threads import Program
from engine.types import Array, Pair, Sides


def draw(*shape: int, dtype: type = np.float64, seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


@dataclass(frozen=True)
class Layer:
    """A convolution by its settings; ``sides`` are (top, bottom, left, right)."""

    channels: Pair
    size: Pair
    kernel_size: Pair = (3, 3)
    sides: Sides = (0, 0, 0, 0)
    stride: Pair = (1, 1)
    dilation: Pair = (1, 1)
    groups: int = 1
    pictures: int = 1

    @property
    def task(self) -> Convolution:
        rows, columns = (
            Axis(
                self.size[i], self.kernel_size[i], self.stride[i], self.dilation[i], *self.sides[2 * i :][:2]
            )
            for i in (0, 1)
        )
        return Convolution(self.pictures, *self.channels, rows, columns, self.groups)

    def picture(self, dtype: type = np.float64, seed: int = 0) -> Array:
        return draw(self.pictures, self.channels[0], *self.size, dtype=dtype, seed=seed)

    def weight(self, dtype: type = np.float64) -> Array:
        return draw(self.channels[1], self.channels[0] // self.groups, *self.kernel_size, dtype=dtype)

    def bias(self, dtype: type = np.float64) -> Array:
        return draw(self.channels[1], dtype=dtype)


def by_columns(x: Array, weight: Array, bias: Array | None, task: Convolution) -> Array:
    """Windows as rows of a matrix, times the kernels of their group, in float64."""
    n, channels, *size = x.shape
    grouped = x.astype(np.float64).reshape(n * task.groups, channels // task.groups, *size)
    windows = im2col(grouped, (task.rows, task.columns))
    windows = windows.reshape(n, task.groups, -1, windows.shape[1])
    kernels = weight.astype(np.float64).reshape(task.groups, -1, windows.shape[-1])
    # ngpk,gok->ngop
    y = (kernels @ windows.swapaxes(2, 3)).reshape(n, len(weight), *task.outputs)
    return y if bias is None else y + bias[:, None, None]


def laid_out(route: Algorithm, x: Array, task: Convolution) -> Array:
    """A picture as the route reads it: padded, as far as it reaches, in its order."""
    padded = empty((*x.shape[:2], *route.reach(task)), route.order, x.dtype)
    padded[...] = 0
    padded[:, :, *_inside(task)] = x
    return padded


def set_picture(padded: Array, x: Array, task: Convolution) -> None:
    """Another picture in the place of the one that is laid out."""
    padded[:, :, *_inside(task)] = x


def _inside(task: Convolution) -> list[slice]:
    return [slice(axis.before, axis.before + axis.size) for axis in (task.rows, task.columns)]


class Outputs:
    """The inside of a larger map, whose other numbers are nobody's business.

    Raises:
        AssertionError: by ``read``, if something was written to them.
    """

    AROUND = 7.0

    def __init__(self, route: Algorithm, task: Convolution, dtype: type) -> None:
        rows, columns = task.outputs
        self.around = empty(
            (task.pictures, task.out_channels, rows + 3, columns + 4), route.order, np.dtype(dtype)
        )
        self.around[...] = self.AROUND
        self.y = self.around[:, :, 1:-2, 3:-1]
        self.y[...] = np.nan

    def read(self) -> Array:
        found = self.around.copy()
        found[:, :, 1:-2, 3:-1] = self.AROUND
        assert np.all(found == self.AROUND), "written beside the outputs"
        return self.y.copy()


def computed(
    route: Algorithm,
    x: Array,
    weight: Array,
    bias: Array | None,
    task: Convolution,
    finish: Finish = NOTHING_MORE,
) -> Array:
    """The route's answer; what it is given stays as it is, and so does what lies beside its outputs."""
    assert route.suits(task)
    given = [x, weight, *([] if bias is None else [bias])]
    before = [array.copy() for array in given]
    padded, outputs = laid_out(route, x, task), Outputs(route, task, x.dtype.type)
    read = padded.copy()
    route.run(padded, route.prepare(weight, bias, task), task, outputs.y, finish)
    assert np.array_equal(padded, read), "the input was written to"
    assert all(map(np.array_equal, given, before))
    return outputs.read()


def bound(
    route: Algorithm, x: Array, weight: Array, bias: Array | None, task: Convolution
) -> tuple[Array, Outputs, Program]:
    """Everything ready to be run again and again: the padded input, the outputs and the calls."""
    padded, outputs = laid_out(route, x, task), Outputs(route, task, x.dtype.type)
    prepared = route.prepare(weight, bias, task)
    return padded, outputs, route.bind(padded, prepared, task, outputs.y, NOTHING_MORE, Scratch())

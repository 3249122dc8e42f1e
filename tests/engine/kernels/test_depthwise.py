"""Depthwise convolution against the seven loops and against columns in float64."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry.axis import Axis
from engine.ops.kernels import depthwise
from engine.ops.kernels.algorithm import NOTHING_MORE, Finish
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.depthwise import Depthwise
from engine.ops.kernels.memory import empty
from engine.ops.windows import im2col
from engine.types import Array
from tests.engine.compare import assert_close
from tests.engine.oracle import conv2d_oracle


def draw(*shape: int, seed: int = 0, dtype: type = np.float64) -> Array:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


def task_of(x: Array, rows: dict[str, int], columns: dict[str, int], kernels: int = 1) -> Convolution:
    n, channels, height, width = x.shape
    axes = Axis(height, **rows), Axis(width, **columns)
    return Convolution(n, channels, channels * kernels, *axes, channels)


def computed(
    x: Array, weight: Array, bias: Array | None, task: Convolution, finish: Finish = NOTHING_MORE
) -> Array:
    """The route's answer, on numbers that lie as it wants them; beside its outputs nothing is written."""
    route = Depthwise()
    assert route.suits(task)
    padded = empty((*x.shape[:2], *route.reach(task)), "nhwc", x.dtype)
    padded[...] = 0
    inside = [slice(axis.before, axis.before + axis.size) for axis in (task.rows, task.columns)]
    padded[:, :, *inside] = x
    rows, columns = task.outputs
    around = empty((len(x), task.out_channels, rows + 2, columns + 2), "nhwc", x.dtype)
    around[...] = 7
    y = around[:, :, 1:-1, 1:-1]
    route.run(padded, route.prepare(weight, bias, task), task, y, finish)
    border = around.copy()
    border[:, :, 1:-1, 1:-1] = 7
    assert np.all(border == 7)
    return y


def by_columns(x: Array, weight: Array, task: Convolution) -> Array:
    """Windows as rows of a matrix, times the kernels of their channel, in float64."""
    n, channels, *size = x.shape
    columns = im2col(x.astype(np.float64).reshape(-1, 1, *size), (task.rows, task.columns))
    windows = columns.reshape(n, channels, -1, columns.shape[1])
    kernels = weight.astype(np.float64).reshape(channels, -1, columns.shape[1])
    # ncpk,cmk->ncmp
    return (kernels @ windows.swapaxes(2, 3)).reshape(n, len(weight), *task.outputs)


@st.composite
def axes(draw: st.DrawFn) -> tuple[int, dict[str, int]]:
    """Cells, and the settings of an axis on which at least one window fits."""
    axis = {
        "kernel_size": draw(st.integers(1, 5)),
        "stride": draw(st.integers(1, 4)),
        "dilation": draw(st.integers(1, 3)),
        "before": draw(st.integers(0, 2)),
        "after": draw(st.integers(0, 2)),
    }
    span = axis["dilation"] * (axis["kernel_size"] - 1) + 1
    least = max(1, span - axis["before"] - axis["after"])
    return draw(st.integers(least, least + 6)), axis


@given(
    n=st.integers(1, 3),
    channels=st.integers(1, 5),
    kernels=st.integers(1, 3),
    rows=axes(),
    columns=axes(),
    has_bias=st.booleans(),
    run=st.integers(1, 64),
    block=st.integers(1, 4096),
)
@settings(max_examples=60, deadline=None)
def test_it_is_the_seven_loops_however_runs_and_blocks_are_cut(
    n: int,
    channels: int,
    kernels: int,
    rows: tuple,
    columns: tuple,
    has_bias: bool,
    run: int,
    block: int,
) -> None:
    (height, row), (width, column) = rows, columns
    x = draw(n, channels, height, width)
    weight = draw(channels * kernels, 1, row["kernel_size"], column["kernel_size"])
    bias = draw(channels * kernels) if has_bias else None
    with patch.multiple(depthwise, RUN=run, BLOCK=block):
        y = computed(x, weight, bias, task_of(x, row, column, kernels))
    expected = conv2d_oracle(
        x,
        weight,
        bias,
        stride=(row["stride"], column["stride"]),
        sides=(row["before"], row["after"], column["before"], column["after"]),
        dilation=(row["dilation"], column["dilation"]),
        groups=channels,
    )
    assert_close(y, expected, 1e-13)


@pytest.mark.parametrize(
    ("n", "channels", "size", "kernel_size", "stride"),
    [(1, 32, 112, 3, 1), (1, 64, 112, 3, 2), (1, 512, 14, 5, 1), (3, 1024, 7, 3, 1), (9, 96, 28, 5, 2)],
)
def test_layers_of_mobile_networks_in_float32(
    n: int, channels: int, size: int, kernel_size: int, stride: int
) -> None:
    # Large enough for several runs a row, several blocks a picture, several pictures a block.
    x = draw(n, channels, size, size, dtype=np.float32)
    weight = draw(channels, 1, kernel_size, kernel_size, dtype=np.float32)
    pad = kernel_size // 2
    axis = {"kernel_size": kernel_size, "stride": stride, "before": pad, "after": pad}
    task = task_of(x, axis, axis)
    y = computed(x, weight, None, task)
    assert y.dtype == np.float32
    assert_close(y, by_columns(x, weight, task), 1e-6)


def test_outputs_are_finished() -> None:
    axis = {"kernel_size": 3, "before": 1, "after": 1}
    x, weight, bias, residual = draw(2, 4, 6, 5), draw(4, 1, 3, 3), draw(4), draw(2, 4, 6, 5, seed=1)
    task = task_of(x, axis, axis)
    plain = computed(x, weight, bias, task)
    assert plain.min() < -1
    assert plain.max() > 2
    with patch.multiple(depthwise, RUN=8, BLOCK=256):
        finished = computed(x, weight, bias, task, Finish(residual, low=0.0, high=2.0))
    assert_close(finished, np.clip(plain + residual, 0, 2), 1e-14)


def test_only_depthwise_convolutions_suit() -> None:
    axis = Axis(8, 3)
    assert Depthwise().suits(Convolution(1, 6, 12, axis, axis, groups=6))
    assert not Depthwise().suits(Convolution(1, 6, 12, axis, axis, groups=3))
    assert not Depthwise().suits(Convolution(1, 6, 12, axis, axis))

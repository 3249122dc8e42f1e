"""Routes for one kernel over a big picture, against the seven loops, columns in float64, and one another."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry.axis import Axis
from engine.ops.kernels.algorithm import NOTHING_MORE, Algorithm, Finish
from engine.ops.kernels.compact_lowering import CompactLowering
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.fft import FourierTransform
from engine.ops.kernels.pieces import pieces
from engine.ops.kernels.separable import Separable, row_rank
from engine.ops.windows import im2col, pad
from engine.presets import PRESETS, make_kernel
from engine.types import Array, Pair
from tests.engine.compare import assert_close
from tests.engine.oracle import conv2d_oracle

ROUTES: tuple[Algorithm, ...] = (CompactLowering(), Separable(), FourierTransform())
EACH_ROUTE = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
EACH_DTYPE = pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-14)])


def draw(*shape: int, dtype: type = np.float64, seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


def task_of(x: Array, weight: Array, padding: Pair = (0, 0), groups: int = 1) -> Convolution:
    axes = [
        Axis(size, taps, before=cells, after=cells)
        for size, taps, cells in zip(x.shape[2:], weight.shape[2:], padding, strict=True)
    ]
    return Convolution(len(x), x.shape[1], len(weight), *axes, groups)


def computed(
    route: Algorithm,
    x: Array,
    weight: Array,
    bias: Array | None,
    task: Convolution,
    finish: Finish = NOTHING_MORE,
) -> Array:
    """The route's answer; it writes nothing beside its outputs, and what it is given stays as it is."""
    assert route.suits(task)
    rows, columns = task.outputs
    around = np.full((len(x), task.out_channels, rows + 2, columns + 2), 7, x.dtype)
    y = around[:, :, 1:-1, 1:-1]
    given_x, given_weight = x.copy(), weight.copy()
    route.run(x, route.prepare(weight, bias, task), task, y, finish)
    assert np.array_equal(x, given_x)
    assert np.array_equal(weight, given_weight)
    found = y.copy()
    y[...] = 7
    assert np.all(around == 7)
    return found


def by_columns(x: Array, weight: Array, task: Convolution) -> Array:
    """Windows as rows of a matrix, times the kernels of their group, in float64."""
    n, channels, *size = x.shape
    grouped = x.astype(np.float64).reshape(n * task.groups, channels // task.groups, *size)
    windows = im2col(grouped, (task.rows, task.columns))
    windows = windows.reshape(n, task.groups, -1, windows.shape[1])
    kernels = weight.astype(np.float64).reshape(task.groups, -1, windows.shape[-1])
    # ngpk,gok->ngop
    return (kernels @ windows.swapaxes(2, 3)).reshape(n, len(weight), *task.outputs)


@st.composite
def convolutions(draw_from: st.DrawFn) -> tuple[Array, Array, Array | None, Pair, int]:
    """Maps, weight, bias, padding and groups, of any odd shape."""
    n, groups, ins, outs = (draw_from(st.integers(1, most)) for most in (2, 3, 3, 3))
    kernel = draw_from(st.integers(1, 6)), draw_from(st.integers(1, 6))
    padding = draw_from(st.integers(0, 6)), draw_from(st.integers(0, 6))
    size = [
        draw_from(st.integers(max(1, taps - 2 * cells), 10))
        for taps, cells in zip(kernel, padding, strict=True)
    ]
    x = draw(n, groups * ins, *size)
    weight = draw(groups * outs, ins, *kernel)
    return x, weight, draw(groups * outs) if draw_from(st.booleans()) else None, padding, groups


@given(convolutions(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_any_shape_as_the_seven_loops(
    drawn: tuple[Array, Array, Array | None, Pair, int], padded_before: bool
) -> None:
    x, weight, bias, padding, groups = drawn
    task = task_of(x, weight, padding, groups)
    sides = (padding[0], padding[0], padding[1], padding[1])
    expected = conv2d_oracle(x, weight, bias, sides=sides, groups=groups)
    read = pad(x, (task.rows, task.columns)) if padded_before else x
    for route in ROUTES:
        assert_close(computed(route, read, weight, bias, task), expected, 1e-13, route.name)


@EACH_ROUTE
@EACH_DTYPE
@pytest.mark.parametrize(("kernel", "padding"), [((3, 3), (1, 1)), ((7, 4), (3, 0)), ((13, 9), (6, 4))])
def test_a_picture_of_several_pieces(
    route: Algorithm, dtype: type, tolerance: float, kernel: Pair, padding: Pair
) -> None:
    x, weight = draw(1, 1, 61, 1103, dtype=dtype), draw(1, 1, *kernel, dtype=dtype)
    task = task_of(x, weight, padding)
    found = computed(route, x, weight, None, task)
    assert found.dtype == dtype
    assert_close(found, by_columns(x, weight, task), tolerance)


@EACH_ROUTE
@EACH_DTYPE
def test_channels_of_a_colour_picture(route: Algorithm, dtype: type, tolerance: float) -> None:
    x, each, mixed = (
        draw(2, 3, 90, 140, dtype=dtype),
        draw(3, 1, 5, 5, dtype=dtype),
        draw(4, 3, 5, 5, dtype=dtype),
    )
    for weight, groups in ((each, 3), (mixed, 1)):
        task = task_of(x, weight, (2, 2), groups)
        assert_close(computed(route, x, weight, None, task), by_columns(x, weight, task), tolerance)


@EACH_ROUTE
def test_what_is_finished_is_finished_once(route: Algorithm) -> None:
    x, weight, bias = draw(2, 2, 130, 1100), draw(4, 1, 3, 3), draw(4)
    task = task_of(x, weight, (1, 1), groups=2)
    residual = draw(2, 4, 130, 1100, seed=1)
    expected = by_columns(x, weight, task) + bias[:, None, None] + residual
    found = computed(route, x, weight, bias, task, Finish(residual, 0.0, 2.0))
    assert_close(found, np.clip(expected, 0, 2), 1e-13)


@EACH_ROUTE
def test_brightness_costs_no_accuracy(route: Algorithm) -> None:
    # Kernels that sum to 0 see only small differences of large numbers.
    x = (draw(1, 1, 300, 300) / 100 + 1).astype(np.float32)
    weight = make_kernel("laplacian")[None, None]
    task = task_of(x, weight)
    assert_close(computed(route, x, weight, None, task), by_columns(x, weight, task), 1e-4 / 3)


@EACH_ROUTE
def test_windows_apart_are_refused(route: Algorithm) -> None:
    for stride, dilation in ((2, 1), (1, 2)):
        apart = Axis(9, 3, stride, dilation)
        assert not route.suits(Convolution(1, 1, 1, apart, Axis(9, 3)))
        assert not route.suits(Convolution(1, 1, 1, Axis(9, 3), apart))


RANKS = {
    **dict.fromkeys(("identity", "box", "gaussian", "difference_x"), 1),
    **{f"{name}_{axis}": 1 for name, axis in product(("sobel", "prewitt", "scharr"), "xy")},
    "sharpen": 2,
    "laplacian": 2,
    "laplacian_8": 2,
    "emboss": 3,
}


@pytest.mark.parametrize("name", RANKS)
def test_ranks_of_presets(name: str) -> None:
    assert row_rank(make_kernel(name)[None, None]) == RANKS[name]


def test_rounded_numbers_keep_their_rank() -> None:
    for size in (5, 31, 101):
        gaussian = make_kernel("gaussian", (size, size), {"sigma_px": size / 5})
        assert row_rank(gaussian[None, None]) == 1
    # A Gabor function under a round envelope: cos(a + b) = cos a cos b - sin a sin b.
    gabor = make_kernel("gabor", (15, 15), {"orientation_deg": 30, "aspect": 1, "sigma_px": 3})
    assert row_rank(gabor[None, None]) == 2


def test_what_is_small_but_there_counts() -> None:
    kernel = np.outer([1, 2, 1], [1, 2, 1]).astype(np.float32)
    kernel[0, 0] += 1e-4
    assert row_rank(kernel[None, None]) == 2


def test_kernels_of_a_channel_share_their_rows() -> None:
    blur = np.outer([1.0, 2, 1], [1, 0, -1])
    assert row_rank(np.stack([blur, np.outer([3, -1, 2], [1, 0, -1])])[:, None]) == 1
    turned = np.stack([blur, blur.T])
    assert row_rank(turned[:, None]) == 2
    assert row_rank(turned[:, None], groups=2) == 1
    assert row_rank(turned[None]) == 1


def test_no_preset_is_left_out() -> None:
    assert set(RANKS) == set(PRESETS) - {"gabor"}


def test_pieces_cover_every_output_once() -> None:
    task = Convolution(3, 4, 8, Axis(130, 3), Axis(70, 3), 4)
    for outputs, longest in ((1000, (9, 7)), (1 << 15, (128, 68)), (1 << 30, (128, 68))):
        seen = np.zeros((3, 4, 2, *task.outputs), dtype=int)
        for piece in pieces(task, outputs, longest):
            seen[piece.pictures, piece.groups, :, piece.rows, piece.columns] += 1
        assert np.all(seen == 1)

"""What the books say of convolution, found true of ``conv2d``."""

from __future__ import annotations

import numpy as np
import pytest

from engine.geometry.padding import window_axes
from engine.ops.conv2d import Conv2d, conv2d, conv2d_backward
from engine.ops.windows import add_windows, col2im, im2col, pad, pad_backward, window_view
from engine.types import Array
from tests.engine.compare import assert_close

MODES = ("zeros", "reflect", "replicate", "circular")


def draw(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def integers(*shape: int) -> Array:
    """Small whole numbers in float32: their sums are exact, in any order."""
    return np.random.default_rng(shape).integers(-8, 9, shape).astype(np.float32)


@pytest.mark.parametrize("mode", MODES)
def test_convolution_is_linear(mode: str) -> None:
    x, z, weight, other = (
        draw(1, 2, 5, 6),
        draw(1, 2, 5, 6, seed=1),
        draw(3, 2, 2, 3),
        draw(3, 2, 2, 3, seed=1),
    )
    settings = {"padding": (1, 2), "padding_mode": mode, "stride": (1, 2)}

    def convolved(picture: Array, kernels: Array) -> Array:
        return conv2d(picture, kernels, **settings)[0]

    assert_close(convolved(2 * x - 3 * z, weight), 2 * convolved(x, weight) - 3 * convolved(z, weight), 1e-13)
    assert_close(convolved(x, weight + 4 * other), convolved(x, weight) + 4 * convolved(x, other), 1e-13)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("stride", [(1, 1), (2, 3)])
def test_backward_is_the_adjoint_in_the_input_and_in_the_weight(mode: str, stride: tuple[int, int]) -> None:
    x, weight = draw(2, 4, 5, 6), draw(6, 2, 2, 3)
    y, cache = conv2d(x, weight, stride=stride, padding=(1, 2, 3, 0), padding_mode=mode, groups=2)
    other = draw(*y.shape)
    grads = conv2d_backward(other, cache)
    assert np.vdot(y, other) == pytest.approx(np.vdot(x, grads.x), rel=1e-12)
    assert np.vdot(y, other) == pytest.approx(np.vdot(weight, grads.weight), rel=1e-12)


AXES = [
    window_axes((5, 6), (2, 3), stride, padding, dilation, mode)
    for mode in MODES
    for stride, padding, dilation in (
        ((1, 1), 0, (1, 1)),
        ((2, 3), (1, 2), (1, 1)),
        ((1, 2), (3, 0, 1, 2), (2, 1)),
    )
]


@pytest.mark.parametrize("axes", AXES, ids=str)
def test_col2im_is_the_adjoint_of_im2col(axes: tuple) -> None:
    x = draw(2, 3, 5, 6)
    columns = im2col(x, axes)
    assert columns.shape == (2 * axes[0].outputs * axes[1].outputs, 3 * 2 * 3)
    other = draw(*columns.shape)
    assert np.vdot(columns, other) == pytest.approx(np.vdot(x, col2im(other, 3, axes)), rel=1e-12)


@pytest.mark.parametrize("axes", AXES, ids=str)
def test_the_other_adjoints_of_reading_windows(axes: tuple) -> None:
    x = draw(2, 3, 5, 6)
    padded = pad(x, axes)
    other = draw(*padded.shape)
    assert np.vdot(padded, other) == pytest.approx(np.vdot(x, pad_backward(other, axes)), rel=1e-12)
    windows = window_view(padded, axes)
    other = draw(*windows.shape)
    assert np.vdot(windows, other) == pytest.approx(np.vdot(x, add_windows(other, axes)), rel=1e-12)


def test_im2col_times_the_kernels_is_the_convolution() -> None:
    x, weight = draw(2, 3, 5, 6), draw(4, 3, 2, 3)
    y, _ = conv2d(x, weight, stride=(2, 1), padding=1)
    matrix = im2col(x, window_axes((5, 6), (2, 3), (2, 1), 1)) @ weight.reshape(4, -1).T
    assert_close(matrix.reshape(2, *y.shape[2:], 4).transpose(0, 3, 1, 2), y, 1e-13)


def test_shifting_the_picture_shifts_the_map() -> None:
    # Whole numbers: a matrix product may add up the last columns of a map in another order.
    x, weight = integers(1, 2, 9, 11), integers(3, 2, 3, 2)
    shifted = np.roll(x, (2, 3), axis=(2, 3))
    before, _ = conv2d(x, weight)
    after, _ = conv2d(shifted, weight)
    # Away from the border, which the shift brought in from the other side, nothing differs at all.
    assert np.abs(after[:, :, 2:, 3:] - before[:, :, :-2, :-3]).max() == 0


def test_shifting_a_picture_of_any_numbers_shifts_the_map_up_to_rounding() -> None:
    x, weight = draw(1, 2, 9, 11), draw(3, 2, 3, 2)
    before, _ = conv2d(x, weight)
    after, _ = conv2d(np.roll(x, (2, 3), axis=(2, 3)), weight)
    assert_close(after[:, :, 2:, 3:], before[:, :, :-2, :-3], 1e-15)


def test_on_a_picture_that_wraps_round_the_shift_is_exact_everywhere() -> None:
    x, weight = integers(1, 1, 6, 8), integers(2, 1, 3, 3)
    settings = {"padding": 1, "padding_mode": "circular"}
    shifted = np.roll(x, (1, 5), axis=(2, 3))
    before, after = conv2d(x, weight, **settings)[0], conv2d(shifted, weight, **settings)[0]
    assert np.abs(after - np.roll(before, (1, 5), axis=(2, 3))).max() == 0


def test_turning_the_picture_does_not_turn_the_map() -> None:
    x, weight = integers(1, 1, 7, 9), integers(1, 1, 3, 3)
    turned, _ = conv2d(np.ascontiguousarray(np.rot90(x, axes=(2, 3))), weight)
    before, _ = conv2d(x, weight)
    assert np.abs(turned - np.rot90(before, axes=(2, 3))).max() > 1
    # Only if the kernel is turned with it.
    both, _ = conv2d(np.rot90(x, axes=(2, 3)), np.rot90(weight, axes=(2, 3)))
    assert np.array_equal(both, np.rot90(before, axes=(2, 3)))


def test_enlarging_the_picture_does_not_enlarge_the_map() -> None:
    x, weight = integers(1, 1, 5, 6), integers(1, 1, 2, 2)
    large, _ = conv2d(x.repeat(2, axis=2).repeat(2, axis=3), weight)
    before, _ = conv2d(x, weight)
    enlarged = before.repeat(2, axis=2).repeat(2, axis=3)
    assert np.abs(large[:, :, : enlarged.shape[2], : enlarged.shape[3]] - enlarged).max() > 1


@pytest.mark.parametrize("groups", [2, 3, 6])
def test_groups_are_split_convolve_join(groups: int) -> None:
    x, weight, bias = integers(2, 6, 5, 4), integers(6, 6 // groups, 2, 3), integers(6)
    parts = zip(*(np.split(a, groups, axis) for a, axis in ((x, 1), (weight, 0), (bias, 0))), strict=True)
    joined = np.concatenate([conv2d(*part)[0] for part in parts], axis=1)
    assert np.array_equal(conv2d(x, weight, bias, groups=groups)[0], joined)


@pytest.mark.parametrize("dilation", [(1, 1), (2, 1), (2, 3)])
def test_dilation_is_a_kernel_stuffed_with_zeros(dilation: tuple[int, int]) -> None:
    x, weight = integers(1, 2, 9, 10), integers(3, 2, 3, 2)
    size = [d * (k - 1) + 1 for d, k in zip(dilation, (3, 2), strict=True)]
    stuffed = np.zeros((3, 2, *size), dtype=np.float32)
    stuffed[:, :, :: dilation[0], :: dilation[1]] = weight
    assert np.array_equal(conv2d(x, weight, dilation=dilation)[0], conv2d(x, stuffed)[0])


@pytest.mark.parametrize("stride", [(2, 1), (3, 2), (5, 7)])
def test_stride_is_full_convolution_downsampled(stride: tuple[int, int]) -> None:
    x, weight = integers(2, 2, 7, 8), integers(3, 2, 3, 2)
    everywhere, _ = conv2d(x, weight, padding="full")
    strided, _ = conv2d(x, weight, padding="full", stride=stride)
    assert np.array_equal(strided, everywhere[:, :, :: stride[0], :: stride[1]])


def test_flip_changes_nothing_for_kernels_that_are_their_own_half_turn() -> None:
    x, weight = integers(1, 2, 6, 7), integers(3, 2, 3, 3)
    symmetric = weight + weight[:, :, ::-1, ::-1]
    assert np.array_equal(conv2d(x, symmetric)[0], conv2d(x, symmetric, flip=True)[0])
    assert not np.array_equal(conv2d(x, weight)[0], conv2d(x, weight, flip=True)[0])


def test_flip_is_the_convolution_that_commutes() -> None:
    # S(i, j) = Σ I(i - m, j - n) K(m, n), which may exchange the two; cross-correlation may not.
    picture, kernel = integers(1, 1, 5, 6), integers(1, 1, 2, 3)
    one_way, _ = conv2d(picture, kernel, padding="full", flip=True)
    other_way, _ = conv2d(kernel, picture, padding="full", flip=True)
    assert np.array_equal(one_way, other_way)


@pytest.mark.parametrize("size", [(5, 9), (3, 4), (1, 1)])
@pytest.mark.parametrize("kernel_size", [(1, 1), (3, 2), (2, 5)])
def test_full_padding_gives_h_plus_fh_minus_1(size: tuple[int, int], kernel_size: tuple[int, int]) -> None:
    op = Conv2d(kernel_size=kernel_size, padding="full")
    expected = tuple(h + f - 1 for h, f in zip(size, kernel_size, strict=True))
    assert op.output_shape((1, 1, *size)) == (1, 1, *expected)


@pytest.mark.parametrize("size", [(28, 28), (7, 10), (12, 5)])
@pytest.mark.parametrize("kernel_size", [(1, 1), (3, 5), (4, 2)])
@pytest.mark.parametrize("padding", [(0, 0), (1, 2), (3, 0)])
@pytest.mark.parametrize("stride", [(1, 1), (2, 3), (5, 4)])
def test_output_size_formula(size: tuple, kernel_size: tuple, padding: tuple, stride: tuple) -> None:
    op = Conv2d(kernel_size=kernel_size, padding=padding, stride=stride)
    expected = [(size[i] + 2 * padding[i] - kernel_size[i]) // stride[i] + 1 for i in (0, 1)]
    assert list(op.output_shape((1, 1, *size))[2:]) == expected


def test_edge_detector_of_320_by_280() -> None:
    # Goodfellow et al., Deep Learning, figure 9.6: each pixel minus its neighbour, 319 by 280 of them.
    height, width = 280, 320
    op = Conv2d(out_channels=1, kernel_size=(1, 2))
    shape = (1, 1, height, width)
    output = op.output_shape(shape)
    assert output == (1, 1, 280, 319)
    assert np.prod(op.weight_shapes(shape)["weight"]) == 2
    places = output[2] * output[3]
    assert op.multiply_adds(shape) == places * 2 == 319 * 280 * 2
    # The book counts two multiplications and one addition a place: the first product has nothing to add to.
    assert op.multiply_adds(shape) + places * (2 - 1) == 267_960
    dense_weights = height * width * places
    assert dense_weights > 8 * 10**9
    assert 2 * dense_weights > 16 * 10**9
    picture = np.random.default_rng(0).integers(0, 256, shape).astype(np.float32)
    edges, _ = op.forward([picture], {"weight": np.array([[[[-1, 1]]]], dtype=np.float32)})
    assert np.array_equal(edges, np.diff(picture, axis=3))


@pytest.mark.parametrize(("in_channels", "out_channels", "k"), [(8, 16, 3), (3, 64, 5), (32, 32, 7)])
def test_cost_of_a_separable_convolution(in_channels: int, out_channels: int, k: int) -> None:
    shape = (1, in_channels, 20, 24)
    whole = Conv2d(out_channels=out_channels, kernel_size=(k, k), padding="same")
    depthwise = Conv2d(out_channels=in_channels, kernel_size=(k, k), padding="same", groups=in_channels)
    pointwise = Conv2d(out_channels=out_channels, kernel_size=(1, 1))
    steps = [depthwise.multiply_adds(shape), pointwise.multiply_adds(depthwise.output_shape(shape))]
    assert sum(steps) / whole.multiply_adds(shape) == pytest.approx(1 / out_channels + 1 / k**2, rel=1e-14)
    weights = [np.prod(op.weight_shapes(shape)["weight"]) for op in (depthwise, pointwise, whole)]
    assert (weights[0] + weights[1]) / weights[2] == pytest.approx(1 / out_channels + 1 / k**2, rel=1e-14)
    assert whole.multiply_adds(shape) == k * k * in_channels * out_channels * 20 * 24


def test_parameters_of_a_layer() -> None:
    shapes = Conv2d(out_channels=64, kernel_size=(3, 3)).weight_shapes((1, 3, 224, 224))
    assert sum(int(np.prod(shape)) for shape in shapes.values()) == 3 * 3 * 3 * 64 + 64


def test_two_convolutions_in_a_row_are_one() -> None:
    # Without a function between them, layers collapse: the kernels are convolved instead.
    x, first, second = integers(1, 1, 7, 8), integers(1, 1, 3, 2), integers(1, 1, 2, 3)
    twice, _ = conv2d(conv2d(x, first)[0], second)
    together, _ = conv2d(first, second, padding="full", flip=True)
    assert np.array_equal(twice, conv2d(x, together)[0])

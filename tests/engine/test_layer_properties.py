"""What the books say of the layers around the convolution."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.ops.activations import gelu, leaky_relu, relu, sigmoid, step, tanh
from engine.ops.arithmetic import add
from engine.ops.erf import erf, erfc
from engine.ops.linear import linear, linear_backward
from engine.ops.local_response_norm import local_response_norm
from engine.ops.losses import cross_entropy, cross_entropy_backward, squared_error, squared_error_backward
from engine.ops.merge import concat
from engine.ops.normalisation import batch_norm2d
from engine.ops.softmax import softmax, softmax_backward
from engine.types import Array
from tests.engine.compare import assert_close

POINTS = np.linspace(-8, 8, 321)
EACH_DTYPE = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def draw(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def test_gelu_is_x_times_the_normal_distribution() -> None:
    normal = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in POINTS])
    assert_close(gelu(POINTS)[0], POINTS * normal, 1e-15)
    assert_close(gelu(POINTS.astype(np.float32))[0], (POINTS * normal).astype(np.float32), 1e-6)


@pytest.mark.parametrize(("own", "standard"), [(erf, math.erf), (erfc, math.erfc)])
def test_the_error_function_has_the_standard_librarys_digits(own, standard) -> None:  # type: ignore[no-untyped-def]
    points = np.concatenate([POINTS, np.linspace(-0.5, 0.5, 101), [3.99, 4.01, -4.01, 20.0, 30.0, 100.0]])
    expected = np.array([standard(x) for x in points])
    assert np.allclose(own(points), expected, rtol=1e-13, atol=0)


@EACH_DTYPE
def test_activations_do_not_overflow(dtype: type) -> None:
    largest = np.finfo(dtype).max
    x = np.array([-largest, -1000, -100, 100, 1000, largest], dtype=dtype)
    with np.errstate(all="raise", under="ignore"):
        assert sigmoid(x)[0].tolist() == pytest.approx([0, 0, 0, 1, 1, 1], abs=1e-43)
        assert tanh(x)[0].tolist() == [-1, -1, -1, 1, 1, 1]
        assert relu(x)[0].tolist() == [0, 0, 0, *x[3:].tolist()]
        assert gelu(x)[0].tolist() == [0, 0, 0, *x[3:].tolist()]


def test_functions_at_zero() -> None:
    zero = np.zeros(1)
    assert [f(zero)[0][0] for f in (step, sigmoid, tanh, relu, leaky_relu, gelu)] == [0, 0.5, 0, 0, 0, 0]


def test_tanh_is_a_stretched_sigmoid() -> None:
    assert_close(tanh(POINTS)[0], 2 * sigmoid(2 * POINTS)[0] - 1, 1e-15)


def test_a_linear_function_thrice_is_a_linear_function() -> None:
    # h(x) = cx: three layers of it are one of c³x.
    c, x = np.array([[3.0]]), np.array([[-2.0], [5.0]])
    thrice = linear(linear(linear(x, c)[0], c)[0], c)[0]
    assert np.abs(thrice - linear(x, c**3)[0]).max() == 0


def test_two_linear_layers_are_one() -> None:
    rng = np.random.default_rng(0)
    x, first, second = (rng.integers(-5, 6, shape).astype(np.float64) for shape in ((4, 3), (6, 3), (2, 6)))
    assert np.abs(linear(linear(x, first)[0], second)[0] - linear(x, second @ first)[0]).max() == 0


def test_relu_between_them_keeps_two_layers_apart() -> None:
    # XOR: no single layer can do it, two with a step between them can. Book: AND(NAND, OR).
    x = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.float64)
    hidden = step(linear(x, np.array([[-0.5, -0.5], [0.5, 0.5]]), np.array([0.7, -0.2]))[0])[0]
    assert hidden.tolist() == [[1, 0], [1, 1], [1, 1], [0, 1]]
    y = step(linear(hidden, np.array([[0.5, 0.5]]), np.array([-0.7]))[0])[0]
    assert y[:, 0].tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("shape", [(3, 10), (2, 4, 3, 5)])
@EACH_DTYPE
def test_softmax_sums_to_one(shape: tuple[int, ...], dtype: type) -> None:
    y, _ = softmax((draw(*shape) * 20).astype(dtype))
    assert np.all(y >= 0)
    assert np.allclose(y.sum(axis=1), 1, rtol=0, atol=4 * np.finfo(dtype).eps)


def test_softmax_does_not_see_a_constant_added_to_all() -> None:
    x = np.random.default_rng(0).integers(-9, 10, (2, 5)).astype(np.float64)
    assert np.array_equal(softmax(x)[0], softmax(x + 1000)[0])


@pytest.mark.parametrize("shape", [(4, 3, 5, 6), (1, 2, 3, 4)])
def test_batch_normalisation_gives_mean_0_and_deviation_1(shape: tuple[int, ...]) -> None:
    y, _ = batch_norm2d(draw(*shape) * 7 + 100, eps=0.0)
    assert np.allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-12)
    assert np.allclose(y.std(axis=(0, 2, 3)), 1, rtol=1e-12)
    # Per channel, not per pixel: within one place of the map the pictures keep their differences.
    assert not np.allclose(y.mean(axis=0), 0, atol=1e-3)


def test_batch_normalisation_then_scales_and_shifts() -> None:
    x, gamma, beta = draw(2, 3, 4, 5), np.array([2.0, -1.0, 0.5]), np.array([10.0, 0.0, -3.0])
    y, _ = batch_norm2d(x, gamma, beta, eps=0.0)
    assert np.allclose(y.mean(axis=(0, 2, 3)), beta, atol=1e-12)
    assert np.allclose(y.std(axis=(0, 2, 3)), np.abs(gamma), rtol=1e-12)


def test_batch_normalisation_says_which_statistics_it_used() -> None:
    x = draw(2, 3, 4, 5)
    _, cache = batch_norm2d(x)
    assert_close(cache.mean, x.mean(axis=(0, 2, 3)), 1e-13)
    assert_close(cache.variance, x.var(axis=(0, 2, 3)), 1e-13)
    # Evaluated with the batch's own statistics, the two modes agree.
    assert_close(batch_norm2d(x, None, None, cache.mean, cache.variance)[0], batch_norm2d(x)[0], 1e-14)


def test_local_response_normalisation_dims_beside_a_strong_channel() -> None:
    weak, strong = np.ones((1, 3, 1, 1)), np.array([1.0, 1.0, 50.0]).reshape(1, 3, 1, 1)
    dim, bright = (local_response_norm(x, size=3, alpha=1.0)[0][0, :, 0, 0] for x in (strong, weak))
    assert dim[1] < bright[1] / 5
    assert dim[0] == bright[0]  # out of the strong one's reach


def test_cross_entropy_is_minus_the_logarithm_of_the_share() -> None:
    scores, target = draw(4, 5) * 3, np.array([0, 4, 2, 2])
    shares = softmax(scores)[0][np.arange(4), target]
    losses, _ = cross_entropy(scores, target, "none")
    assert_close(losses, -np.log(shares), 1e-13)
    assert cross_entropy(scores, target, "sum")[0] == pytest.approx(losses.sum(), rel=1e-14)
    assert cross_entropy(scores, target, "mean")[0] == pytest.approx(losses.mean(), rel=1e-14)


def test_the_gradient_of_cross_entropy_is_y_minus_t() -> None:
    scores, target = draw(3, 4), np.array([1, 3, 0])
    _, cache = cross_entropy(scores, target, "mean")
    expected = (softmax(scores)[0] - np.eye(4)[target]) / 3
    assert_close(cross_entropy_backward(1.0, cache), expected, 1e-15)


def test_softmax_then_logarithm_has_the_same_gradient() -> None:
    scores, target = draw(1, 4), 2
    y, cache = softmax(scores)
    upstream = np.zeros((1, 4))
    upstream[0, target] = -1 / y[0, target]
    assert_close(softmax_backward(upstream, cache), y - np.eye(4)[[target]], 1e-14)


@pytest.mark.parametrize(("reduction", "divisor"), [("sum", 1), ("mean", 6)])
def test_the_gradient_of_the_squared_error(reduction: str, divisor: int) -> None:
    prediction, target = draw(2, 3), draw(2, 3, seed=1)
    loss, cache = squared_error(prediction, target, reduction)
    assert loss == pytest.approx(((prediction - target) ** 2).sum() / divisor, rel=1e-14)
    grads = squared_error_backward(0.5, cache)
    assert_close(grads.prediction, (prediction - target) / divisor, 1e-14)
    assert_close(grads.target, (target - prediction) / divisor, 1e-14)


def test_a_linear_layers_backward_is_its_adjoint() -> None:
    x, weight = draw(3, 4), draw(2, 4)
    y, cache = linear(x, weight)
    other = draw(3, 2, seed=1)
    grads = linear_backward(other, cache)
    assert np.vdot(y, other) == pytest.approx(np.vdot(x, grads.x), rel=1e-12)
    assert np.vdot(y, other) == pytest.approx(np.vdot(weight, grads.weight), rel=1e-12)


def test_addition_and_joining_leave_the_branches_alone() -> None:
    first, second = draw(1, 2, 3, 4), draw(1, 2, 3, 4, seed=1)
    assert np.array_equal(add(first, second), first + second)
    joined, _ = concat(first, second)
    assert np.array_equal(joined[:, :2], first)
    assert np.array_equal(joined[:, 2:], second)
    joined += 1
    assert not np.array_equal(joined[:, :2], first)

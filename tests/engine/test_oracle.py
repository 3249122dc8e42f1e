"""The operations against plain loops, and the loops and the comparison against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.ops.avg_pool2d import avg_pool2d
from engine.ops.conv2d import conv2d
from engine.ops.conv_transpose2d import conv_transpose2d
from engine.ops.local2d import local2d
from engine.ops.lp_pool2d import lp_pool2d
from engine.ops.max_pool2d import max_pool2d
from engine.ops.tiled2d import tiled2d
from engine.types import Array
from tests.engine.compare import assert_close
from tests.engine.oracle import conv2d_oracle, conv_transpose2d_oracle, pool_oracle, tiled2d_oracle


def draw(*shape: int, seed: int = 0, dtype: type = np.float64) -> Array:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


def renamed(settings: dict) -> dict:
    """Settings in the engine's words."""
    return {{"sides": "padding", "mode": "padding_mode"}.get(name, name): s for name, s in settings.items()}


CONVOLUTIONS = [
    {},
    {"stride": (2, 3)},
    {"dilation": (3, 2)},
    {"sides": (1, 0, 2, 1)},
    {"sides": (3, 3, 2, 1), "mode": "reflect"},
    {"sides": (1, 4, 0, 2), "mode": "replicate"},
    {"sides": (2, 1, 3, 3), "mode": "circular", "stride": (1, 2)},
    {"flip": True, "sides": (1, 1, 1, 1)},
]


@pytest.mark.parametrize("settings", CONVOLUTIONS, ids=str)
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_conv2d_is_its_loops(settings: dict, groups: int) -> None:
    x, bias = draw(2, 4, 5, 6), draw(4)
    weight = draw(4, 4 // groups, 2, 3)
    expected = conv2d_oracle(x, weight, bias, groups=groups, **settings)
    renamed = {
        {"sides": "padding", "mode": "padding_mode"}.get(name, name): s for name, s in settings.items()
    }
    assert_close(conv2d(x, weight, bias, groups=groups, **renamed)[0], expected, 1e-13)


TRANSPOSED_CONVOLUTIONS = [
    {},
    {"stride": (2, 3)},
    {"stride": (3, 2), "output_padding": (2, 1)},
    {"dilation": (3, 2), "output_padding": (2, 0)},
    {"padding": (1, 2), "stride": (2, 2), "dilation": (2, 1)},
]


@pytest.mark.parametrize("settings", TRANSPOSED_CONVOLUTIONS, ids=str)
@pytest.mark.parametrize("groups", [1, 2])
def test_conv_transpose2d_is_its_loops(settings: dict, groups: int) -> None:
    x, weight, bias = draw(2, 4, 3, 5), draw(4, 6 // groups, 2, 3), draw(6)
    expected = conv_transpose2d_oracle(x, weight, bias, groups=groups, **settings)
    assert_close(conv_transpose2d(x, weight, bias, groups=groups, **settings)[0], expected, 1e-13)


UNSHARED = [
    {},
    {"stride": (2, 1)},
    {"sides": (1, 0, 2, 1)},
    {"sides": (1, 2, 3, 1), "mode": "reflect", "stride": (1, 3)},
]


@pytest.mark.parametrize("settings", UNSHARED, ids=str)
@pytest.mark.parametrize("tile", [(1, 1), (2, 3), (3, 1), (9, 9)])
def test_tiled2d_is_its_loops(settings: dict, tile: tuple[int, int]) -> None:
    x, weight, bias = draw(2, 3, 5, 6), draw(4, *tile, 3, 2, 3), draw(4, *tile)
    expected = tiled2d_oracle(x, weight, bias, **settings)
    assert_close(tiled2d(x, weight, bias, **renamed(settings))[0], expected, 1e-13)


@pytest.mark.parametrize("settings", UNSHARED, ids=str)
def test_local2d_is_its_loops(settings: dict) -> None:
    x = draw(2, 3, 5, 6)
    places = conv2d_oracle(x, draw(1, 3, 2, 3), **settings).shape[2:]
    weight, bias = draw(4, *places, 3, 2, 3), draw(4, *places)
    expected = tiled2d_oracle(x, weight, bias, **settings)
    assert_close(local2d(x, weight, bias, **renamed(settings))[0], expected, 1e-13)


@pytest.mark.parametrize("settings", UNSHARED, ids=str)
def test_one_kind_of_kernel_is_convolution(settings: dict) -> None:
    x, weight, bias = draw(2, 3, 5, 6), draw(4, 3, 2, 3), draw(4)
    expected = conv2d(x, weight, bias, **renamed(settings))[0]
    y, _ = tiled2d(x, weight[:, None, None], bias[:, None, None], **renamed(settings))
    assert_close(y, expected, 1e-13)


POOLS = [
    {"kernel_size": (2, 3), "stride": (2, 3)},
    {"kernel_size": (3, 2), "stride": (1, 1)},
    {"kernel_size": (3, 3), "stride": (2, 1), "sides": (1, 1, 1, 1)},
    {"kernel_size": (2, 4), "stride": (2, 2), "sides": (1, 0, 2, 1)},
]


@pytest.mark.parametrize("settings", POOLS, ids=str)
def test_pools_are_their_loops(settings: dict) -> None:
    x, given = draw(2, 2, 6, 7), renamed(settings)
    taps = settings["kernel_size"][0] * settings["kernel_size"][1]
    assert_close(max_pool2d(x, **given)[0], pool_oracle(x, reduce=max, **settings), 1e-15)
    mean = pool_oracle(x, reduce=lambda cells: sum(cells) / len(cells), **settings)
    assert_close(avg_pool2d(x, **given, count_include_pad=False)[0], mean, 1e-14)
    mean = pool_oracle(x, reduce=lambda cells: sum(cells) / taps, **settings)
    assert_close(avg_pool2d(x, **given)[0], mean, 1e-14)
    for p in (1, 2, 2.5):
        norm = pool_oracle(
            x, reduce=lambda cells, p=p: sum(abs(v) ** p for v in cells) ** (1 / p), **settings
        )
        assert_close(lp_pool2d(x, p, **given)[0], norm, 1e-14)


def test_dilated_max_pooling_is_its_loops() -> None:
    x = draw(1, 2, 7, 8)
    settings = {"kernel_size": (2, 3), "stride": (1, 2), "dilation": (3, 2)}
    assert_close(max_pool2d(x, **settings)[0], pool_oracle(x, reduce=max, **settings), 1e-15)


def test_conv2d_in_bands_is_conv2d_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    x, weight = draw(1, 2, 9, 7), draw(3, 2, 3, 2)
    expected = conv2d_oracle(x, weight)
    for size in (1, 500, 1 << 20):
        monkeypatch.setattr("engine.ops.kernels.im2col.BAND_BYTES", size)
        assert_close(conv2d(x, weight)[0], expected, 1e-13)


def test_the_convolution_loops_give_the_sum_of_products_by_hand() -> None:
    x = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
    weight = np.array([[[[1.0, 0.0], [10.0, 100.0]]]])
    assert conv2d_oracle(x, weight, np.array([0.5]))[0, 0].tolist() == [[541.5, 652.5]]
    assert conv2d_oracle(x, weight, flip=True)[0, 0].tolist() == [[125.0, 236.0]]


REFERENCE = np.array([[1.0, -2.0], [3.0, 5.0]])
WRONG = {
    "one entry off": REFERENCE + np.array([[0, 0], [0, 1e-3]]),
    "another shape": REFERENCE.reshape(1, 4),
    "transposed": REFERENCE.T,
    "not a number": np.where(REFERENCE > 4, np.nan, REFERENCE),
    "infinite": np.where(REFERENCE > 4, np.inf, REFERENCE),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_the_comparison_fails_where_it_must(wrong: Array) -> None:
    with pytest.raises(AssertionError):
        assert_close(wrong, REFERENCE, 1e-5)


def test_the_comparison_allows_no_more_than_its_share_of_the_range() -> None:
    assert_close(REFERENCE + 6.9e-5, REFERENCE, 1e-5)
    with pytest.raises(AssertionError, match="off by"):
        assert_close(REFERENCE + 7.1e-5, REFERENCE, 1e-5)

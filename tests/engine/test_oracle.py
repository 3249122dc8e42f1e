"""The operations against plain loops, and the loops and the comparison against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.ops.conv2d import conv2d
from engine.types import Array
from tests.engine.compare import assert_close
from tests.engine.oracle import conv2d_oracle


def draw(*shape: int, seed: int = 0, dtype: type = np.float64) -> Array:
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


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


def test_conv2d_in_bands_is_conv2d_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    x, weight = draw(1, 2, 9, 7), draw(3, 2, 3, 2)
    expected = conv2d_oracle(x, weight)
    for size in (1, 500, 1 << 20):
        monkeypatch.setattr("engine.ops.conv2d.BAND_BYTES", size)
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

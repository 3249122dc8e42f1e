"""What the books say of pooling, found true of the five pools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.errors import EngineError
from engine.ops.operation import Operation
from engine.ops.parameters import read_parameters
from engine.ops.registry import OPERATIONS
from engine.types import Array
from tests.engine.compare import assert_close


def make(op: str, **config: Any) -> Operation:
    return OPERATIONS[op](**read_parameters(OPERATIONS[op], config))


def pool(op: str, x: Array, **config: Any) -> Array:
    return make(op, **config).forward([x], {})[0]


def draw(*shape: int, seed: int = 0) -> Array:
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def test_the_books_example() -> None:
    x = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]], dtype=np.float32)[None, None]
    assert pool("max_pool2d", x, kernel_size=2, stride=2)[0, 0].tolist() == [[6, 8], [3, 4]]


def test_padding_never_wins_over_negative_values() -> None:
    x = -1 - draw(1, 2, 5, 6) ** 2
    for config in ({"padding": 1}, {"padding": [1, 0], "stride": [2, 1]}, {"padding": 1, "ceil_mode": True}):
        y = pool("max_pool2d", x, kernel_size=3, **config)
        assert y.max() < 0
        assert np.all(np.isin(y, x))


def test_pools_have_no_parameters_and_keep_the_channels() -> None:
    for name in ("max_pool2d", "avg_pool2d", "lp_pool2d", "global_max_pool2d", "global_avg_pool2d"):
        op = make(name, **({} if "global" in name else {"kernel_size": [2, 3]}))
        assert op.weight_shapes((2, 5, 6, 9)) == {}
        assert op.output_shape((2, 5, 6, 9))[:2] == (2, 5)


def test_the_stride_is_the_kernel_size_unless_given() -> None:
    x = draw(1, 1, 6, 9)
    for name in ("max_pool2d", "avg_pool2d", "lp_pool2d"):
        assert np.array_equal(
            pool(name, x, kernel_size=[2, 3]), pool(name, x, kernel_size=[2, 3], stride=[2, 3])
        )


def test_overlapping_windows_share_cells() -> None:
    # AlexNet: windows of 3 at steps of 2. The strongest cell stands in four of them.
    x = np.zeros((1, 1, 7, 9))
    x[0, 0, 2, 4] = 1
    y = pool("max_pool2d", x, kernel_size=3, stride=2)
    assert y.shape == (1, 1, 3, 4)
    assert np.argwhere(y[0, 0]).tolist() == [[0, 1], [0, 2], [1, 1], [1, 2]]
    apart = pool("max_pool2d", x, kernel_size=2)
    assert np.argwhere(apart[0, 0]).tolist() == [[1, 2]]


def test_the_gradient_of_overlapping_windows_adds_up_at_the_winner() -> None:
    x = np.zeros((1, 1, 7, 9))
    x[0, 0, 2, 4] = 1
    op = make("max_pool2d", kernel_size=3, stride=2)
    y, cache = op.forward([x], {})
    (grad,), _ = op.backward(np.arange(12.0).reshape(y.shape), cache)
    assert grad[0, 0, 2, 4] == 1 + 2 + 5 + 6
    assert grad.sum() == np.arange(12).sum()


def test_a_shift_by_one_changes_every_detector_and_half_of_the_pools() -> None:
    # Goodfellow et al., Deep Learning, figure 9.8: pools of three detectors, one cell apart.
    detectors = np.array([0.1, 1.0, 0.2, 0.1, 0.0, 0.1], dtype=np.float32).reshape(1, 1, 1, 6)
    shifted = np.array([0.3, 0.1, 1.0, 0.2, 0.1, 0.0], dtype=np.float32).reshape(1, 1, 1, 6)
    config = {"kernel_size": [1, 3], "stride": 1, "padding": [0, 1]}
    before, after = (pool("max_pool2d", x, **config) for x in (detectors, shifted))
    assert np.count_nonzero(detectors != shifted) == 6
    assert before[0, 0, 0, :4].tolist() == pytest.approx([1, 1, 1, 0.2])
    assert after[0, 0, 0, :4].tolist() == pytest.approx([0.3, 1, 1, 1])
    assert np.count_nonzero(before[..., :4] != after[..., :4]) == 2


def test_average_pooling_is_a_convolution_with_equal_weights() -> None:
    x = draw(2, 3, 7, 8)
    conv = make("conv2d", out_channels=3, kernel_size=[2, 3], stride=[2, 1], groups=3)
    y, _ = conv.forward([x], {"weight": np.full((3, 1, 2, 3), 1 / 6)})
    assert_close(pool("avg_pool2d", x, kernel_size=[2, 3], stride=[2, 1]), y, 1e-14)


def test_count_include_pad_decides_what_a_corner_is_divided_by() -> None:
    x = np.ones((1, 1, 4, 5))
    config = {"kernel_size": 3, "stride": 1, "padding": 1}
    corner_and_edge = [
        pool("avg_pool2d", x, **config, count_include_pad=counted)[0, 0, 0, :2].tolist()
        for counted in (True, False)
    ]
    assert corner_and_edge[0] == pytest.approx([4 / 9, 6 / 9])
    assert corner_and_edge[1] == pytest.approx([1, 1])


def test_lp_pooling_is_the_norm_of_the_window() -> None:
    x = draw(1, 2, 4, 6)
    blocks = x.reshape(1, 2, 2, 2, 2, 3).transpose(0, 1, 2, 4, 3, 5).reshape(1, 2, 2, 2, 6)
    for p in (1, 2, 3, 4):
        expected = np.linalg.norm(blocks, ord=p, axis=-1)
        assert_close(pool("lp_pool2d", x, kernel_size=[2, 3], norm_type=p), expected, 1e-13)


def test_lp_pooling_nears_max_pooling_as_p_grows() -> None:
    x = np.abs(draw(1, 2, 4, 6))
    largest = pool("max_pool2d", x, kernel_size=2)
    gaps = [np.abs(pool("lp_pool2d", x, kernel_size=2, norm_type=p) - largest).max() for p in (1, 2, 8, 64)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 0.05


def test_global_pools_take_the_whole_map() -> None:
    x = draw(2, 3, 4, 5)
    for name in ("max", "avg"):
        whole = pool(f"{name}_pool2d", x, kernel_size=[4, 5])
        assert_close(pool(f"global_{name}_pool2d", x).reshape(2, 3), whole.reshape(2, 3), 1e-15)


def test_a_window_larger_than_the_map_is_refused() -> None:
    with pytest.raises(EngineError) as refused:
        make("max_pool2d", kernel_size=5).output_shape((1, 1, 4, 9))
    assert refused.value.code == "kernel-too-large"


def test_a_window_that_lies_in_the_padding_alone_is_refused() -> None:
    for name in ("max_pool2d", "avg_pool2d", "lp_pool2d"):
        make(name, kernel_size=3, stride=1, padding=2).output_shape((1, 1, 4, 9))
        with pytest.raises(EngineError) as refused:
            make(name, kernel_size=3, stride=1, padding=3).output_shape((1, 1, 4, 9))
        assert refused.value.code == "padding-too-large"


def test_the_first_of_equal_winners_takes_the_gradient() -> None:
    x = np.zeros((1, 1, 2, 4))
    for name, config in (("max_pool2d", {"kernel_size": 2}), ("global_max_pool2d", {})):
        op = make(name, **config)
        y, cache = op.forward([x], {})
        (grad,), _ = op.backward(np.ones_like(y), cache)
        won = [tuple(place) for place in np.argwhere(grad[0, 0]).tolist()]
        assert won == ([(0, 0), (0, 2)] if config else [(0, 0)])
        explained = op.explain([x], {}, y, (0, 0, 0)).terms
        assert explained.sources[explained.selected].tolist() == [[0, 0, 0]]

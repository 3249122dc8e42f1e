"""One example of each operation, small enough to be worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.ops.parameters import read_parameters
from engine.ops.registry import OPERATIONS
from tests.engine.compare import assert_close
from tests.engine.worked import TENSORS, Worked
from tests.engine.worked_functions import FUNCTIONS

X = [
    [1, 1, 2, 4],
    [5, 6, 7, 8],
    [3, 2, 1, 0],
    [1, 2, 3, 4],
]
SIGNED = [
    [0, -1, 1, -2],
    [2, -0.5, 0.5, 3],
    [-3, 4, -4, 0],
    [1, 1, -1, -1],
]
SHARES = [[0.25, 0.25, 0.25, 0.25], [0.1, 0.2, 0.3, 0.4], [0.125, 0.125, 0.125, 0.625], [0.7, 0.1, 0.1, 0.1]]
LOGARITHMS = np.log(SHARES) + np.array([[0], [1], [-2], [5]])

WORKED = (
    # Each cell minus its neighbour down to the right, plus 10.
    Worked(
        "conv2d",
        [X],
        [[5, 4, 4], [13, 15, 17], [11, 9, 7]],
        {"kernel_size": 2},
        {"weight": [[[[1, 0], [0, -1]]]], "bias": [10]},
    ),
    # The same kernel turned by half a turn: every difference changes its sign.
    Worked(
        "conv2d",
        [X],
        [[5, 6, 6], [-3, -5, -7], [-1, 1, 3]],
        {"kernel_size": 2, "flip": True},
        {"weight": [[[[1, 0], [0, -1]]]]},
    ),
    # Sums of 3 by 3 cells around every second cell, zeros around the picture.
    Worked(
        "conv2d",
        [X],
        [[13, 28], [19, 33]],
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"weight": np.ones((1, 1, 3, 3))},
    ),
    # At stride 2 the stamps of a 2 by 2 kernel lie side by side, …
    Worked(
        "conv_transpose2d",
        [[[1, 2], [3, 4]]],
        [[1, 10, 2, 20], [100, 1000, 200, 2000], [3, 30, 4, 40], [300, 3000, 400, 4000]],
        {"kernel_size": 2, "stride": 2},
        {"weight": [[[[1, 10], [100, 1000]]]]},
    ),
    # … at stride 1 stamps of 3 by 3 overlap.
    Worked(
        "conv_transpose2d",
        [[[1, 2], [3, 4]]],
        [[1, 3, 3, 2], [4, 10, 10, 6], [4, 10, 10, 6], [3, 7, 7, 4]],
        {"kernel_size": 3},
        {"weight": np.ones((1, 1, 3, 3))},
    ),
    # A kernel of its own for every place: one number times 1, 2, 3, … in scan order.
    Worked(
        "local2d",
        [X],
        [[1, 2, 6, 16], [25, 36, 49, 64], [27, 20, 11, 0], [13, 28, 45, 64]],
        {"kernel_size": 1},
        {"weight": np.arange(1, 17).reshape(1, 4, 4, 1, 1, 1)},
    ),
    # Two kinds of kernel in turn along the columns: the left cell plus 1, ten times the right cell minus 1.
    Worked(
        "tiled2d",
        [X],
        [[2, 19, 3], [6, 69, 8], [4, 9, 2], [2, 29, 4]],
        {"kernel_size": [1, 2], "tile": [1, 2]},
        {"weight": np.reshape([1, 0, 0, 10], (1, 1, 2, 1, 1, 2)), "bias": [[[1, -1]]]},
    ),
    Worked("max_pool2d", [X], [[6, 8], [3, 4]], {"kernel_size": 2}),
    Worked("max_pool2d", [X], [[6, 7, 8], [6, 7, 8], [3, 3, 4]], {"kernel_size": 2, "stride": 1}),
    Worked("avg_pool2d", [X], [[3.25, 5.25], [2, 2]], {"kernel_size": 2}),
    Worked("lp_pool2d", [X], [[13, 21], [8, 8]], {"kernel_size": 2, "norm_type": 1}),
    Worked(
        "lp_pool2d",
        [[[3, 4, 0, 5], [0, 0, 12, 0], [6, 0, 1, 1], [0, -8, 1, -1]]],
        [[5, 13], [10, 2]],
        {"kernel_size": 2, "norm_type": 2},
    ),
    Worked("global_max_pool2d", [X], [[8]]),
    Worked("global_avg_pool2d", [X], [[3.125]]),
    Worked("step", [SIGNED], [[0, 0, 1, 0], [1, 0, 1, 1], [0, 1, 0, 0], [1, 1, 0, 0]]),
    Worked("relu", [SIGNED], [[0, 0, 1, 0], [2, 0, 0.5, 3], [0, 4, 0, 0], [1, 1, 0, 0]]),
    Worked(
        "leaky_relu",
        [SIGNED],
        [[0, -0.1, 1, -0.2], [2, -0.05, 0.5, 3], [-0.3, 4, -0.4, 0], [1, 1, -0.1, -0.1]],
        {"negative_slope": 0.1},
    ),
    Worked(
        "sigmoid",
        [SIGNED],
        [
            [0.5, 0.2689414, 0.7310586, 0.1192029],
            [0.8807971, 0.3775407, 0.6224593, 0.9525741],
            [0.0474259, 0.9820138, 0.0179862, 0.5],
            [0.7310586, 0.7310586, 0.2689414, 0.2689414],
        ],
    ),
    Worked(
        "tanh",
        [SIGNED],
        [
            [0, -0.7615942, 0.7615942, -0.9640276],
            [0.9640276, -0.4621172, 0.4621172, 0.9950548],
            [-0.9950548, 0.9993293, -0.9993293, 0],
            [0.7615942, 0.7615942, -0.7615942, -0.7615942],
        ],
    ),
    Worked(
        "gelu",
        [SIGNED],
        [
            [0, -0.1586553, 0.8413447, -0.0455003],
            [1.9544997, -0.1542688, 0.3457312, 2.9959503],
            [-0.0040497, 3.9998733, -0.0001267, 0],
            [0.8413447, 0.8413447, -0.1586553, -0.1586553],
        ],
    ),
    # Scores that are logarithms of shares, up to a constant a picture, give the shares back.
    Worked("softmax", [LOGARITHMS], SHARES, plain=True),
    # Mean 2, variance 1; then times 10, plus 5.
    Worked(
        "batch_norm2d",
        [[[1, 1, 3, 3]] * 4],
        [[-5, -5, 15, 15]] * 4,
        {"eps": 0},
        {"weight": [10], "bias": [5]},
    ),
    # Kept statistics: mean 1, variance 4.
    Worked(
        "batch_norm2d",
        [X],
        [[0, 0, 0.5, 1.5], [2, 2.5, 3, 3.5], [1, 0.5, 0, -0.5], [0, 0.5, 1, 1.5]],
        {"eps": 0},
        {"running_mean": [1], "running_var": [4]},
    ),
    # Four channels (down) at four places (across): x / (1 + the squares of itself and its neighbours).
    Worked(
        "local_response_norm",
        [np.reshape([[1, 1, 0, 2], [2, 0, 1, 2], [0, 0, 1, 2], [3, 0, 0, 2]], (1, 4, 1, 4))],
        np.reshape(
            [[1 / 6, 1 / 2, 0, 2 / 9], [1 / 3, 0, 1 / 3, 2 / 13], [0, 0, 1 / 3, 2 / 13], [0.3, 0, 0, 2 / 9]],
            (1, 4, 1, 4),
        ),
        {"size": 3, "alpha": 3, "beta": 1, "k": 1},
        plain=True,
    ),
    Worked(
        "linear",
        [[[1, 2, 3, 4]]],
        [[1, 11, 4, 4.5]],
        {"out_features": 4},
        {"weight": [[1, 0, 0, 0], [1, 1, 1, 1], [0, -1, 0, 1], [0.5, 0.5, 0, 0]], "bias": [0, 1, 2, 3]},
        plain=True,
    ),
    Worked("flatten", [np.reshape(X, (1, 1, 4, 4))], [[*X[0], *X[1], *X[2], *X[3]]], plain=True),
    Worked(
        "add",
        [X, SIGNED],
        [[1, 0, 3, 2], [7, 5.5, 7.5, 11], [0, 6, -3, 0], [2, 3, 2, 3]],
    ),
    Worked(
        "concat",
        [np.reshape(X, (1, 2, 2, 4)), [[[[9] * 4] * 2]]],
        [[X[:2], X[2:], [[9] * 4] * 2]],
        plain=True,
    ),
    # -ln of the share of the last class: 1/4, 2/5, 5/8, 1/10.
    Worked(
        "cross_entropy",
        [LOGARITHMS],
        [[1.3862944], [0.9162907], [0.4700036], [2.3025851]],
        {"target": 3},
        plain=True,
    ),
    # Fifteen numbers are off by 1, one by 5: (15 + 25) / 16.
    Worked(
        "squared_error",
        [
            np.reshape(X, (1, 1, 4, 4)),
            np.reshape(X, (1, 1, 4, 4)) + 1 - np.eye(16)[5].reshape(4, 4) * 6,
        ],
        [[2.5]],
        plain=True,
    ),
)


def arrays(numbers: Any, plain: bool) -> Any:
    array = np.array(numbers, dtype=np.float32)
    return array if plain else array[None, None]


@pytest.mark.parametrize("worked", [*WORKED, *TENSORS, *FUNCTIONS], ids=lambda worked: worked.op)
def test_worked_by_hand(worked: Worked) -> None:
    cls = OPERATIONS[worked.op]
    op = cls(**read_parameters(cls, worked.config))
    weights = {name: arrays(weight, plain=True) for name, weight in worked.weights.items()}
    output, _ = op.forward([arrays(x, worked.plain) for x in worked.inputs], weights)
    assert_close(output, arrays(worked.output, worked.plain), 1e-7)


def test_every_operation_is_worked_by_hand() -> None:
    assert {worked.op for worked in (*WORKED, *TENSORS, *FUNCTIONS)} == set(OPERATIONS)


def explain(op: str, config: dict[str, Any], weights: dict[str, Any], cell: tuple[int, int, int]) -> Any:
    cls = OPERATIONS[op]
    operation = cls(**read_parameters(cls, config))
    x = arrays(X, plain=False)
    given = {name: arrays(weight, plain=True) for name, weight in weights.items()}
    return operation.explain([x], given, operation.forward([x], given)[0], cell)


def test_the_terms_of_a_convolution_by_hand() -> None:
    weights = {"weight": [[[[1, 0], [0, -1]]]], "bias": [10]}
    found = explain("conv2d", {"kernel_size": 2}, weights, (0, 1, 1))
    assert found.terms.values.tolist() == [6, 7, 2, 1]
    assert found.terms.weights.tolist() == [1, 0, 0, -1]
    assert found.terms.products.tolist() == [6, 0, 0, -1]
    assert found.terms.positions.tolist() == [[0, 1, 1], [0, 1, 2], [0, 2, 1], [0, 2, 2]]
    assert (found.bias, found.total, found.value) == (10, 15, 15)
    assert found.window.start == (1, 1)


def test_the_terms_in_the_padding_by_hand() -> None:
    weights = {"weight": [[[[1, 2], [3, 4]]]]}
    found = explain(
        "conv2d", {"kernel_size": 2, "padding": 1, "padding_mode": "replicate"}, weights, (0, 0, 4)
    )
    assert found.terms.positions.tolist() == [[0, -1, 3], [0, -1, 4], [0, 0, 3], [0, 0, 4]]
    assert found.terms.sources.tolist() == [[0, 0, 3]] * 4
    assert found.terms.padding.tolist() == [True, True, False, True]
    assert found.total == 4 + 8 + 12 + 16


def test_the_winner_of_a_pool_by_hand() -> None:
    found = explain("max_pool2d", {"kernel_size": 2}, {}, (0, 0, 1))
    assert found.terms.values.tolist() == [2, 4, 7, 8]
    assert found.terms.selected.tolist() == [False, False, False, True]
    assert found.total == found.value == 8

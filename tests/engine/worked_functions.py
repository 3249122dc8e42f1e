"""Examples worked by hand of functions of one number, arithmetic between tensors, and normalisations."""

from __future__ import annotations

import numpy as np

from tests.engine.worked import ROWS, Worked

SIGNS = [[-4, -1, 0], [0.5, 2, 8]]
"""Two rows, three columns."""

E = np.e

ONE_NUMBER = (
    Worked("prelu", [SIGNS], [[-1, -0.25, 0], [0.5, 2, 8]], weights={"weight": [0.25]}),
    # A slope for each row.
    Worked(
        "prelu",
        [SIGNS],
        [[-8, -2, 0], [0.5, 2, 8]],
        {"weight_shape": [2, 1]},
        weights={"weight": [[2], [0.5]]},
    ),
    # The slope below zero is exp(x) - 1, here of logarithms.
    Worked("elu", [[[np.log(0.5), 3]]], [[-1, 3]], {"alpha": 2}),
    Worked("celu", [[[2 * np.log(0.5), 3]]], [[-1, 3]], {"alpha": 2}),
    Worked("selu", [[[np.log(0.5), 3]]], [[-3, 9]], {"alpha": 2, "gamma": 3}),
    # Of the logarithms of 1, 3 and 7 those of 1 + 1, 1 + 3 and 1 + 7.
    Worked("softplus", [np.log([[1, 3, 7]])], np.log([[2, 4, 8]])),
    Worked("clip", [SIGNS], [[-1, -1, 0], [0.5, 2, 6]], {"min": -1, "max": 6}),
    Worked("clip", [SIGNS], [[-4, -1, 0], [0.5, 1, 1]], {"max": 1}),
    Worked("thresholded_relu", [SIGNS], [[0, 0, 0], [0, 2, 8]], {"alpha": 0.5}),
    Worked("hard_sigmoid", [SIGNS], [[0, 0.25, 0.5], [0.625, 1, 1]], {"alpha": 0.25}),
    Worked("hard_swish", [[[-4, -1.5, 1.5, 4]]], [[0, -0.375, 1.125, 4]]),
    # The sigmoid of log 3 is 3 / (3 + 1).
    Worked("silu", [np.log([[1 / 3, 1, 3]])], np.log([[1 / 3, 1, 3]]) * [[0.25, 0.5, 0.75]]),
    # tanh(softplus(0)) = tanh(log 2) = (4 - 1) / (4 + 1); of log 2 it is tanh(log 3) = (9 - 1) / (9 + 1).
    Worked("mish", [[[0, np.log(2)]]], [[0, 0.8 * np.log(2)]]),
    Worked("softsign", [SIGNS], [[-0.8, -0.5, 0], [1 / 3, 2 / 3, 8 / 9]]),
    Worked("gelu", [[[-1, 0, 1]]], [[-0.1588080, 0, 0.8411920]], {"approximate": "tanh"}),
    Worked("exp", [[[0, 1, np.log(5)]]], [[1, E, 5]]),
    Worked("log", [[[1, E, E**2]]], [[0, 1, 2]]),
    Worked("sqrt", [[[0, 4, 2.25]]], [[0, 2, 1.5]]),
    Worked("neg", [SIGNS], [[4, 1, 0], [-0.5, -2, -8]]),
    Worked("abs", [SIGNS], [[4, 1, 0], [0.5, 2, 8]]),
    Worked("reciprocal", [[[-4, 0.5, 8]]], [[-0.25, 2, 0.125]]),
    Worked("floor", [[[-1.5, 2, 2.5]]], [[-2, 2, 2]]),
    Worked("ceil", [[[-1.5, 2, 2.5]]], [[-1, 2, 3]]),
    Worked("sign", [SIGNS], [[-1, -1, 0], [1, 1, 1]]),
    Worked("erf", [[[-1, 0, 1]]], [[-0.8427008, 0, 0.8427008]]),
)

ARITHMETIC = (
    # One column is added to every column, one row to every row.
    Worked("add", [ROWS, [[10], [20]]], [[11, 12, 13], [24, 25, 26]]),
    Worked("add", [ROWS, [[10], [20]], [[100, 0, 0]]], [[111, 12, 13], [124, 25, 26]]),
    Worked("add", [ROWS], [[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]], {"operand_shape": []}, {"operand": 0.5}),
    Worked("sub", [ROWS, [[1], [4]]], [[0, 1, 2], [0, 1, 2]]),
    Worked("sub", [ROWS], [[6, 5, 4], [3, 2, 1]], {"operand_shape": [1], "reverse": True}, {"operand": [7]}),
    Worked("mul", [ROWS, [[1], [-1]]], [[1, 2, 3], [-4, -5, -6]]),
    Worked(
        "mul",
        [ROWS],
        [[1, 4, 9], [4, 10, 18]],
        {"operand_shape": [3]},
        {"operand": [1, 2, 3]},
    ),
    Worked("div", [ROWS, [[2], [4]]], [[0.5, 1, 1.5], [1, 1.25, 1.5]]),
    Worked("div", [ROWS], [[6, 3, 2], [1.5, 1.2, 1]], {"operand_shape": [], "reverse": True}, {"operand": 6}),
    Worked("pow", [ROWS, [[2], [-1]]], [[1, 4, 9], [1 / 4, 1 / 5, 1 / 6]]),
    Worked("pow", [ROWS], [[2, 4, 8], [16, 32, 64]], {"operand_shape": [], "reverse": True}, {"operand": 2}),
    Worked("max", [ROWS, [[2], [5]]], [[2, 2, 3], [5, 5, 6]]),
    Worked("min", [ROWS, [[2], [5]]], [[1, 2, 2], [4, 5, 5]]),
    Worked("mean", [ROWS, [[3], [0]], [[2, 2, 2]]], [[2, 7 / 3, 8 / 3], [2, 7 / 3, 8 / 3]]),
    # Each row against the columns (1, 0, 1) and (0, 2, 0).
    Worked("matmul", [ROWS, [[1, 0], [0, 2], [1, 0]]], [[4, 4], [10, 10]]),
    Worked(
        "matmul",
        [ROWS],
        [[4, 4], [10, 10]],
        {"weight_shape": [3, 2]},
        {"weight": [[1, 0], [0, 2], [1, 0]]},
    ),
    # The second row less the first, and their sum.
    Worked(
        "matmul",
        [ROWS],
        [[3, 3, 3], [5, 7, 9]],
        {"weight_shape": [2, 2], "side": "left"},
        {"weight": [[-1, 1], [1, 1]]},
    ),
    # The same layer for every row of a map.
    Worked(
        "linear",
        [ROWS],
        [[16, 1], [25, 4]],
        {"out_features": 2},
        {"weight": [[1, 1, 1], [1, 0, 0]], "bias": [10, 0]},
    ),
)

GROUPS = (
    # Logarithms of shares, along the columns and along the rows.
    Worked("softmax", [np.log([[1, 3], [2, 2]])], [[0.25, 0.75], [0.5, 0.5]], {"axis": -1}),
    Worked("softmax", [np.log([[1, 3], [3, 1]])], [[0.25, 0.75], [0.75, 0.25]], {"axis": 2}),
    Worked("log_softmax", [np.log([[1, 3], [2, 2]])], np.log([[0.25, 0.75], [0.5, 0.5]]), {"axis": -1}),
    # Rows of mean 2 and variance 1; then each place is scaled by its own weight.
    Worked(
        "layer_norm",
        [[[1, 1, 3, 3], [3, 1, 3, 1]]],
        [[-1, -2, 3, 4], [1, -2, 3, -4]],
        {"eps": 0},
        {"weight": [1, 2, 3, 4]},
    ),
    # Both rows together: mean 2, variance 1; 3 = 4 - 1 is the epsilon that halves what comes out.
    Worked("layer_norm", [[[1, 1], [3, 3]]], [[-0.5, -0.5], [0.5, 0.5]], {"axis": -2, "eps": 3}),
    # Channels 1 and 2 have mean 2, channels 3 and 4 mean 20; each channel is then shifted by its own bias.
    Worked(
        "group_norm",
        [np.reshape([1, 3, 10, 30], (1, 4, 1, 1))],
        np.reshape([-1, 2, 1, 4], (1, 4, 1, 1)),
        {"num_groups": 2, "eps": 0},
        {"bias": [0, 1, 2, 3]},
        plain=True,
    ),
    Worked(
        "instance_norm2d",
        [np.reshape([1, 3, 30, 10], (1, 2, 1, 2))],
        np.reshape([-1, 1, 2, -2], (1, 2, 1, 2)),
        {"eps": 0},
        {"weight": [1, 2]},
        plain=True,
    ),
    # Vectors: mean 2 and variance 1 over the pictures.
    Worked("batch_norm2d", [[[1, 3], [3, 1]]], [[-1, 1], [1, -1]], {"eps": 0}, plain=True),
    # Sides of 3 and 4, and the long side of their triangle.
    Worked("global_lp_pool2d", [[[3, 0], [0, -4]]], [[5]]),
    # Two neighbours, the own channel and the one after it: x / (1 + both squares).
    Worked(
        "local_response_norm",
        [np.reshape([1, 2, 0, 3], (1, 4, 1, 1))],
        np.reshape([1 / 6, 2 / 5, 0, 0.3], (1, 4, 1, 1)),
        {"size": 2, "alpha": 2, "beta": 1, "longer_side": "after"},
        plain=True,
    ),
)

FUNCTIONS = (*ONE_NUMBER, *ARITHMETIC, *GROUPS)

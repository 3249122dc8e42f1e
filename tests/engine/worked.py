"""Examples worked by hand of the operations that take a tensor apart, move its numbers or reduce them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Worked:
    """Inputs are maps of one channel of one picture, unless ``plain``: then they are in full shape."""

    op: str
    inputs: list[Any]
    output: Any
    config: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, Any] = field(default_factory=dict)
    plain: bool = False


ROWS = [[1, 2, 3], [4, 5, 6]]
"""Two rows, three columns."""

LETTERS = [[[[1, 2]], [[3, 4]], [[5, 6]], [[7, 8]]]]
"""One picture of four channels, one row and two columns."""

TENSORS = (
    Worked("identity", [ROWS], ROWS),
    # The places before axis 2 are two channels; each keeps its own numbers.
    Worked("flatten", [np.reshape(ROWS, (1, 2, 1, 3))], [[1, 2, 3], [4, 5, 6]], {"axis": 2}, plain=True),
    Worked("reshape", [ROWS], [[1, 2], [3, 4], [5, 6]], {"shape": [0, 0, -1, 2]}),
    Worked("squeeze", [LETTERS], [[[1, 2], [3, 4], [5, 6], [7, 8]]], plain=True),
    Worked("squeeze", [LETTERS], [[[1, 2]], [[3, 4]], [[5, 6]], [[7, 8]]], {"axes": 0}, plain=True),
    Worked("unsqueeze", [[[1, 2]]], [[[[1]], [[2]]]], {"axes": [2, -1]}, plain=True),
    Worked("transpose", [ROWS], [[1, 4], [2, 5], [3, 6]]),
    # Channels last: the four channels of the first place, then those of the second.
    Worked("transpose", [LETTERS], [[[[1, 3, 5, 7], [2, 4, 6, 8]]]], {"perm": [0, 2, 3, 1]}, plain=True),
    # Block by block: the upper left numbers, then the upper right, the lower left, the lower right ones.
    Worked("depth_to_space", [LETTERS], [[[[1, 3, 2, 4], [5, 7, 6, 8]]]], {"blocksize": 2}, plain=True),
    Worked(
        "depth_to_space",
        [np.arange(1, 9).reshape(1, 8, 1, 1)],
        [[[[1, 3], [5, 7]], [[2, 4], [6, 8]]]],
        {"blocksize": 2, "mode": "DCR"},
        plain=True,
    ),
    Worked(
        "depth_to_space",
        [np.arange(1, 9).reshape(1, 8, 1, 1)],
        [[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]],
        {"blocksize": 2, "mode": "CRD"},
        plain=True,
    ),
    Worked("space_to_depth", [[[[[1, 3, 2, 4], [5, 7, 6, 8]]]]], LETTERS, {"blocksize": 2}, plain=True),
    # Two channels of one block each: in one mode channels stay together, in the other blocks.
    Worked(
        "space_to_depth",
        [[[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]],
        np.reshape([1, 5, 2, 6, 3, 7, 4, 8], (1, 8, 1, 1)),
        {"blocksize": 2},
        plain=True,
    ),
    Worked(
        "space_to_depth",
        [[[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]]],
        np.arange(1, 9).reshape(1, 8, 1, 1),
        {"blocksize": 2, "mode": "CRD"},
        plain=True,
    ),
    Worked("slice", [ROWS], [[2, 3], [5, 6]], {"starts": 1, "ends": 9, "axes": -1}),
    # The last row first, and of each row the last number and every second one before it.
    Worked(
        "slice",
        [ROWS],
        [[6, 4], [3, 1]],
        {"starts": [-1, -1], "ends": [-9, -9], "axes": [2, 3], "steps": [-1, -2]},
    ),
    Worked("gather", [ROWS], [[3, 1, 1, 3], [6, 4, 4, 6]], {"indices": [2, 0, 0, -1], "axis": 3}),
    Worked("pad", [ROWS], [[9, 9, 9, 9], [9, 1, 2, 3], [9, 4, 5, 6]], {"pads": [1, 1, 0, 0], "value": 9}),
    Worked("pad", [ROWS], [[3, 2, 1, 2], [6, 5, 4, 5]], {"pads": [2, -1], "axes": 3, "mode": "reflect"}),
    Worked("pad", [ROWS], [[1, 2, 3, 3], [4, 5, 6, 6]], {"pads": [0, 1], "mode": "edge"}),
    Worked("pad", [ROWS], [[3, 1, 2, 3, 1], [6, 4, 5, 6, 4]], {"pads": [1, 1], "mode": "wrap"}),
    Worked("expand", [[[1, 2]]], [[[[1, 2]] * 3] * 2], {"shape": [1, 2, 3, 2]}, plain=True),
    Worked("tile", [ROWS], [[1, 2, 3, 1, 2, 3], [4, 5, 6, 4, 5, 6]]),
    # Every number twice along both axes.
    Worked("resize", [[[1, 2]]], [[1, 1, 2, 2], [1, 1, 2, 2]]),
    # Half a cell lies between the outputs: a quarter of the way to the neighbour, and three quarters.
    Worked("resize", [[[0, 4]]], [[0, 1, 3, 4]], {"mode": "linear", "scales": 2, "axes": 3}),
    Worked(
        "resize",
        [[[0, 4]]],
        [[0, 1, 2, 3, 4]],
        {"mode": "linear", "sizes": 5, "coordinate_transformation_mode": "align_corners"},
    ),
    # Between the second and the third of four: (-3, 19, 19, -3) / 32 at a = -0.75.
    Worked(
        "resize",
        [[[0, 0, 32, 0]]],
        [[19]],
        {"mode": "cubic", "sizes": 1},
    ),
    # A triangle two cells wide on either side weighs (1, 3, 3, 1); at the border the first is missing.
    Worked(
        "resize",
        [[[8, 0, 0, 0, 0, 0, 0, 8]]],
        [[24 / 7, 0, 0, 24 / 7]],
        {"mode": "linear", "sizes": 4, "antialias": True, "exclude_outside": True},
    ),
    # The crop starts one cell before the input and ends with it; outside is 9.
    Worked(
        "resize",
        [[[2, 4]]],
        [[9, 2, 4]],
        {
            "mode": "linear",
            "sizes": 3,
            "coordinate_transformation_mode": "tf_crop_and_resize",
            "roi": [-1, 1],
            "extrapolation_value": 9,
        },
    ),
    Worked("reduce_sum", [ROWS], [[21]]),
    Worked("reduce_sum", [[ROWS]], [[5, 7, 9]], {"axes": 1, "keepdims": False}, plain=True),
    Worked("reduce_mean", [ROWS], [[2], [5]], {"axes": 3}),
    Worked("reduce_max", [ROWS], [[4, 5, 6]], {"axes": 2}),
    Worked("reduce_min", [ROWS], [[1], [4]], {"axes": -1}),
    Worked("reduce_prod", [ROWS], [[6], [120]], {"axes": 3}),
    Worked("reduce_l1", [[[3, -4]]], [[7]]),
    Worked("reduce_l2", [[[3, -4]]], [[5]]),
)

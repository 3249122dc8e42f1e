"""Nets whose receptive fields are known, and what the numbers themselves say of a field."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.geometry.receptive_field import Region
from engine.graph import Model
from engine.types import Array


# By layer: how a chain is written, with weights that are all positive.
def conv(kernel: Any = 3, **settings: Any) -> dict[str, Any]:
    return {"op": "conv2d", "kernel_size": kernel, "weight": 1, **settings}


def pool(kernel: Any = 2, **settings: Any) -> dict[str, Any]:
    return {"op": "max_pool2d", "kernel_size": kernel, **settings}


def up(kernel: Any, stride: Any, **settings: Any) -> dict[str, Any]:
    return {"op": "conv_transpose2d", "kernel_size": kernel, "stride": stride, "weight": 1, **settings}


def average(kernel: Any, **settings: Any) -> dict[str, Any]:
    return {"op": "avg_pool2d", "kernel_size": kernel, **settings}


CHAINS: dict[str, tuple[dict[str, Any], ...]] = {
    "conv": (conv(),),
    "even": (conv([2, 4], padding=[1, 0, 2, 1]),),
    "deep": (conv(), conv(), conv([3, 1])),
    "padded": (conv(padding=1), conv(5, padding=2)),
    "strided": (conv(3, stride=[2, 3]), conv(2)),
    "same": (conv(4, padding="same"), conv(3, stride=2, padding="same")),
    "full": (conv(3, padding="full"),),
    "dilated": (conv(3, dilation=2), conv([2, 3], dilation=[3, 1], padding=1)),
    "pooled": (conv(padding=1), pool(2), conv(2)),
    "overlapping": (pool(3, stride=2), average(2, stride=1)),
    "ceiling": (pool(2, ceil_mode=True), pool(3, stride=2, padding=1)),
    "pointwise": (conv(), {"op": "relu"}, {"op": "batch_norm2d", "running_mean": 0, "running_var": 1}),
    "unshared": ({"op": "tiled2d", "kernel_size": 3, "weight": 1}, {"op": "lp_pool2d", "stride": 1}),
}
BRANCHES: dict[str, tuple[dict[str, Any], ...]] = {
    "residual": (
        conv(name="a", padding=1),
        conv(name="b", padding=1),
        {"op": "add", "inputs": ["b", "input"]},
        conv(2),
    ),
    "inception": (
        conv(1, name="one", inputs=["input"]),
        conv(5, name="five", padding=2, inputs=["input"]),
        pool(3, name="pool", stride=1, padding=1, inputs=["input"]),
        {"op": "concat", "inputs": ["one", "five", "pool"]},
    ),
    "lopsided": (
        conv(3, name="left", padding=[1, 1, 2, 0], inputs=["input"]),
        conv(3, name="right", padding=[1, 1, 0, 2], inputs=["input"]),
        {"op": "add", "inputs": ["left", "right"]},
    ),
}
UPWARDS: dict[str, tuple[dict[str, Any], ...]] = {
    "transposed": (up(3, 2),),
    "cropped": (up([4, 3], [2, 1], padding=1, output_padding=[1, 0]),),
    "gaps": (up(2, 3),),
    "down and up": (conv(3, stride=2, padding=1), up(4, 2, padding=1)),
    "up and down": (up(1, 3), conv(2)),
    "gaps, then down": (up(2, 4), conv(2, stride=3)),
    "down, then gaps": (conv(3), up(1, 3)),
    "skipping": (
        conv(3, name="down", stride=2, padding=1),
        up(3, 2, name="up", padding=1, output_padding=[1, 0]),
        {"op": "add", "inputs": ["up", "input"]},
    ),
}
RESIZED: dict[str, tuple[dict[str, Any], ...]] = {
    "nearest": ({"op": "resize", "scales": [2, 2]},),
    "linear": (conv(), {"op": "resize", "scales": [2, 3], "mode": "linear"}),
    "by a fraction": ({"op": "resize", "sizes": [7, 9]},),
    "then a convolution": (pool(2), {"op": "resize", "scales": [2, 2]}, conv()),
    "depth to space": (conv(out_channels=4), {"op": "depth_to_space", "blocksize": 2}),
}


def influences(model: Model) -> Array:
    """(H, W, OH, OW): whether a cell of the picture moves an output; all weights are positive.

    A single 1 on a picture of zeros leaves a trace wherever it is used, and nothing can hide it.
    """
    channels, rows, columns = model.input_shape
    dots = np.eye(rows * columns).reshape(-1, 1, rows, columns).repeat(channels, axis=1)
    y = model.run(dots).output(model.nodes[-1].name)
    return y.any(axis=1).reshape(rows, columns, *y.shape[2:])


def box(cells: Array) -> Region | None:
    """The smallest rectangle that holds the cells marked in (H, W)."""
    rows, columns = np.nonzero(cells)
    if not len(rows):
        return None
    return Region((int(rows.min()), int(columns.min())), (int(rows.max()) + 1, int(columns.max()) + 1))


def within(inner: Region, outer: Region) -> bool:
    return inner.union(outer) == outer

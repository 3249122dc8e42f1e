"""Configured examples of every registered operation, with inputs that are nowhere square."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.ops.operation import Operation
from engine.ops.parameters import read_parameters
from engine.ops.registry import OPERATIONS
from engine.types import Array, Shape


@dataclass(frozen=True)
class Example:
    """An operation's settings and the shapes of one picture of its inputs.

    Args:
        without: optional weights that are left out.
    """

    op: str
    config: dict[str, Any] = field(default_factory=dict)
    shapes: tuple[Shape, ...] = ((2, 5, 7),)
    without: tuple[str, ...] = ()

    def __str__(self) -> str:
        settings = ",".join(f"{name}={value}" for name, value in self.config.items())
        without = "".join(f"-{name}" for name in self.without)
        shapes = ",".join("x".join(map(str, shape)) for shape in self.shapes)
        return f"{self.op}({settings}){without}[{shapes}]".replace(" ", "")

    @property
    def statistics_of_batch(self) -> bool:
        """Whether a number acts on others through a mean, beside the cells that it is read for."""
        return self.op == "batch_norm2d" and "running_mean" in self.without

    def operation(self) -> Operation:
        cls = OPERATIONS[self.op]
        return cls(**read_parameters(cls, self.config))

    def batch_shapes(self, pictures: int) -> list[Shape]:
        return [(pictures, *shape) for shape in self.shapes]

    def arguments(self, pictures: int, dtype: Any, seed: int = 0) -> tuple[list[Array], dict[str, Array]]:
        """Inputs and weights, the same for the same seed."""
        rng = np.random.default_rng([seed, pictures, zlib.crc32(str(self).encode())])
        shapes = self.batch_shapes(pictures)
        inputs = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
        expected = self.operation().weight_shapes(*shapes)
        weights = {name: _weight(name, shape, rng).astype(dtype) for name, shape in expected.items()}
        return inputs, {name: weight for name, weight in weights.items() if name not in self.without}


def _weight(name: str, shape: Shape, rng: np.random.Generator) -> Array:
    return rng.uniform(0.5, 2, shape) if name == "running_var" else rng.standard_normal(shape)


CONVOLUTIONS = (
    Example("conv2d", {"out_channels": 3, "kernel_size": [2, 3]}),
    Example("conv2d", {"kernel_size": [3, 2], "padding": "same", "flip": True}, without=("bias",)),
    Example("conv2d", {"out_channels": 2, "kernel_size": [3, 2], "stride": [2, 3], "padding": [1, 0, 2, 1]}),
    Example("conv2d", {"out_channels": 4, "kernel_size": 3, "groups": 2, "padding": "full"}, ((4, 3, 4),)),
    Example(
        "conv2d", {"out_channels": 3, "kernel_size": [1, 3], "groups": 3, "dilation": [1, 2]}, ((3, 3, 6),)
    ),
    *(
        Example(
            "conv2d", {"kernel_size": [2, 3], "padding": [1, 2], "padding_mode": mode, "dilation": [2, 1]}
        )
        for mode in ("reflect", "replicate", "circular")
    ),
)

MAPS_AND_VECTORS = (((2, 3, 4),), ((5,),))

POINTWISE = (
    *(
        Example(op, {}, shapes)
        for op in ("step", "sigmoid", "tanh", "relu", "leaky_relu", "gelu", "softmax", "flatten")
        for shapes in MAPS_AND_VECTORS
    ),
    Example("leaky_relu", {"negative_slope": 0.3}),
    Example("batch_norm2d", {}, ((3, 2, 4),)),
    Example("batch_norm2d", {"eps": 0.1}, ((3, 2, 4),), without=("weight", "bias")),
    Example("batch_norm2d", {}, ((2, 3, 5),), without=("running_mean", "running_var")),
    Example("batch_norm2d", {}, ((2, 3, 4),), without=("weight", "bias", "running_mean", "running_var")),
    Example("local_response_norm", {"size": 3, "alpha": 2.0, "k": 2.0}, ((5, 2, 3),)),
    Example("local_response_norm", {"size": 4, "alpha": 1.0, "beta": 1.0}, ((3, 3, 2),)),
)

DENSE = (
    Example("linear", {"out_features": 3}, ((5,),)),
    Example("linear", {"out_features": 1}, ((4,),), without=("bias",)),
    Example("cross_entropy", {"target": 2}, ((4,),)),
    Example("squared_error", {}, ((4,), (4,))),
    Example("squared_error", {}, ((2, 3, 4), (2, 3, 4))),
)

MERGES = (
    Example("add", {}, ((2, 3, 4), (2, 3, 4))),
    Example("add", {}, ((5,), (5,), (5,))),
    Example("concat", {}, ((2, 3, 4), (1, 3, 4), (3, 3, 4))),
    Example("concat", {}, ((5,), (2,))),
)

TRANSPOSED = (
    Example("conv_transpose2d", {"out_channels": 3, "kernel_size": [2, 3]}, ((2, 3, 4),)),
    Example("conv_transpose2d", {"kernel_size": [3, 2], "stride": [2, 3]}, ((2, 3, 4),), without=("bias",)),
    Example(
        "conv_transpose2d",
        {"kernel_size": 3, "stride": [3, 2], "padding": [1, 2], "output_padding": [2, 1]},
        ((2, 3, 4),),
    ),
    Example(
        "conv_transpose2d",
        {"out_channels": 4, "kernel_size": [2, 3], "stride": 2, "dilation": [2, 1], "groups": 2},
        ((4, 2, 3),),
    ),
)

UNSHARED = (
    Example("local2d", {"out_channels": 2, "kernel_size": [2, 3]}, ((2, 3, 5),)),
    Example(
        "local2d", {"kernel_size": 3, "stride": [2, 1], "padding": "same"}, ((2, 4, 5),), without=("bias",)
    ),
    Example("tiled2d", {"out_channels": 2, "kernel_size": [3, 2], "tile": [2, 3]}, ((2, 5, 6),)),
    Example(
        "tiled2d",
        {
            "kernel_size": 2,
            "stride": [1, 2],
            "padding": [0, 1, 2, 1],
            "padding_mode": "circular",
            "tile": [3, 1],
        },
        ((2, 4, 5),),
    ),
    Example("tiled2d", {"kernel_size": [1, 2], "tile": 8}, ((1, 3, 4),)),
)

POOLS = (
    *(
        Example(op, config, ((2, 5, 7),))
        for op in ("max_pool2d", "avg_pool2d", "lp_pool2d")
        for config in (
            {"kernel_size": [2, 3]},
            {"kernel_size": 3, "stride": 2, "ceil_mode": True},
            {"kernel_size": [3, 2], "stride": [1, 3]},
        )
    ),
    *(
        Example(op, {"kernel_size": [3, 2], "stride": 2, "padding": 1, "ceil_mode": True}, ((2, 6, 7),))
        for op in ("max_pool2d", "avg_pool2d")
    ),
    Example("max_pool2d", {"kernel_size": [2, 3], "stride": 1, "dilation": [2, 1], "padding": [1, 0]}),
    Example("avg_pool2d", {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}),
    Example("lp_pool2d", {"kernel_size": 3, "stride": [1, 2], "padding": [1, 0, 2, 1]}),
    Example("lp_pool2d", {"kernel_size": 2, "norm_type": 1}, ((1, 4, 6),)),
    Example("lp_pool2d", {"kernel_size": [2, 3], "norm_type": 3}, ((1, 4, 6),)),
    Example("global_max_pool2d"),
    Example("global_avg_pool2d"),
)

EXAMPLES = (*CONVOLUTIONS, *TRANSPOSED, *UNSHARED, *POOLS, *POINTWISE, *DENSE, *MERGES)

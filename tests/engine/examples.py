"""Configured examples of every registered operation, with inputs that are nowhere square."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.geometry.interpolation import COORDINATE_MODES
from engine.ops.operation import Operation
from engine.ops.parameters import read_parameters
from engine.ops.registry import OPERATIONS
from engine.types import Array, Shape


@dataclass(frozen=True)
class Example:
    """An operation's settings and the shapes of one picture of its inputs.

    Args:
        without: optional weights that are left out.
        positive: whether the function wants numbers above zero, and not too near to it.
    """

    op: str
    config: dict[str, Any] = field(default_factory=dict)
    shapes: tuple[Shape, ...] = ((2, 5, 7),)
    without: tuple[str, ...] = ()
    positive: bool = False

    def __str__(self) -> str:
        settings = ",".join(f"{name}={value}" for name, value in self.config.items())
        without = "".join(f"-{name}" for name in self.without)
        shapes = ",".join("x".join(map(str, shape)) for shape in self.shapes)
        return f"{self.op}({settings}){without}[{shapes}]".replace(" ", "")

    @property
    def own_statistics(self) -> bool:
        """Whether a number acts on others through a mean, beside the cells that it is read for."""
        if self.op == "batch_norm2d":
            return "running_mean" in self.without
        return self.op in ("layer_norm", "group_norm", "instance_norm2d")

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
        if self.positive:
            inputs = [_raised(x) for x in inputs]
            weights = {name: _raised(weight) for name, weight in weights.items()}
        return inputs, {name: weight for name, weight in weights.items() if name not in self.without}


def _weight(name: str, shape: Shape, rng: np.random.Generator) -> Array:
    return np.asarray(rng.uniform(0.5, 2, shape) if name == "running_var" else rng.standard_normal(shape))


def _raised(numbers: Array) -> Array:
    return np.asarray(np.abs(numbers) + numbers.dtype.type(0.3))


CONVOLUTIONS = (
    Example("conv2d", {"out_channels": 3, "kernel_size": [2, 3]}),
    Example("conv2d", {"kernel_size": [3, 2], "padding": "same", "flip": True}, without=("bias",)),
    Example("conv2d", {"out_channels": 2, "kernel_size": [3, 2], "stride": [2, 3], "padding": [1, 0, 2, 1]}),
    Example("conv2d", {"out_channels": 4, "kernel_size": 3, "groups": 2, "padding": "full"}, ((4, 3, 4),)),
    Example(
        "conv2d", {"out_channels": 3, "kernel_size": [1, 3], "groups": 3, "dilation": [1, 2]}, ((3, 3, 6),)
    ),
    Example(
        "conv2d",
        {"out_channels": 3, "kernel_size": [2, 3], "connections": [[1, 0, 1], [0, 1, 0], [1, 1, 1]]},
        ((3, 4, 5),),
    ),
    Example(
        "conv2d",
        {
            "out_channels": 2,
            "kernel_size": [3, 2],
            "padding": 1,
            "flip": True,
            "connections": [[0, 1], [1, 0]],
        },
    ),
    *(
        Example(
            "conv2d", {"kernel_size": [2, 3], "padding": [1, 2], "padding_mode": mode, "dilation": [2, 1]}
        )
        for mode in ("reflect", "replicate", "circular")
    ),
)

MAPS_AND_VECTORS = (((2, 3, 4),), ((5,),))

TOKENS = ((3, 5),)
"""Of one picture: three tokens of five features; a tensor of three axes."""

ACTIVATIONS = (
    "step",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "prelu",
    "gelu",
    "elu",
    "celu",
    "selu",
    "softplus",
    "clip",
    "thresholded_relu",
    "hard_sigmoid",
    "hard_swish",
    "silu",
    "mish",
    "softsign",
)
FUNCTIONS = ("exp", "neg", "abs", "floor", "ceil", "sign", "erf")
FUNCTIONS_OF_POSITIVES = ("log", "sqrt", "reciprocal")

POINTWISE = (
    *(
        Example(op, {}, shapes)
        for op in (*ACTIVATIONS, "softmax", "log_softmax", "flatten")
        for shapes in MAPS_AND_VECTORS
    ),
    *(Example(op, {}, ((2, 3, 4),)) for op in FUNCTIONS),
    *(Example(op, {}, ((2, 3, 4),), positive=True) for op in FUNCTIONS_OF_POSITIVES),
    Example("exp", {}, TOKENS),
    Example("leaky_relu", {"negative_slope": 0.3}),
    Example("prelu", {"weight_shape": [2, 1, 1]}),
    Example("gelu", {"approximate": "tanh"}),
    Example("elu", {"alpha": 0.3}),
    Example("celu", {"alpha": 0.3}),
    Example("selu", {"alpha": 1.5, "gamma": 0.5}),
    Example("clip", {"min": -0.3, "max": 0.6}),
    Example("clip", {"max": 0.1}),
    Example("thresholded_relu", {"alpha": -0.2}),
    Example("hard_sigmoid", {"alpha": 0.2, "beta": 0.4}),
    *(Example(op, {"axis": -1}, ((2, 3, 4),)) for op in ("softmax", "log_softmax")),
    *(Example(op, {"axis": 2}, ((2, 3, 4),)) for op in ("softmax", "log_softmax")),
    *(Example(op, {"axis": 2}, TOKENS) for op in ("softmax", "log_softmax")),
    *(Example("layer_norm", {}, shapes) for shapes in (TOKENS, *MAPS_AND_VECTORS)),
    Example("layer_norm", {"axis": 1}, ((2, 3, 4),)),
    Example("layer_norm", {"axis": -2, "eps": 0.1}, ((2, 3, 4),), without=("bias",)),
    Example("layer_norm", {}, TOKENS, without=("weight", "bias")),
    Example("group_norm", {"num_groups": 2}, ((4, 2, 3),)),
    Example("group_norm", {"num_groups": 3}, ((6,),)),
    Example("group_norm", {}, ((4, 3, 2),), without=("weight",)),
    Example("instance_norm2d", {}, ((3, 2, 4),)),
    Example("instance_norm2d", {"eps": 0.1}, TOKENS, without=("weight", "bias")),
    Example("batch_norm2d", {}, ((3, 2, 4),)),
    Example("batch_norm2d", {}, ((5,),)),
    Example("batch_norm2d", {}, ((3, 2, 2, 4),), without=("running_mean", "running_var")),
    Example("batch_norm2d", {"eps": 0.1}, ((3, 2, 4),), without=("weight", "bias")),
    Example("batch_norm2d", {}, ((2, 3, 5),), without=("running_mean", "running_var")),
    Example("batch_norm2d", {}, ((2, 3, 4),), without=("weight", "bias", "running_mean", "running_var")),
    Example("local_response_norm", {"size": 3, "alpha": 2.0, "k": 2.0}, ((5, 2, 3),)),
    Example("local_response_norm", {"size": 4, "alpha": 1.0, "beta": 1.0}, ((3, 3, 2),)),
    Example("local_response_norm", {"size": 4, "alpha": 1.0, "longer_side": "after"}, ((6, 1, 2),)),
)

DENSE = (
    Example("linear", {"out_features": 3}, ((5,),)),
    Example("linear", {"out_features": 1}, ((4,),), without=("bias",)),
    Example("linear", {"out_features": 4}, TOKENS),
    Example("linear", {"out_features": 2}, ((2, 3, 5),), without=("bias",)),
    Example("matmul", {}, ((3, 5), (5, 4))),
    Example("matmul", {}, ((2, 3, 5), (2, 5, 4))),
    Example("matmul", {}, ((2, 1, 3, 5), (1, 3, 5, 2))),
    Example("matmul", {"weight_shape": [5, 4]}, TOKENS),
    Example("matmul", {"weight_shape": [5, 4]}, ((5,),)),
    Example("matmul", {"weight_shape": [2, 5, 4]}, ((1, 3, 5),)),
    Example("matmul", {"weight_shape": [2, 3], "side": "left"}, ((2, 3, 4),)),
    Example("cross_entropy", {"target": 2}, ((4,),)),
    Example("squared_error", {}, ((4,), (4,))),
    Example("squared_error", {}, ((2, 3, 4), (2, 3, 4))),
)

ARITHMETIC = (
    *(
        Example(op, {}, shapes, positive=True)
        for op in ("add", "sub", "mul", "div", "pow", "max", "min", "mean")
        for shapes in (((2, 3, 4), (2, 3, 4)), ((1, 1, 4), (2, 3, 1)))
    ),
    *(
        Example(op, {"operand_shape": [2, 1, 1]}, ((2, 3, 4),), positive=True)
        for op in ("add", "sub", "mul", "div", "pow", "max", "min", "mean")
    ),
    *(Example("mul", {}, shapes) for shapes in (((2, 3, 4), (2, 1, 1)), ((2, 1, 3, 4), (1, 3, 3, 1)))),
    *(Example(op, {"operand_shape": []}, ((5,),)) for op in ("mul", "max")),
    Example("add", {"operand_shape": [2, 3, 4]}, ((2, 3, 4),)),
    *(
        Example(op, {"operand_shape": [3, 4], "reverse": True}, ((2, 3, 1),), positive=True)
        for op in ("sub", "div", "pow")
    ),
    *(Example(op, {}, ((5,), (1,), (5,))) for op in ("add", "mul", "max", "min", "mean")),
    Example("add", {"operand_shape": [5]}, TOKENS),
)

MERGES = (
    Example("concat", {}, ((2, 3, 4), (1, 3, 4), (3, 3, 4))),
    Example("concat", {}, ((5,), (2,))),
    Example("concat", {"axis": 2}, ((2, 3, 4), (2, 1, 4))),
    Example("concat", {"axis": -1}, ((2, 3, 4), (2, 3, 2), (2, 3, 5))),
    Example("concat", {}, ((3, 4), (2, 4))),
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

REARRANGEMENTS = (
    *(Example("identity", {}, shapes) for shapes in (*MAPS_AND_VECTORS, TOKENS)),
    Example("flatten", {}, TOKENS),
    Example("reshape", {"shape": [0, -1, 7]}),
    Example("reshape", {"shape": [0, 3, 1, 4, 5]}, ((60,),)),
    Example("reshape", {"shape": [0, 2, -1, 4]}, ((2, 3, 4),)),
    Example("squeeze", {}, ((2, 1, 7),)),
    Example("squeeze", {"axes": [-2]}, ((2, 1, 7),)),
    Example("unsqueeze", {"axes": [1, -1]}),
    Example("unsqueeze", {"axes": 2}, TOKENS),
    Example("transpose", {}),
    Example("transpose", {"perm": [0, 3, 1, 2]}),
    Example("transpose", {"perm": [0, 2, 1]}, TOKENS),
    Example("transpose", {"perm": [0, 3, 1, -1, 2]}, ((2, 3, 4, 5),)),
    Example("depth_to_space", {"blocksize": 2}, ((8, 2, 3),)),
    Example("depth_to_space", {"blocksize": 2, "mode": "CRD"}, ((8, 2, 3),)),
    Example("space_to_depth", {"blocksize": 2}, ((3, 4, 6),)),
    Example("space_to_depth", {"blocksize": 2, "mode": "CRD"}, ((3, 4, 6),)),
    Example("slice", {"starts": [-4, 6], "ends": [9, 0], "axes": [2, 3], "steps": [1, -2]}),
    Example("slice", {"starts": [0, 0, 0], "ends": [9, 1, 4], "steps": [1, 1, 3]}, TOKENS),
    Example("slice", {"starts": 1, "ends": -1, "axes": 1}, ((5,),)),
    Example("gather", {"indices": [4, 0, 0, -2], "axis": 2}),
    Example("gather", {"indices": 1}, ((4,),)),
    Example("pad", {"pads": [1, 0, 2, -1, 1, 0], "axes": [1, 2, 3], "value": 2.5}),
    *(Example("pad", {"pads": [2, 1, 1, -3], "mode": mode}) for mode in ("reflect", "edge", "wrap")),
    Example("pad", {"pads": [1, 2]}, ((5,),)),
    Example("pad", {"pads": [1, 1, 0, 0, 0, 2, 1, 1]}, ((2, 3, 4, 5),)),
    Example("expand", {"shape": [3, 4, 7]}, ((3, 1, 7),)),
    Example("expand", {"shape": [3, 5]}, ((1, 5),)),
    Example("tile", {"repeats": [2, 1, 3]}, ((2, 3, 4),)),
    Example("tile", {"repeats": [1, 1, 2]}, TOKENS),
)

RESIZES = (
    Example("resize"),
    Example("resize", {"sizes": 4}, TOKENS),
    Example("resize", {"scales": 2}, ((5,),)),
    Example("resize", {"mode": "linear", "sizes": [3, 4], "antialias": True}),
    Example("resize", {"mode": "cubic", "scales": [0.6, 1.7], "exclude_outside": True}),
    Example("resize", {"mode": "cubic", "sizes": [9, 3], "antialias": True, "cubic_coeff_a": -0.5}),
    *(
        Example("resize", {"mode": mode, "scales": [1.5, 0.7], "coordinate_transformation_mode": coordinates})
        for mode in ("nearest", "linear")
        for coordinates in COORDINATE_MODES
        if coordinates != "tf_crop_and_resize"
    ),
    Example("resize", {"mode": "linear", "sizes": [3, 8, 4], "axes": [1, 2, 3]}),
    Example(
        "resize",
        {
            "mode": "linear",
            "sizes": [4, 3],
            "coordinate_transformation_mode": "tf_crop_and_resize",
            "roi": [0.2, -0.3, 1.4, 1],
            "extrapolation_value": 3,
        },
    ),
)

REDUCTIONS = tuple(
    Example(f"reduce_{kind}", settings, shapes)
    for kind in ("sum", "mean", "max", "min", "prod", "l1", "l2")
    for settings, shapes in (
        ({}, ((2, 3, 4),)),
        ({"axes": [2, 3], "keepdims": False}, ((2, 3, 4),)),
        ({"axes": 1, "keepdims": False}, ((2, 3, 4),)),
        ({"axes": -1}, TOKENS),
        ({"axes": [3, 1]}, ((2, 3, 4, 5),)),
    )
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
    Example("global_lp_pool2d"),
    Example("global_lp_pool2d", {"norm_type": 3}, ((2, 3, 2),)),
)

TENSORS = (*REARRANGEMENTS, *RESIZES, *REDUCTIONS)

EXAMPLES = (*CONVOLUTIONS, *TRANSPOSED, *UNSHARED, *POOLS, *POINTWISE, *DENSE, *ARITHMETIC, *MERGES, *TENSORS)

"""Every operation by its public name. A new operation is a file beside this one and a line here."""

from __future__ import annotations

from engine.ops.activations import Gelu, LeakyRelu, Relu, Sigmoid, Step, Tanh
from engine.ops.arithmetic import Add, Div, Mul, Pow, Sub
from engine.ops.avg_pool2d import AvgPool2d
from engine.ops.conv2d import Conv2d
from engine.ops.conv_transpose2d import ConvTranspose2d
from engine.ops.extremes import Max, Mean, Min
from engine.ops.functions import Abs, Ceil, Erf, Exp, Floor, Log, Neg, Reciprocal, Sign, Sqrt
from engine.ops.gates import HardSigmoid, HardSwish, Mish, Silu, Softsign
from engine.ops.global_pooling import GlobalAvgPool2d, GlobalLpPool2d, GlobalMaxPool2d
from engine.ops.group_normalisation import GroupNorm, InstanceNorm2d, LayerNorm
from engine.ops.linear import Linear
from engine.ops.local2d import Local2d
from engine.ops.local_response_norm import LocalResponseNorm
from engine.ops.losses import CrossEntropy, SquaredError
from engine.ops.lp_pool2d import LpPool2d
from engine.ops.matmul import Matmul
from engine.ops.max_pool2d import MaxPool2d
from engine.ops.merge import Concat
from engine.ops.normalisation import BatchNorm2d
from engine.ops.operation import Operation
from engine.ops.pad import Pad
from engine.ops.prelu import Prelu
from engine.ops.rectifiers import Celu, Clip, Elu, Selu, Softplus, ThresholdedRelu
from engine.ops.reduce import (
    ReduceL1,
    ReduceL2,
    ReduceMax,
    ReduceMean,
    ReduceMin,
    ReduceProd,
    ReduceSum,
)
from engine.ops.reorder import DepthToSpace, SpaceToDepth, Transpose
from engine.ops.repeat import Expand, Tile
from engine.ops.reshape import Flatten, Identity, Reshape, Squeeze, Unsqueeze
from engine.ops.resize import Resize
from engine.ops.slicing import Gather, Slice
from engine.ops.softmax import LogSoftmax, Softmax
from engine.ops.tiled2d import Tiled2d

OPERATIONS: dict[str, type[Operation]] = {
    operation.name: operation
    for operation in (
        Conv2d,
        ConvTranspose2d,
        Local2d,
        Tiled2d,
        MaxPool2d,
        AvgPool2d,
        LpPool2d,
        GlobalMaxPool2d,
        GlobalAvgPool2d,
        GlobalLpPool2d,
        Step,
        Sigmoid,
        Tanh,
        Relu,
        LeakyRelu,
        Prelu,
        Gelu,
        Elu,
        Celu,
        Selu,
        Softplus,
        Clip,
        ThresholdedRelu,
        HardSigmoid,
        HardSwish,
        Silu,
        Mish,
        Softsign,
        Exp,
        Log,
        Sqrt,
        Neg,
        Abs,
        Reciprocal,
        Floor,
        Ceil,
        Sign,
        Erf,
        Softmax,
        LogSoftmax,
        BatchNorm2d,
        InstanceNorm2d,
        LayerNorm,
        GroupNorm,
        LocalResponseNorm,
        Linear,
        Matmul,
        Flatten,
        Identity,
        Reshape,
        Squeeze,
        Unsqueeze,
        Transpose,
        DepthToSpace,
        SpaceToDepth,
        Slice,
        Gather,
        Pad,
        Expand,
        Tile,
        Resize,
        ReduceSum,
        ReduceMean,
        ReduceMax,
        ReduceMin,
        ReduceProd,
        ReduceL1,
        ReduceL2,
        Add,
        Sub,
        Mul,
        Div,
        Pow,
        Max,
        Min,
        Mean,
        Concat,
        CrossEntropy,
        SquaredError,
    )
}

"""Every operation by its public name. A new operation is a file beside this one and a line here."""

from __future__ import annotations

from engine.ops.activations import Gelu, LeakyRelu, Relu, Sigmoid, Step, Tanh
from engine.ops.avg_pool2d import AvgPool2d
from engine.ops.conv2d import Conv2d
from engine.ops.conv_transpose2d import ConvTranspose2d
from engine.ops.global_pooling import GlobalAvgPool2d, GlobalMaxPool2d
from engine.ops.linear import Linear
from engine.ops.local2d import Local2d
from engine.ops.local_response_norm import LocalResponseNorm
from engine.ops.losses import CrossEntropy, SquaredError
from engine.ops.lp_pool2d import LpPool2d
from engine.ops.max_pool2d import MaxPool2d
from engine.ops.merge import Add, Concat
from engine.ops.normalisation import BatchNorm2d
from engine.ops.operation import Operation
from engine.ops.reshape import Flatten
from engine.ops.softmax import Softmax
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
        Step,
        Sigmoid,
        Tanh,
        Relu,
        LeakyRelu,
        Gelu,
        Softmax,
        BatchNorm2d,
        LocalResponseNorm,
        Linear,
        Flatten,
        Add,
        Concat,
        CrossEntropy,
        SquaredError,
    )
}

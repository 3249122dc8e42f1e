"""Which way a stage goes from an operation to calls on memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from engine.inference.arrangement import ConcatenationLowering, FlatteningLowering
from engine.inference.convolution import ConvolutionLowering, ScalingLowering
from engine.inference.elementwise import FUNCTIONS, AdditionLowering, FunctionLowering, ReluLowering
from engine.inference.linear import LinearLowering
from engine.inference.lowering import Lowering
from engine.inference.pooling import PoolingLowering
from engine.inference.slots import Margin
from engine.inference.stages import Stage
from engine.ops.activations import Relu
from engine.ops.arithmetic import Add
from engine.ops.avg_pool2d import AvgPool2d
from engine.ops.conv2d import Conv2d
from engine.ops.linear import Linear
from engine.ops.max_pool2d import MaxPool2d
from engine.ops.merge import Concat
from engine.ops.reshape import Flatten
from engine.types import Shape


def lowering_of(
    stage: Stage,
    shapes: Mapping[str, Shape],
    dtype: np.dtype[Any],
    prepared: dict[Any, Any],
    non_negative: Collection[str],
) -> Lowering:
    """The way of a stage.

    Args:
        prepared: what routes made of the weights; it is added to.
        non_negative: outputs that have no number below 0.
    """
    match stage.op:
        case Conv2d(padding_mode="zeros", kernel_size=(1, 1), stride=(1, 1), padding=0) if (
            stage.op.groups == stage.op.out_channels == shapes[stage.inputs[0]][1]
        ):
            return ScalingLowering(stage, shapes, dtype)
        case Conv2d(padding_mode="zeros"):
            return ConvolutionLowering(stage, stage.op, shapes, dtype, prepared)
        case Linear():
            return LinearLowering(stage, shapes, dtype)
        case Add() if len(stage.inputs) == 2:
            return AdditionLowering(stage, shapes, dtype)
        case MaxPool2d():
            pooling = PoolingLowering(stage, stage.op, shapes, dtype)
            # Zeros around a map are right where there are none, or no number is below them.
            if pooling.margin == Margin() or stage.inputs[0] in non_negative:
                return pooling
        case AvgPool2d(padding=0, ceil_mode=False):
            return PoolingLowering(stage, stage.op, shapes, dtype)
        case Concat():
            return ConcatenationLowering(stage, stage.op, shapes, dtype)
        case Relu():
            return ReluLowering(stage, shapes, dtype)
        case Flatten():
            return FlatteningLowering(stage, shapes, dtype)
        case op if type(op) in FUNCTIONS:
            return FunctionLowering(stage, shapes, dtype)
    return Lowering(stage, shapes, dtype)

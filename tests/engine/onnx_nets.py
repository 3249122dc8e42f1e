"""Small networks as ONNX files, each in the manner of one that people have."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx

from tests.engine.onnx_files import Weights, onnx_file, step

Steps = list[onnx.NodeProto]


def residual_classifier() -> bytes:
    """As PyTorch exports ResNet: nested names, batch normalisation, a shortcut, a dynamic batch."""
    w = Weights()

    scale, variance = w.positive("bn1.weight", 4), w.positive("bn1.var", 4)
    statistics = f"{scale} {w('bn1.bias', 4)} {w('bn1.mean', 4)} {variance}"
    return onnx_file(
        [
            step(
                "Conv", f"x {w('conv1', 4, 2, 3, 3)}", "a", "/conv1/Conv", pads=[1, 1, 1, 1], strides=[2, 2]
            ),
            step("Relu", "a", "b", "/relu/Relu"),
            step("MaxPool", "b", "c", "/maxpool/MaxPool", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
            step(
                "Conv", f"c {w('conv2', 4, 4, 3, 3)}", "d", "/layer1/layer1.0/conv1/Conv", pads=[1, 1, 1, 1]
            ),
            step("BatchNormalization", f"d {statistics}", "e", "/layer1/layer1.0/bn1/BatchNormalization"),
            step("Add", "e c", "f", "/layer1/layer1.0/Add"),
            step("Relu", "f", "g", "/layer1/layer1.0/relu/Relu"),
            step("GlobalAveragePool", "g", "h", "/avgpool/GlobalAveragePool"),
            step("Flatten", "h", "i", "/Flatten", axis=1),
            step("Gemm", f"i {w('fc', 5, 4)} {w('fc.bias', 5)}", "y", "/fc/Gemm", transB=1),
        ],
        w.made,
    )


def shuffle_block() -> bytes:
    """As PyTorch exports ShuffleNet: a split, and a shuffle whose sizes are computed from the input's."""
    w = Weights()
    sizes = [
        step("Shape", "x", "shape"),
        step("Gather", f"shape {w.numbers('first')}", "n", axis=0),
        step("Unsqueeze", f"n {w.numbers('at', 0)}", "batch"),
        step("Concat", f"batch {w.numbers('grouped', 2, 2)} rest", "five", axis=0),
        step("Concat", f"batch {w.numbers('channels', -1)} rest", "four", axis=0),
        step("Slice", f"shape {w.numbers('two', 2)} {w.numbers('end', 2**63 - 1)}", "rest"),
    ]
    w.made["first"] = np.array(0)
    order = [sizes[i] for i in (0, 1, 2, 5, 3, 4)]
    return onnx_file(
        [
            *order,
            step("Split", f"x {w.numbers('halves', 2, 2)}", "left right", axis=1),
            step("Conv", f"right {w('depthwise', 2, 1, 3, 3)}", "a", group=2, auto_pad="SAME_LOWER"),
            step("Relu", "a", "b"),
            step("Concat", "left b", "c", axis=1),
            step("Reshape", "c five", "d"),
            step("Transpose", "d", "e", perm=[0, 2, 1, 3, 4]),
            step("Reshape", "e four", "f"),
            step("AveragePool", "f", "y", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
        ],
        w.made,
        inputs={"x": ("batch", 4, 6, 7)},
        opset=19,
    )


def segmenter() -> bytes:
    """As PyTorch exports a U-Net: down, up by a transposed convolution and by Resize, joined, softmax."""
    w = Weights()
    return onnx_file(
        [
            step("Conv", f"x {w('down', 4, 2, 3, 3)} {w('down.bias', 4)}", "a", pads=[1, 1, 1, 1]),
            step("LeakyRelu", "a", "b", alpha=0.1),
            step("MaxPool", "b", "c", kernel_shape=[2, 2], strides=[2, 2]),
            step("ConvTranspose", f"c {w('up', 4, 3, 2, 2)}", "d", strides=[2, 2]),
            step("Concat", "b d", "e", axis=1),
            step("Conv", f"e {w('head', 3, 7, 1, 1)}", "f"),
            step("Resize", "f - scales", "g", mode="linear", coordinate_transformation_mode="half_pixel"),
            step("Softmax", "g", "y", axis=1),
        ],
        {**w.made, "scales": np.array([1, 1, 2, 1.5], dtype=np.float32)},
        inputs={"x": (1, 2, 8, 10)},
        opset=13,
    )


def mobile() -> bytes:
    """As PyTorch exports MobileNet V3: clipped and hard activations, squeeze and excitation, constants."""
    w = Weights()
    w.made.update({"zero": np.float32(0), "six": np.float32(6), "half": np.float32(0.5)})
    return onnx_file(
        [
            step("Conv", f"x {w('stem', 4, 2, 3, 3)}", "a", strides=[2, 2]),
            step("Clip", "a zero six", "b"),
            step("GlobalAveragePool", "b", "c"),
            step("Conv", f"c {w('squeeze', 2, 4, 1, 1)}", "d"),
            step("Relu", "d", "e"),
            step("Conv", f"e {w('excite', 4, 2, 1, 1)}", "f"),
            step("HardSigmoid", "f", "g", alpha=1 / 6),
            step("Mul", "g b", "h"),
            step("HardSwish", "h", "i"),
            step("Mul", "i half", "j"),
            step("ReduceMean", "j", "k", axes=[2, 3], keepdims=0),
            step("Dropout", "k", "l"),
            step("MatMul", f"l {w('fc', 4, 5)}", "m"),
            step("Add", f"m {w('fc.bias', 5)}", "n"),
            step("Identity", "n", "o"),
            step("LogSoftmax", "o", "y", axis=-1),
        ],
        w.made,
        opset=14,
    )


def old_style() -> bytes:
    """As exporters wrote at opset 7: settings as attributes that are inputs today, a fixed batch."""
    w = Weights()
    return onnx_file(
        [
            step("Pad", "x", "a", pads=[0, 0, 1, 1, 0, 0, 1, 1]),
            step("Conv", f"a {w('conv', 4, 2, 3, 3)}", "b"),
            step("LRN", "b", "c", size=3, alpha=0.1),
            step("Clip", "c", "d", min=0.0, max=1.0),
            step("Upsample", "d", "e", scales=[1.0, 1.0, 2.0, 2.0], mode="nearest"),
            step("Slice", "e", "f", axes=[2, 3], starts=[1, 0], ends=[9, -1]),
            step("Split", "f", "g h", axis=1, split=[1, 3]),
            step("ReduceSum", "h", "i", axes=[1], keepdims=1),
            step("Sub", "g i", "j"),
            step("Squeeze", "j", "k", axes=[1]),
            step("Unsqueeze", "k", "l", axes=[1]),
            step("Flatten", "l", "m"),
            step("Softmax", "m", "y"),
        ],
        w.made,
        inputs={"x": (1, 2, 8, 9)},
        opset=7,
    )


def channels_last() -> bytes:
    """As tf2onnx writes: the picture as rows, columns, channels, turned by the file itself."""
    w = Weights()
    return onnx_file(
        [
            step("Transpose", "x", "a", "model/conv/Transpose", perm=[0, 3, 1, 2]),
            step("Conv", f"a {w('conv', 4, 3, 3, 3)}", "b", "model/conv/Conv2D;model/conv/bias"),
            step("Transpose", "b", "c", "model/pool/Transpose", perm=[0, 2, 3, 1]),
            step("ReduceMax", "c", "d", "model/pool/Max", axes=[1, 2], keepdims=0),
            step("MatMul", f"d {w('fc', 4, 5)}", "y", "model/fc/MatMul"),
        ],
        w.made,
        inputs={"x": ("n", 8, 9, 3)},
    )


NETS: dict[str, Callable[[], bytes]] = {
    make.__name__: make
    for make in (residual_classifier, shuffle_block, segmenter, mobile, old_style, channels_last)
}

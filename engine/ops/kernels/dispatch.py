"""Which route a convolution takes.

The routes give the same numbers up to rounding. The rule, measured on two cores with AVX2; the first line
that fits:

| what | route |
|---|---|
| float64 | im2col: whoever asks for it wants the definition, without Winograd's rounding |
| one kernel or so over a large picture, k×k, of rank r: k < 5 | compact lowering |
| … k ≤ 12 | separable if r ≤ k / 4, else compact lowering |
| … k ≥ 13 | separable if r ≤ 3, else FFT |
| a kernel for each channel | depthwise |
| 3×3, side by side, 32 channels or more in and out, 36 tiles of 4×4 or more | Winograd F(4×4, 3×3) |
| … the same with 36 tiles of 2×2 | Winograd F(2×2, 3×3) |
| fewer than 16 channels out | im2col, (OC, taps) @ (taps, positions) |
| everything else | im2col, (positions, taps) @ (taps, OC) |

With few tiles the transformed kernels, which are 4 times as large as the kernels, take longer to read than
multiplying saves.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import EngineError
from engine.ops.kernels.algorithm import Algorithm
from engine.ops.kernels.compact_lowering import CompactLowering
from engine.ops.kernels.convolution import Convolution
from engine.ops.kernels.depthwise import Depthwise
from engine.ops.kernels.fft import FourierTransform
from engine.ops.kernels.im2col import Im2col
from engine.ops.kernels.separable import Separable, row_rank
from engine.ops.kernels.winograd import Winograd
from engine.types import Array

AUTOMATIC = "automatic"

ALGORITHMS: Mapping[str, Algorithm] = {
    "im2col": Im2col("nchw"),
    "im2col-nhwc": Im2col("nhwc"),
    "winograd-2": Winograd(2),
    "winograd-4": Winograd(4),
    "depthwise": Depthwise(),
    "compact-lowering": CompactLowering(),
    "separable": Separable(),
    "fft": FourierTransform(),
}
"""Every route by its name. A new one is a file beside this one, a line here and a line in the rule."""

MANY_CHANNELS = 32
FEW_OUT_CHANNELS = 16
ENOUGH_TILES = 36
FEW_KERNELS = 4
"""Kernels of a group: with more, a matrix product is worth unrolling the windows for."""
LARGE_PICTURE = 1 << 17
"""Outputs of a map."""


def choose(task: Convolution, weight: Array) -> str:
    """The name of the route to take.

    Args:
        task: what is to be computed.
        weight: (OC, C / groups, KH, KW): its dtype, and the rank of single kernels.

    >>> import numpy as np
    >>> from engine.geometry.axis import Axis
    >>> axis, large = Axis(56, 3, before=1, after=1), Axis(1000, 15)
    >>> choose(Convolution(1, 64, 64, axis, axis), np.ones((64, 64, 3, 3), np.float32))
    'winograd-4'
    >>> choose(Convolution(1, 1, 1, large, large), np.ones((1, 1, 15, 15), np.float32))
    'separable'
    """
    if weight.dtype.itemsize > 4:
        return "im2col"
    kernels = (task.in_channels // task.groups) * (task.out_channels // task.groups)
    outputs = task.outputs[0] * task.outputs[1]
    if kernels <= FEW_KERNELS and outputs >= LARGE_PICTURE and ALGORITHMS["fft"].suits(task):
        return _for_large_picture(task, weight)
    if task.groups == task.in_channels > 1:
        return "depthwise"
    if ALGORITHMS["winograd-4"].suits(task) and min(task.in_channels, task.out_channels) >= MANY_CHANNELS:
        for size in (4, 2):
            rows, columns = (-(-outputs // size) for outputs in task.outputs)
            if task.pictures * rows * columns >= ENOUGH_TILES:
                return f"winograd-{size}"
    return "im2col" if task.out_channels // task.groups < FEW_OUT_CHANNELS else "im2col-nhwc"


def _for_large_picture(task: Convolution, weight: Array) -> str:
    size = min(task.kernel_size)
    if size < 5:
        return "compact-lowering"
    if row_rank(weight, task.groups) <= (size // 4 if size < 13 else 3):
        return "separable"
    return "compact-lowering" if size < 13 else "fft"


def algorithm(name: str, task: Convolution) -> Algorithm:
    """A route by its name.

    Raises:
        EngineError: ``invalid-argument`` if there is none of that name, or it cannot take the task.
    """
    suitable = [known for known, route in ALGORITHMS.items() if route.suits(task)]
    if name not in suitable:
        raise EngineError("invalid-argument", "algorithm", name, ", ".join([AUTOMATIC, *suitable]))
    return ALGORITHMS[name]

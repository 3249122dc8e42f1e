"""Locally connected layer: windows as in a convolution, but every output has a kernel of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.geometry.axis import PaddingMode
from engine.geometry.padding import Padding, window_axes
from engine.ops.operation import Weights, require_map, require_shape
from engine.ops.tiled2d import Tiled2dCache, Tiled2dGrads, Unshared2d, tiled2d, tiled2d_backward
from engine.types import Array, Pair, Shape


def local2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Pair = (1, 1),
    padding: Padding = 0,
    padding_mode: PaddingMode = "zeros",
) -> tuple[Array, Tiled2dCache]:
    """Cross-correlation without sharing: a tiled convolution whose tile is as large as the output.

    Args:
        x: (N, C, H, W), float32 or float64.
        weight: (OC, OH, OW, C, KH, KW): a kernel for every output channel, row and column.
        bias: (OC, OH, OW) or None.
        stride: cells, (rows, columns), at least 1.
        padding: see ``geometry.padding.resolve_padding``.
        padding_mode: what the padding cells hold.

    Returns:
        (N, OC, OH, OW) in the dtype of x, and the cache for ``local2d_backward``.

    Raises:
        EngineError: ``shape-mismatch`` also if OH and OW are not the output's;
            ``kernel-too-large``, ``padding-too-large``.

    Source: Goodfellow, Bengio & Courville, Deep Learning (2016), eq. 9.9.

    >>> import numpy as np
    >>> x = np.array([[1, 2, 3]], dtype=np.float32).reshape(1, 1, 1, 3)
    >>> weight = np.array([1, 10, 100], dtype=np.float32).reshape(1, 1, 3, 1, 1, 1)
    >>> local2d(x, weight)[0]
    array([[[[  1.,  20., 300.]]]], dtype=float32)
    """
    _, rows, columns = require_map("local2d", x.shape)
    axes = window_axes((rows, columns), weight.shape[4:], stride, padding, mode=padding_mode)
    places = (axes[0].outputs, axes[1].outputs)
    require_shape("weight", weight.shape, (weight.shape[0], *places, *weight.shape[3:]))
    return tiled2d(x, weight, bias, stride=stride, padding=padding, padding_mode=padding_mode)


def local2d_backward(grad_output: Array, cache: Tiled2dCache) -> Tiled2dGrads:
    """Gradients of a locally connected layer: a kernel learns from its one place alone.

    Args:
        grad_output: (N, OC, OH, OW).
        cache: what ``local2d`` returned.
    """
    return tiled2d_backward(grad_output, cache)


@dataclass(frozen=True)
class Local2d(Unshared2d):
    """local2d as a node of a model."""

    name: ClassVar[str] = "local2d"

    def places(self, shape: Shape) -> Pair:
        rows, columns = self.axes(shape)
        return (rows.outputs, columns.outputs)

    def forward(self, inputs: Sequence[Array], weights: Weights) -> tuple[Array, Any]:
        return local2d(
            inputs[0],
            weights["weight"],
            weights.get("bias"),
            stride=self.stride,
            padding=self.padding,
            padding_mode=self.padding_mode,
        )

"""EfficientNet-Lite0 in PyTorch's functions, over the tensors of the published checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

# Blocks, and stride of the first: Tan & Le (2019), table 1; sizes and channels are the tensors' own.
STAGES = ((1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1))


@dataclass(frozen=True)
class EfficientNetLite0:
    """The network; computes in float64, so that the reference has no error of its own."""

    tensors: Mapping[str, Tensor]

    @torch.inference_mode()
    def __call__(self, x: Tensor) -> Tensor:
        """From (N, 3, 224, 224) to the scores (N, 1000) before softmax, float32."""
        x = self.layer(x.double(), "_conv_stem", "_bn0", stride=2).clamp(0, 6)
        number = 0
        for blocks, first_stride in STAGES:
            for repeat in range(blocks):
                y = self.block(x, f"_blocks.{number}.", first_stride if repeat == 0 else 1)
                x = x + y if repeat else y
                number += 1
        x = self.layer(x, "_conv_head", "_bn1").clamp(0, 6).mean((2, 3))
        return functional.linear(x, self["_fc.weight"], self["_fc.bias"]).float()

    def __getitem__(self, name: str) -> Tensor:
        return self.tensors[name].double()

    def block(self, x: Tensor, name: str, stride: int) -> Tensor:
        """Expansion, where there is one, depthwise convolution, projection."""
        if f"{name}_expand_conv.weight" in self.tensors:
            x = self.layer(x, f"{name}_expand_conv", f"{name}_bn0").clamp(0, 6)
        x = self.layer(x, f"{name}_depthwise_conv", f"{name}_bn1", stride, groups=x.shape[1]).clamp(0, 6)
        return self.layer(x, f"{name}_project_conv", f"{name}_bn2")

    def layer(self, x: Tensor, conv: str, norm: str, stride: int = 1, groups: int = 1) -> Tensor:
        """Convolution with TensorFlow's "same" padding, and batch normalisation."""
        weight = self[f"{conv}.weight"]
        left_over = max(0, (-(-x.shape[-1] // stride) - 1) * stride + weight.shape[-1] - x.shape[-1])
        before, after = left_over // 2, left_over - left_over // 2
        padded = functional.pad(x, (before, after, before, after))
        y = functional.conv2d(padded, weight, stride=stride, groups=groups)
        kept = (self[f"{norm}.{name}"] for name in ("running_mean", "running_var", "weight", "bias"))
        return functional.batch_norm(y, *kept, eps=1e-3)

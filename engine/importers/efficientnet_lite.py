"""The trained weights of EfficientNet-Lite0, under the names of our nodes."""

from __future__ import annotations

import re

from engine.errors import EngineError
from engine.importers.pytorch import read_checkpoint
from engine.types import Array

LAYERS = {
    "_conv_stem": "stem_conv",
    "_bn0": "stem_bn",
    "_conv_head": "head_conv",
    "_bn1": "head_bn",
    "_fc": "output",
}
LAYERS_OF_BLOCK = {
    "_expand_conv": "expand_conv",
    "_bn0": "expand_bn",
    "_depthwise_conv": "depthwise_conv",
    "_bn1": "depthwise_bn",
    "_project_conv": "project_conv",
    "_bn2": "project_bn",
}
"""Layers by the names of the TensorFlow original, which the checkpoint keeps."""


def read_efficientnet_lite(data: bytes) -> dict[str, Array]:
    """Weights of a checkpoint of EfficientNet-Lite, by ``node.weight`` of ``zoo.efficientnet_lite``.

    Args:
        data: the file's bytes.

    Returns:
        float32 arrays: kernels (OC, C / groups, KH, KW), batch normalisation (C,), the classifier.

    Raises:
        EngineError: as ``read_checkpoint``; ``malformed-file`` for a tensor with an unknown name.
    """
    return {node_weight(name): array for name, array in read_checkpoint(data).items()}


def node_weight(name: str) -> str:
    """Our name for a tensor of the checkpoint.

    Raises:
        EngineError: ``malformed-file`` for a layer that EfficientNet-Lite does not have.

    >>> node_weight("_blocks.0._bn1.running_var"), node_weight("_fc.bias")
    ('block1_depthwise_bn.running_var', 'output.bias')
    """
    found = re.fullmatch(r"(?:_blocks\.(\d+)\.)?(\w+)\.(\w+)", name)
    block, layer, weight = found.groups() if found else (None, "", "")
    known = LAYERS if block is None else LAYERS_OF_BLOCK
    if layer not in known:
        raise EngineError("malformed-file", "tensor", name, "the layers of EfficientNet-Lite")
    prefix = "" if block is None else f"block{int(block) + 1}_"
    return f"{prefix}{known[layer]}.{weight}"

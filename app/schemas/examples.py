"""The examples that the description of the API shows; a test sends every one of them."""

from __future__ import annotations

from typing import Any

NODES: list[dict[str, Any]] = [
    {"name": "conv", "op": "conv2d", "weight": "sobel_x", "padding": 1},
    {"name": "act", "op": "relu"},
    {"name": "up", "op": "conv_transpose2d", "stride": 2, "weight": "box"},
]

SPECIFICATION: dict[str, Any] = {"input": {"channels": 1, "size": [32, 32]}, "nodes": NODES}

RUN: dict[str, Any] = {
    "image": "chelsea",
    "specification": {"nodes": NODES},
    "size": [32, 32],
    "color": "gray",
}

VARIANT: dict[str, Any] = {
    "model": "lenet-5",
    "preprocessing": {"color": "gray", "mean": [0.5], "std": [0.5]},
    "labels": [*"0123456789"],
}

INFERENCE: dict[str, Any] = {
    "inputs": [
        {"name": "input", "shape": [1, 1, 3, 3], "datatype": "FP32", "data": [0, 0, 1, 0, 0, 1, 0, 0, 1]}
    ],
    "outputs": [{"name": "act"}],
}
"""To be asked of that model."""

# Content addresses: what these examples are named, here and everywhere.
MODEL_ID = "mdl_2b07a8fdfa6bdda9a134"
RUN_ID = "run_c8cc294ee66f7bf1240a"

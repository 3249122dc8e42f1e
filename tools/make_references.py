"""Make ``tests/reference/*.npz``: what PyTorch computes, for the engine to be compared with.

Run from the root of the repository, in an environment with torch and numpy:

    python -m tools.make_references

A file holds ``manifest``, a JSON text of the cases and of where their arrays lie, and ``data``, all arrays
one after another: thousands of small arrays as entries of their own would weigh more than their numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from tools.references import (
    arithmetic,
    convolution,
    dense,
    functions,
    groups,
    networks,
    pointwise,
    pooling,
    tensors,
    training,
)
from tools.references.case import Case, Draw, compute

SEED = 20260
FOLDER = Path(__file__).resolve().parent.parent / "tests" / "reference"

FILES: dict[str, Callable[[Draw], Iterator[Case]]] = {
    "conv2d": convolution.conv2d_cases,
    "conv_transpose2d": convolution.conv_transpose2d_cases,
    "pooling": pooling.cases,
    "activations": pointwise.activation_cases,
    "normalisation": pointwise.normalisation_cases,
    "dense": dense.cases,
    "functions": functions.cases,
    "arithmetic": arithmetic.cases,
    "groups": groups.cases,
    "tensors": tensors.cases,
    "networks": networks.cases,
    "train/steps": training.cases,
}


def make(name: str, cases: Callable[[Draw], Iterator[Case]]) -> int:
    """Write one file; returns how many cases it holds."""
    draw = Draw(SEED)
    manifest: list[dict[str, object]] = []
    data: list[np.ndarray] = []
    offset = 0
    for case in cases(draw):
        places = {}
        for key, array in compute(case, draw).items():
            places[key] = {"offset": offset, "shape": list(array.shape)}
            data.append(array.reshape(-1))
            offset += array.size
        manifest.append({"op": case.op, "config": case.config, "arrays": places})
    about = {"seed": SEED, "torch": torch.__version__, "cases": manifest}
    text = json.dumps(about, separators=(",", ":"))
    np.savez_compressed(FOLDER / f"{name}.npz", manifest=np.array(text), data=np.concatenate(data))
    return len(manifest)


def main() -> None:
    """Write every file and say what is in it."""
    torch.set_num_threads(1)
    (FOLDER / "train").mkdir(parents=True, exist_ok=True)
    for name, cases in FILES.items():
        count = make(name, cases)
        print(f"{name}: {count} cases, {(FOLDER / name).with_suffix('.npz').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

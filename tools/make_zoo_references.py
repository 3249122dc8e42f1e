"""Make ``tests/reference/zoo/*.npz``: what PyTorch finds in the sample photographs, by trained networks.

Run from the root of the repository, in an environment with torch, numpy, pillow and the packages that the
cards in weights/ name:

    python -m tools.make_zoo_references

A network is written out once more in ``tools.references``, with PyTorch's own functions, and its weights
are read by PyTorch itself: nothing but the pictures comes from what is to be tested.
"""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import torch

from tests.engine.photographs import PHOTOGRAPHS, card, photograph
from tools.references.efficientnet_lite import EfficientNetLite0

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "reference" / "zoo"


def main() -> None:
    """Write the scores of every class, before softmax, for every photograph."""
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    known = card("efficientnet-lite0")
    file = distribution(known["package"]["name"]).locate_file(known["package"]["file"])
    network = EfficientNetLite0(torch.load(str(file), weights_only=True))
    scores = {
        name: network(torch.from_numpy(photograph(name, known["preprocessing"]))).numpy()
        for name in PHOTOGRAPHS
    }
    path = FOLDER / "efficientnet-lite0.npz"
    np.savez_compressed(path, torch=np.array(torch.__version__), **scores)
    print(f"{path.stem}: {len(scores)} photographs, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

"""The command line that the training scripts have in common."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from tools.training.weight_file import WEIGHTS


def read_arguments(description: str, data: str, epochs: int) -> argparse.Namespace:
    """The arguments ``data``, ``epochs``, ``seed``, ``threads``, ``checkpoint`` and ``out``.

    Args:
        description: what is trained.
        data: what the data's path must be.
        epochs: unless others are asked for.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", type=Path, help=data)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2, help="of PyTorch; the last digits depend on it")
    parser.add_argument("--checkpoint", type=Path, help="file to write after every epoch and to go on from")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder to write into")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    return arguments

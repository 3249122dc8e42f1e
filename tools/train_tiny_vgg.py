"""Train Tiny VGG on CIFAR-10 (weights/tiny-vgg.safetensors).

    python -m tools.train_tiny_vgg FOLDER

FOLDER holds ``cifar10_train_jpeg.npz`` and ``cifar10_test_jpeg.npz`` (see ``tools.training.data``). Needs
PyTorch. The 32×32 photographs are enlarged to the network's 64×64 bilinearly. They are learnt from with mean
0 and deviation 1; afterwards the first layer takes that over, so that the network reads [0, 1].
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torch.optim.lr_scheduler import OneCycleLR

from engine.specification import build_model
from engine.types import Array
from engine.zoo.tiny_vgg import TINY_VGG
from tools.training.augment import ShiftedAndMirrored
from tools.training.command import read_arguments
from tools.training.data import CIFAR_10, Labelled, read_cifar10
from tools.training.evaluate import as_unit, held_out
from tools.training.labels import CIFAR_10_LABELS
from tools.training.loop import train
from tools.training.torch_model import to_torch, weights_of
from tools.training.weight_file import write_weights

EPOCHS = 16
BATCH = 128
PEAK_RATE = 6e-3
SHIFT = 2
"""Pixels of the small picture by which it is moved at most; its border is mirrored."""


class Enlarged:
    """Batches of photographs, moved, mirrored, twice as large, and standardised channel by channel."""

    def __init__(self, data: Labelled) -> None:
        self.small = ShiftedAndMirrored(data, BATCH, SHIFT)
        pixels = data.pictures.reshape(-1, 3) / np.float32(255)
        self.mean, self.deviation = (torch.from_numpy(of(axis=0)) for of in (pixels.mean, pixels.std))

    def __call__(self, rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch."""
        for pictures, labels in self.small(rng):
            standard = (pictures - self.mean[:, None, None]) / self.deviation[:, None, None]
            yield enlarge(standard), labels


def enlarge(pictures: Tensor) -> Tensor:
    """Twice as many rows and columns, bilinearly between the cells' centres."""
    return interpolate(pictures, scale_factor=2, mode="bilinear", align_corners=False)


def fold_standardisation(layer: nn.Conv2d, mean: Tensor, deviation: Tensor) -> None:
    """Let a convolution without padding read [0, 1] where it read (x - mean) / deviation before.

    Σ w (x - mean) / deviation + b = Σ (w / deviation) x + (b - Σ (w / deviation) mean), exactly, as no
    padding cell is there that would have been 0 after the standardisation.
    """
    with torch.no_grad():
        layer.weight /= deviation[:, None, None]
        layer.bias -= (layer.weight * mean[:, None, None]).sum(dim=(1, 2, 3))


def train_tiny_vgg(data: Labelled, epochs: int, seed: int, checkpoint: Path | None) -> nn.Module:
    """The trained network, for pictures in [0, 1]."""
    torch.manual_seed(seed)
    model = to_torch(TINY_VGG.build()).to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(model.parameters())
    steps = epochs * (len(data.labels) // BATCH)
    schedule = OneCycleLR(optimiser, PEAK_RATE, total_steps=steps, cycle_momentum=False)
    batches = Enlarged(data)
    trained = train(model, batches, optimiser, schedule, epochs=epochs, seed=seed, checkpoint=checkpoint)
    fold_standardisation(trained.conv_1_1, batches.mean, batches.deviation)
    return trained


def _enlarged_units(pictures: Array) -> Array:
    return enlarge(torch.from_numpy(as_unit(pictures))).numpy()


def main() -> None:
    """The command line."""
    arguments = read_arguments("Train Tiny VGG on CIFAR-10.", "folder of CIFAR-10's two files", EPOCHS)
    data = read_cifar10(arguments.data)
    trained = train_tiny_vgg(data.train, arguments.epochs, arguments.seed, arguments.checkpoint)
    model = build_model(TINY_VGG.build(), weights=weights_of(trained))
    note = "Enlarged to 64×64 bilinearly; moved and mirrored at random while learning."
    card = {
        "architecture": {"name": "tiny-vgg"},
        "data": {**CIFAR_10, "note": note},
        "preprocessing": {"size": [64, 64], "color": "rgb", "range": 1, "mean": None, "std": None},
        "labels": CIFAR_10_LABELS,
        "seed": arguments.seed,
        "epochs": arguments.epochs,
        "trained_by": "tools/train_tiny_vgg.py",
        "accuracy": held_out(model, data.test, _enlarged_units),
    }
    write_weights(arguments.out, "tiny-vgg", model, card)


if __name__ == "__main__":
    main()

"""Train the network for colour photographs on CIFAR-10 (weights/cifar-net.safetensors).

    python -m tools.train_cifar_net FOLDER

FOLDER holds ``cifar10_train_jpeg.npz`` and ``cifar10_test_jpeg.npz`` (see ``tools.training.data``). Needs
PyTorch. The first layer starts from the filters learnt without labels (``tools.train_kmeans_bank``), stays
as it is for the first part of the training, and then learns ten times more slowly than the rest: so its
filters fit the task and stay clean.
"""

from __future__ import annotations

from math import cos, pi
from pathlib import Path

import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

from engine.importers.safetensors import read_safetensors
from engine.specification import build_model
from engine.types import Array
from engine.zoo.cifar_net import CIFAR_NET, WIDTHS
from tools.training.augment import ShiftedAndMirrored
from tools.training.command import read_arguments
from tools.training.data import CIFAR_10, Labelled, read_cifar10
from tools.training.diverse import diverse_filters
from tools.training.evaluate import filter_figures, held_out
from tools.training.labels import CIFAR_10_LABELS
from tools.training.loop import train
from tools.training.torch_model import to_torch, weights_of
from tools.training.weight_file import WEIGHTS, write_weights

EPOCHS = 20
BATCH = 128
PEAK_RATE = 0.1
FIRST_LAYER_RATE = 0.1
"""Of the others' rate."""
WARM_UP, CYCLE, CUT = 0.24, 1.2, 0.8
"""Shares of the epochs: see ``rate``."""
FROZEN = 0.6
"""The share of the epochs during which the first layer is left as it is."""
WEIGHT_DECAY = 5e-4
SHIFT = 4
"""Pixels by which a picture is moved at most; its border is mirrored."""


def rate(progress: float) -> float:
    """The learning rate as a share of its peak, after a share of the steps.

    It rises until ``WARM_UP`` and falls along a cosine that would take until ``CYCLE``; at ``CUT`` that is
    left for a straight line to 0.
    """
    if progress < WARM_UP:
        return 0.52 - 0.48 * cos(pi * progress / WARM_UP)
    falling = 0.5 + 0.5 * cos(pi * (min(progress, CUT) - WARM_UP) / (CYCLE - WARM_UP))
    return falling * min(1, (1 - progress) / (1 - CUT))


def train_cifar_net(
    data: Labelled, filters: Array, epochs: int, seed: int, checkpoint: Path | None
) -> nn.Module:
    """The trained network; ``filters`` are what its first layer starts from."""
    torch.manual_seed(seed)
    model = to_torch(CIFAR_NET.build()).to(memory_format=torch.channels_last)
    with torch.no_grad():
        model.conv1.weight.copy_(torch.from_numpy(filters))
    others = [parameter for parameter in model.parameters() if parameter is not model.conv1.weight]
    first = {"params": [model.conv1.weight], "weight_decay": 0.0, "lr": PEAK_RATE * FIRST_LAYER_RATE}
    optimiser = torch.optim.SGD(
        [{"params": others}, first], lr=PEAK_RATE, momentum=0.9, weight_decay=WEIGHT_DECAY, nesterov=True
    )
    steps = epochs * (len(data.labels) // BATCH)
    schedule = LambdaLR(optimiser, lambda step: rate(step / steps))

    def thaw(epoch: int) -> None:
        model.conv1.weight.requires_grad_(epoch >= FROZEN * epochs)

    return train(
        model,
        ShiftedAndMirrored(data, BATCH, SHIFT),
        optimiser,
        schedule,
        epochs=epochs,
        seed=seed,
        checkpoint=checkpoint,
        label_smoothing=0.1,
        before_epoch=thaw,
    )


def main() -> None:
    """The command line."""
    arguments = read_arguments("Train a network on CIFAR-10.", "folder of CIFAR-10's two files", EPOCHS)
    data = read_cifar10(arguments.data)
    bank = read_safetensors(WEIGHTS / "kmeans-bank.safetensors")["conv1.weight"]
    filters = diverse_filters(bank, WIDTHS[0])
    trained = train_cifar_net(data.train, filters, arguments.epochs, arguments.seed, arguments.checkpoint)
    model = build_model(CIFAR_NET.build(), weights=weights_of(trained))
    note = "Moved and mirrored at random while learning. The first layer started from kmeans-bank."
    card = {
        "architecture": {"name": "cifar-net"},
        "data": {**CIFAR_10, "note": note},
        "preprocessing": {"size": [32, 32], "color": "rgb", "range": 1, "mean": None, "std": None},
        "labels": CIFAR_10_LABELS,
        "seed": arguments.seed,
        "epochs": arguments.epochs,
        "trained_by": "tools/train_cifar_net.py",
        "accuracy": held_out(model, data.test),
        "filters": filter_figures(model.weights["conv1.weight"]),
    }
    write_weights(arguments.out, "cifar-net", model, card)


if __name__ == "__main__":
    main()

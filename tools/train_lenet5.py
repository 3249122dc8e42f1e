"""Train LeNet-5 on MNIST's digits (weights/lenet-5.safetensors).

    python -m tools.train_lenet5 mnist.npz

The file holds ``x_train`` (60000, 28, 28) uint8, ``y_train``, ``x_test`` and ``y_test``. Needs PyTorch;
a few minutes on two cores. The digits are turned, stretched and moved a little at random, so that those
drawn by a visitor are read as well.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

from engine.specification import build_model
from engine.zoo.lenet5 import LENET_5
from tools.training.augment import TurnedAndScaled
from tools.training.command import read_arguments
from tools.training.data import Labelled, read_mnist
from tools.training.evaluate import held_out
from tools.training.labels import DIGITS
from tools.training.loop import train
from tools.training.torch_model import to_torch, weights_of
from tools.training.weight_file import write_weights

EPOCHS = 20
BATCH = 128
PEAK_RATE = 4e-3


def train_lenet5(data: Labelled, epochs: int, seed: int, checkpoint: Path | None) -> nn.Module:
    """The trained network."""
    torch.manual_seed(seed)
    model = to_torch(LENET_5.build())
    with torch.no_grad():
        for scale in (model.s2_scale, model.s4_scale):
            scale.weight.fill_(1)
            scale.bias.zero_()
    optimiser = torch.optim.Adam(model.parameters())
    steps = epochs * (len(data.labels) // BATCH)
    schedule = OneCycleLR(optimiser, PEAK_RATE, total_steps=steps, cycle_momentum=False)
    batches = TurnedAndScaled(data, BATCH, degrees=12, stretch=0.12, shift=2)
    return train(model, batches, optimiser, schedule, epochs=epochs, seed=seed, checkpoint=checkpoint)


def main() -> None:
    """The command line."""
    arguments = read_arguments("Train LeNet-5 on MNIST.", "mnist.npz", EPOCHS)
    data = read_mnist(arguments.data)
    trained = train_lenet5(data.train, arguments.epochs, arguments.seed, arguments.checkpoint)
    model = build_model(LENET_5.build(), weights=weights_of(trained))
    card = {
        "architecture": {"name": "lenet-5"},
        "data": {
            "name": "MNIST: 60,000 handwritten digits to learn from, 10,000 held out",
            "licence": "CC BY-SA 3.0",
            "source": "LeCun, Cortes & Burges, The MNIST database of handwritten digits (1998)",
            "note": "White on black. Turned, sheared, stretched and moved a little at random while learning.",
        },
        "preprocessing": {"size": [28, 28], "color": "gray", "range": 1, "mean": None, "std": None},
        "labels": DIGITS,
        "seed": arguments.seed,
        "epochs": arguments.epochs,
        "trained_by": "tools/train_lenet5.py",
        "accuracy": held_out(model, data.test),
    }
    write_weights(arguments.out, "lenet-5", model, card)


if __name__ == "__main__":
    main()

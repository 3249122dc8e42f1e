"""Reading what the networks are trained on."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from engine.types import Array

CIFAR_10 = {
    "name": "CIFAR-10: 50,000 colour photographs of 32×32 to learn from, 10,000 held out",
    "licence": "none stated by its author, who asks to be cited; no photograph is contained here",
    "source": "Krizhevsky, Learning multiple layers of features from tiny images (2009); JPEG copies",
}
"""For the cards."""


class Labelled(NamedTuple):
    """``pictures`` (N, rows, columns, channels) uint8 and their ``labels`` (N,)."""

    pictures: Array
    labels: Array


class DataSet(NamedTuple):
    """What is learnt from, and what is held out until the end."""

    train: Labelled
    test: Labelled


def read_cifar10(folder: Path) -> DataSet:
    """CIFAR-10 as JPEG files: ``cifar10_train_jpeg.npz`` and ``cifar10_test_jpeg.npz`` in ``folder``."""
    return DataSet(*(_decode(folder / f"cifar10_{part}_jpeg.npz") for part in ("train", "test")))


def read_mnist(path: Path) -> DataSet:
    """MNIST in one ``.npz``: ``x_train`` (60000, 28, 28) uint8, ``y_train``, ``x_test``, ``y_test``."""
    with np.load(path) as data:
        parts = [Labelled(data[f"x_{part}"][..., None], data[f"y_{part}"]) for part in ("train", "test")]
    return DataSet(*parts)


def _decode(path: Path) -> Labelled:
    with np.load(path) as data:
        files, offsets, labels = data["jpeg"].tobytes(), data["offsets"], data["labels"]
    pictures = []
    for start, end in pairwise(offsets):
        with Image.open(io.BytesIO(files[start:end])) as picture:
            pictures.append(np.asarray(picture.convert("RGB")))
    return Labelled(np.stack(pictures), labels)

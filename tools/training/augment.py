"""Epochs of batches in which every picture is changed a little at random."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from engine.types import Array
from tools.training.data import Labelled

PIXEL = 1 / 255
"""What one step of a picture's 8 bits is worth in [0, 1]."""


class ShiftedAndMirrored:
    """Photographs, moved by up to ``shift`` pixels behind a mirrored border, half of them left to right.

    Args:
        data: what is learnt from.
        batch: pictures in a batch.
        shift: pixels, at least 0.
    """

    def __init__(self, data: Labelled, batch: int, shift: int) -> None:
        margins = ((0, 0), (shift, shift), (shift, shift), (0, 0))
        self.pictures = np.pad(data.pictures, margins, mode="reflect")
        self.labels = data.labels.astype(np.int64)
        self.side = np.arange(data.pictures.shape[1])
        self.batch, self.shift = batch, shift

    def __call__(self, rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch of ``(pictures (N, C, H, W) in [0, 1], labels (N,))``."""
        for chosen in shuffled(len(self.labels), self.batch, rng):
            rows, columns = (rng.integers(0, 2 * self.shift + 1, (self.batch, 1)) + self.side for _ in "rc")
            mirrored = rng.random(self.batch) < 0.5
            columns[mirrored] = columns[mirrored, ::-1]
            pictures = self.pictures[chosen[:, None, None], rows[:, :, None], columns[:, None, :]]
            yield _as_torch(pictures), torch.from_numpy(self.labels[chosen])


class TurnedAndScaled:
    """Grey pictures, each turned, sheared, scaled along both axes and moved; what comes in is black.

    Args:
        data: what is learnt from.
        batch: pictures in a batch.
        degrees: by which a picture is turned at most.
        stretch: share by which a side is lengthened or shortened at most, and the shear's largest slope.
        shift: pixels by which it is moved at most.
    """

    def __init__(self, data: Labelled, batch: int, degrees: float, stretch: float, shift: float) -> None:
        self.data, self.batch = data, batch
        self.angle, self.stretch = np.deg2rad(degrees), stretch
        self.shift = 2 * shift / data.pictures.shape[1]

    def __call__(self, rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch of ``(pictures (N, C, H, W) in [0, 1], labels (N,))``."""
        labels = self.data.labels.astype(np.int64)
        for chosen in shuffled(len(labels), self.batch, rng):
            grid = affine_grid(self._maps(rng), [self.batch, 1, *self.data.pictures.shape[1:3]], False)
            pictures = grid_sample(_as_torch(self.data.pictures[chosen]), grid, align_corners=False)
            yield pictures, torch.from_numpy(labels[chosen])

    def _maps(self, rng: np.random.Generator) -> Tensor:
        """(N, 2, 3): where each place of the new picture is read in the old one, sides from -1 to 1."""
        angle = rng.uniform(-self.angle, self.angle, self.batch)
        width, height = rng.uniform(1 - self.stretch, 1 + self.stretch, (2, self.batch))
        slope = rng.uniform(-self.stretch, self.stretch, self.batch)
        right, down = rng.uniform(-self.shift, self.shift, (2, self.batch))
        cos, sin = np.cos(angle), np.sin(angle)
        rows = [
            [width * cos, width * (slope * cos - sin), right],
            [height * sin, height * (slope * sin + cos), down],
        ]
        return torch.from_numpy(np.array(rows, dtype=np.float32).transpose(2, 0, 1).copy())


def shuffled(count: int, size: int, rng: np.random.Generator) -> Iterator[Array]:
    """The numbers below ``count`` in a random order, ``size`` at a time; an incomplete rest is left out."""
    order = rng.permutation(count)
    return iter(order[: count - count % size].reshape(-1, size))


def _as_torch(pictures: Array) -> Tensor:
    # Channels stay innermost in memory, which is the layout that PyTorch calls channels_last.
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() * PIXEL

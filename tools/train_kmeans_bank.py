"""Learn a bank of first-layer filters from photographs, without labels (weights/kmeans-bank.safetensors).

    python -m tools.train_kmeans_bank chelsea.png coffee.png astronaut.png rocket.jpg china.jpg flower.jpg

The first four photographs lie in ``skimage/data`` of an installed scikit-image, the last two in
``sklearn/datasets/images`` of an installed scikit-learn. Spherical k-means over whitened patches, in NumPy
alone, a few seconds; the same pictures and seed give the same filters.

Source: Coates & Ng, "Learning feature representations with k-means" (2012), sections 2 and 3.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from engine.specification import build_model
from engine.types import Array
from tools.training.evaluate import filter_figures
from tools.training.spectrum import spectral_peak
from tools.training.weight_file import WEIGHTS, write_weights

SIZE = 7
CLUSTERS = 160
FILTERS = 96
PATCHES = 80_000
ITERATIONS = 15
CONTRAST_FLOOR = 10 / 255**2
"""Added to a patch's variance, so that noise in a clear sky is not blown up (the paper's 10, of 0 to 255)."""
WHITENING_EPS = 0.3
"""Added to the variances that whitening divides by; a larger one gives smoother filters."""
RARE = 150
"""A cluster with fewer patches than this has settled on noise."""
REDUCE = 2
"""Photographs are halved first: at full size neighbours repeat what the camera's colour mosaic filled in."""
BLOB = 0.05
"""Cycles a pixel: below, seven pixels show no stripes."""
DATA = {
    "name": f"{PATCHES:,} patches of six photographs: chelsea, coffee, astronaut, rocket, china, flower",
    "licence": "CC0 1.0 (chelsea, coffee), public domain (astronaut, rocket), CC BY 2.0 (china, flower)",
    "source": "Stéfan van der Walt, Rachel Michetti, NASA, SpaceX, by way of scikit-image; "
    "danielbuechele (china), vultilion (flower), by way of scikit-learn",
    "note": "Spherical k-means on contrast-normalised, whitened patches (Coates & Ng 2012), without labels.",
}
"""For the card."""


def photograph(path: Path) -> Array:
    """One picture, (rows, columns, 3), float32 in [0, 1]."""
    with Image.open(path) as picture:
        size = (picture.width // REDUCE, picture.height // REDUCE)
        reduced = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    return np.asarray(reduced, dtype=np.float32) / 255


def draw_patches(pictures: Sequence[Array], count: int, rng: np.random.Generator) -> Array:
    """``count`` patches, as many from each picture, flattened in the order (channel, row, column)."""
    drawn = []
    for picture in pictures:
        windows = np.lib.stride_tricks.sliding_window_view(picture, (SIZE, SIZE), (0, 1))
        rows, columns = (rng.integers(0, side, count // len(pictures)) for side in windows.shape[:2])
        drawn.append(windows[rows, columns].reshape(-1, 3 * SIZE * SIZE))
    return np.concatenate(drawn)


def normalise_contrast(patches: Array) -> Array:
    """Every patch with mean 0 and, where it has contrast, variance 1."""
    centred = patches - patches.mean(axis=1, keepdims=True)
    return centred / np.sqrt(centred.var(axis=1, keepdims=True) + CONTRAST_FLOOR)


def whitening(patches: Array) -> Array:
    """The symmetric ZCA matrix that takes correlations between pixels away."""
    variances, directions = np.linalg.eigh(np.cov(patches, rowvar=False))
    return (directions / np.sqrt(variances + WHITENING_EPS)) @ directions.T


def spherical_kmeans(points: Array, clusters: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Directions that each stand for the points most nearly along them, either way.

    Returns:
        (clusters, features) of length 1, and how many points each stands for.
    """
    directions = _unit(rng.standard_normal((clusters, points.shape[1])))
    everyone = np.arange(len(points))
    for _ in range(ITERATIONS):
        likeness = points @ directions.T
        nearest = np.abs(likeness).argmax(axis=1)
        shares = np.zeros_like(likeness)
        shares[everyone, nearest] = likeness[everyone, nearest]
        # The old direction is added, so that a cluster that lost all its points stays where it is.
        directions = _unit(shares.T @ points + directions)
    return directions, np.bincount(nearest, minlength=clusters)


def keep_centred(filters: Array, used: Array) -> Array:
    """The ``FILTERS`` whose energy lies in the middle; the others are shifted copies, cut off."""
    offsets = np.arange(SIZE) - SIZE // 2
    energy = np.square(filters).sum(axis=1)
    distance = np.hypot((energy * offsets[:, None]).sum(axis=(1, 2)), (energy * offsets).sum(axis=(1, 2)))
    distance[used < RARE] = np.inf
    return filters[np.argsort(distance, kind="stable")[:FILTERS]]


def in_order(filters: Array) -> Array:
    """Grey stripes by direction, then coloured ones by direction, then patches of colour."""

    def place(kernel: Array) -> tuple[bool, bool, float]:
        peak = spectral_peak(kernel)
        return peak.frequency < BLOB, peak.chroma > 0.5, peak.direction

    return np.stack(sorted(filters, key=place))


def _unit(rows: Array) -> Array:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def learn(paths: Sequence[Path], seed: int) -> Array:
    """The bank, (FILTERS, 3, SIZE, SIZE) float32, each filter of mean 0 and length 1."""
    rng = np.random.default_rng(seed)
    patches = normalise_contrast(draw_patches([photograph(path) for path in paths], PATCHES, rng))
    patches -= patches.mean(axis=0)
    whiten = whitening(patches)
    directions, used = spherical_kmeans(patches @ whiten, CLUSTERS, rng)
    # To meet raw pixels a direction d must be d·Z; mean 0 stands for the mean that each patch gave up.
    filters = directions @ whiten
    filters = _unit(filters - filters.mean(axis=1, keepdims=True)).reshape(-1, 3, SIZE, SIZE)
    return in_order(keep_centred(filters, used)).astype(np.float32)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Learn filters from photographs, without labels.")
    parser.add_argument("photographs", type=Path, nargs="+", help="picture files, of any size")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="folder to write into")
    arguments = parser.parse_args()
    bank = learn(arguments.photographs, arguments.seed)
    specification = {
        "input": {"channels": 3, "size": [64, 64]},
        "nodes": [
            {"name": "conv1", "op": "conv2d", "out_channels": FILTERS, "kernel_size": SIZE},
            {"name": "relu", "op": "relu"},
        ],
    }
    card = {
        "title": "Filters without labels",
        "architecture": {"name": "kmeans-bank"},
        "specification": specification,
        "data": DATA,
        "preprocessing": {"size": [64, 64], "color": "rgb", "range": 1, "mean": None, "std": None},
        "labels": None,
        "seed": arguments.seed,
        "epochs": ITERATIONS,
        "trained_by": "tools/train_kmeans_bank.py",
        "accuracy": None,
        "filters": filter_figures(bank),
    }
    model = build_model(specification, weights={"conv1.weight": bank})
    write_weights(arguments.out, "kmeans-bank", model, card)


if __name__ == "__main__":
    main()

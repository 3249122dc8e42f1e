"""How the training tools find, measure and choose filters."""

import json

import numpy as np
import pytest

from tools.train_kmeans_bank import spherical_kmeans, whitening
from tools.training.diverse import diverse_filters
from tools.training.spectrum import spectral_peak
from tools.training.weight_file import readable_json


def test_kmeans_finds_the_directions_that_the_points_were_drawn_along() -> None:
    rng = np.random.default_rng(0)
    planted = np.linalg.qr(rng.standard_normal((6, 6)))[0][:3]
    which, sign = rng.integers(0, 3, 3000), rng.choice([-1, 1], 3000)
    points = planted[which] * sign[:, None] * rng.uniform(1, 2, (3000, 1))
    directions, used = spherical_kmeans(points + 0.05 * rng.standard_normal(points.shape), 3, rng)
    likeness = np.abs(directions @ planted.T)
    assert sorted(likeness.argmax(axis=0)) == [0, 1, 2]
    np.testing.assert_allclose(likeness.max(axis=0), 1, atol=0.01)
    np.testing.assert_array_equal(np.sort(used), np.sort(np.bincount(which)))


def test_whitening_takes_correlations_away() -> None:
    rng = np.random.default_rng(1)
    mixed = rng.standard_normal((4000, 4)) @ (50 * np.eye(4) + 20)
    matrix = whitening(mixed)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
    np.testing.assert_allclose(np.cov(mixed @ matrix, rowvar=False), np.eye(4), atol=0.02)


@pytest.mark.parametrize(("row", "column"), [(0, 0.25), (0.25, 0), (0.125, -0.25)])
def test_the_spectrum_peaks_at_the_frequency_of_a_grating(row: float, column: float) -> None:
    rows, columns = np.mgrid[:16, :16]
    stripes = np.cos(2 * np.pi * (row * rows + column * columns))
    peak = spectral_peak(np.array([1.0, 0.0, -1.0])[:, None, None] * stripes)
    assert (peak.row, abs(peak.column)) == (row, abs(column))
    assert peak.direction == pytest.approx(np.arctan2(row, column) % np.pi)
    assert peak.chroma == pytest.approx(1)
    assert peak.frequency == pytest.approx(np.hypot(row, column))


def test_a_shifted_or_negated_copy_is_taken_last() -> None:
    first, second = np.zeros((2, 1, 5, 5))
    first[0, 1, 1], second[0, 2, 1:3] = 1, (0.6, -0.8)
    bank = np.stack([first, -np.roll(first, 2, axis=2), second])
    np.testing.assert_array_equal(diverse_filters(bank, 2), bank[[0, 2]])
    np.testing.assert_array_equal(diverse_filters(bank, 3), bank)


def test_a_card_keeps_short_lists_on_one_line_and_says_the_same() -> None:
    card = {"size": [28, 28], "note": "×" * 90, "labels": [{"en": "cat", "ja": "ネコ"}] * 8, "none": {}}
    text = readable_json(card)
    assert json.loads(text) == card
    assert '\n  "size": [28, 28],\n' in text
    assert text.count('\n    {"en": "cat", "ja": "ネコ"}') == 8

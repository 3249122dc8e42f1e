"""The drawn pictures: their contract, and the one thing that each is meant to show."""

import numpy as np
import pytest

from engine.errors import EngineError
from engine.patterns import PATTERNS, checkerboard, digit, edges, gratings, impulse, ramp, zone_plate

SIZED = (checkerboard, digit, edges, gratings, impulse, ramp, zone_plate)


def dominant_frequency(patch):
    """(row, column) frequency in cycles per px of the strongest wave, without its sign."""
    spectrum = np.abs(np.fft.rfft2(patch - patch.mean()))
    row, column = np.unravel_index(spectrum.argmax(), spectrum.shape)
    return np.fft.fftfreq(patch.shape[0])[row], np.fft.rfftfreq(patch.shape[1])[column]


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_every_pattern_is_a_gray_picture_with_contrast(name):
    picture = PATTERNS[name]()
    assert picture.dtype == np.uint8
    assert picture.ndim == 2
    assert int(picture.max()) - int(picture.min()) > 150


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_the_caller_owns_what_it_gets(name):
    first = PATTERNS[name]()
    expected = first.copy()
    first[...] = 77  # must be writeable, and must not reach the next caller
    np.testing.assert_array_equal(PATTERNS[name](), expected)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (9, 2), (40, 61)])
@pytest.mark.parametrize("draw", SIZED)
def test_every_size_is_kept(draw, size):
    assert draw(size).shape == size


@pytest.mark.parametrize("draw", SIZED)
def test_a_size_without_pixels_is_refused(draw):
    with pytest.raises(EngineError, match=r"size is \(0, 4\)"):
        draw((0, 4))


def test_a_cell_without_pixels_is_refused():
    with pytest.raises(EngineError, match="cell_px is 0"):
        checkerboard(cell_px=0)


def test_gratings_have_the_stated_directions_and_wavelengths():
    picture = gratings((96, 128)).astype(float)
    directions = [(0, 1), (1, 1), (1, 0), (1, -1)]  # of growing phase, as (row, column)
    for i, wavelength in enumerate((4, 8, 16)):
        for j, direction in enumerate(directions):
            patch = picture[32 * i : 32 * (i + 1), 32 * j : 32 * (j + 1)]
            found = np.array(dominant_frequency(patch))
            wanted = np.array(direction) / np.linalg.norm(direction) / wavelength
            # A frequency and its negative are the same wave; the grid of frequencies is 1/32 apart.
            assert min(np.abs(found - wanted).max(), np.abs(found + wanted).max()) <= 1 / 64


def test_the_rings_of_a_zone_plate_reach_half_a_cycle_per_pixel():
    line = zone_plate((64, 64))[32].astype(float)
    near_border = line[:4]
    assert (np.abs(np.diff(near_border)) > 200).all()
    assert np.abs(np.diff(line[30:34])).max() < 20


def test_edges_run_along_their_directions():
    picture = edges((96, 96)).astype(int)
    upright, level = picture[:48, :48], picture[:48, 48:]
    falling, rising = picture[48:, :48], picture[48:, 48:]
    assert (upright == upright[:1]).all()
    assert (level == level[:, :1]).all()
    assert (falling[1:, 1:] == falling[:-1, :-1]).all()
    assert (rising[1:, :-1] == rising[:-1, 1:]).all()
    assert (upright[0] == 224).sum() == 2 + 4 + 8


def test_a_ramp_has_one_slope():
    slope = np.diff(ramp((3, 256)).astype(int), axis=1)
    assert (slope == 1).all()


def test_an_impulse_is_one_pixel():
    assert np.argwhere(impulse((5, 8))).tolist() == [[2, 4]]


def test_the_digit_is_soft_edged_and_centred():
    picture = digit()
    assert ((picture > 0) & (picture < 255)).sum() > 20
    inked = np.argwhere(picture)
    assert np.abs(inked.min(axis=0) + inked.max(axis=0) - 27).max() <= 1


def test_the_digit_grows_with_the_picture():
    small, large = digit((28, 28)) / 255.0, digit((56, 56)) / 255.0
    averaged = large.reshape(28, 2, 28, 2).mean(axis=(1, 3))
    assert np.abs(small - averaged).max() < 0.25

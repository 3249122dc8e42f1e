"""The kernels made by hand: sums, symmetries, sizes, and the Gabor function against its formula."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from engine.geometry.padding import resolve_padding
from engine.ops.conv2d import conv2d
from engine.patterns import gratings, ramp
from engine.presets import LARGEST_SIDE, PRESETS, make_kernel
from engine.types import Array, Pair
from tests.engine.refusals import refusal

SIZES: list[Pair] = [(1, 1), (3, 3), (2, 5), (6, 4), (7, 7)]
FREE = [name for name, preset in PRESETS.items() if not preset.sizes]
FIXED = [name for name, preset in PRESETS.items() if preset.sizes]


def gabor(size: Pair = (7, 7), **settings: float) -> Array:
    return make_kernel("gabor", size, settings)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_comes_in_its_own_size(name: str) -> None:
    kernel = make_kernel(name)
    assert kernel.shape == PRESETS[name].default_size
    assert kernel.dtype == np.float32
    assert np.isfinite(kernel).all()


@pytest.mark.parametrize("name", PRESETS)
def test_the_caller_owns_what_it_gets(name: str) -> None:
    first = make_kernel(name)
    expected = first.copy()
    first[...] = 77
    assert np.array_equal(make_kernel(name), expected)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", FREE)
def test_some_come_in_every_size(name: str, size: Pair) -> None:
    assert make_kernel(name, size).shape == size


@pytest.mark.parametrize("name", FREE)
def test_the_largest_size(name: str) -> None:
    assert np.isfinite(make_kernel(name, (LARGEST_SIDE, 2))).all()
    error = refusal(make_kernel, name, (LARGEST_SIDE + 1, 2))
    assert (error.code, error.argument, error.value) == (
        "invalid-argument",
        "kernel_size",
        (LARGEST_SIDE + 1, 2),
    )


@pytest.mark.parametrize("size", [(0, 3), (3, -1), (True, 3), (3,), (3, 3, 3), (2.5, 3)])
def test_sizes_that_are_none(size: Any) -> None:
    error = refusal(make_kernel, "box", size)
    assert (error.code, error.argument, error.value) == ("invalid-argument", "kernel_size", size)


@pytest.mark.parametrize("name", FIXED)
def test_others_come_in_one_size(name: str) -> None:
    own = PRESETS[name].default_size
    assert make_kernel(name, own).shape == own
    error = refusal(make_kernel, name, (5, 4))
    assert (error.code, error.argument, error.value) == ("invalid-argument", "kernel_size", [5, 4])
    assert error.allowed == f"{list(own)} for preset {name!r}"


def test_unknown_names_are_refused() -> None:
    error = refusal(make_kernel, "canny")
    assert (error.code, error.argument, error.value) == ("unknown-preset", "preset", "canny")
    assert error.allowed == ", ".join(PRESETS)
    error = refusal(make_kernel, "gaussian", None, {"sigma": 2})
    assert (error.code, error.argument, error.value, error.allowed) == (
        "unknown-parameter",
        "sigma",
        2,
        "sigma_px",
    )


@pytest.mark.parametrize(
    ("name", "setting"), [(name, p.name) for name, preset in PRESETS.items() for p in preset.parameters]
)
def test_settings_have_bounds(name: str, setting: str) -> None:
    (parameter,) = [p for p in PRESETS[name].parameters if p.name == setting]
    assert parameter.minimum is not None
    assert parameter.maximum is not None
    for value in (parameter.minimum, parameter.maximum):
        assert np.isfinite(make_kernel(name, (9, 8), {setting: value})).all()
    for wrong in (parameter.minimum - 1, parameter.maximum + 1, float("nan"), "1", True, 10**400):
        error = refusal(make_kernel, name, (9, 8), {setting: wrong})
        assert (error.code, error.argument, error.value) == ("invalid-argument", setting, wrong)


class TestSums:
    @pytest.mark.parametrize("size", SIZES)
    @pytest.mark.parametrize("name", ["box", "gaussian", "identity"])
    def test_those_that_keep_brightness_sum_to_one(self, name: str, size: Pair) -> None:
        assert make_kernel(name, size).sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)

    @pytest.mark.parametrize("name", ["sharpen", "emboss"])
    def test_so_do_these_in_whole_numbers(self, name: str) -> None:
        assert make_kernel(name).sum() == 1

    @pytest.mark.parametrize("name", [n for n in FIXED if n not in ("sharpen", "emboss")])
    def test_those_that_look_for_differences_sum_to_zero(self, name: str) -> None:
        assert make_kernel(name).sum() == 0


class TestSymmetry:
    @pytest.mark.parametrize("name", ["sobel", "prewitt", "scharr"])
    def test_down_is_across_transposed(self, name: str) -> None:
        across, down = make_kernel(f"{name}_x"), make_kernel(f"{name}_y")
        assert np.array_equal(across.T, down)
        assert np.array_equal(across, -across[:, ::-1])
        assert np.array_equal(across, across[::-1])

    @pytest.mark.parametrize("name", ["gaussian", "box", "laplacian", "laplacian_8", "sharpen"])
    def test_some_look_the_same_from_every_side(self, name: str) -> None:
        kernel = make_kernel(name)
        for other in (kernel.T, kernel[::-1], kernel[:, ::-1]):
            assert np.array_equal(kernel, other)

    @pytest.mark.parametrize("size", SIZES)
    def test_a_gaussian_of_any_size_is_even(self, size: Pair) -> None:
        kernel = make_kernel("gaussian", size, {"sigma_px": 1.7})
        assert np.array_equal(kernel, kernel[::-1, ::-1])
        assert np.allclose(kernel.T, make_kernel("gaussian", size[::-1], {"sigma_px": 1.7}), rtol=1e-6)


def test_the_gaussian_by_hand() -> None:
    kernel = make_kernel("gaussian", (3, 5), {"sigma_px": 0.8}).astype(np.float64)
    centre = kernel[1, 2]
    assert kernel[1, 3] / centre == pytest.approx(math.exp(-1 / (2 * 0.64)), rel=1e-6)
    assert kernel[0, 4] / centre == pytest.approx(math.exp(-5 / (2 * 0.64)), rel=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 3), (4, 5), (6, 3)])
def test_the_identity_leaves_a_picture_as_it_is(size: Pair) -> None:
    x = np.random.default_rng(0).standard_normal((1, 1, 8, 9)).astype(np.float32)
    assert np.array_equal(conv2d(x, make_kernel("identity", size)[None, None], padding="same")[0], x)


@pytest.mark.parametrize("name", ["sobel_x", "prewitt_x", "scharr_x", "difference_x"])
def test_brighter_to_the_right_is_positive(name: str) -> None:
    picture = ramp((8, 8)).astype(np.float32)[None, None]
    assert (conv2d(picture, make_kernel(name)[None, None])[0] > 0).all()
    downwards = np.ascontiguousarray(picture.swapaxes(2, 3))
    if name != "difference_x":
        other = make_kernel(name.replace("_x", "_y"))
        assert (conv2d(downwards, other[None, None])[0] > 0).all()


class TestGabor:
    """Goodfellow et al., eq. 9.16: envelope exp(-beta_x x'² - beta_y y'²), wave cos(f x' + phase)."""

    @pytest.mark.parametrize("phase", [0, 30, 90, 180, -45])
    def test_its_centre_is_the_cosine_of_the_phase(self, phase: float) -> None:
        kernel = gabor((7, 9), phase_deg=phase, orientation_deg=33)
        assert kernel[3, 4] == pytest.approx(math.cos(math.radians(phase)), abs=1e-7)

    def test_across_the_stripes(self) -> None:
        sigma, wavelength = 2.5, 6
        kernel = gabor((5, 9), sigma_px=sigma, wavelength_px=wavelength, phase_deg=20)
        for x in range(-4, 5):
            envelope = math.exp(-(x**2) / (2 * sigma**2))
            wave = math.cos(2 * math.pi * x / wavelength + math.radians(20))
            assert kernel[2, 4 + x] == pytest.approx(envelope * wave, abs=1e-6)

    def test_along_the_stripes(self) -> None:
        sigma, aspect = 2.5, 0.4
        kernel = gabor((9, 5), sigma_px=sigma, aspect=aspect)
        for y in range(-4, 5):
            assert kernel[4 + y, 2] == pytest.approx(
                math.exp(-((aspect * y) ** 2) / (2 * sigma**2)), abs=1e-6
            )

    def test_anywhere_at_any_angle(self) -> None:
        sigma, wavelength, aspect, phase, angle = 2.0, 5.0, 0.7, 70, 25
        kernel = gabor(
            (8, 7),
            sigma_px=sigma,
            wavelength_px=wavelength,
            aspect=aspect,
            phase_deg=phase,
            orientation_deg=angle,
        )
        turn = math.radians(angle)
        for row, column in np.ndindex(8, 7):
            x, y = column - 3, 3.5 - row  # y points up, as in the book
            across = x * math.cos(turn) + y * math.sin(turn)
            along = -x * math.sin(turn) + y * math.cos(turn)
            envelope = math.exp(-(across**2) / (2 * sigma**2) - (aspect * along) ** 2 / (2 * sigma**2))
            wave = math.cos(2 * math.pi / wavelength * across + math.radians(phase))
            assert kernel[row, column] == pytest.approx(envelope * wave, abs=1e-6)

    def test_even_and_odd(self) -> None:
        even, odd = gabor(phase_deg=0, orientation_deg=40), gabor(phase_deg=90, orientation_deg=40)
        assert np.allclose(even, even[::-1, ::-1], atol=1e-7)
        assert np.allclose(odd, -odd[::-1, ::-1], atol=1e-7)

    def test_at_0_the_stripes_stand_upright(self) -> None:
        kernel = gabor((9, 9), wavelength_px=4, sigma_px=3)
        assert (kernel[:, 4] > 0).all()
        assert (kernel[:, 2] < 0).all()
        assert (kernel[:, 6] < 0).all()

    def test_a_quarter_turn_is_counter_clockwise_as_seen(self) -> None:
        # np.rot90 turns an array counter-clockwise as printed; the phase gives the wave a direction.
        for angle in (0, 20, 70):
            turned = gabor(orientation_deg=angle + 90, phase_deg=60)
            assert np.allclose(turned, np.rot90(gabor(orientation_deg=angle, phase_deg=60)), atol=1e-6)

    def test_half_of_a_quarter_turn_leans_to_the_left(self) -> None:
        # An upright line turned counter-clockwise falls to the right: \.
        kernel = gabor((9, 9), orientation_deg=45, wavelength_px=4, sigma_px=3)
        assert (np.diag(kernel) > 0).all()
        assert np.diag(kernel[:, ::-1]).min() < 0

    def test_it_answers_to_the_grating_of_its_own_direction(self) -> None:
        # Patches from left to right: brightness changes along 0°, 45°, 90°, 135°, clockwise on the screen.
        waves = gratings((96, 128)).astype(np.float32)[32:64] - 127.5
        energy = np.array(
            [
                [
                    sum(
                        np.square(conv2d(patch[None, None], kernel[None, None])[0]).sum()
                        for kernel in (
                            gabor(
                                (11, 11), orientation_deg=angle, wavelength_px=8, sigma_px=3, phase_deg=phase
                            )
                            for phase in (0, 90)
                        )
                    )
                    for patch in np.split(waves, 4, axis=1)
                ]
                for angle in (0, -45, -90, -135)
            ]
        )
        assert energy.argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_even_kernels_meet_same_padding() -> None:
    # What the identity of even size relies on: the odd cell goes to the end.
    assert resolve_padding("same", (8, 9), (4, 3), (1, 1), (1, 1)) == (1, 2, 1, 1)

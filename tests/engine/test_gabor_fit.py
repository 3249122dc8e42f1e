"""Gabor functions laid over filters: what is planted is found again, and the preset draws it alike."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.inspect.filters import describe_filters
from engine.inspect.gabor import Waves, fitted_filter
from engine.presets import PRESETS, make_kernel
from engine.types import Array, Pair
from tests.engine.gabors import PLAIN, apart, describe, drawn, fit_of, phase_apart, planted


class TestPlanted:
    # Noise as a part of the filter's deviation, and how far off the worst of a hundred may be:
    # orientation, phase (degrees), wavelength, sigma and aspect (logarithm), centre (px).
    @pytest.mark.parametrize(
        ("noise", "orientation", "phase", "wavelength", "shape", "place"),
        [(0.0, 0.01, 0.05, 1e-3, 2e-3, 2e-3), (0.05, 1.5, 12, 0.04, 0.15, 0.3), (0.2, 6, 50, 0.2, 0.5, 1.2)],
    )
    @pytest.mark.parametrize("size", [(7, 7), (11, 11), (8, 10)])
    def test_it_is_found_again(
        self,
        size: Pair,
        noise: float,
        orientation: float,
        phase: float,
        wavelength: float,
        shape: float,
        place: float,
    ) -> None:
        rng = np.random.default_rng(sum(size))
        truths = planted(100, size, rng)
        weight = drawn(truths, size).astype(np.float64)
        weight += noise * weight.std(axis=(1, 2, 3), keepdims=True) * rng.standard_normal(weight.shape)
        for truth, description in zip(truths, describe_filters(weight), strict=True):
            fit = description.fit
            assert fit is not None
            assert apart(truth.orientation_deg, fit.orientation_deg, 180) <= orientation
            assert phase_apart(truth, fit) <= phase
            assert abs(math.log(fit.wavelength_px / truth.wavelength_px)) <= wavelength
            assert abs(math.log(fit.sigma_px / truth.sigma_px)) <= shape
            assert abs(math.log(fit.aspect / truth.aspect)) <= shape
            assert math.dist(fit.center, truth.center) <= place
            assert fit.r2 >= 1 - 2 * noise**2 - 1e-6
            assert description.kind in ("gabor", "edge")

    def test_the_rest_too(self) -> None:
        truth = replace(PLAIN, amplitude=3.0, offset=(0.25,))
        fit = fit_of(fitted_filter(truth, (11, 11)))
        assert fit.amplitude == pytest.approx(3, abs=1e-3)
        assert fit.offset == pytest.approx((0.25,), abs=1e-3)
        assert fit.direction == (1,)

    def test_stripes_without_an_envelope(self) -> None:
        for angle in (0, 40, 90, 155):
            description = describe(
                make_kernel("gabor", (9, 9), {"orientation_deg": angle, "wavelength_px": 3.5, "sigma_px": 50})
            )
            assert description.kind == "gabor"
            assert description.fit is not None
            assert apart(description.fit.orientation_deg, angle, 180) < 1
            assert description.fit.wavelength_px == pytest.approx(3.5, rel=0.01)
            assert description.fit.r2 > 0.99

    def test_a_colour_is_found_with_its_pattern(self) -> None:
        direction = (0.8, 0.0, -0.6)
        truth = replace(PLAIN, direction=direction, offset=(0.1, -0.2, 0.0))
        description = describe(fitted_filter(truth, (11, 11)))
        assert description.color
        assert description.fit is not None
        assert description.fit.direction == pytest.approx(direction, abs=1e-3)
        assert description.fit.offset == pytest.approx(truth.offset, abs=1e-3)
        assert apart(description.fit.orientation_deg, 30, 180) < 0.1
        assert phase_apart(description.fit, truth) < 0.5

    def test_what_other_channels_hold_lowers_only_the_whole(self) -> None:
        first = fitted_filter(replace(PLAIN, direction=(0.8, 0.6, 0.0)), (11, 11))
        second = fitted_filter(
            replace(PLAIN, orientation_deg=120, direction=(0, 0, 1), amplitude=0.6), (11, 11)
        )
        fit = fit_of(first + second)
        assert fit.pattern_r2 > 0.95
        spread = [((each - each.mean(axis=(1, 2), keepdims=True)) ** 2).sum() for each in (first, second)]
        assert fit.r2 == pytest.approx(spread[0] / sum(spread), abs=0.03)


class TestInvariance:
    def filters(self) -> Array:
        rng = np.random.default_rng(11)
        weight = drawn(planted(12, (8, 9), rng), (8, 9)).astype(np.float64)
        return weight + 0.1 * weight.std() * rng.standard_normal(weight.shape)

    @pytest.mark.parametrize("scale", [1e-3, 40.0, 1e150, 1e-150])
    def test_of_scale(self, scale: float) -> None:
        weight = self.filters()
        for one, other in zip(describe_filters(weight), describe_filters(scale * weight), strict=True):
            assert one.fit is not None
            assert other.fit is not None
            assert one.kind == other.kind
            assert other.norm == pytest.approx(scale * one.norm)
            assert other.fit.amplitude == pytest.approx(scale * one.fit.amplitude, rel=1e-4)
            assert other.fit.r2 == pytest.approx(one.fit.r2, abs=1e-6)
            assert list(other.fit.settings.values()) == pytest.approx(
                list(one.fit.settings.values()), abs=0.01
            )

    def test_of_sign_but_for_the_phase(self) -> None:
        weight = self.filters()
        for one, other in zip(describe_filters(weight), describe_filters(-weight), strict=True):
            assert one.fit is not None
            assert other.fit is not None
            assert one.kind == other.kind
            assert apart(one.fit.orientation_deg, other.fit.orientation_deg, 180) < 0.05
            turned = replace(other.fit, phase_deg=other.fit.phase_deg + 180)
            assert phase_apart(one.fit, turned) < 0.5
            assert one.fit.direction == other.fit.direction

    def test_of_transposition_but_for_the_angle(self) -> None:
        weight = self.filters()
        transposed = np.ascontiguousarray(weight.swapaxes(2, 3))
        for one, other in zip(describe_filters(weight), describe_filters(transposed), strict=True):
            assert one.fit is not None
            assert other.fit is not None
            assert one.kind == other.kind
            # Rows for columns: what lay to the right lies below, so the angle is mirrored at -45 degrees.
            assert apart(-90 - one.fit.orientation_deg, other.fit.orientation_deg, 180) < 1
            assert other.fit.center == pytest.approx(one.fit.center[::-1], abs=0.1)
            assert other.fit.wavelength_px == pytest.approx(one.fit.wavelength_px, rel=0.02)

    def test_of_the_company(self) -> None:
        weight = self.filters()
        together = describe_filters(weight)
        for index in (0, 7):
            (alone,) = describe_filters(weight[index : index + 1])
            fit = together[index].fit
            assert alone.fit is not None
            assert fit is not None
            assert list(alone.fit.settings.values()) == pytest.approx(list(fit.settings.values()), rel=1e-3)

    def test_the_same_every_time(self) -> None:
        assert describe_filters(self.filters()) == describe_filters(self.filters())


class TestOneConvention:
    """What a fit says can be given to the preset, and the preset draws it."""

    @pytest.mark.parametrize("size", [(7, 7), (8, 11), (6, 5)])
    def test_both_draw_the_same(self, size: Pair) -> None:
        for fit in planted(20, size, np.random.default_rng(2)):
            centred = replace(fit, center=((size[0] - 1) / 2, (size[1] - 1) / 2))
            redrawn = centred.offset[0] + centred.amplitude * make_kernel("gabor", size, centred.settings)
            assert np.allclose(fitted_filter(centred, size)[0], redrawn, atol=1e-6)

    def test_a_good_fit_is_as_good_when_the_preset_draws_it(self) -> None:
        rng = np.random.default_rng(8)
        for truth in planted(30, (9, 9), rng):
            weight = fitted_filter(replace(truth, center=(5, 3)), (9, 9)).astype(np.float64)[0]
            weight += 0.1 * weight.std() * rng.standard_normal(weight.shape)
            fit = fit_of(weight)
            assert fit.r2 >= 0.9
            # The preset stands about the middle: a large one, seen through a window, stands anywhere.
            row, column = (round(place) for place in fit.center)
            large = make_kernel("gabor", (41, 41), fit.settings)
            redrawn = fit.offset[0] + fit.amplitude * large[20 - row :, 20 - column :][:9, :9]
            moved = fitted_filter(replace(fit, center=(row, column)), (9, 9))[0]
            assert np.allclose(redrawn, moved, atol=1e-5)
            # Rounding moves it by a few hundredths of a cell.
            assert self.r2(redrawn, weight) == pytest.approx(fit.r2, abs=0.05)
            assert self.r2(fitted_filter(fit, (9, 9))[0], weight) == pytest.approx(fit.r2, abs=1e-5)

    @staticmethod
    def r2(drawing: Array, weight: Array) -> float:
        """Over all channels, each measured from its own mean."""
        spread = weight - weight.mean(axis=(-2, -1), keepdims=True)
        return float(1 - ((drawing - weight) ** 2).sum() / (spread**2).sum())

    def test_the_preset_takes_every_fit(self) -> None:
        rng = np.random.default_rng(9)
        for size in ((5, 5), (7, 7), (32, 32)):
            for description in describe_filters(rng.standard_normal((12, 1, *size))):
                assert description.fit is not None
                assert np.isfinite(make_kernel("gabor", size, description.fit.settings)).all()

    def test_the_settings_are_those_of_the_preset(self) -> None:
        assert list(PLAIN.settings) == [parameter.name for parameter in PRESETS["gabor"].parameters]

    def test_r2_of_a_colour_filter_is_that_of_what_is_drawn(self) -> None:
        weight = np.random.default_rng(6).standard_normal((5, 3, 7, 7))
        for description in describe_filters(weight):
            assert description.fit is not None
            again = fitted_filter(description.fit, (7, 7))
            assert self.r2(again, weight[description.index]) == pytest.approx(description.fit.r2, abs=1e-5)


def test_slopes_are_those_of_small_differences() -> None:
    rng = np.random.default_rng(1)
    places = np.indices((5, 6), dtype=np.float64).reshape(2, -1)
    shapes = np.array([[2.2, 2.6, 0.7, math.log(4.0), math.log(1.7), math.log(0.7)]] * 6)
    even, odd = 0.8, -1.3

    def height(at: Array) -> Array:
        waves = Waves(at, *places)
        return np.asarray(even * waves.even + odd * waves.odd)

    shapes += 0.1 * rng.standard_normal(shapes.shape)
    slopes = Waves(shapes, *places).slopes(np.full((6, 1), even), np.full((6, 1), odd))
    for index in range(6):
        nudge = np.zeros(6)
        nudge[index] = 1e-5
        numerical = (height(shapes + nudge) - height(shapes - nudge)) / 2e-5
        assert np.allclose(slopes[:, :, index], numerical, atol=1e-8)

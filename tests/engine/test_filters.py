"""Learned filters told apart: edges, blobs and Gabor functions by name, and noise by none."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import EngineError
from engine.importers.safetensors import read_safetensors
from engine.inspect.filter_kinds import KINDS, coherence, stripe_heights
from engine.inspect.filter_statistics import random_filters, summarise_filters
from engine.inspect.filters import describe_filters
from engine.inspect.gabor import fitted_filter
from engine.presets import make_kernel
from engine.types import Array, Pair
from tests.engine.gabors import PLAIN, apart, describe, drawn, fit_of, planted
from tests.engine.refusals import refusal

BANK = Path(__file__).parents[2] / "weights" / "kmeans-bank.safetensors"


def bell(size: Pair, sigma: float, center: tuple[float, float] | None = None) -> Array:
    center = center or ((size[0] - 1) / 2, (size[1] - 1) / 2)
    rows, columns = np.indices(size)
    return np.exp(-((rows - center[0]) ** 2 + (columns - center[1]) ** 2) / (2 * sigma**2))


def step(size: Pair, angle_deg: float) -> Array:
    """Dark to bright in the direction of the angle, with a soft side."""
    rows, columns = np.indices(size)
    right, up = columns - (size[1] - 1) / 2, (size[0] - 1) / 2 - rows
    return np.tanh(right * math.cos(math.radians(angle_deg)) + up * math.sin(math.radians(angle_deg)))


class TestWordsForThings:
    @pytest.mark.parametrize("angle", [0, 17, 45, 90, 133, 180, 250])
    @pytest.mark.parametrize("size", [(5, 5), (7, 7), (11, 11), (6, 9)])
    def test_a_step_is_an_edge(self, size: Pair, angle: float) -> None:
        description = describe(step(size, angle))
        assert description.kind == "edge"
        assert description.fit is not None
        assert apart(description.fit.orientation_deg, angle, 180) < 5

    @pytest.mark.parametrize("sigma", [1.0, 1.4, 1.8])
    @pytest.mark.parametrize(("axis", "angle"), [(0, 90), (1, 0)])
    def test_a_derivative_of_a_gaussian_is_an_edge(self, axis: int, angle: float, sigma: float) -> None:
        description = describe(np.gradient(bell((9, 9), sigma), axis=axis))
        assert description.kind == "edge"
        assert description.fit is not None
        assert apart(description.fit.orientation_deg, angle, 180) < 0.5

    @pytest.mark.parametrize("sign", [1, -1])
    @pytest.mark.parametrize("sigma", [1.0, 1.5, 2.5])
    @pytest.mark.parametrize("size", [(7, 7), (11, 11), (7, 10)])
    def test_a_bell_is_a_blob(self, size: Pair, sigma: float, sign: int) -> None:
        for center in (None, (2.5, 4.0)):
            assert describe(sign * bell(size, sigma, center)).kind == "blob"

    def test_a_spot_in_its_surround_is_a_blob(self) -> None:
        spot = bell((11, 11), 1.5) - 0.25 * bell((11, 11), 3)
        assert describe(spot).kind == "blob"
        assert describe(spot - spot.mean()).kind == "blob"

    def test_a_coloured_spot_is_a_coloured_blob(self) -> None:
        red_green = np.array([1.0, -1.0, 0.0])[:, None, None] * bell((7, 7), 1.5)
        assert (describe(red_green).kind, describe(red_green).color) == ("blob", True)
        gray = np.ones((3, 1, 1)) * bell((7, 7), 1.5)
        assert (describe(gray).kind, describe(gray).color) == ("blob", False)

    def test_a_line_is_gabor_like(self) -> None:
        line = np.zeros((9, 9))
        line[:, 4] = 1
        assert describe(line).kind == "gabor"
        assert describe(-line.T).kind == "gabor"

    def test_light_at_the_border_is_an_edge(self) -> None:
        border = np.zeros((7, 7))
        border[:2] = 1
        description = describe(border)
        assert description.kind == "edge"
        assert description.fit is not None
        assert apart(description.fit.orientation_deg, 90, 180) < 1

    def test_a_checkerboard_of_large_squares_is_something_else(self) -> None:
        squares = np.kron([[1.0, -1.0], [-1.0, 1.0]], np.ones((4, 4)))
        assert describe(squares).kind == "other"

    def test_a_flat_filter_is_a_blob_without_a_fit(self) -> None:
        green = np.zeros((3, 7, 7))
        green[1] = 1 + 0.05 * np.random.default_rng(0).standard_normal((7, 7))
        description = describe(green)
        assert (description.kind, description.reason, description.fit) == ("blob", "flat", None)
        assert description.color

    def test_stripes_and_slopes_by_hand(self) -> None:
        wave = replace(PLAIN, orientation_deg=0, wavelength_px=4, sigma_px=50, aspect=1, phase_deg=0)
        # Nine columns hold bright 1, dark 3, bright 5, dark 7, bright 9: five stripes.
        assert stripe_heights(replace(wave, center=(4, 0)), (9, 9)) == pytest.approx([1] * 5, abs=0.05)
        assert coherence(wave, (9, 9)) > 0.99
        spot = replace(wave, wavelength_px=100, sigma_px=1.5, center=(4, 4))
        assert coherence(spot, (9, 9)) < 0.01
        # Of a Gaussian, slopes go as 1 / deviation: (1 - 0.25) / (1 + 0.25).
        assert coherence(replace(spot, aspect=0.5, center=(20, 20)), (41, 41)) == pytest.approx(0.6, abs=0.01)


class TestNoise:
    @pytest.mark.parametrize(
        ("shape", "median", "strays"),
        [
            ((300, 1, 5, 5), 0.6, 6),
            ((200, 1, 7, 7), 0.4, 0),
            ((200, 3, 7, 7), 0.2, 0),
            ((60, 3, 11, 11), 0.1, 0),
        ],
    )
    def test_noise_is_nothing(self, shape: tuple[int, ...], median: float, strays: int) -> None:
        summary = summarise_filters(describe_filters(np.random.default_rng(3).standard_normal(shape)))
        assert summary.median_r2 is not None
        assert 0.02 < summary.median_r2 < median
        assert shape[0] - summary.kinds["other"] <= strays
        assert summary.fitted == shape[0]

    def test_random_filters_are_as_long_as_the_others(self) -> None:
        weight = drawn(planted(20, (7, 7), np.random.default_rng(0)), (7, 7))
        before = weight.copy()
        noise = random_filters(weight, seed=4)
        assert (noise.shape, noise.dtype) == (weight.shape, weight.dtype)
        assert np.allclose((noise**2).sum(axis=(1, 2, 3)), (weight**2).sum(axis=(1, 2, 3)), rtol=1e-5)
        assert np.array_equal(weight, before)
        assert np.array_equal(noise, random_filters(weight, seed=4))
        assert not np.array_equal(noise, random_filters(weight, seed=5))
        assert abs(noise.mean()) < 0.05 * noise.std() + 0.02
        learned, chance = (summarise_filters(describe_filters(each)) for each in (weight, noise))
        assert learned.median_r2 is not None
        assert chance.median_r2 is not None
        assert learned.median_r2 > 0.99 > 0.5 > chance.median_r2

    def test_filters_learned_from_photographs_are_no_noise(self) -> None:
        weight = read_safetensors(BANK)["conv1.weight"]
        learned = summarise_filters(describe_filters(weight))
        chance = summarise_filters(describe_filters(random_filters(weight, seed=1)))
        assert learned.median_r2 is not None
        assert chance.median_r2 is not None
        assert learned.median_r2 > 0.9 > 0.2 > chance.median_r2
        assert chance.kinds["other"] == len(weight)
        assert learned.kinds["other"] <= 0.1 * len(weight)
        assert min(learned.kinds[kind] for kind in ("gabor", "edge")) > 0.2 * len(weight)

    def test_a_summary_counts(self) -> None:
        gabor = make_kernel("gabor", (7, 7), {"wavelength_px": 3})
        blue = np.array([0.0, 0.0, 1.0])[:, None, None]
        weight = np.stack([blue * gabor, blue * step((7, 7), 10), np.ones((3, 7, 7)), np.zeros((3, 7, 7))])
        summary = summarise_filters(describe_filters(weight))
        assert summary.kinds == {"gabor": 1, "edge": 1, "blob": 1, "other": 1}
        assert (summary.color, summary.fitted) == (2, 2)
        nothing = summarise_filters(describe_filters(np.zeros((2, 1, 3, 3))))
        assert (nothing.fitted, nothing.median_r2, nothing.kinds["other"]) == (0, None, 2)


class TestWithoutAFit:
    @pytest.mark.parametrize("size", [(3, 3), (4, 9), (1, 1), (7, 1)])
    def test_too_few_pixels(self, size: Pair) -> None:
        description = describe(np.random.default_rng(0).standard_normal((3, *size)))
        assert (description.kind, description.reason, description.fit) == ("other", "too-small", None)

    def test_five_by_five_is_enough_and_thirty_two_is_not_too_much(self) -> None:
        for size in ((5, 5), (32, 5)):
            assert describe(step(size, 0)).kind == "edge"
        assert describe(step((33, 5), 0)).reason == "too-large"

    def test_channels_of_deeper_layers_have_no_one_pattern(self) -> None:
        rng = np.random.default_rng(0)
        for channels in (2, 4, 64):
            description = describe(rng.standard_normal((channels, 5, 5)))
            assert (description.kind, description.reason, description.color) == ("other", "deep", False)

    def test_filters_that_do_nothing(self) -> None:
        wave = make_kernel("gabor", (7, 7))
        strong, weak, nothing = describe_filters(np.stack([wave, wave * 1e-4, wave * 0])[:, None])
        assert strong.reason is None
        assert (weak.kind, weak.reason, weak.fit) == ("other", "dead", None)
        assert (nothing.kind, nothing.reason, nothing.norm) == ("other", "dead", 0)
        assert [each.reason for each in describe_filters(np.zeros((2, 3, 7, 7)))] == ["dead", "dead"]
        # By itself a small filter is no smaller than the rest.
        assert describe(wave * 1e-4).kind == strong.kind


class TestContract:
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
    def test_any_numbers(self, dtype: type) -> None:
        weight = (20 * drawn(planted(3, (7, 6), np.random.default_rng(0)), (7, 6))).astype(dtype)
        before = weight.copy()
        weight.flags.writeable = False
        descriptions = describe_filters(weight)
        assert [each.index for each in descriptions] == [0, 1, 2]
        assert np.array_equal(weight, before)
        for each in descriptions:
            assert each.kind in KINDS
            assert type(each.norm) is float
            assert type(each.color) is bool
            assert each.fit is not None
            assert each.norm == pytest.approx(
                float(np.linalg.norm(weight[each.index].astype(float))), rel=1e-6
            )
            assert all(type(value) is float for value in (*each.fit.settings.values(), *each.fit.center))
            assert 0 <= each.fit.orientation_deg < 180
            assert -180 < each.fit.phase_deg <= 180
            assert each.fit.r2 <= each.fit.pattern_r2 <= 1

    def test_a_fitted_filter_has_the_filter_s_shape(self) -> None:
        fit = fit_of(np.random.default_rng(0).standard_normal((3, 6, 9)))
        again = fitted_filter(fit, (6, 9))
        assert (again.shape, again.dtype) == ((3, 6, 9), np.float32)
        assert math.hypot(*fit.direction) == pytest.approx(1)

    def test_many_filters_are_fitted_in_turns(self) -> None:
        # 32 px: a chunk holds but a few dozen.
        weight = np.tile(np.stack([step((32, 32), angle) for angle in (10, 100)])[:, None], (20, 1, 1, 1))
        descriptions = describe_filters(weight)
        assert [each.kind for each in descriptions] == ["edge"] * 40
        angles = [each.fit.orientation_deg for each in descriptions if each.fit]
        assert angles == pytest.approx([10, 100] * 20, abs=3)

    def test_sorted_by_kind_then_angle_then_wavelength(self) -> None:
        waves = [
            make_kernel("gabor", (9, 9), {"orientation_deg": angle, "wavelength_px": wavelength})
            for angle, wavelength in ((80, 3), (20, 4), (50, 3))
        ]
        weight = np.stack([np.ones((9, 9)), np.zeros((9, 9)), step((9, 9), 30), *waves, bell((9, 9), 1.5)])
        order = sorted(describe_filters(weight[:, None]), key=lambda each: each.sort_key)
        assert [each.index for each in order] == [4, 5, 3, 2, 6, 0, 1]
        assert [each.kind for each in order] == ["gabor"] * 3 + ["edge", "blob", "blob", "other"]

    @pytest.mark.parametrize("shape", [(3, 7, 7), (7, 7), (2, 3, 7, 7, 1), (0, 3, 7, 7), (2, 0, 7, 7)])
    def test_four_axes(self, shape: tuple[int, ...]) -> None:
        error = refusal(describe_filters, np.ones(shape))
        assert (error.code, error.argument, error.value) == ("shape-mismatch", "weight", shape)

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_finite_numbers(self, value: float) -> None:
        weight = np.ones((2, 1, 5, 5))
        weight[1, 0, 2, 3] = value
        assert refusal(describe_filters, weight).code == "non-finite"

    def test_real_numbers(self) -> None:
        for weight in (np.ones((1, 1, 5, 5), dtype=complex), np.full((1, 1, 5, 5), "a")):
            with pytest.raises(EngineError) as caught:
                describe_filters(weight)
            assert caught.value.code == "invalid-weight"

"""An axis against counting by hand and against ``np.pad``, for random sizes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.geometry.axis import OUTSIDE, PADDING_MODES, Axis
from engine.geometry.padding import window_axes
from tests.engine.oracle import NUMPY_MODES

# No database and no randomness of its own: the same cases everywhere.
everywhere = settings(derandomize=True, database=None, deadline=None, max_examples=200)


@st.composite
def axes(draw: st.DrawFn, ceil_mode: bool = False) -> Axis:
    mode = draw(st.sampled_from(PADDING_MODES))
    size = draw(st.integers(1, 8))
    most = {"reflect": size - 1, "circular": size}.get(mode, 5)
    before, after = draw(st.integers(0, most)), draw(st.integers(0, most))
    dilation, stride = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    kernel_size = draw(st.integers(1, min(4, (before + size + after - 1) // dilation + 1)))
    return Axis(size, kernel_size, stride, dilation, before, after, mode, ceil_mode)


def windows_that_fit(axis: Axis) -> list[int]:
    """Where the windows start, counted from the first padding cell."""
    reach = axis.dilation * (axis.kernel_size - 1)
    return [start for start in range(0, axis.padded, axis.stride) if start + reach < axis.padded]


@everywhere
@given(axes())
def test_outputs_are_the_windows_that_fit(axis: Axis) -> None:
    starts = windows_that_fit(axis)
    assert axis.outputs == len(starts)
    assert axis.covered == starts[-1] + axis.span
    assert axis.covered + axis.skipped == axis.padded


@everywhere
@given(axes(ceil_mode=True))
def test_ceil_mode_adds_one_window_that_hangs_over(axis: Axis) -> None:
    assume(axis.after < axis.span)  # else a window may lie in the padding alone, which no pool allows
    fitting = windows_that_fit(axis)
    following = fitting[-1] + axis.stride
    something_left = fitting[-1] + axis.span < axis.padded
    starts_in_time = following < axis.before + axis.size
    assert axis.outputs == len(fitting) + (something_left and starts_in_time)


@everywhere
@given(axes())
def test_sources_are_those_of_numpys_padding(axis: Axis) -> None:
    x = np.arange(1, axis.size + 1)
    expected = np.pad(x, (axis.before, axis.after), mode=NUMPY_MODES[axis.mode])
    sources = axis.sources(np.arange(-axis.before, axis.size + axis.after))
    assert np.array_equal(np.where(sources == OUTSIDE, 0, x[sources]), expected)


@everywhere
@given(axes())
def test_positions_read_the_padded_row_tap_by_tap(axis: Axis) -> None:
    x = np.arange(1, axis.size + 1)
    padded = np.pad(x, (axis.before, axis.after), mode=NUMPY_MODES[axis.mode])
    for output, start in enumerate(windows_that_fit(axis)):
        sources = axis.sources(axis.positions(output))
        read = [padded[start + tap * axis.dilation] for tap in range(axis.kernel_size)]
        assert np.where(sources == OUTSIDE, 0, x[sources]).tolist() == read


@everywhere
@given(axes() | axes(ceil_mode=True))
def test_windows_are_looked_up_as_they_are_counted(axis: Axis) -> None:
    outputs = np.arange(axis.outputs)[::-1]
    positions = np.array([axis.positions(int(output)) for output in outputs])
    expected = [positions.tolist(), axis.sources(positions).tolist()]
    assert axis.windows(outputs).tolist() == expected
    with pytest.MonkeyPatch.context() as no_table:
        no_table.setattr("engine.geometry.axis.TABLE_ENTRIES", 0)
        assert axis.windows(outputs).tolist() == expected


@everywhere
@given(axes() | axes(ceil_mode=True))
def test_uses_are_the_inverse_of_sources(axis: Axis) -> None:
    expected: dict[int, list[tuple[int, int]]] = {index: [] for index in range(axis.size)}
    for output in range(axis.outputs):
        for tap, source in enumerate(axis.sources(axis.positions(output)).tolist()):
            if source != OUTSIDE:
                expected[source].append((output, tap))
    assert {index: axis.uses(index) for index in expected} == expected


@everywhere
@given(axes())
def test_a_window_larger_than_the_padded_row_is_refused(axis: Axis) -> None:
    too_large = (axis.padded - 1) // axis.dilation + 2
    with pytest.raises(EngineError) as refused:
        replace(axis, kernel_size=too_large)
    assert refused.value.code == "kernel-too-large"
    assert f"at most {too_large - 1}:" in refused.value.allowed


@pytest.mark.parametrize(("mode", "most"), [("reflect", 4), ("circular", 5)])
def test_padding_that_cannot_be_filled_is_refused(mode: str, most: int) -> None:
    Axis(5, 3, before=most, mode=mode)
    with pytest.raises(EngineError) as refused:
        Axis(5, 3, before=most + 1, mode=mode)
    assert refused.value.code == "padding-too-large"


@pytest.mark.parametrize("size", range(1, 12))
@pytest.mark.parametrize("kernel_size", range(1, 6))
def test_the_books_formula(size: int, kernel_size: int) -> None:
    for stride in range(1, 5):
        for padding in range(4):
            if kernel_size > size + 2 * padding:
                continue
            axis = Axis(size, kernel_size, stride, before=padding, after=padding)
            assert axis.outputs == int(np.floor((size + 2 * padding - kernel_size) / stride)) + 1


@everywhere
@given(st.integers(1, 20), st.integers(1, 6), st.integers(1, 4), st.integers(1, 3))
def test_the_words_for_padding(size: int, kernel_size: int, stride: int, dilation: int) -> None:
    def outputs(padding: str, step: int = stride) -> int:
        pairs = ((size, size), (kernel_size, kernel_size), (step, step), padding, (dilation, dilation))
        return window_axes(*pairs)[0].outputs

    span = dilation * (kernel_size - 1) + 1
    assert outputs("same") == -(-size // stride)
    assert outputs("full", 1) == size + span - 1
    if span <= size:
        assert outputs("valid", 1) == size - span + 1

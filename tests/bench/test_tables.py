"""How results are shown and judged."""

from __future__ import annotations

import pytest

from bench.growth import power
from bench.rivals import tables
from bench.rivals.result import Result
from bench.table import Table, page
from tests.bench.results import measured, result


@pytest.fixture
def vgg() -> Result:
    """Ours, and a PyTorch whose one layout is better by the median, the other by the least time."""
    return result(
        "vgg",
        ours=measured(4.0, 6.0, 9.0, peak=50.0),
        pytorch_nchw=measured(5.0, 12.0, 15.0, peak=60.0),
        pytorch_channels_last=measured(8.0, 10.0, 11.0, peak=55.0),
    )


def test_ratios_are_to_the_better_layout(vgg: Result) -> None:
    assert vgg.ratios("PyTorch") == (6.0 / 10.0, 4.0 / 5.0)
    assert vgg.ratios("ONNX Runtime") is None
    assert result(pytorch_nchw=measured(1.0)).ratios("PyTorch") is None


@pytest.mark.parametrize(
    ("target", "met"), [(0.80, "yes"), (0.79, "by medians only"), (0.60, "by medians only"), (0.59, "no")]
)
def test_both_ratios_must_be_within_the_target(vgg: Result, target: float, met: str) -> None:
    table = tables.ratios([vgg], {("vgg", 1, "PyTorch"): target})
    assert table.lines == [("vgg", "1", "PyTorch", "0.60", "0.80", f"{target:.2f}", met)]


def test_without_a_target_nothing_is_judged(vgg: Result) -> None:
    assert tables.ratios([vgg], {("vgg", 32, "PyTorch"): 1.0}).lines[0][-2:] == ("", "")


def test_verdicts() -> None:
    assert tables.verdict((0.9, 0.8), 0.8) == "by least only"
    assert tables.verdict((0.8, 0.8), 0.8) == "yes"


def test_memory_is_judged_at_one_batch_size(vgg: Result) -> None:
    large = result("vgg", 32, ours=measured(1.0, peak=70.0), pytorch_nchw=measured(1.0, peak=60.0))
    assert [line[-1] for line in tables.memory([vgg, large], 1).lines] == ["yes", ""]
    assert tables.memory([large], 32).lines[0][-1] == "no"
    assert tables.memory([vgg], 1).lines[0][2:5] == ("80 (50)", "90 (60)", "85 (55)")


def test_engines_that_a_case_lacks_leave_their_cell_empty(vgg: Result) -> None:
    other = result("other", onnxruntime=measured(2.0))
    shown = tables.times([vgg, other])
    assert shown.heads[2:] == ("ConvScope", "PyTorch, NCHW", "PyTorch, channels last", "ONNX Runtime")
    assert shown.lines[1] == ("other", "1", "", "", "", "2 (2)")


@pytest.mark.parametrize(
    ("number", "shown"), [(0.04321, "0.0432"), (4.321, "4.32"), (99.96, "100"), (4321.4, "4321")]
)
def test_three_digits_or_more(number: float, shown: str) -> None:
    assert tables.figure(number) == shown


def test_the_power_of_a_growth() -> None:
    assert power([(1, 3.0), (2, 12.0), (4, 48.0)]) == "2.00"
    assert power([(1, 3.0)]) == ""


def test_a_page_of_several_tables() -> None:
    one, other = Table(("a", "b"), [("1", "2")]), Table(("c",), [("3",)], "Others")
    assert page("Title", "A machine.", one, other) == (
        "# Title\n\nA machine.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## Others\n\n| c |\n|---|\n| 3 |\n"
    )

"""How far a setting may move: every end that is named works, and nothing beyond it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from engine.errors import EngineError
from engine.ops.operation import Operation
from engine.ops.parameters import LARGEST_INTEGER, parameters_of, read_parameters
from engine.ops.ranges import AXES, LARGEST_COUNT, LARGEST_UNBOUNDED, PADDING_WORDS, valid_ranges
from engine.ops.registry import OPERATIONS
from engine.specification import inferred_settings
from engine.types import Shape
from tests.engine.examples import EXAMPLES, Example
from tests.engine.refusals import refusal

MORE = (
    Example("conv2d", {}, ((1, 28, 20),)),
    Example("conv2d", {"groups": 4}, ((12, 9, 7),)),
    Example("conv2d", {"groups": 3, "out_channels": 9}, ((6, 9, 7),)),
    Example("conv2d", {"padding": [3, 0, 1, 2], "padding_mode": "reflect"}, ((1, 6, 9),)),
    Example("conv2d", {"padding": "same", "stride": 2}, ((1, 9, 6),)),
    Example("max_pool2d", {"kernel_size": 4, "padding": 2, "stride": 3}, ((2, 9, 7),)),
    Example("max_pool2d", {"kernel_size": 2, "padding": 2, "dilation": 2, "stride": 1}, ((1, 3, 4),)),
    Example("avg_pool2d", {"kernel_size": 3, "ceil_mode": True}, ((1, 8, 5),)),
    Example("conv_transpose2d", {"stride": 3, "output_padding": [0, 2], "padding": 1}, ((1, 4, 5),)),
    Example("local_response_norm", {"size": 5}, ((7, 2, 3),)),
    Example("cross_entropy", {"target": 0}, ((1,),)),
    Example("linear", {"out_features": 600}, ((5,),)),
)
ALL = [*EXAMPLES, *MORE]


class Asked:
    """An example, and whether its operation takes another value for one setting."""

    def __init__(self, example: Example) -> None:
        self.cls = OPERATIONS[example.op]
        self.settings = read_parameters(self.cls, example.config)
        self.shapes: list[Shape] = example.batch_shapes(1)
        self.ranges = valid_ranges(self.make, self.settings, self.shapes)
        self.operation = self.make(self.settings)
        self.parameters = {p.name: p for p in parameters_of(self.cls)}

    def make(self, changed: Mapping[str, Any]) -> Operation:
        return self.cls(**{**inferred_settings(self.cls, None, changed), **changed})

    def works(self, name: str, value: Any) -> bool:
        try:
            read = self.parameters[name].read(value)
            self.make({**self.settings, name: read}).output_shape(*self.shapes)
        except EngineError:
            return False
        return True

    def pair(self, name: str) -> tuple[int, int]:
        value = getattr(self.operation, name)
        # A stride left out is the window's.
        return self.operation.kernel_size if value is None else value  # type: ignore[attr-defined,no-any-return]

    def now(self, name: str) -> list[list[int]]:
        if self.parameters[name].kind == "pair":
            return [[cells] for cells in self.pair(name)]
        return [[axis.before, axis.after] for axis in self.operation.axes(self.shapes[0])]  # type: ignore[attr-defined]

    def along(self, name: str) -> Iterator[tuple[dict[str, Any] | None, Any, int]]:
        """Of both axes the range, from a number to a value of the setting, and the number now."""
        for index, axis in enumerate(AXES):
            now = self.now(name)

            def value(n: int, index: int = index, now: list[list[int]] = now) -> list[int]:
                sides = [[n] * len(each) if at == index else each for at, each in enumerate(now)]
                return [*sides[0], *sides[1]]

            yield self.ranges[name][axis], value, now[index][0]


def names_of(asked: Asked, *kinds: str) -> list[str]:
    return [name for name, p in asked.parameters.items() if p.kind in kinds]


@pytest.mark.parametrize("example", ALL, ids=str)
def test_every_setting_but_free_numbers_has_a_range(example: Example) -> None:
    asked = Asked(example)
    free = ("number", "numbers", "integers", "table")
    assert list(asked.ranges) == [name for name, p in asked.parameters.items() if p.kind not in free]


@pytest.mark.parametrize("example", ALL, ids=str)
def test_choices_are_those_that_work(example: Example) -> None:
    asked = Asked(example)
    for name in names_of(asked, "choice", "boolean"):
        parameter = asked.parameters[name]
        options = list(parameter.choices) if parameter.kind == "choice" else [False, True]
        assert asked.ranges[name] == {"values": [each for each in options if asked.works(name, each)]}
    for name in names_of(asked, "padding"):
        assert asked.ranges[name]["words"] == [word for word in PADDING_WORDS if asked.works(name, word)]


@pytest.mark.parametrize("example", ALL, ids=str)
def test_counts_run_from_end_to_end(example: Example) -> None:
    asked = Asked(example)
    for name in names_of(asked, "integer"):
        found = asked.ranges[name]
        if name in ("groups", "num_groups"):
            assert found["values"] == [n for n in range(1, 40) if asked.works(name, n)]
            continue
        step, low, high = found.get("step", 1), found["minimum"], found["maximum"]
        assert low <= getattr(asked.operation, name) <= high
        for n in range(low, high + 1):
            assert asked.works(name, n) is ((n - low) % step == 0), n
        assert not asked.works(name, low - step)
        assert (
            high > LARGEST_COUNT - step
            or high >= max(map(max, asked.shapes))
            or not asked.works(name, high + step)
        )


@pytest.mark.parametrize("example", ALL, ids=str)
def test_sizes_run_from_end_to_end_on_either_axis(example: Example) -> None:
    asked = Asked(example)
    for name in names_of(asked, "pair", "padding"):
        if name == "padding" and not hasattr(asked.operation, "axes"):
            continue
        for found, value, now in asked.along(name):
            if found is None:
                assert not any(asked.works(name, value(n)) for n in range(20))
                continue
            low, high = found["minimum"], found["maximum"]
            for n in range(low, high + 1):
                assert asked.works(name, value(n)), n
            assert asked.works(name, value(now)) is (low <= now <= high)
            assert not asked.works(name, value(low - 1))
            beyond = asked.works(name, value(high + 1))
            # Where nothing bounds it, the range ends at what the picture or a slider has room for.
            assert not beyond or high >= min(min(asked.shapes[0][2:]), LARGEST_UNBOUNDED)


def test_the_edge_of_the_picture_bounds_the_kernel() -> None:
    asked = Asked(Example("conv2d", {"dilation": [2, 1]}, ((1, 9, 6),)))
    assert asked.ranges["kernel_size"] == {
        "rows": {"minimum": 1, "maximum": 5},
        "columns": {"minimum": 1, "maximum": 6},
    }
    assert asked.ranges["dilation"] == {
        "rows": {"minimum": 1, "maximum": 4},
        "columns": {"minimum": 1, "maximum": 2},
    }


def test_output_channels_go_by_groups() -> None:
    asked = Asked(Example("conv2d", {"groups": 3}, ((6, 5, 4),)))
    assert asked.ranges["out_channels"] == {"minimum": 3, "maximum": 510, "step": 3}
    assert asked.ranges["groups"] == {"values": [1, 2, 3, 6]}


def test_reflection_needs_cells_to_mirror() -> None:
    asked = Asked(Example("conv2d", {"padding_mode": "reflect"}, ((1, 6, 4),)))
    assert asked.ranges["padding"]["rows"] == {"minimum": 0, "maximum": 5}
    assert asked.ranges["padding"]["columns"] == {"minimum": 0, "maximum": 3}


def test_settings_that_do_not_work_have_no_ranges() -> None:
    error = refusal(Asked, Example("conv2d", {"kernel_size": 7}, ((1, 6, 9),)))
    assert (error.code, error.argument) == ("kernel-too-large", "kernel_size")
    assert refusal(Asked, Example("conv2d", {"groups": 2}, ((3, 6, 9),))).code == "groups-do-not-divide"


def test_no_range_leads_beyond_what_is_read() -> None:
    asked = Asked(Example("linear", {"out_features": LARGEST_INTEGER}, ((5,),)))
    assert asked.ranges["out_features"] == {"minimum": 1, "maximum": LARGEST_INTEGER}

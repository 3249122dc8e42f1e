from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from engine.errors import EngineError
from engine.ops.parameters import parameters_of, read_parameters
from engine.ops.ranges import valid_ranges
from engine.ops.registry import OPERATIONS
from tests.api.nets import assert_problem, get_json
from tests.api.server import Api

URL = "/api/v1/geometry"


def test_sizes_and_cost(api: Api) -> None:
    answer = get_json(
        api,
        f"{URL}/conv2d?input=28,20&channels=3&kernel_size=3,5&stride=2&padding=1&out_channels=8&bias=true",
    )
    assert answer["output"] == {"channels": 8, "size": [14, 9]}
    assert answer["padded"] == [30, 22]
    assert answer["padding"] == [1, 1, 1, 1]
    assert answer["skipped"] == [1, 1]
    assert answer["positions"] == 14 * 9
    assert answer["cost"] == {"parameters": 8 * 45 + 8, "multiply_adds": 8 * 45 * 126}
    ins, outs = 3 * 28 * 20, 8 * 126
    assert answer["dense"] == {"parameters": ins * outs + outs, "multiply_adds": ins * outs}


def test_the_edge_detector_of_the_books(api: Api) -> None:
    """320 × 280 to 319 × 280 with two weights: 267,960 operations against over 16 · 10⁹."""
    answer = get_json(api, f"{URL}/conv2d?input=320,280&kernel_size=2,1")
    assert answer["output"]["size"] == [319, 280]
    assert answer["cost"]["parameters"] == 2
    # Two multiplications and one addition for each output.
    assert answer["cost"]["multiply_adds"] // 2 * 3 == 267_960
    assert answer["dense"]["parameters"] > 8e9
    assert answer["dense"]["multiply_adds"] * 2 > 16e9


@pytest.mark.parametrize("op", OPERATIONS)
def test_every_operation_has_a_geometry(api: Api, op: str) -> None:
    answer = get_json(api, f"{URL}/{op}?input=6,9&channels=4")
    assert answer["op"] == op
    assert answer["input"] == {"channels": 4, "size": [6, 9]}


SETTINGS: list[dict[str, Any]] = [
    {},
    {"kernel_size": [3, 4], "padding": 1, "stride": [2, 3]},
    {"kernel_size": 2, "dilation": [3, 2], "padding": [0, 1, 2, 0]},
    {"kernel_size": 3, "padding": "same", "padding_mode": "reflect"},
    {"kernel_size": [2, 3], "padding": "full", "padding_mode": "circular"},
    {"groups": 2, "out_channels": 4},
    {"groups": 2},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_ranges_are_those_found_by_trying_everything(settings: dict[str, Any]) -> None:
    operation = OPERATIONS["conv2d"]
    shapes = [(1, 4, 7, 9)]
    given = read_parameters(operation, settings)

    def make(changed: Mapping[str, Any]) -> Any:
        return operation(**{"out_channels": changed.get("groups", 1), **changed})

    def works(name: str, value: Any) -> bool:
        parameter = next(p for p in parameters_of(operation) if p.name == name)
        try:
            make({**given, name: parameter.read(value)}).output_shape(*shapes)
        except EngineError:
            return False
        return True

    found = valid_ranges(make, given, shapes)
    now = make(given)
    for name in ("kernel_size", "stride", "dilation"):
        for axis, label in enumerate(("rows", "columns")):
            bounds = found[name][label]
            values = [
                n
                for n in range(60)
                if works(name, [n, getattr(now, name)[1]] if axis == 0 else [getattr(now, name)[0], n])
            ]
            inside = [n for n in values if n <= bounds["maximum"]]
            assert inside == list(range(bounds["minimum"], bounds["maximum"] + 1)), (name, label)
            beyond = bounds["maximum"] + 1 in values
            assert not beyond or bounds["maximum"] >= shapes[0][2 + axis]
    groups = [n for n in range(1, 9) if works("groups", n)]
    assert found["groups"] == {"values": groups}
    modes = [mode for mode in ("zeros", "reflect", "replicate", "circular") if works("padding_mode", mode)]
    assert found["padding_mode"] == {"values": modes}
    rows = found["padding"]["rows"]
    axes = now.axes(shapes[0])
    sides = [axes[1].before, axes[1].after]
    assert works("padding", [rows["maximum"]] * 2 + sides)
    assert works("padding", [rows["minimum"]] * 2 + sides)
    assert rows["minimum"] == 0 or not works("padding", [rows["minimum"] - 1] * 2 + sides)
    outs = found["out_channels"]
    assert outs.get("step", 1) == settings.get("groups", 1)
    assert all(
        works("out_channels", n) for n in range(outs["minimum"], outs["maximum"] + 1, outs.get("step", 1))
    )


def test_ranges_are_those_of_this_input(api: Api) -> None:
    ranges = get_json(api, f"{URL}/conv2d?input=5,8&channels=4&padding=2,0&padding_mode=reflect")["ranges"]
    assert ranges["kernel_size"] == {
        "rows": {"minimum": 1, "maximum": 9},
        "columns": {"minimum": 1, "maximum": 8},
    }
    assert ranges["padding"]["rows"] == {"minimum": 0, "maximum": 4}
    assert ranges["padding"]["words"] == ["valid", "same", "full"]
    assert ranges["groups"] == {"values": [1, 2, 4]}
    assert ranges["flip"] == {"values": [False, True]}


@pytest.mark.parametrize(
    ("query", "status", "code", "argument"),
    [
        ("conv2d", 422, "missing-parameter", "input"),
        ("conv2d?input=0,3", 422, "invalid-argument", "input"),
        ("conv2d?input=3,3,3", 422, "invalid-argument", "input"),
        ("conv2d?input=9,9&channels=0", 422, "invalid-argument", "channels"),
        ("conv2d?input=9,9&kernel_size=10", 422, "kernel-too-large", "kernel_size"),
        ("conv2d?input=9,9&groups=2", 422, "groups-do-not-divide", "groups"),
        ("conv2d?input=9,9&stride=0", 422, "invalid-argument", "stride"),
        ("conv2d?input=9,9&stride=1e999", 422, "non-finite", "stride"),
        ("conv2d?input=9,9&strid=1", 422, "unknown-parameter", "strid"),
        ("conv2d?input=9,9&input=8,8", 422, "invalid-argument", "input"),
        ("conv2d?input=9,9&bias=1", 422, "invalid-argument", "bias"),
        ("relu?input=9,9&bias=true", 422, "invalid-argument", "bias"),
        ("conv3d?input=9,9", 404, "unknown-operation", "op"),
    ],
)
def test_geometry_that_cannot_be(api: Api, query: str, status: int, code: str, argument: str) -> None:
    assert_problem(api.get(f"{URL}/{query}"), status, code, argument)

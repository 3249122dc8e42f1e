from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
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


CASES: list[tuple[str, dict[str, Any]]] = [
    ("conv2d", {}),
    ("conv2d", {"kernel_size": [3, 4], "padding": 1, "stride": [2, 3]}),
    ("conv2d", {"kernel_size": 2, "dilation": [3, 2], "padding": [0, 1, 2, 0]}),
    ("conv2d", {"kernel_size": 3, "padding": "same", "padding_mode": "reflect"}),
    ("conv2d", {"kernel_size": [2, 3], "padding": "full", "padding_mode": "circular"}),
    ("conv2d", {"groups": 2, "out_channels": 4}),
    ("conv2d", {"groups": 2}),
    ("conv_transpose2d", {"stride": [2, 3], "padding": [1, 0], "output_padding": [1, 2]}),
    ("max_pool2d", {"kernel_size": [2, 3], "padding": 1}),
    ("avg_pool2d", {"kernel_size": 4, "stride": [1, 2], "padding": [2, 1], "ceil_mode": True}),
    ("tiled2d", {"kernel_size": 2, "tile": [2, 3]}),
    ("local_response_norm", {"size": 3}),
]

SHAPE = (1, 4, 7, 9)


class Brute:
    """Ranges found by trying every value."""

    def __init__(self, op: str, settings: dict[str, Any]) -> None:
        self.operation = OPERATIONS[op]
        self.settings = read_parameters(self.operation, settings)
        self.declared = {p.name: p for p in parameters_of(self.operation)}

    def make(self, settings: Mapping[str, Any]) -> Any:
        counted = {"out_channels": settings.get("groups", 1)} if "groups" in self.declared else {}
        return self.operation(**{**counted, **settings})

    def works(self, name: str, value: Any) -> bool:
        try:
            settings = {**self.settings, name: self.declared[name].read(value)}
            self.make(settings).output_shape(SHAPE)
        except EngineError:
            return False
        return True

    def spans(self, found: dict[str, int], works: Callable[[int], bool]) -> None:
        """Everything inside works, and what lies beyond does not, unless no need for it is seen."""
        low, high, step = found["minimum"], found["maximum"], found.get("step", 1)
        assert all(works(n) for n in range(low, high + 1, step))
        assert low <= step or not works(low - step)
        assert high >= 7 or not works(high + step)


@pytest.mark.parametrize(("op", "settings"), CASES)
def test_ranges_are_those_found_by_trying_everything(op: str, settings: dict[str, Any]) -> None:
    brute = Brute(op, settings)
    found = valid_ranges(brute.make, brute.settings, [SHAPE])
    now = brute.make(brute.settings)
    for name, parameter in brute.declared.items():
        if parameter.kind in ("number", "table"):
            assert name not in found
        elif parameter.kind == "choice":
            assert found[name] == {"values": [c for c in parameter.choices if brute.works(name, c)]}
        elif parameter.kind == "boolean":
            assert found[name] == {"values": [b for b in (False, True) if brute.works(name, b)]}
        elif name == "groups":
            assert found[name] == {"values": [n for n in range(1, 9) if brute.works(name, n)]}
        elif parameter.kind == "integer":
            brute.spans(found[name], partial(brute.works, name))
        elif parameter.kind == "pair":
            rows, columns = getattr(now, name) or now.kernel_size
            brute.spans(
                found[name]["rows"], lambda n, name=name, other=columns: brute.works(name, [n, other])
            )
            brute.spans(
                found[name]["columns"], lambda n, name=name, other=rows: brute.works(name, [other, n])
            )
        else:
            across = [now.axes(SHAPE)[1].before, now.axes(SHAPE)[1].after]
            brute.spans(
                found[name]["rows"], lambda n, name=name, other=across: brute.works(name, [n, n, *other])
            )
            assert found[name]["words"] == [w for w in ("valid", "same", "full") if brute.works(name, w)]


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

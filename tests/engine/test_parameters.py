"""Reading one setting: what each kind accepts, how it is kept, and how the rest is refused."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.geometry.padding import ALLOWED
from engine.ops.parameters import (
    LARGEST_INTEGER,
    LARGEST_LENGTH,
    Kind,
    Parameter,
    parameter,
    parameters_of,
    read_parameters,
)
from engine.ops.registry import OPERATIONS
from tests.engine.refusals import refusal

NAN, INF = float("nan"), float("inf")

READ: list[tuple[Parameter, Any, Any]] = [
    (Parameter("integer"), 3, 3),
    (Parameter("integer"), -LARGEST_INTEGER, -LARGEST_INTEGER),
    (Parameter("integer", minimum=1), LARGEST_INTEGER, LARGEST_INTEGER),
    (Parameter("number"), 3, 3.0),
    (Parameter("number"), -0.25, -0.25),
    (Parameter("number"), 10**300, 1e300),
    (Parameter("number", minimum=0, maximum=1), 1, 1.0),
    (Parameter("boolean"), False, False),
    (Parameter("choice", choices=("a", "b")), "b", "b"),
    (Parameter("pair", minimum=1), 2, (2, 2)),
    (Parameter("pair", minimum=1), [1, 3], (1, 3)),
    (Parameter("pair", minimum=0), (0, 3), (0, 3)),
    (Parameter("padding", minimum=0), 2, 2),
    (Parameter("padding", minimum=0), [1, 2], (1, 2)),
    (Parameter("padding", minimum=0), [1, 2, 3, 0], (1, 2, 3, 0)),
    (Parameter("padding", minimum=0), "same", "same"),
    (Parameter("table"), [[1, 0], [0, 1], [1, 1]], ((1, 0), (0, 1), (1, 1))),
    (Parameter("table"), ((1,),), ((1,),)),
    (Parameter("integers"), [0, -1, LARGEST_LENGTH], (0, -1, LARGEST_LENGTH)),
    (Parameter("integers", minimum=1), 2, (2,)),
    (Parameter("integers"), (), ()),
    (Parameter("numbers", minimum=0), [2, 0.5], (2.0, 0.5)),
    (Parameter("numbers"), -1.5, (-1.5,)),
]

NEVER: list[Any] = [None, [], {}, {"a": 1}, [[1]], [1, [2]], "", "nobody", "1", 1j, NAN, INF, -INF]
LISTLESS: list[Any] = [value for value in NEVER if value != []]
REFUSED: dict[Kind, list[Any]] = {
    "integer": [*NEVER, True, 1.0, [1], [1, 2], 0, -3, "same"],
    "number": [*NEVER, True, [1.0], 10**400, -(10**400), -0.1, 0, "same"],
    "boolean": [*NEVER, 0, 1, 1.0, "true", [True]],
    "choice": [*NEVER, 0, True, "A", ["a"], np.array(["a", "b"])],
    "pair": [*NEVER, True, 1.0, [1], [1, 2, 3], [1, True], [1, 2.0], [0, 1], 0, "12", "same", {1, 2}],
    "padding": [*NEVER, True, 1.0, [1], [1, 2, 3], [1, 2, 3, True], [-1, 2], -1, "SAME", [1, 2, 3, 4, 5]],
    "integers": [*LISTLESS, True, 1.0, [True], [1, 2.0], [[1]], [0], 0, [1, -3], {1, 2}],
    "numbers": [*LISTLESS, True, [True], [1, "2"], [[1.0]], [0.4], 0, [1, NAN], [1, 10**400]],
    "table": [
        *NEVER[:4],
        *NEVER[5:],
        1,
        [1, 0],
        [[1], [1, 0]],
        [[0, 0], [1, 0]],
        [[2]],
        [[True]],
        [[1.0]],
        [[]],
    ],
}
PARAMETERS: dict[Kind, Parameter] = {
    "integer": Parameter("integer", minimum=1, name="it"),
    "number": Parameter("number", minimum=0.5, name="it"),
    "boolean": Parameter("boolean", name="it"),
    "choice": Parameter("choice", choices=("a", "b"), name="it"),
    "pair": Parameter("pair", minimum=1, name="it"),
    "padding": Parameter("padding", minimum=0, name="it"),
    "table": Parameter("table", name="it"),
    "integers": Parameter("integers", minimum=1, name="it"),
    "numbers": Parameter("numbers", minimum=0.5, name="it"),
}


def test_every_kind_is_tried() -> None:
    assert set(PARAMETERS) == set(REFUSED) == {each.kind for each, _, _ in READ} == set(get_args(Kind))


@pytest.mark.parametrize(("declared", "value", "kept"), READ, ids=str)
def test_what_is_accepted_is_kept_in_one_form(declared: Parameter, value: Any, kept: Any) -> None:
    read = declared.read(value)
    assert read == kept
    assert type(read) is type(kept)
    assert declared.read(read) == read


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in REFUSED.items() for value in values]
)
def test_all_else_is_refused(kind: Kind, value: Any) -> None:
    declared = PARAMETERS[kind]
    error = refusal(declared.read, value)
    assert (error.code, error.argument, error.allowed) == ("invalid-argument", "it", declared.allowed)
    assert error.value is value


@pytest.mark.parametrize("kind", ["integer", "pair", "padding", "integers"])
def test_integers_have_an_end(kind: Kind) -> None:
    declared = PARAMETERS[kind]
    end = LARGEST_LENGTH if kind == "integers" else LARGEST_INTEGER
    declared.read(end)
    for value in (end + 1, 10**400):
        error = refusal(declared.read, value)
        assert (error.code, error.argument, error.value) == ("invalid-argument", "it", value)
        assert error.allowed == f"at most {end}"


@pytest.mark.parametrize(
    ("bounds", "inside", "outside"),
    [
        ({"minimum": 1}, [1, 50], [0, -1]),
        ({"maximum": 4}, [4, -9], [5]),
        ({"minimum": 1, "maximum": 4}, [1, 4], [0, 5]),
    ],
)
@pytest.mark.parametrize("kind", ["integer", "number", "pair", "integers", "numbers"])
def test_bounds_are_inclusive(kind: Kind, bounds: Any, inside: list[int], outside: list[int]) -> None:
    declared = Parameter(kind, **bounds, name="it")
    for value in inside:
        declared.read(value)
    for value in outside:
        assert refusal(declared.read, value).allowed == declared.allowed


@pytest.mark.parametrize(
    ("declared", "allowed"),
    [
        (Parameter("integer"), "an integer"),
        (Parameter("integer", minimum=1), "an integer of at least 1"),
        (Parameter("integer", maximum=9), "an integer of at most 9"),
        (Parameter("number", minimum=0.1, maximum=50), "a finite number from 0.1 to 50"),
        (Parameter("boolean"), "true or false"),
        (Parameter("choice", choices=("a", "b")), "one of a, b"),
        (Parameter("pair", minimum=1), "an integer of at least 1, or [rows, columns]"),
        (Parameter("padding"), ALLOWED),
        (Parameter("integers", minimum=1), "a list of integers of at least 1"),
        (Parameter("numbers", maximum=2), "a list of finite numbers of at most 2"),
        (Parameter("table"), "a list of rows of one length, of 0 and 1, with a 1 in every row"),
    ],
)
def test_what_is_allowed_is_said(declared: Parameter, allowed: str) -> None:
    assert declared.allowed == allowed


@dataclass(frozen=True)
class Configured:
    """Settings as operations declare them, beside a field that is none."""

    stride: Any = parameter("pair", 1, minimum=1)
    window: Any = parameter("pair", None, minimum=1)
    slope: Any = parameter("number", 0.01)
    label: str = "no setting"


def test_settings_are_declared_as_fields() -> None:
    assert parameters_of(Configured) == (
        Parameter("pair", 1, minimum=1, name="stride"),
        Parameter("pair", None, minimum=1, name="window"),
        Parameter("number", 0.01, name="slope"),
    )
    made = Configured()
    assert (made.stride, made.window, made.slope) == ((1, 1), None, 0.01)


def test_a_configuration_is_read_as_a_whole() -> None:
    assert read_parameters(Configured, {"stride": [2, 1], "window": None}) == {"stride": (2, 1)}
    error = refusal(read_parameters, Configured, {"label": "x"}, ("weight",))
    assert (error.code, error.argument, error.value) == ("unknown-parameter", "label", "x")
    assert error.allowed == "stride, window, slope, weight"
    error = refusal(read_parameters, Configured, {"stride": 0})
    assert (error.code, error.argument, error.value) == ("invalid-argument", "stride", 0)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_the_defaults_of_every_operation_can_be_given(operation: type) -> None:
    made = operation()
    for declared in parameters_of(operation):
        if declared.default is not None:
            assert declared.read(declared.default) == getattr(made, declared.name)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-3, 9)
    | st.sampled_from([10**400, -(10**400), 1 << 63])
    | st.floats()
    | st.complex_numbers()
    | st.binary(max_size=2)
    | st.sampled_from(["same", "full", "a", "1"])
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=5) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner)
    ),
    max_leaves=6,
)


@given(st.sampled_from(sorted(PARAMETERS)), ANYTHING)
@settings(max_examples=400, deadline=None)
def test_whatever_is_given_is_read_or_refused(kind: Kind, value: Any) -> None:
    declared = PARAMETERS[kind]
    try:
        read = declared.read(value)
    except EngineError:
        assert refusal(declared.read, value).argument == "it"
        return
    assert declared.read(read) == read
    match kind:
        case "integer":
            assert type(read) is int
            assert 1 <= read <= LARGEST_INTEGER
        case "number":
            assert type(read) is float
            assert math.isfinite(read)
        case "boolean":
            assert type(read) is bool
        case "choice":
            assert read in ("a", "b")
        case "integers":
            assert all(type(each) is int and 1 <= each <= LARGEST_LENGTH for each in read)
        case "numbers":
            assert all(type(each) is float and 0.5 <= each < INF for each in read)
        case "table":
            assert {len(row) for row in read} == {len(read[0])}
            assert all(set(row) in ({1}, {0, 1}) for row in read)
        case "pair":
            assert [type(cells) for cells in read] == [int, int]
        case "padding":
            assert read in ("same", "full", "valid") or np.size(read) in (1, 2, 4)

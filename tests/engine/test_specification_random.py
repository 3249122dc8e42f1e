"""Random specifications, right and nearly right: a model that runs, or an error of the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.ops.registry import OPERATIONS
from engine.presets import PRESETS
from engine.specification import build_model
from tests.engine.refusals import refusal

# Values such as JSON makes them, drawn from what might nearly be right.
WORDS = [
    *OPERATIONS,
    *PRESETS,
    *("input", "a", "he", "xavier", "same", "full", "valid", "reflect", "circular", "mean", "1", "", "ä"),
]
FIELDS = [
    *("op", "name", "inputs", "preset", "init", "seed", "model", "node", "size", "channels", "nodes"),
    *sorted({name for op in OPERATIONS.values() for name in op.__dataclass_fields__}),
    *("weight", "bias", "running_mean", "running_var", "orientation_deg", "sigma_px", "depth"),
]
INTEGERS = st.integers(-2, 9) | st.sampled_from([65_537, 2**31, 2**63, 10**400, -(10**400)])
NUMBERS = INTEGERS | st.floats() | st.sampled_from([1e39, 1e308, 0.5, -1.0])
LEAVES = st.none() | st.booleans() | NUMBERS | st.sampled_from(WORDS) | st.text(max_size=3)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3),
    max_leaves=12,
)
KERNELS = st.lists(st.lists(NUMBERS, min_size=2, max_size=2), min_size=1, max_size=3)
LIKELY = {
    "kernel_size": st.integers(1, 4) | st.lists(st.integers(1, 4), min_size=2, max_size=2),
    "out_channels": st.integers(1, 5),
    "padding": st.integers(0, 3) | st.sampled_from(["same", "full"]),
    "stride": st.integers(1, 3),
    "weight": KERNELS | st.sampled_from([*PRESETS]) | st.just({"init": "xavier", "seed": 3}),
    "inputs": st.lists(st.sampled_from(["input", "a", "relu", "conv2d"]), min_size=1, max_size=3),
}


@st.composite
def nodes(draw: st.DrawFn) -> Any:
    op = draw(st.sampled_from([*OPERATIONS]))
    operation = OPERATIONS[op]
    known = [*operation.__dataclass_fields__, *operation.weight_names, "inputs", "name"]
    chosen = draw(st.lists(st.sampled_from(known), max_size=4, unique=True))
    return {"op": op, **{field: draw(LIKELY.get(field, VALUES) | VALUES) for field in chosen}}


SPECIFICATIONS = st.fixed_dictionaries(
    {
        "input": st.fixed_dictionaries(
            {
                "channels": st.integers(1, 4),
                "size": st.lists(st.integers(1, 9), min_size=2, max_size=2),
            }
        )
        | VALUES,
        "nodes": st.lists(nodes(), min_size=1, max_size=4) | st.lists(nodes() | VALUES, max_size=3) | VALUES,
    }
)

FUZZ = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(VALUES | SPECIFICATIONS)
@FUZZ
def test_whatever_is_given_becomes_a_model_or_an_engine_error(spec: Any) -> None:
    try:
        model = build_model(spec)
    except EngineError:
        return
    for node in model:
        assert all(np.isfinite(weight).all() for weight in node.weights.values())
        assert all(weight.dtype == np.float32 for weight in node.weights.values())


@given(SPECIFICATIONS)
@FUZZ
def test_what_becomes_a_model_runs_or_names_a_node(spec: Any) -> None:
    try:
        model = build_model(spec)
    except EngineError:
        return
    assert [each.node.name for each in model.describe()] == [node.name for node in model]
    if sum(np.prod(shape) for shape in model.shapes.values()) > 1e6:
        return
    x = np.ones((1, *model.input_shape), np.float32)
    try:
        trace = model.run(x)
    except EngineError:
        assert refusal(model.run, x).code == "non-finite"
        return
    assert {name: y.shape for name, y in trace.outputs.items()} == model.shapes

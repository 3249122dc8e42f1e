"""ONNX's own conformance cases: each one of an operator known here passes, or stands in a table below."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatch
from functools import lru_cache
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from engine.errors import EngineError
from engine.importers.onnx.builder import build
from engine.importers.onnx.call import Flow
from engine.importers.onnx.constants import FOLDABLE
from engine.importers.onnx.limits import ImportLimits
from engine.importers.onnx.operators import CONVERTERS
from engine.importers.onnx.reader import MAIN_DOMAINS, read_graph

Case = Any
Tensors = Mapping[str, np.ndarray]

SEVERAL = "bodies of functions"
"""Cases of several nodes: ONNX writes out what an operator means in terms of simpler ones."""

RUN_TIME = {"Add", "Concat", "Div", "MatMul", "Max", "Mean", "Min", "Mul", "Pow", "Sub", "Sum"}
"""Operators of which all inputs come from the run; of the others the first does, the rest are weights."""

FIRST_OUTPUT = {"LayerNormalization", "MaxPool"}
"""Operators of which no network uses more: without the mean and deviation, or the places of the maxima."""

FOLDED_ONLY = {"Cast"}
"""A run has one precision, whatever a file says; numbers are converted where everything is known."""

Table = Mapping[str, tuple[str, tuple[str, ...]]]
"""By reason: the code of the refusal, and the cases that it meets."""

NOT_RUN: Table = {
    "windows in three dimensions": (
        "shape-mismatch",
        (
            "test_averagepool_3d_*",
            "test_convtranspose_3d",
            "test_lppool_3d_default",
            "test_maxpool_3d_*",
        ),
    ),
    "means and norms over windows with gaps": (
        "unsupported-attribute",
        ("test_averagepool_2d_dilations", "test_lppool_2d_dilations"),
    ),
    "training: what drops out, and statistics that change": (
        "unsupported-attribute",
        ("test_training_dropout*", "test_batchnorm_*_training_mode"),
    ),
    "tensors without any number": (
        "shape-mismatch",
        (
            "test_reduce_*_empty_set*",
            "test_reshape_allowzero_reordered",
            "test_slice_start_out_of_bounds",
            "test_split_zero_size_splits_*",
            "test_rotary_embedding_expanded",
            "test_rotary_embedding_3d_input_expanded",
            "test_rotary_embedding_interleaved_expanded",
            "test_rotary_embedding_no_position_ids_expanded",
            "test_rotary_embedding_no_position_ids_interleaved_expanded",
        ),
    ),
    "whole numbers raised to a power from the run": (
        "malformed-model",
        ("test_pow_types_int64_float32", "test_pow_types_int32_float32"),
    ),
    "a tensor known at import joined with one from the run": (
        "unsupported-input",
        ("test_causal_conv_with_state_*",),
    ),
    "a choice, number by number": (
        "unsupported-operator",
        ("test_flexattention_causal_mask_expanded_ver26",),
    ),
    "sequences": ("unknown-type", ("test_identity_opt", "test_identity_sequence")),
}

NOT_FOLDED: Table = {
    "numbers of less than 16 bits that are no integers, or of less than 8": (
        "unknown-type",
        ("test_cast*FLOAT8*", "test_cast*FLOAT4*", "test_cast*INT[24]*"),
    ),
    "texts": ("unknown-type", ("test_equal_string*",)),
    "sequences": ("unknown-type", ("test_identity_opt", "test_identity_sequence")),
    "tensors without any number": ("shape-mismatch", ("test_reduce_m*_empty_set*",)),
    "an operator older than all that are known here": ("unsupported-opset", ("test_not_*d",)),
}


@lru_cache
def cases() -> dict[str, list[Case]]:
    """By operator, the cases of which every node is of an operator known here."""
    with warnings.catch_warnings():
        # The library's own examples overflow here and there.
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        every = collect_testcases(None)
    found: dict[str, list[Case]] = defaultdict(list)
    for case in every:
        nodes = case.model.graph.node
        known = all(node.domain in MAIN_DOMAINS and node.op_type in OPERATORS for node in nodes)
        if known:
            found[nodes[0].op_type if len(nodes) == 1 else SEVERAL].append(case)
    return found


OPERATORS = CONVERTERS.keys() | FOLDABLE


def inputs_of(case: Case) -> Tensors:
    names = [each.name for each in case.model.graph.input]
    return dict(zip(names, map(as_array, case.data_sets[0][0]), strict=True))


def as_array(value: Any) -> np.ndarray:
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)


def run_time_inputs(case: Case) -> list[str]:
    """Inputs of floating-point numbers: all of them, or the first."""
    floats = [name for name, x in inputs_of(case).items() if x.dtype in (np.float32, np.float64)]
    together = {node.op_type for node in case.model.graph.node} <= RUN_TIME
    return floats if together else floats[:1]


def check(case: Case, given: list[str]) -> None:
    """Import a case with these inputs coming from the run and the others known, run it, compare."""
    model, inputs = onnx.ModelProto(), inputs_of(case)
    model.CopyFrom(case.model)
    if {node.op_type for node in model.graph.node} <= FIRST_OUTPUT:
        del model.graph.output[1:]
    for name, value in zip(inputs, case.data_sets[0][0], strict=True):
        if name not in given:
            proto = value if isinstance(value, TensorProto) else numpy_helper.from_array(np.asarray(value))
            model.graph.initializer.add().CopyFrom(proto)
            model.graph.initializer[-1].name = name
    graph = read_graph(model.SerializeToString(), ImportLimits())
    dtype = inputs[given[0]].dtype.type if given else np.float32
    flows = {name: Flow(f"given {name}", inputs[name].shape) for name in given}
    built = build(graph, flows, ImportLimits(), dtype)
    outputs = {flow.node: inputs[name] for name, flow in flows.items()}
    with np.errstate(all="ignore"):
        for node in built.nodes:
            y, _ = node.op.forward([outputs[source] for source in node.inputs], node.weights)
            outputs[node.name] = y
    for name, expected in zip(graph.outputs, map(as_array, case.data_sets[0][1]), strict=False):
        value = built.values[name]
        compare(outputs[value.node] if isinstance(value, Flow) else value, expected)


def compare(found: np.ndarray, expected: np.ndarray) -> None:
    assert found.shape == expected.shape
    if expected.dtype.itemsize < 4 and expected.dtype.kind not in "biu":
        # The short floats are kept as float32, and nothing is rounded to their few digits.
        assert found.dtype == np.float32
        tolerance = 1e-2
    else:
        assert found.dtype == expected.dtype
        tolerance = 1e-3 if expected.dtype == np.float32 else 1e-6
    np.testing.assert_allclose(found, expected.astype(found.dtype), rtol=tolerance, atol=1e-7)


def reasons(case: Case, table: Table) -> Iterator[tuple[str, str]]:
    """(code, pattern) of every line of a table that names a case."""
    for code, patterns in table.values():
        yield from ((code, pattern) for pattern in patterns if fnmatch(case.name, pattern))


def failures(operator: str, folded: bool) -> dict[str, str]:
    """By case, what is wrong: it fails though no table names it, or one does and it is not refused so."""
    wrong: dict[str, str] = {}
    for case in cases()[operator]:
        given = [] if folded else run_time_inputs(case)
        ops = {node.op_type for node in case.model.graph.node}
        if not (ops <= FOLDABLE if folded else given and ops & CONVERTERS.keys() - FOLDED_ONLY):
            continue
        expected = next((code for code, _ in reasons(case, NOT_FOLDED if folded else NOT_RUN)), None)
        try:
            check(case, given)
            found = None
        except EngineError as error:
            found = error.code if error.code == expected else f"{error.code}: {error}"
        except AssertionError as error:
            found = str(error)
        if found != expected:
            wrong[case.name] = f"{found}, not {expected}"
    return wrong


@pytest.mark.parametrize("operator", [*sorted(CONVERTERS), SEVERAL])
def test_with_inputs_from_the_run(operator: str) -> None:
    assert failures(operator, folded=False) == {}


@pytest.mark.parametrize("operator", [*sorted(FOLDABLE), SEVERAL])
def test_with_everything_known(operator: str) -> None:
    assert failures(operator, folded=True) == {}


@pytest.mark.parametrize("table", [NOT_RUN, NOT_FOLDED])
def test_every_line_of_the_tables_names_a_case(table: Table) -> None:
    used = {pattern for group in cases().values() for case in group for _, pattern in reasons(case, table)}
    assert used == {pattern for _, patterns in table.values() for pattern in patterns}


def test_operators_without_a_case() -> None:
    # Of the one that there is, see test_onnx_import.py.
    assert {op for op in OPERATORS if not cases()[op]} == {"GlobalLpPool"}


def test_most_cases_are_run() -> None:
    known = [case for group in cases().values() for case in group]
    refused = [case for case in known if any(reasons(case, NOT_RUN)) or any(reasons(case, NOT_FOLDED))]
    assert len(known) > 800
    assert len(refused) < len(known) / 5


def test_a_wrong_result_would_be_noticed() -> None:
    (case,) = cases()["Relu"]
    ((x,), (y,)) = case.data_sets[0]
    with pytest.raises(AssertionError):
        check(replace(case, data_sets=[([x], [y + 1e-3])]), ["x"])

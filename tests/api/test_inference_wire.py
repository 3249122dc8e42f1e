"""Bodies of the open inference protocol: whatever is written is read, and whatever is read is no surprise."""

from __future__ import annotations

import json
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from app.inference.tensors import DATATYPES
from app.inference.wire import Output, Sent, pack, read_request, read_tensors, unpacked
from app.problems import Problem

LIMIT = 1 << 20

floats = arrays(
    np.float32, array_shapes(max_dims=4, max_side=5), elements=st.floats(width=32, allow_nan=False)
)


def tensors_of(datatype: str) -> Any:
    dtype = DATATYPES[datatype]
    shapes = array_shapes(max_dims=4, max_side=4)
    if dtype.kind == "f":
        numbers: Any = st.floats(width=8 * dtype.itemsize, allow_nan=False, allow_infinity=False)
    else:
        bounds = np.iinfo(dtype)
        numbers = st.integers(bounds.min, bounds.max)
    return arrays(dtype, shapes, elements=numbers).map(lambda x: (datatype, x))


some = st.sampled_from(sorted(DATATYPES)).flatmap(tensors_of)


@given(st.lists(st.tuples(some, st.sampled_from(["bytes", "flat", "nested"])), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_what_was_written_is_read(parts: list[Any]) -> None:
    inputs, behind = [], b""
    for (datatype, x), form in parts:
        told: dict[str, Any] = {"name": "x", "shape": list(x.shape), "datatype": datatype}
        if form == "bytes":
            told["parameters"] = {"binary_data_size": x.nbytes}
            behind += x.tobytes()
        else:
            told["data"] = x.tolist() if form == "nested" else x.reshape(-1).tolist()
        inputs.append(told)
    text = json.dumps({"inputs": inputs}).encode()
    asked, rest = read_request(text + behind, len(text), LIMIT)
    for ((_, x), _), read in zip(parts, read_tensors(asked.inputs, rest), strict=True):
        assert read.dtype == x.dtype
        assert np.array_equal(read, x)


@given(st.lists(st.tuples(floats, st.booleans()), min_size=1, max_size=4))
@settings(max_examples=200, deadline=None)
def test_what_is_packed_can_be_taken_apart(parts: list[Any]) -> None:
    finite = [np.nan_to_num(x, posinf=1, neginf=-1) for x, _ in parts]
    outputs = [Output(str(i), x, parts[i][1]) for i, x in enumerate(finite)]
    content = pack({"model_name": "m"}, outputs)
    end = int(content.headers.get("Inference-Header-Content-Length", len(content.body)))
    rest = content.body[end:]
    assert bool(rest) == any(binary for _, binary in parts)
    for told, output in zip(json.loads(content.body[:end])["outputs"], outputs, strict=True):
        assert told["shape"] == list(output.numbers.shape)
        if output.binary:
            size = told["parameters"]["binary_data_size"]
            read, rest = np.frombuffer(rest[:size], "<f4"), rest[size:]
        else:
            read = np.array(told["data"], np.float32)
        assert np.array_equal(read.reshape(told["shape"]), output.numbers)
    assert rest == b""


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=9,
)


def almost(**fields: Any) -> Any:
    """Objects with these fields, any of which may be missing or be anything."""
    return st.fixed_dictionaries({}, optional={name: each | anything for name, each in fields.items()})


sizes = st.integers(-1, 20)
requests = almost(
    id=st.text(),
    parameters=almost(binary_data_output=st.booleans()),
    inputs=st.lists(
        almost(
            name=st.just("input"),
            shape=st.lists(sizes, max_size=5),
            datatype=st.sampled_from([*DATATYPES, "FP64"]),
            parameters=almost(binary_data_size=sizes),
            data=st.lists(st.integers(-300, 300) | st.floats(), max_size=8),
        ),
        max_size=3,
    ),
    outputs=st.lists(almost(name=st.text(), parameters=almost(binary_data=st.booleans())), max_size=3),
)


@given(requests, st.binary(max_size=20), st.none() | st.integers(0, 300))
@settings(max_examples=200, deadline=None)
def test_whatever_is_sent_is_read_or_refused(request: Any, behind: bytes, length: int | None) -> None:
    text = json.dumps(request).encode()
    try:
        asked, rest = read_request(text + behind, len(text) if length == 0 else length, LIMIT)
        tensors = read_tensors(asked.inputs, rest)
    except Problem:
        return
    for each, x in zip(asked.inputs, tensors, strict=True):
        assert list(x.shape) == each.shape
        assert x.size == prod(each.shape) > 0


@given(
    st.binary(max_size=60), st.none() | st.integers(0, 70), st.sampled_from(["identity", "gzip", "deflate"])
)
@settings(max_examples=300, deadline=None)
def test_whatever_bytes_are_sent_are_refused(body: bytes, length: int | None, encoding: str) -> None:
    with pytest.raises(Problem):
        read_request(unpacked(Sent(body, encoding=encoding), LIMIT), length, LIMIT)

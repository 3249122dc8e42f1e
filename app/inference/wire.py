"""Bodies of the protocol: a JSON object, and behind it the bytes of the tensors that are not in it.

Source: Open Inference Protocol, version 2, REST; its binary tensor data extension.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError
from pydantic_core import from_json

from app.inference.messages import InferenceRequest, RequestInput
from app.inference.tensors import from_bytes, from_numbers
from app.problems import Problem
from app.representations import Content, Numbers, json_content
from app.validation import validation_problem

HEADER_LENGTH = "Inference-Header-Content-Length"
"""The header that says where the JSON ends, if not with the body."""

_ENCODINGS = ("identity", "gzip", "deflate")
_ANY_HEAD = 32 + zlib.MAX_WBITS
"""Lets zlib see by the first bytes whether they are gzip's or its own."""


@dataclass(frozen=True)
class Sent:
    """A body, and what its headers say of it."""

    body: bytes
    json_bytes: int | None = None
    """As ``HEADER_LENGTH`` says, before compression; None: all of it is JSON."""
    encoding: str = "identity"


@dataclass(frozen=True)
class Output:
    """A tensor that goes."""

    name: str
    numbers: Numbers
    """float32."""
    binary: bool


def unpacked(sent: Sent, limit: int) -> bytes:
    """The body as it was before compression.

    Args:
        limit: bytes that it may have.

    Raises:
        Problem: ``unsupported-media-type``, ``malformed-body``, ``body-too-large``.

    >>> unpacked(Sent(zlib.compress(b"{}"), encoding="deflate"), 2)
    b'{}'
    """
    encoding = sent.encoding.strip().lower()
    if encoding not in _ENCODINGS:
        raise Problem("unsupported-media-type", "Content-Encoding", sent.encoding, ", ".join(_ENCODINGS))
    if encoding == "identity":
        return sent.body
    stream = zlib.decompressobj(_ANY_HEAD)
    try:
        body = stream.decompress(sent.body, limit + 1)
    except zlib.error:
        raise Problem("malformed-body", "body", allowed=f"one whole stream of {encoding}") from None
    if len(body) > limit:
        raise Problem("body-too-large", "body", f"over {limit} bytes", f"up to {limit} bytes, unpacked")
    if not stream.eof or stream.unused_data:
        raise Problem("malformed-body", "body", allowed=f"one whole stream of {encoding}")
    return body


def read_request(body: bytes, json_bytes: int | None, limit: int) -> tuple[InferenceRequest, memoryview]:
    """What is asked, and the bytes behind it.

    Args:
        body: not compressed.
        json_bytes: how many of it are JSON; None: all.
        limit: how many may be.

    Raises:
        Problem: ``malformed-body``, ``body-too-large``, ``malformed-json``, and what does not fit.

    >>> text = b'{"inputs": [{"name": "x", "shape": [2], "datatype": "FP32", "data": [1, 2]}]}'
    >>> asked, rest = read_request(text + b"more", len(text), 100)
    >>> asked.inputs[0].data, bytes(rest)
    ([1, 2], b'more')
    """
    end = len(body) if json_bytes is None else json_bytes
    if end > len(body):
        raise Problem("malformed-body", HEADER_LENGTH, end, f"up to {len(body)}, the bytes of the body")
    if end > limit:
        allowed = f"up to {limit} bytes of JSON; tensors may follow it as bytes: {HEADER_LENGTH}"
        raise Problem("body-too-large", "body", end, allowed)
    rest = memoryview(body)
    try:
        given = from_json(bytes(rest[:end]), allow_inf_nan=False)
    except ValueError as error:
        hint = f"; {HEADER_LENGTH} says where it ends" if json_bytes is None else ""
        raise Problem("malformed-json", "body", allowed=f"JSON; {error}{hint}") from None
    try:
        return InferenceRequest.model_validate(given), rest[end:]
    except ValidationError as error:
        first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        raise validation_problem({**first, "loc": ("body", *first["loc"])}) from None


def read_tensors(inputs: Sequence[RequestInput], rest: memoryview) -> list[Numbers]:
    """The tensors of a request, in its order.

    Args:
        rest: the bytes behind the JSON, tensor by tensor.

    Raises:
        Problem: ``malformed-body`` for bytes that are missing or left over; whatever a tensor cannot be.

    >>> size = {"binary_data_size": 2}
    >>> given = {"name": "x", "shape": [2], "datatype": "UINT8", "parameters": size}
    >>> read_tensors([RequestInput.model_validate(given)], memoryview(bytes([7, 9])))[0].tolist()
    [7, 9]
    """
    sizes = [each.binary_data_size or 0 for each in inputs]
    if sum(sizes) != len(rest):
        allowed = f"{sum(sizes)}, as the inputs' binary_data_size say"
        raise Problem("malformed-body", "bytes behind the JSON", len(rest), allowed)
    tensors = []
    for index, (each, size) in enumerate(zip(inputs, sizes, strict=True)):
        at = f"inputs.{index}"
        if each.data is None:
            tensors.append(from_bytes(rest[:size], each.datatype, each.shape, at))
        else:
            tensors.append(from_numbers(each.data, each.datatype, each.shape, at))
        rest = rest[size:]
    return tensors


def pack(told: Mapping[str, Any], outputs: Sequence[Output]) -> Content:
    """The body of an answer, and its headers.

    Args:
        told: what stands beside the outputs.

    >>> pack({"model_name": "m"}, [Output("y", np.ones((1, 2), np.float32), binary=False)]).body
    b'{"model_name":"m","outputs":[{"name":"y","datatype":"FP32","shape":[1,2],"data":[1.0,1.0]}]}'
    """
    content = json_content({**told, "outputs": [_described(each) for each in outputs]})
    binary = [np.ascontiguousarray(each.numbers, "<f4").data for each in outputs if each.binary]
    if not binary:
        return content
    headers = {HEADER_LENGTH: str(len(content.body))}
    return Content(b"".join([content.body, *binary]), "application/octet-stream", headers)


def _described(output: Output) -> dict[str, Any]:
    numbers = output.numbers
    described = {"name": output.name, "datatype": "FP32", "shape": list(numbers.shape)}
    if output.binary:
        return {**described, "parameters": {"binary_data_size": numbers.size * 4}}
    return {**described, "data": numbers.reshape(-1).tolist()}

"""Requests of the open inference protocol, their bytes put together by hand, and answers taken apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt

from app.inference.messages import InferenceAnswer
from tests.api.nets import CONV
from tests.api.server import Api

LENGTH = "Inference-Header-Content-Length"
Numbers = npt.NDArray[Any]

LENET = "/v2/models/lenet-5"
ZEROS = np.zeros((1, 1, 28, 28), np.float32)

OPEN = {"input": {"channels": 1, "size": [6, 8]}, "nodes": [{**CONV, "inputs": ["input"]}]}
"""A model that takes pictures of any size."""


def tensor(x: Numbers, datatype: str = "FP32", *, binary: bool = True) -> dict[str, Any]:
    """The one input as JSON tells it."""
    told = {"name": "input", "shape": list(x.shape), "datatype": datatype}
    if binary:
        return {**told, "parameters": {"binary_data_size": x.nbytes}}
    return {**told, "data": x.reshape(-1).tolist()}


def packed(asked: dict[str, Any], *tensors: Numbers) -> tuple[bytes, dict[str, str]]:
    """A body with the bytes of these arrays behind its JSON, and the header that it needs."""
    text = json.dumps(asked).encode()
    return text + b"".join(x.tobytes() for x in tensors), {LENGTH: str(len(text))}


def post(api: Api, model: str, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    return api.post(f"/v2/models/{model}/infer", content=body, headers=headers or {})


def ask(api: Api, model: str, x: Numbers, outputs: Sequence[str] = (), **more: Any) -> httpx.Response:
    """Everything by bytes, as clients do by default."""
    asked = {"inputs": [tensor(x)], "parameters": {"binary_data_output": True}, **more}
    if outputs:
        asked["outputs"] = [{"name": name} for name in outputs]
    return post(api, model, *packed(asked, x))


def taken_apart(answer: httpx.Response) -> dict[str, Numbers]:
    """The outputs by name, in the answer's order."""
    assert answer.status_code == 200, answer.text
    end = int(answer.headers.get(LENGTH, len(answer.content)))
    InferenceAnswer.model_validate_json(answer.content[:end], strict=True)
    rest, outputs = answer.content[end:], {}
    for output in json.loads(answer.content[:end])["outputs"]:
        assert output["datatype"] == "FP32"
        size = output.get("parameters", {}).get("binary_data_size")
        if size is None:
            numbers = np.array(output["data"], np.float32)
        else:
            numbers, rest = np.frombuffer(rest[:size], "<f4"), rest[size:]
        outputs[output["name"]] = numbers.reshape(output["shape"])
    assert not rest
    return outputs


def model_of(api: Api, specification: dict[str, Any]) -> str:
    return str(api.post("/api/v1/models", json=specification).json()["id"])


def refused(answer: Any, status: int, code: str, argument: str | None = None) -> None:
    """A problem as everywhere, but in plain JSON, its sentence where the protocol's clients look for it."""
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer.headers["content-type"] == "application/json"
    assert problem["error"] == problem["detail"]
    if argument is not None:
        assert problem["params"]["argument"] == argument, problem
        assert problem["params"]["allowed"], problem

"""Models and runs that several tests of the API use."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.ops.registry import OPERATIONS
from tests.api.server import Api

IMAGE = "zone-plate"
"""A drawn sample of one channel."""

CONV: dict[str, Any] = {"name": "conv", "op": "conv2d", "out_channels": 3, "padding": [1, 2]}

OWN_SETTINGS: dict[str, dict[str, Any]] = {
    "conv2d": {"out_channels": 2, "padding": "same", "padding_mode": "reflect", "bias": [0.5, -0.5]},
    "conv_transpose2d": {"out_channels": 2, "stride": 2, "kernel_size": [2, 3]},
    "linear": {"out_features": 4},
}
"""Settings that make a run of an operation worth opening; none for most."""


OF_VECTORS = ("linear", "cross_entropy")
"""Operations that take no maps."""

OF_POSITIVE_NUMBERS = ("log", "sqrt", "pow")
"""Operations that have no value, or none that is finite, for some numbers of the other sign."""


def node_of(op: str) -> list[dict[str, Any]]:
    """Nodes whose last, named ``it``, is an operation on a small picture of two channels and signs."""
    first = {"name": "signs", "op": "conv2d", "out_channels": 2, "padding": 1}
    nodes = [first, {**first, "name": "more", "inputs": ["input"]}]
    inputs = ["signs"] if OPERATIONS[op].arity == 1 else ["signs", "more"]
    if op in OF_POSITIVE_NUMBERS:
        nodes += [{"name": f"sure_{name}", "op": "sigmoid", "inputs": [name]} for name in inputs]
        inputs = [f"sure_{name}" for name in inputs]
    if op == "matmul":
        nodes.append({"name": "turned", "op": "transpose", "perm": [0, 1, 3, 2], "inputs": ["more"]})
        inputs = ["signs", "turned"]
    if op in OF_VECTORS:
        nodes += [{"name": f"flat_{name}", "op": "flatten", "inputs": [name]} for name in inputs]
        inputs = [f"flat_{name}" for name in inputs]
    return [*nodes, {"name": "it", "op": op, "inputs": inputs, **OWN_SETTINGS.get(op, {})}]


def post_run(api: Api, nodes: list[dict[str, Any]] | None = None, **fields: Any) -> Any:
    """The answer to POST /runs, as JSON."""
    body = {"image": IMAGE, "size": [7, 9], "specification": {"nodes": nodes or [CONV]}, **fields}
    answer = api.post("/api/v1/runs", json=body)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def get_json(api: Api, url: str) -> Any:
    """The JSON at an address that must be there."""
    answer = api.get(url)
    assert answer.status_code == 200, f"{url}: {answer.text}"
    return answer.json()


def get_array(api: Api, url: str) -> npt.NDArray[Any]:
    """The .npy at an address that must be there."""
    answer = api.get(url)
    assert answer.status_code == 200, f"{url}: {answer.text}"
    array: npt.NDArray[Any] = np.load(io.BytesIO(answer.content), allow_pickle=False)
    return array


def assert_problem(answer: Any, status: int, code: str, argument: str | None = None) -> dict[str, Any]:
    """An answer is a problem of this kind, that tells what was given and what is allowed."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    if argument is not None:
        assert problem["params"]["argument"] == argument, problem
        assert problem["params"]["allowed"], problem
    return problem

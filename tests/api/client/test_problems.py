"""What the server refuses, as exceptions."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from app.client import Busy, ConvScopeError, NotFound
from tests.api.client.faces import PIXELS, Face


def test_a_problem_is_told_whole(face: Face) -> None:
    with pytest.raises(ConvScopeError) as refused:
        face(face.client.operation("conv2d", PIXELS, kernal="box"))
    problem = refused.value
    assert (problem.code, problem.status, problem.title) == ("unknown-field", 422, "Unknown field")
    assert problem.params["argument"] == "kernal"
    assert "kernel_size" in problem.params["allowed"]
    assert problem.detail in str(problem)
    assert problem.request_id in str(problem)
    assert not isinstance(problem, NotFound | Busy)
    copy = pickle.loads(pickle.dumps(problem))
    assert (type(copy), copy.args, copy.params) == (type(problem), problem.args, problem.params)


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda client: client.run("nobody", model="lenet-5"), "unknown-image"),
        (lambda client: client.run("chelsea", model="nobody"), "unknown-model"),
        (lambda client: client.get_run("run_00000000000000000000"), "unknown-run"),
        (lambda client: client.operation("nothing", PIXELS), "unknown-operation"),
        (lambda client: client.kernel("nothing"), "unknown-preset"),
        (lambda client: client.weight("lenet-5", "c1", "nothing"), "unknown-weight"),
        (lambda client: client.model("../healthz"), "not-found"),
    ],
)
def test_not_found(face: Face, ask: Any, code: str) -> None:
    with pytest.raises(NotFound) as refused:
        face(ask(face.client))
    assert refused.value.code == code


def test_addresses(kind: str, address: str) -> None:
    for url in (address + "/", address + "/api/v1", address + "/api/v1/"):
        face = Face(kind, url)
        assert face(face.client.samples())
        face.close()
    for url in ("localhost:8000", "ftp://localhost", ""):
        with pytest.raises(ValueError, match="allowed: such as"):
            Face(kind, url)

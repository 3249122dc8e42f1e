"""Requests drawn from the OpenAPI description: whatever they ask, the answer is one that is described."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.schemas import APIOperation

from app.errors import STATUS
from app.main import create_app
from app.services.decoder import Decoder
from app.settings import Settings
from tests.api.pictures import noise, png
from tests.api.server import Api

EXAMPLES = 25

PICTURE = png(noise(12, 9))

SPECIFICATION = {
    "nodes": [
        {"name": "conv", "op": "conv2d", "weight": "sobel_x"},
        {"name": "up", "op": "conv_transpose2d", "weight": "box", "stride": 2},
    ]
}


def description() -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_dict(create_app(Settings(_env_file=None)).openapi())


OPERATIONS: dict[str, APIOperation] = {
    found.ok().label: found.ok() for found in description().get_all_operations()
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    data: Path = tmp_path_factory.mktemp("schema")
    # Everything comes from one address here, and each example may try a code or open a room.
    limits = {"room_codes_per_minute": 10**6, "rooms_per_address": 10**6}
    own = Decoder(workers=1, memory_bytes=2 << 30)
    api = Api(Settings(_env_file=None, data_dir=data, limits=limits), own)
    yield api
    api.close()
    own.close()


@pytest.fixture(scope="module")
def known(server: Api) -> dict[str, list[str]]:
    """Values of path parameters that lead somewhere; drawn ones seldom do."""
    image = server.upload(PICTURE).json()["id"]
    body = {"image": image, "specification": SPECIFICATION}
    run = server.post("/api/v1/runs", json=body).json()["id"]
    room = server.post("/api/v1/rooms", json={}).json()["code"]
    return {
        "image": [image, "chelsea", "checker"],
        "model": ["kmeans-bank", "tiny-vgg"],
        "run": [run],
        "node": ["conv", "up", "conv1", "conv_1_1", "input"],
        "weight": ["weight", "bias"],
        "suffix": ["npy", "png", "json"],
        "op": ["conv2d", "max_pool2d", "relu", "softmax", "local2d"],
        "name": ["sobel_x", "gabor", "what-a-convolution-does"],
        "stage": ["spread", "frame", "crop"],
        "code": [room],
    }


def led_somewhere(case: Case, known: dict[str, list[str]], chance: random.Random) -> Case:
    """The case with most of its path parameters, and all its pictures, replaced by some that exist."""
    for name, value in dict(case.path_parameters or {}).items():
        if name in known and chance.random() < 0.8:
            case.path_parameters[name] = chance.choice(known[name])
        elif isinstance(value, int) and chance.random() < 0.8:
            case.path_parameters[name] = chance.randrange(4)
    if isinstance(case.body, dict):
        for name in ("image", "file"):
            if name in case.body and chance.random() < 0.8:
                from_store = case.media_type == "application/json"
                case.body[name] = chance.choice(known["image"]) if from_store else PICTURE
    return case


def sent(server: Api, case: Case) -> Any:
    """The answer to a case."""
    request = requests.Request(**case.as_transport_kwargs(base_url="http://test")).prepare()
    return server.request(
        case.method, str(request.url), content=request.body or b"", headers=dict(request.headers)
    )


def check(operation: APIOperation, answer: Any) -> None:
    assert answer.status_code < 500 or answer.json()["code"] in ("busy", "too-slow"), answer.text[:500]
    if answer.status_code >= 400:
        problem = answer.json()
        media_type = "json" if operation.path.startswith("/v2") else "problem+json"
        assert answer.headers["content-type"] == f"application/{media_type}"
        assert problem["status"] == answer.status_code
        assert answer.status_code in {*STATUS.values(), 422}
    else:
        assert str(answer.status_code) in operation.definition.raw["responses"], answer.status_code
    operation.validate_response(answer)


@pytest.mark.parametrize("label", OPERATIONS)
def test_whatever_is_asked_the_answer_is_described(
    server: Api, known: dict[str, list[str]], label: str
) -> None:
    operation = OPERATIONS[label]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Case) -> None:
        seed = random.Random(repr((case.path_parameters, case.query)))
        check(operation, sent(server, led_somewhere(case, known, seed)))

    ask()


def test_an_answer_that_is_not_described_would_be_noticed(server: Api) -> None:
    operation = OPERATIONS["GET /api/v1/kernels"]
    answer = server.get("/api/v1/kernels")
    check(operation, answer)
    answer.status_code = 299
    with pytest.raises(AssertionError):
        check(operation, answer)

"""Every example that the description of the API shows is sent, and answered."""

from __future__ import annotations

import shlex
from itertools import pairwise
from typing import Any

import pytest

from app.schemas.examples import MODEL_ID, RUN, RUN_ID, SPECIFICATION
from tests.api.pictures import noise, png
from tests.api.server import Api

TAGS = ("models", "runs", "operations", "inference")


@pytest.fixture
def filled(api: Api) -> Api:
    """A server that has the model and the run of the examples."""
    assert api.post("/api/v1/models", json=SPECIFICATION).json()["id"] == MODEL_ID
    assert api.post("/api/v1/runs", json=RUN).json()["id"] == RUN_ID
    return api


def operations(api: Api, method: str) -> list[tuple[str, dict[str, Any]]]:
    paths = api.get("/openapi.json").json()["paths"]
    chosen = [(path, each[method]) for path, each in paths.items() if method in each]
    return [(path, operation) for path, operation in chosen if operation.get("tags", [""])[0] in TAGS]


def example_of(parameter: dict[str, Any]) -> Any:
    schema = parameter.get("schema", {})
    return parameter.get("example", (parameter.get("examples") or schema.get("examples") or [None])[0])


def filled_in(path: str, operation: dict[str, Any]) -> str:
    """The path with its parameters' examples."""
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            assert example_of(parameter) is not None, f"{path}: {parameter['name']} has no example"
            path = path.replace(f"{{{parameter['name']}}}", str(example_of(parameter)))
    return path


def test_every_get(filled: Api) -> None:
    asked = 0
    for path, operation in operations(filled, "get"):
        query = {
            parameter["name"]: example_of(parameter)
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "query" and example_of(parameter) is not None
        }
        answer = filled.get(filled_in(path, operation), params=query)
        assert answer.status_code == 200, f"{path} {query}: {answer.text}"
        asked += 1
    assert asked >= 20


def test_every_json_body(api: Api) -> None:
    schemas = api.get("/openapi.json").json()["components"]["schemas"]
    posted = 0
    for path, operation in operations(api, "post"):
        content = operation["requestBody"]["content"].get("application/json")
        if content is not None:
            for example in schemas[content["schema"]["$ref"].rsplit("/", 1)[-1]]["examples"]:
                answer = api.post(filled_in(path, operation), json=example)
                # What is asked of a model that was made before is no news.
                assert answer.status_code == (200 if "{model}" in path else 201), answer.text
                posted += 1
    assert posted >= 4


def test_every_curl_call(api: Api) -> None:
    called = 0
    for _, operation in operations(api, "post"):
        words = shlex.split(operation.get("x-example", ""))
        fields = dict(word.split("=", 1) for before, word in pairwise(words) if before == "-F")
        if fields:
            files = {name: png(noise()) for name, value in fields.items() if value.startswith("@")}
            data = {name: value for name, value in fields.items() if name not in files}
            url = next(word for word in words if "/api/" in word)
            answer = api.post(url[url.index("/api/") :], files=files, data=data)
            assert answer.status_code in (200, 201), answer.text
            called += 1
    assert called

"""The API described: errors as they are, and the same for people, without any script."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from app.inference import is_inference
from app.inference.messages import InferenceRequest
from app.schemas.models import ModelBody
from app.schemas.problem import ProblemAnswer

JsonObject = dict[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")
_PROBLEM = {"$ref": "#/components/schemas/ProblemAnswer"}


def describe(app: FastAPI) -> None:
    """Make ``/openapi.json`` tell that every error is a problem."""

    def openapi() -> JsonObject:
        if app.openapi_schema is None:
            schema = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            _describe_problems(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _describe_problems(schema: JsonObject) -> None:
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    # FastAPI's own shape of errors, which no answer has here.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    template = "#/components/schemas/{model}"
    written_by_hand = [
        (ProblemAnswer, "serialization"),
        (ModelBody, "validation"),
        (InferenceRequest, "validation"),
    ]
    _, made = models_json_schema(written_by_hand, ref_template=template)  # type: ignore[arg-type]
    schemas.update(made["$defs"])
    for path, operations in schema["paths"].items():
        media_type = "application/json" if is_inference(path) else "application/problem+json"
        answer = {"description": "a problem", "content": {media_type: {"schema": _PROBLEM}}}
        for method, operation in operations.items():
            if method in _METHODS:
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = answer


@dataclass(frozen=True)
class Entry:
    """One parameter or field, for reading."""

    name: str
    place: str
    type: str
    required: bool
    default: str
    description: str
    example: str


@dataclass(frozen=True)
class Operation:
    """One method of one path, for reading."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Entry]
    bodies: list[tuple[str, list[Entry], str]]
    """(media type, its fields, example)."""
    answers: list[tuple[str, str, list[Entry], str]]
    """(status, media types, fields of a JSON answer, example)."""
    example: str = ""


@dataclass
class Reference:
    """The whole API, for reading; operations by tag."""

    title: str
    version: str
    description: str
    groups: dict[str, list[Operation]] = field(default_factory=dict)


def reference(schema: JsonObject) -> Reference:
    """From an OpenAPI description to what a page shows."""
    info = schema["info"]
    made = Reference(info["title"], info["version"], info.get("description", ""))
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if method in _METHODS:
                tag = (operation.get("tags") or ["other"])[0]
                made.groups.setdefault(tag, []).append(_operation(schema, path, method, operation))
    return made


def _operation(schema: JsonObject, path: str, method: str, operation: JsonObject) -> Operation:
    bodies = [
        (media, _fields(schema, content.get("schema", {})), _example(schema, content))
        for media, content in operation.get("requestBody", {}).get("content", {}).items()
    ]
    answers = []
    for status, answer in operation["responses"].items():
        if status != "default":  # the same for all, told once
            contents = answer.get("content", {})
            in_json = contents.get("application/json", {})
            fields = _fields(schema, in_json.get("schema", {}))
            answers.append((status, ", ".join(contents), fields, _example(schema, in_json)))
    return Operation(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=operation.get("description", ""),
        parameters=[_parameter(schema, each) for each in operation.get("parameters", [])],
        bodies=bodies,
        answers=answers,
        example=operation.get("x-example", ""),
    )


def _parameter(schema: JsonObject, parameter: JsonObject) -> Entry:
    kind = parameter.get("schema", {})
    described = {**kind, "description": parameter.get("description") or kind.get("description", "")}
    return _field(schema, parameter["name"], parameter["in"], described, parameter.get("required", False))


def _fields(schema: JsonObject, kind: JsonObject) -> list[Entry]:
    kind = _resolve(schema, kind)
    choices = kind.get("anyOf", [])
    if choices:
        # A body of several kinds: the fields of one after those of the other.
        return [field for each in choices for field in _fields(schema, each)]
    required = kind.get("required", [])
    properties: JsonObject = kind.get("properties", {})
    return [_field(schema, name, "", each, name in required) for name, each in properties.items()]


def _field(schema: JsonObject, name: str, place: str, kind: JsonObject, required: bool) -> Entry:
    examples = kind.get("examples") or []
    return Entry(
        name,
        place,
        _type(schema, kind),
        required,
        json.dumps(kind["default"], ensure_ascii=False) if kind.get("default") is not None else "",
        kind.get("description", ""),
        str(examples[0]) if examples else "",
    )


def _type(schema: JsonObject, kind: JsonObject) -> str:
    """A type in words: ``integer ≥ 1``, ``list of string``, ``"rgb" or "gray"``."""
    if "$ref" in kind:
        return str(kind["$ref"]).rsplit("/", 1)[-1]
    choices = kind.get("anyOf") or kind.get("oneOf")
    if choices:
        return " or ".join(_type(schema, each) for each in choices if each.get("type") != "null")
    if "enum" in kind:
        return " or ".join(json.dumps(value) for value in kind["enum"])
    if "const" in kind:
        return json.dumps(kind["const"])
    if kind.get("type") == "array":
        return f"list of {_type(schema, kind.get('items', {}))}"
    bounds = [f"{sign} {kind[key]}" for key, sign in _BOUNDS.items() if key in kind]
    name = "file" if kind.get("format") == "binary" else kind.get("type", "any")
    return " ".join([str(name), ", ".join(bounds)]).strip()


_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def _resolve(schema: JsonObject, kind: JsonObject) -> JsonObject:
    if "$ref" in kind:
        name = str(kind["$ref"]).rsplit("/", 1)[-1]
        found: JsonObject = schema["components"]["schemas"][name]
        return found
    return kind


def _example(schema: JsonObject, content: JsonObject) -> str:
    given = content.get("example")
    if given is None:
        several = content.get("examples")
        if several:
            given = next(iter(several.values())).get("value")
        else:
            examples = _resolve(schema, content.get("schema", {})).get("examples")
            given = examples[0] if examples else None
    return "" if given is None else json.dumps(given, indent=2, ensure_ascii=False)

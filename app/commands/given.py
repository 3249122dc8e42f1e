"""What the options of a command mean: the picture, the model, and how the one enters the other."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from app.problems import Problem
from app.schemas.runs import ModelChoiceBody
from app.services.choices import ModelChoice
from app.services.fields import read_pair
from app.services.images import PHOTOGRAPHS
from app.validation import validation_problem
from engine.patterns import PATTERNS

if TYPE_CHECKING:
    from app.container import Services
    from app.services.imports import Imports

M = TypeVar("M", bound=BaseModel)


class Importing(Protocol):
    """Services that read files of models."""

    @property
    def imports(self) -> Imports: ...


def validated(schema: type[M], fields: Mapping[str, Any]) -> M:
    """Fields as the API reads them.

    Raises:
        Problem: naming the field at fault.
    """
    try:
        return schema.model_validate({name: value for name, value in fields.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        raise validation_problem({**first, "loc": ("body", *first["loc"])}) from None


async def model_named(services: Importing, model: str | None) -> str | None:
    """A model as the services know it; that of a file is read first.

    Raises:
        Problem: what the importer says of a file.
    """
    if model is None or not model.lower().endswith(".onnx"):
        return model
    known, _, _ = await services.imports.add(Path(model).read_bytes(), {})
    return known.id


async def choice_of(services: Importing, options: Namespace) -> ModelChoice:
    """The model that the options name, and how pictures enter it.

    Raises:
        Problem: whatever cannot be.
    """
    fields = {
        "model": await model_named(services, options.model),
        "specification": _json_of("specification", options.specification),
        "size": None if options.size is None else list(read_pair("size", options.size)),
        "color": options.color,
        "range": options.range,
        "edits": read_json("edits", options.edits),
    }
    return validated(ModelChoiceBody, fields).choice()


def read_json(name: str, text: str | None) -> Any:
    """JSON in an option.

    Raises:
        Problem: ``malformed-json``.
    """
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        raise Problem("malformed-json", name, text, "JSON") from None


def _json_of(name: str, path: Path | None) -> Any:
    return None if path is None else read_json(name, path.read_text(encoding="utf-8"))


def picture_bytes(services: Services, picture: str) -> bytes:
    """A picture as a file: one of the disk, standard input, or a sample.

    Raises:
        Problem: ``unknown-image``.
    """
    if picture == "-":
        return sys.stdin.buffer.read()
    path = Path(picture)
    if path.is_file():
        return path.read_bytes()
    try:
        return services.images.png(picture)
    except Problem:
        allowed = f"a file, - for standard input, or a sample: {', '.join([*PHOTOGRAPHS, *PATTERNS])}"
        raise Problem("unknown-image", "picture", picture, allowed) from None


async def image_of(services: Services, picture: str) -> str:
    """The id of a picture, or a sample's name: what a run takes.

    Raises:
        Problem: ``unknown-image``, and what decoding says.
    """
    if picture in (*PHOTOGRAPHS, *PATTERNS) and not Path(picture).is_file():
        return picture
    record, _ = await services.images.add(picture_bytes(services, picture))
    return record.id

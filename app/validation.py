"""What Pydantic finds wrong with a request, as a problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.problems import Problem


def validation_problem(error: Mapping[str, Any]) -> Problem:
    """One of Pydantic's errors as a problem; the first part of its place is where the value came from."""
    kind, place = str(error["type"]), [str(part) for part in error["loc"]]
    argument = ".".join(place[1:]) or place[0]
    if kind == "json_invalid":
        return Problem(
            "malformed-json", "body", allowed=f"JSON; {error['ctx']['error']} at character {place[-1]}"
        )
    if kind == "extra_forbidden":
        return Problem("unknown-field", argument, error.get("input"), "only the fields that /docs lists")
    if kind == "missing":
        return Problem("missing-field", argument, allowed="a value; this field is required")
    message = str(error["msg"])
    allowed = message.removeprefix("Value error, ").removeprefix("Input should be ")
    return Problem("invalid-argument", argument, error.get("input"), allowed)

"""Specifications for a picture of three channels: the model of one, and its refusal."""

from __future__ import annotations

from typing import Any

from engine.graph import Model
from engine.specification import build_model
from tests.engine.nets import net
from tests.engine.refusals import refusal

INPUT_3 = {"channels": 3, "size": [6, 7]}


def built(*nodes: Any, channels: int = 3) -> Model:
    return net(*nodes, size=(6, 7), channels=channels)


def refused(*nodes: Any) -> tuple[Any, ...]:
    error = refusal(build_model, {"input": INPUT_3, "nodes": list(nodes)})
    return error.code, error.argument, error.value, error.allowed

"""The kernels made by hand: what there is, and the numbers of each at the settings asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.problems import Problem
from app.representations import Numbers
from app.services.descriptions import Json
from app.services.fields import read_pair, read_text
from app.services.operations import describe_parameter
from engine.errors import EngineError
from engine.presets import PRESETS, make_kernel

LARGEST_SIDE = 1024


def list_kernels() -> Json:
    """Every preset with its settings, and its numbers at their defaults."""
    return {"kernels": [describe_kernel(name) for name in PRESETS]}


def describe_kernel(name: str) -> Json:
    """One preset; ``sizes`` null means any size."""
    preset = PRESETS[name]
    return {
        "name": name,
        "default_size": list(preset.default_size),
        "sizes": [list(size) for size in preset.sizes] or None,
        "parameters": [describe_parameter(parameter) for parameter in preset.parameters],
        "values": make_kernel(name).tolist(),
        "url": f"/api/v1/kernels/{name}",
    }


def kernel(name: str, fields: Mapping[str, str]) -> tuple[Numbers, Json]:
    """A preset's numbers, and what they were made with.

    Args:
        fields: ``size`` and the preset's settings as texts.

    Raises:
        EngineError: ``unknown-preset``, ``unknown-parameter``, ``invalid-argument``.
    """
    preset = PRESETS.get(name)
    if preset is None:
        raise EngineError("unknown-preset", "preset", name, ", ".join(PRESETS))
    size = read_pair("size", fields["size"]) if "size" in fields else preset.default_size
    if max(size) > LARGEST_SIDE:
        raise Problem("invalid-argument", "size", list(size), f"up to {LARGEST_SIDE} a side")
    given: dict[str, Any] = {key: read_text(key, text) for key, text in fields.items() if key != "size"}
    values = make_kernel(name, size, given)
    settings = {p.name: p.read(given.get(p.name, p.default)) for p in preset.parameters}
    return values, {"name": name, "size": list(size), "settings": settings}

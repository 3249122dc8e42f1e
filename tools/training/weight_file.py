"""Writing trained weights and the card that says where they come from."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.numpy import save

from engine.graph import Model

WEIGHTS = Path(__file__).resolve().parents[2] / "weights"
LINE = 100
"""Characters up to which an object or a list stays on one line."""


def write_weights(folder: Path, name: str, model: Model, card: Mapping[str, Any]) -> None:
    """Write ``<name>.safetensors`` and ``<name>.json``.

    Args:
        folder: to write into.
        name: of the model.
        model: the engine's, with the trained weights.
        card: what is to be said of them; name, date, parameters, bytes and digest are added here.
    """
    data = save(dict(sorted(model.weights.items())))
    told = {
        "name": name,
        **card,
        "date": datetime.date.today().isoformat(),
        "parameters": sum(node.parameters for node in model.describe()),
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.safetensors").write_bytes(data)
    (folder / f"{name}.json").write_text(readable_json(told) + "\n", encoding="utf-8")
    print(f"{name}: {told['parameters']:,} parameters, {len(data):,} bytes")


def readable_json(value: Any, indent: str = "") -> str:
    """JSON with short objects and lists on one line, and the entries of longer ones a line each.

    >>> readable_json({"size": [28, 28]})
    '{"size": [28, 28]}'
    """
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(indent) + len(line) <= LINE:
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        entries = [f"{json.dumps(key)}: {readable_json(each, inner)}" for key, each in value.items()]
    else:
        entries = [readable_json(each, inner) for each in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return first + ",".join(f"\n{inner}{entry}" for entry in entries) + f"\n{indent}{last}"
